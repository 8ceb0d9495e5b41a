/** What the network said last. */
import { classColour } from 'selftarget/view';
import type { Answer } from '../protocol.js';
import { select } from './actions.js';
import { Picture } from './picture.jsx';
import * as state from './state.js';

/** So many classes are shown, the strongest of them where there are more. */
const SHOWN = 10;

export function Prediction() {
  const answer = state.answer.value;
  const classes = state.classes.value;
  if (!answer) return <div class="said" />;
  const most = Math.max(1e-9, ...answer.scores);
  const named = answer.class >= 0;
  return (
    <div class="said">
      <div class="verdict">
        <Picture pixels={answer.picture} label="The image as the network sees it" />
        <p aria-live="polite">
          {named ? (
            <>
              Prediction: <strong>{classes[answer.class]}</strong> {verdict(answer, classes)}
            </>
          ) : answer.firing.length > 0 ? (
            'Some neurons respond, but none of them has a name yet: label some images first.'
          ) : (
            'No neuron responds to this.'
          )}
        </p>
      </div>
      {named && (
        <ul class="scores" aria-label="Mean output of each class's neurons">
          {strongest(answer.scores).map((c) => (
            <li key={c}>
              <span>{classes[c]}</span>
              <span class="bar" style={{ '--class': classColour(c), '--share': answer.scores[c] / most }} />
            </li>
          ))}
        </ul>
      )}
      {answer.firing.length > 0 && (
        <p class="firing">
          Responding:{' '}
          {answer.firing.map(([neuron]) => {
            const c = state.classOf.value?.[neuron] ?? -1;
            return (
              <button key={neuron} type="button" class="link" onClick={() => select(neuron)}>
                neuron {neuron + 1}
                {c >= 0 && ` (${classes[c]})`}
              </button>
            );
          })}
        </p>
      )}
    </div>
  );
}

function verdict({ class: said, truth }: Answer, classes: readonly string[]): string {
  if (truth === undefined) return '';
  return said === truth ? '(correct)' : `(incorrect: it is ${classes[truth]})`;
}

/** In the order of the classes. */
function strongest(scores: Float64Array): number[] {
  const all = [...scores.keys()];
  if (all.length <= SHOWN) return all;
  return all
    .sort((a, b) => scores[b] - scores[a])
    .slice(0, SHOWN)
    .sort((a, b) => a - b);
}
