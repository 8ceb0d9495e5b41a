/** A few labels, and the accuracy jumps: one image after the other, or some at once. */
import { useEffect, useRef } from 'preact/hooks';
import { labelImage } from './actions.js';
import { ClassButtons } from './classButtons.jsx';
import { classKey } from './keys.js';
import { Picture } from './picture.jsx';
import * as state from './state.js';
import { tell } from './trainerClient.js';

const helpings = [10, 50, 'all'] as const;

export function Labels() {
  const { question, measured, about } = state;
  const card = useRef<HTMLElement>(null);
  const classes = about.value?.classes ?? [];
  const picture = useRef(question.value?.picture);
  if (question.value) picture.current = question.value.picture;

  // Keys count only while the focus is in this card, so that they take nothing away from anybody.
  useEffect(() => {
    const element = card.current;
    const onKey = (event: KeyboardEvent) => {
      const c = classKey(event, state.about.value?.classes.length ?? 0);
      if (c === undefined) return;
      labelImage(c);
      event.preventDefault();
    };
    element?.addEventListener('keydown', onKey);
    return () => element?.removeEventListener('keydown', onKey);
  }, []);

  return (
    <section class="card" id="labels" ref={card} aria-labelledby="labels-title">
      <h2 id="labels-title">Name the neurons</h2>
      <p class="hint">
        The network never saw a label. Say what a few images show, and every neuron takes the name of what it
        answers to. Or choose a neuron and name it yourself.
      </p>
      <div class="question">
        {picture.current && (
          <Picture pixels={picture.current} label="An image that unnamed neurons answer to" />
        )}
        <div>
          <p id="question">What is this?</p>
          <ClassButtons label="What is this?" onChoose={labelImage} />
          <p class="hint">
            {classes.length > 1 && 'Keys 0 to 9 work here, too. '}
            <button type="button" class="link" onClick={() => tell({ kind: 'skip' })}>
              Another image
            </button>
          </p>
        </div>
      </div>
      {about.value?.labelled && (
        <div class="buttons" role="group" aria-label="Label for me">
          <span>Label for me:</span>
          {helpings.map((count) => (
            <button key={count} type="button" onClick={() => tell({ kind: 'labelForMe', count })}>
              {count}
            </button>
          ))}
          <button
            type="button"
            class="quiet"
            disabled={!measured.value || measured.value.labels + measured.value.handNames === 0}
            onClick={() => tell({ kind: 'forget' })}
          >
            Forget all
          </button>
        </div>
      )}
      <Accuracy />
    </section>
  );
}

function Accuracy() {
  const { measured, jump, about } = state;
  const now = measured.value;
  if (!about.value?.labelled) {
    return (
      <p class="hint">These images came without labels, so there is nothing to measure your names by.</p>
    );
  }
  const from = jump.value?.from;
  const rise = jump.value && from !== undefined ? jump.value.to - from : undefined;
  return (
    <div class="accuracy" id="accuracy">
      <strong>{now?.accuracy === undefined ? '–' : `${now.accuracy.toFixed(1)} %`}</strong>
      {rise !== undefined && Math.abs(rise) >= 0.05 && (
        <span class={rise > 0 ? 'up' : 'down'}>
          {rise > 0 ? '+' : '−'}
          {Math.abs(rise).toFixed(1)}
        </span>
      )}
      <span>
        of {now?.testItems.toLocaleString('en')} test images right
        {now && now.labels + now.handNames > 0
          ? `, by ${[now.labels > 0 && plural(now.labels, 'label'), now.handNames > 0 && `${plural(now.handNames, 'name')} by hand`].filter(Boolean).join(' and ')}`
          : ': nothing has a name yet'}
      </span>
    </div>
  );
}

function plural(count: number, what: string): string {
  return `${count.toLocaleString('en')} ${what}${count === 1 || what.endsWith('s') ? '' : 's'}`;
}
