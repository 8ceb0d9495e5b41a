import { Charts } from './charts.jsx';
import { missing } from './capabilities.js';
import { Controls } from './controls.jsx';
import { DataCard } from './dataCard.jsx';
import { Drawing } from './drawing.jsx';
import { Labels } from './labels.jsx';
import { ModelCard } from './modelCard.jsx';
import { NeuronCard } from './neuronCard.jsx';
import { NeuronGrid } from './neuronGrid.jsx';
import * as state from './state.js';
import { startTour, Tour } from './tour.jsx';
import { Transport } from './transport.jsx';

export function App() {
  return (
    <>
      <header>
        <div>
          <h1>See it learn</h1>
          <p>
            A network learns from images that nobody has labelled: its own winners, kept in balance, become
            its target. A few labels then name its neurons.
          </p>
        </div>
        {state.phase.value === 'ready' && (
          <button type="button" onClick={startTour}>
            Take the tour (1 minute)
          </button>
        )}
      </header>
      <Notices />
      <main>{state.phase.value === 'unsupported' ? <Unsupported /> : <Bench />}</main>
      <footer>
        <p>
          The method: Liu, Laydevant, Pontlevy, Querlioz, Grollier,{' '}
          <a href="https://arxiv.org/abs/2403.12116">
            Unsupervised end-to-end training with a self-defined target
          </a>
          . Everything runs in this page; no image leaves it.{' '}
          {state.runtime.value &&
            `Kernels: ${state.runtime.value.kernel}, ${state.runtime.value.threads} thread${state.runtime.value.threads > 1 ? 's' : ''}.`}
        </p>
      </footer>
      <Tour />
      <p class="unseen" role="status">
        {state.announcement.value}
      </p>
    </>
  );
}

function Bench() {
  return (
    <>
      <div class="bench">
        <section class="card stage" aria-labelledby="stage-title">
          <StageTitle />
          <NeuronGrid />
          <Transport />
        </section>
        <div class="side">
          <NeuronCard />
          <Labels />
          <Drawing />
          <Controls />
          <DataCard />
        </div>
      </div>
      <Charts />
      <ModelCard />
    </>
  );
}

function StageTitle() {
  const now = state.progress.value;
  const silent = state.silent.value;
  return (
    <div class="title">
      <h2 id="stage-title">What each neuron looks for</h2>
      <p class="hint">
        {!now || now.items === 0
          ? 'Untrained: noise. Bright is what a neuron wants to see.'
          : silent === undefined
            ? 'Flashing: winners of the last batch.'
            : `${silent} of ${now.recentWins.length} won none of the last ${now.recentItems} images${silent > now.recentWins.length / 2 ? ': a few win everything' : ''}.`}
      </p>
    </div>
  );
}

function Notices() {
  const list = missing();
  return (
    <>
      {list.length > 0 && (
        <ul class="notice" aria-label="What this browser or server lacks">
          {list.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      {state.refusal.value && (
        <div class="notice error" role="alert">
          <p>{state.refusal.value}</p>
          <button
            type="button"
            class="quiet"
            onClick={() => {
              state.refusal.value = '';
            }}
          >
            Close
          </button>
        </div>
      )}
    </>
  );
}

function Unsupported() {
  return (
    <section class="card">
      <h2>No network can be trained here</h2>
      <p role="alert">{state.unsupported.value}</p>
      <p>
        What you would see: neurons that begin as noise and, without any label, each come to look for one way
        of writing a digit; then ten labels, and most digits are read rightly. A browser of 2021 or later
        shows it; the <a href="https://arxiv.org/abs/2403.12116">paper</a> tells how it works.
      </p>
    </section>
  );
}
