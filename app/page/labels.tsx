/** A few labels, and the accuracy jumps: one image after the other, or some at once. */
import { useEffect, useRef } from 'preact/hooks';
import { labelImage } from './actions.js';
import { AccuracyLine } from './accuracy.jsx';
import { ClassButtons } from './classButtons.jsx';
import { ClassWords } from './classWords.jsx';
import { Picture } from './picture.jsx';
import * as state from './state.js';
import { tell } from './trainerClient.js';
import { classOfKey, keyRange } from './words.js';

const helpings = [10, 50, 'all'] as const;

export function Labels() {
  const { question, measured, about, classes } = state;
  const card = useRef<HTMLElement>(null);
  const picture = useRef(question.value?.picture);
  if (question.value) picture.current = question.value.picture;
  const now = measured.value;
  const ready = about.value !== undefined;

  // Keys count only while the focus is in this card, so that they take nothing away from anybody.
  useEffect(() => {
    const element = card.current;
    const onKey = (event: KeyboardEvent) => {
      if (event.target instanceof HTMLInputElement) return;
      const c = classOfKey(event, state.classes.value);
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
        Training never sees a label. Say what a few images show, and each neuron takes the name of what it
        responds to. You can also select a neuron and name it yourself.
      </p>
      <div class="question">
        {picture.current ? (
          <Picture pixels={picture.current} label="An image that unnamed neurons respond to" />
        ) : (
          <div class="pixels placeholder" />
        )}
        <div>
          <p id="question">What is this?</p>
          <ClassButtons label="What is this?" onChoose={labelImage} />
          <p class="hint">
            <button type="button" class="link" disabled={!ready} onClick={() => tell({ kind: 'skip' })}>
              Another image
            </button>
            {classes.value.length > 1 && (
              <span class="by-key"> Keys {keyRange(classes.value)} work here, too.</span>
            )}
          </p>
        </div>
      </div>
      {(!ready || about.value?.labelled) && (
        <div class="buttons" role="group" aria-label="Label for me">
          <span>Label for me:</span>
          {helpings.map((count) => (
            <button
              key={count}
              type="button"
              disabled={!ready}
              onClick={() => tell({ kind: 'labelForMe', count })}
            >
              {count}
            </button>
          ))}
        </div>
      )}
      <div class="buttons taken-back">
        <button type="button" class="quiet" disabled={!now?.undo} onClick={() => tell({ kind: 'undo' })}>
          Undo{now?.undo ? ` ${now.undo}` : ''}
        </button>
        <button type="button" class="quiet" disabled={!now?.redo} onClick={() => tell({ kind: 'redo' })}>
          Redo
        </button>
        <button
          type="button"
          class="quiet"
          disabled={!now || now.labels + now.handNames + now.givenNames === 0}
          onClick={() => tell({ kind: 'forget' })}
        >
          Forget all
        </button>
      </div>
      <AccuracyLine />
      <ClassWords />
    </section>
  );
}
