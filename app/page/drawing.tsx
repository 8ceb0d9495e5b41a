/** Draw a digit, with a finger, a mouse or the keys, and see who fires and what they say. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { classColour } from 'selftarget/view';
import { type Point, rasterise, type Stroke } from '../drawing/rasterise.js';
import { select } from './actions.js';
import { Picture } from './picture.jsx';
import * as state from './state.js';
import { tell } from './trainerClient.js';

/** The surface is so many units wide and high. */
const SIDE = 100;
/** How far a key moves the pen; with Shift, a fifth of it. */
const STRIDE = 10;
/** Milliseconds between two questions while the pen moves. */
const REST = 120;

export function Drawing() {
  const about = state.about.value;
  const [strokes, setStrokes] = useState<readonly Stroke[]>([]);
  const [pen, setPen] = useState<Point>({ x: SIDE / 2, y: SIDE / 4 });
  const [down, setDown] = useState(false);
  /** Whether it is the keys that draw: then the pen is shown. */
  const [keys, setKeys] = useState(false);
  const drawing = useRef(false);
  useAnswer(strokes);

  if (!about) return null;
  if (!about.look) {
    return (
      <section class="card" id="drawing" aria-labelledby="drawing-title">
        <h2 id="drawing-title">Try it on an image</h2>
        <p class="hint">These data are no pictures, so there is nothing to draw.</p>
        <TestImage />
        <Said />
      </section>
    );
  }
  const begin = (at: Point) => setStrokes((all) => [...all, [at]]);
  const extend = (at: Point) => setStrokes((all) => [...all.slice(0, -1), [...(all.at(-1) ?? []), at]]);
  const clear = () => {
    setStrokes([]);
    setDown(false);
    state.answer.value = undefined;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    setKeys(true);
    const by = event.shiftKey ? STRIDE / 5 : STRIDE;
    const moves: Record<string, [number, number]> = {
      ...{ ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -by], ArrowDown: [0, by] },
    };
    if (event.key in moves) {
      const [dx, dy] = moves[event.key];
      const to = { x: clamp(pen.x + dx), y: clamp(pen.y + dy) };
      setPen(to);
      if (down) extend(to);
    } else if (event.key === ' ' || event.key === 'Enter') {
      if (!down) begin(pen);
      setDown(!down);
    } else if (event.key === 'Delete' || event.key === 'Backspace') clear();
    else return;
    event.preventDefault();
  };
  return (
    <section class="card" id="drawing" aria-labelledby="drawing-title">
      <h2 id="drawing-title">Draw one yourself</h2>
      <div class="drawing">
        <svg
          class="surface"
          viewBox={`0 0 ${SIDE} ${SIDE}`}
          tabIndex={0}
          role="application"
          aria-label="Drawing surface. Arrow keys move the pen, Space puts it down and takes it up, Delete clears."
          onKeyDown={onKeyDown}
          onBlur={() => setKeys(false)}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
            drawing.current = true;
            setKeys(false);
            begin(pointOf(event));
          }}
          onPointerMove={(event) => {
            if (drawing.current) extend(pointOf(event));
          }}
          onPointerUp={() => {
            drawing.current = false;
          }}
          onPointerCancel={() => {
            drawing.current = false;
          }}
        >
          {strokes.length === 0 && (
            <text x={SIDE / 2} y={SIDE / 2 + 2}>
              draw here
            </text>
          )}
          {strokes.map((stroke, i) => (
            <polyline
              key={i}
              points={(stroke.length === 1 ? [...stroke, stroke[0]] : stroke)
                .map(({ x, y }) => `${x},${y}`)
                .join(' ')}
            />
          ))}
          {keys && <circle class={down ? 'pen down' : 'pen'} cx={pen.x} cy={pen.y} r={4} />}
        </svg>
        <Said />
      </div>
      <div class="buttons">
        <button type="button" disabled={strokes.length === 0} onClick={clear}>
          Clear
        </button>
        <TestImage onAsk={() => setStrokes([])} />
      </div>
      <p class="hint">
        By keyboard: arrow keys move the pen, Space puts it down and takes it up. Your drawing is made as
        large, as thick and as centred as the images it learnt from.
      </p>
    </section>
  );
}

function TestImage({ onAsk }: { onAsk?: () => void }) {
  return (
    <button
      type="button"
      onClick={() => {
        onAsk?.();
        tell({ kind: 'askTestImage' });
      }}
    >
      Take a test image
    </button>
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

/** What the network said last. */
function Said() {
  const answer = state.answer.value;
  const classes = state.about.value?.classes ?? [];
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
              The neurons say <strong>{classes[answer.class]}</strong>
              {answer.truth !== undefined &&
                (answer.truth === answer.class ? ', rightly.' : `; it is ${classes[answer.truth]}.`)}
            </>
          ) : answer.firing.length > 0 ? (
            'Neurons fire, but none of them has a name yet: label some images.'
          ) : (
            'No neuron fires for this.'
          )}
        </p>
      </div>
      {named && (
        <ul class="scores" aria-label="Mean output of each class's neurons">
          {classes.slice(0, 10).map((name, c) => (
            <li key={name}>
              <span>{name}</span>
              <span class="bar" style={{ '--class': classColour(c), '--share': answer.scores[c] / most }} />
            </li>
          ))}
        </ul>
      )}
      {answer.firing.length > 0 && (
        <p class="firing">
          Firing:{' '}
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

function pointOf(event: PointerEvent & { currentTarget: SVGSVGElement }): Point {
  const box = event.currentTarget.getBoundingClientRect();
  return {
    x: clamp(((event.clientX - box.left) / box.width) * SIDE),
    y: clamp(((event.clientY - box.top) / box.height) * SIDE),
  };
}

function clamp(value: number): number {
  return Math.min(SIDE, Math.max(0, value));
}
