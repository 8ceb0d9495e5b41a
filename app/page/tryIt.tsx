/** What the network says to a drawing, a picture of the visitor's, or a test image. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { rasterise, type Stroke } from '../drawing/rasterise.js';
import { Camera, hasCamera } from './camera.jsx';
import { DrawingSurface } from './drawingSurface.jsx';
import { closeRefusals, refuse } from './notices.js';
import { Prediction } from './prediction.jsx';
import * as state from './state.js';
import { tell } from './trainerClient.js';
import { noun } from './words.js';

/** Milliseconds between two questions while the pen moves. */
const REST = 120;

export function TryIt() {
  const about = state.about.value;
  const [strokes, setStrokes] = useState<readonly Stroke[]>([]);
  const [over, setOver] = useState(false);
  const [filming, setFilming] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useAnswer(strokes);

  const ready = about !== undefined;
  // Until the data are known the page is made for digits, which it opens as a rule.
  const canDraw = !about || about.look !== undefined;
  const isTable = about?.pictures === false;
  const clear = () => {
    setStrokes([]);
    state.answer.value = undefined;
  };
  const tryPicture = (name: string, file: Blob) => {
    setStrokes([]);
    closeRefusals();
    tell({ kind: 'askPicture', name, file });
  };
  return (
    <section
      class={`card ${over ? 'over' : ''}`}
      id="try"
      aria-labelledby="try-title"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(!isTable);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const file = event.dataTransfer?.files[0];
        if (isTable) refuse('These data are rows of a table, so a picture cannot be tried on them.');
        else if (file) tryPicture(file.name, file);
      }}
    >
      <h2 id="try-title">
        {canDraw ? `Draw ${noun() === 'digit' ? 'a digit' : 'one yourself'}` : 'Try an image'}
      </h2>
      <div class={canDraw ? 'drawing' : 'trying'}>
        {filming ? (
          <Camera onPicture={(blob) => tryPicture('the picture', blob)} onEnd={() => setFilming(false)} />
        ) : (
          canDraw && (
            <DrawingSurface strokes={strokes} onDraw={setStrokes} onClear={clear} disabled={!ready} />
          )
        )}
        <Prediction />
      </div>
      <div class="buttons">
        {canDraw && (
          <button type="button" disabled={strokes.length === 0} onClick={clear}>
            Clear
          </button>
        )}
        <button
          type="button"
          disabled={!ready}
          onClick={() => {
            setStrokes([]);
            tell({ kind: 'askTestImage' });
          }}
        >
          Try a test image
        </button>
        {!isTable && (
          <button type="button" disabled={!ready} onClick={() => input.current?.click()}>
            Choose a picture
          </button>
        )}
        {!isTable && hasCamera && (
          <button type="button" disabled={!ready || filming} onClick={() => setFilming(true)}>
            Use the camera
          </button>
        )}
        <input
          ref={input}
          type="file"
          accept="image/*"
          hidden
          aria-label="Picture to try"
          onChange={({ currentTarget }) => {
            const file = currentTarget.files?.[0];
            if (file) tryPicture(file.name, file);
            currentTarget.value = '';
          }}
        />
      </div>
      {!isTable && (
        <p class="hint">
          {canDraw
            ? 'Drawings and pictures are made as large, as thick and as centred as the training images.'
            : 'You can also drop a picture here. It is resized like the training images.'}
          {canDraw && (
            <span class="by-key">
              {' '}
              By keyboard: arrow keys move the pen, Space puts it down and lifts it.
            </span>
          )}
        </p>
      )}
    </section>
  );
}

/** Asks the network while and after something is drawn. */
function useAnswer(strokes: readonly Stroke[]): void {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const latest = useRef(strokes);
  latest.current = strokes;
  useEffect(() => {
    if (strokes.length === 0) return;
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      const about = state.about.value;
      const values = about?.look && rasterise(latest.current, about.shape, about.look);
      if (values) tell({ kind: 'ask', values });
    }, REST);
  }, [strokes]);
}
