/** How many test images are correct by what the visitor has said. */
import * as state from './state.js';
import { percent, plural } from './words.js';

export function Accuracy() {
  const { measured, jump, about } = state;
  const now = measured.value;
  const from = jump.value?.from;
  const rise = jump.value && from !== undefined ? jump.value.to - from : undefined;
  return (
    <div class="accuracy" id="accuracy">
      <h3>Accuracy</h3>
      <p class="figure">
        <strong>{now?.accuracy === undefined ? '–' : percent(now.accuracy)}</strong>
        {rise !== undefined && Math.abs(rise) >= 0.05 && (
          <span class={rise > 0 ? 'up' : 'down'}>
            {rise > 0 ? '+' : '−'}
            {Math.abs(rise).toFixed(1)}
          </span>
        )}
      </p>
      <p class="hint">{about.value && now ? explained() : '\u00a0'}</p>
    </div>
  );
}

/** The same in one line, where the stage is out of sight. */
export function AccuracyLine() {
  const now = state.measured.value;
  if (!now) return null;
  return (
    <p class="accuracy-line">
      {now.accuracy !== undefined && <strong>{percent(now.accuracy)} </strong>}
      {explained()}
    </p>
  );
}

function explained(): string {
  const { measured, about } = state;
  const now = measured.value;
  if (!now || !about.value) return '';
  if (!about.value.labelled) return 'These images have no labels, so accuracy cannot be measured.';
  if (now.labels + now.handNames + now.givenNames === 0) return 'No neuron has a name yet.';
  const used = [
    now.labels > 0 && plural(now.labels, 'label'),
    now.handNames > 0 && `${plural(now.handNames, 'name')} by hand`,
    now.givenNames > 0 && 'the names in the file',
  ].filter(Boolean);
  const images = now.testItems.toLocaleString('en');
  return `of ${images} test images correct, using ${used.join(' and ')}`;
}
