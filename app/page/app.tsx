import { Charts } from './charts.jsx';
import { missing } from './capabilities.js';
import { wide } from './layout.js';
import { ModelCard } from './modelCard.jsx';
import { Notices } from './noticeList.jsx';
import { Panels } from './panels.jsx';
import { Stage } from './stage.jsx';
import * as state from './state.js';
import { startTour, Tour } from './tour.jsx';

export function App() {
  const isUnsupported = state.phase.value === 'unsupported';
  return (
    <>
      <header>
        <div>
          <h1>See it learn</h1>
          <p>
            A network learns from images without labels, by taking its own winners as the target. A few labels
            then name its neurons.
          </p>
        </div>
        {!isUnsupported && (
          <button
            type="button"
            class="main"
            disabled={state.phase.value !== 'ready' || state.opening.value}
            onClick={startTour}
          >
            Take the 1-minute tour
          </button>
        )}
      </header>
      <Lacking />
      <main>{isUnsupported ? <Unsupported /> : <Bench />}</main>
      <footer>
        <p>
          The method: Liu, Laydevant, Pontlevy, Querlioz, Grollier,{' '}
          <a href="https://arxiv.org/abs/2403.12116">
            Unsupervised end-to-end training with a self-defined target
          </a>
          . Everything runs in this page, and your images stay in it.{' '}
          {state.runtime.value &&
            `Kernels: ${state.runtime.value.kernel}, ${state.runtime.value.threads} thread${state.runtime.value.threads > 1 ? 's' : ''}.`}
        </p>
      </footer>
      <Notices />
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
        <div class="column">
          <Stage />
          {wide.value && <Charts />}
        </div>
        <Panels />
      </div>
      {!wide.value && <Charts />}
      <ModelCard />
    </>
  );
}

function Lacking() {
  const list = missing();
  if (list.length === 0) return null;
  return (
    <ul class="notice" aria-label="Not available here">
      {list.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

function Unsupported() {
  return (
    <section class="card">
      <h2>No network can be trained here</h2>
      <p role="alert">{state.unsupported.value}</p>
      <p>
        In a browser of 2021 or later you would see neurons that begin as noise and then, without a single
        label, each learn one way of writing a digit. Ten labels are then enough to read most digits. The{' '}
        <a href="https://arxiv.org/abs/2403.12116">paper</a> explains how it works.
      </p>
    </section>
  );
}
