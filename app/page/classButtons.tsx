/** One button for each class, and the keys 0 to 9 for the first ten. */
import { classColour } from 'selftarget/view';
import * as state from './state.js';

export function ClassButtons({
  label,
  onChoose,
  chosen,
}: {
  readonly label: string;
  readonly onChoose: (c: number) => void;
  readonly chosen?: number | undefined;
}) {
  const classes = state.about.value?.classes ?? [];
  return (
    <div class="classes" role="group" aria-label={label}>
      {classes.map((name, c) => (
        <button
          key={name}
          type="button"
          style={{ '--class': classColour(c) }}
          aria-pressed={chosen === undefined ? undefined : chosen === c}
          onClick={() => onChoose(c)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}
