/** The neurons and what is read off them: the accuracy, the balance, how training stands and what would help it. */
import { rateFactors } from '../settings.js';
import { change, trainAgain } from './actions.js';
import { Accuracy } from './accuracy.jsx';
import { NeuronGrid } from './neuronGrid.jsx';
import * as state from './state.js';
import { Transport } from './transport.jsx';

export function Stage() {
  return (
    <section class="card stage" id="stage" aria-labelledby="stage-title">
      <div class="title">
        <h2 id="stage-title">What each neuron looks for</h2>
        <p class="hint">{caption()}</p>
      </div>
      <div class="view">
        <NeuronGrid />
        <div class="readings">
          <Accuracy />
          <Balance />
        </div>
      </div>
      <Transport />
      <Advice />
    </section>
  );
}

function caption(): string {
  const now = state.progress.value;
  const silent = state.silent.value;
  if (!now) return 'Loading…';
  if (!state.trained.value) return 'Not trained yet: noise.';
  const neurons = now.recentWins.length;
  if (silent === 0) return `Each neuron won some of the last ${now.recentItems} images.`;
  if (silent !== undefined) return `${silent} of ${neurons} won none of the last ${now.recentItems} images.`;
  return now.items === 0 || !now.running
    ? 'Bright is what a neuron responds to.'
    : 'Flashing: winners of the last batch.';
}

/** The switch that shows most, where its effect is seen. */
function Balance() {
  const { homeostasis } = state.settings.value;
  return (
    <div class="control" id="homeostasis">
      <label class="switch">
        <input
          type="checkbox"
          checked={homeostasis}
          disabled={state.phase.value !== 'ready'}
          onChange={({ currentTarget }) => change({ homeostasis: currentTarget.checked })}
        />
        <span>Homeostasis</span>
      </label>
      <p class="hint">
        Holds back neurons that win too often. Without it, a few win every image.
        {state.changedInRun.value && (
          <>
            {' '}
            <button type="button" class="link" onClick={() => trainAgain()}>
              Train again
            </button>{' '}
            to see the difference.
          </>
        )}
      </p>
    </div>
  );
}

/** Epochs before which nothing is said: neurons need some time. */
const PATIENCE = 8;

interface Hint {
  readonly text: string;
  readonly label: string;
  readonly act: () => void;
}

/** What is wrong with the network, and a way to mend it in one click. */
function Advice() {
  const hint = adviceFor();
  if (!hint) return null;
  return (
    <p class="note" id="advice">
      {hint.text}{' '}
      <button type="button" class="link" onClick={hint.act}>
        {hint.label}
      </button>
    </p>
  );
}

function adviceFor(): Hint | undefined {
  const { measured, settings, progress, silent } = state;
  const now = measured.value;
  if (!now || !progress.value || now.at < PATIENCE || state.opening.value) return undefined;
  const neurons = now.classOf.length;
  const { homeostasis, rate } = settings.value;
  const unused = silent.value ?? 0;
  if (!homeostasis && unused > neurons / 2) {
    return {
      text: `A few neurons win everything; ${unused} of ${neurons} won none of the last images, because homeostasis is off.`,
      label: 'Switch it on and train again',
      act: () => trainAgain({ homeostasis: true }),
    };
  }
  const { unlearned, silent: mute } = now.health;
  const [lower, higher] = [
    rateFactors.findLast((each) => each < rate),
    rateFactors.find((each) => each > rate),
  ];
  if (mute > 0.3 * neurons && lower) {
    return {
      text: `${mute} of ${neurons} neurons respond to no test image. The learning rate is probably too high.`,
      label: `Train again at ${lower} times the usual rate`,
      act: () => trainAgain({ rate: lower }),
    };
  }
  if (unlearned > 0.5 * neurons && higher) {
    return {
      text: `${unlearned} of ${neurons} neurons still look like the noise they started from. A higher learning rate usually helps, or more images.`,
      label: `Train again at ${higher} times the usual rate`,
      act: () => trainAgain({ rate: higher }),
    };
  }
  return undefined;
}
