/** Start, pause, one step, reset; and how fast. */
import { type Speed, speeds } from '../protocol.js';
import { reset, setSpeed, stepOnce, toggleTraining } from './actions.js';
import * as state from './state.js';

const speedNames: Record<Speed, string> = { slow: 'Slow', medium: 'Medium', full: 'Full speed' };

export function Transport() {
  const ready = state.phase.value === 'ready' && !state.opening.value;
  return (
    <div class="transport" id="transport">
      <div class="buttons">
        <button type="button" class="main" disabled={!ready} onClick={toggleTraining}>
          {startWord()}
        </button>
        <button type="button" disabled={!ready || state.running.value} onClick={stepOnce}>
          One step
        </button>
        <button type="button" disabled={!ready || !state.trained.value} onClick={reset}>
          Reset
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
      <p class="status">{state.progress.value ? inWords() : 'Loading the images…'}</p>
    </div>
  );
}

function startWord(): string {
  if (state.running.value) return 'Pause';
  if (!state.trained.value) return 'Start training';
  return state.progress.value?.finished ? 'Keep training' : 'Continue';
}

function inWords(): string {
  const now = state.progress.value;
  if (!now || !state.trained.value) return 'Not trained yet.';
  if (now.items === 0) return `Loaded from ${now.origin}.`;
  const images = now.items.toLocaleString('en');
  const pace =
    now.running && now.itemsPerSecond > 0
      ? `, ${Math.round(now.itemsPerSecond).toLocaleString('en')} per second`
      : '';
  const loaded = now.origin && !now.running ? ` Loaded from ${now.origin}.` : '';
  return `${now.finished ? 'Finished: ' : ''}${images} images seen${pace}, epoch ${now.epoch + (now.finished ? 0 : 1)}.${loaded}`;
}
