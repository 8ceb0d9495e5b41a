/** The visitor's own words for the classes. */
import { renameClass } from './actions.js';
import * as state from './state.js';

const MOST = 20;

export function ClassWords() {
  const { classes, about } = state;
  const { value: names } = classes;
  // Where images have labels, their classes are given; otherwise they are the visitor's.
  const canAdd = about.value?.labelled === false && names.length < MOST;
  return (
    <details>
      <summary>Change the class names</summary>
      <div class="words">
        {names.map((name, c) => (
          <label key={c}>
            <span class="unseen">Name of class {c + 1}</span>
            <input
              type="text"
              value={name}
              maxLength={24}
              onChange={({ currentTarget }) => {
                renameClass(c, currentTarget.value);
                currentTarget.value = state.classes.value[c];
              }}
            />
          </label>
        ))}
        {canAdd && (
          <button type="button" onClick={() => renameClass(names.length, nextName(names))}>
            Add a class
          </button>
        )}
      </div>
    </details>
  );
}

/** The first letter that is no class yet. */
function nextName(names: readonly string[]): string {
  const letters = Array.from({ length: 26 }, (_, i) => String.fromCharCode(65 + i));
  return letters.find((letter) => !names.includes(letter)) ?? `Class ${names.length + 1}`;
}
