/** Start, pause, one step, anew; and how fast. */
import { type Speed, speeds } from '../protocol.js';
import { setSpeed, startAnew, stepOnce, toggleTraining } from './actions.js';
import * as state from './state.js';

const speedNames: Record<Speed, string> = { slow: 'Slow', medium: 'Medium', full: 'Full speed' };

export function Transport() {
  const now = state.progress.value;
  const ready = state.phase.value === 'ready' && !state.opening.value;
  const begun = (now?.items ?? 0) > 0;
  const start = begun ? (now?.finished ? 'Train on' : 'Go on') : 'Start training';
  return (
    <div class="transport" id="transport">
      <div class="buttons">
        <button type="button" class="main" disabled={!ready} onClick={toggleTraining}>
          {state.running.value ? 'Pause' : start}
        </button>
        <button type="button" disabled={!ready || state.running.value} onClick={stepOnce}>
          One step
        </button>
        <button type="button" disabled={!ready || !begun} onClick={startAnew}>
          Start anew
        </button>
      </div>
      <fieldset class="choices">
        <legend>Speed</legend>
        {speeds.map((speed) => (
          <label key={speed}>
            <input
              type="radio"
              name="speed"
              checked={state.speed.value === speed}
              onChange={() => setSpeed(speed)}
            />
            <span>{speedNames[speed]}</span>
          </label>
        ))}
      </fieldset>
      <p class="status">{now ? inWords() : 'Loading the digits…'}</p>
    </div>
  );
}

function inWords(): string {
  const now = state.progress.value;
  if (!now || now.items === 0) return 'Not begun.';
  const images = now.items.toLocaleString('en');
  const pace =
    now.running && now.itemsPerSecond > 0
      ? `, ${Math.round(now.itemsPerSecond).toLocaleString('en')} a second`
      : '';
  return `${now.finished ? 'Finished: ' : ''}${images} images seen${pace}, epoch ${now.epoch + (now.finished ? 0 : 1)}.`;
}
