/** A surface to draw on, with a finger, a mouse or the keys. */
import { useRef, useState } from 'preact/hooks';
import type { Point, Stroke } from '../drawing/rasterise.js';

/** The surface is so many units wide and high. */
const SIDE = 100;
/** How far a key moves the pen; with Shift, a fifth of it. */
const STRIDE = 10;

export interface DrawingProps {
  readonly strokes: readonly Stroke[];
  readonly onDraw: (change: (before: readonly Stroke[]) => readonly Stroke[]) => void;
  readonly onClear: () => void;
  readonly disabled: boolean;
}

export function DrawingSurface({ strokes, onDraw, onClear, disabled }: DrawingProps) {
  const [pen, setPen] = useState<Point>({ x: SIDE / 2, y: SIDE / 4 });
  const [down, setDown] = useState(false);
  /** Whether it is the keys that draw: then the pen is shown. */
  const [keys, setKeys] = useState(false);
  const drawing = useRef(false);
  const begin = (at: Point) => onDraw((all) => [...all, [at]]);
  const extend = (at: Point) => onDraw((all) => [...all.slice(0, -1), [...(all.at(-1) ?? []), at]]);
  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.shiftKey ? STRIDE / 5 : STRIDE;
    const moves: Record<string, [number, number]> = {
      ArrowLeft: [-by, 0],
      ArrowRight: [by, 0],
      ArrowUp: [0, -by],
      ArrowDown: [0, by],
    };
    if (disabled) return;
    if (event.key in moves) {
      const [dx, dy] = moves[event.key];
      const to = { x: clamp(pen.x + dx), y: clamp(pen.y + dy) };
      setPen(to);
      if (down) extend(to);
    } else if (event.key === ' ' || event.key === 'Enter') {
      if (!down) begin(pen);
      setDown(!down);
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      setDown(false);
      onClear();
    } else return;
    setKeys(true);
    event.preventDefault();
  };
  return (
    <svg
      class="surface"
      viewBox={`0 0 ${SIDE} ${SIDE}`}
      tabIndex={0}
      role="application"
      aria-label="Drawing surface. Arrow keys move the pen, Space puts it down and lifts it, Delete clears."
      onKeyDown={onKeyDown}
      onBlur={() => setKeys(false)}
      onPointerDown={(event) => {
        if (disabled) return;
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
