/** One button for each class, with the key that stands for it. */
import { classColour } from 'selftarget/view';
import * as state from './state.js';
import { isDigits, keyOf } from './words.js';

/** As many as there are digits, until the data are known. */
const PLACEHOLDERS = 10;

export function ClassButtons({
  label,
  onChoose,
  chosen,
}: {
  readonly label: string;
  readonly onChoose: (c: number) => void;
  readonly chosen?: number | undefined;
}) {
  const classes = state.classes.value;
  return (
    <div class="classes" role="group" aria-label={label}>
      {classes.length === 0 &&
        Array.from({ length: PLACEHOLDERS }, (_, i) => (
          <button key={i} type="button" class="placeholder" disabled aria-label="Loading">
            {'\u00a0'}
          </button>
        ))}
      {classes.map((name, c) => (
        <button
          key={name}
          type="button"
          style={{ '--class': classColour(c) }}
          aria-pressed={chosen === undefined ? undefined : chosen === c}
          onClick={() => onChoose(c)}
        >
          {name}
          {!isDigits(classes) && keyOf(classes, c) && <kbd aria-hidden="true">{keyOf(classes, c)}</kbd>}
        </button>
      ))}
    </div>
  );
}
