/** One neuron: what it looks for, what it responds to, and its name. */
import { nameNeuron, select } from './actions.js';
import { ClassButtons } from './classButtons.jsx';
import { Picture } from './picture.jsx';
import * as state from './state.js';

export function NeuronCard() {
  const neuron = state.selected.value;
  const looked = state.looked.value;
  if (neuron === undefined) return null;
  const c = state.classOf.value?.[neuron] ?? -1;
  const wins = state.measured.value?.wins[neuron];
  return (
    <section class="card selected" aria-labelledby="neuron-title">
      <div class="title">
        <h2 id="neuron-title">Neuron {neuron + 1}</h2>
        <button type="button" class="quiet" onClick={() => select(undefined)}>
          Close
        </button>
      </div>
      {looked?.neuron === neuron && (
        <div class="neuron">
          <figure>
            <Picture pixels={looked.weights} label={`Input weights of neuron ${neuron + 1}`} />
            <figcaption>looks for</figcaption>
          </figure>
          <figure>
            <Picture pixels={looked.top} label={`Images that neuron ${neuron + 1} responds to most`} />
            <figcaption>responds to</figcaption>
          </figure>
        </div>
      )}
      <p class="hint">
        {c >= 0 ? `Its name is ${state.classes.value[c]}. ` : 'It has no name yet. '}
        {wins !== undefined && `It wins ${wins} of ${state.measured.value?.testItems} test images.`}
      </p>
      <ClassButtons label="Name this neuron" chosen={c} onChoose={(to) => nameNeuron(neuron, to)} />
    </section>
  );
}
