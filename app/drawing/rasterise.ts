/** Strokes drawn by hand as an image like those of a data set: as large, in the same place, with lines as thick. */
import type { Look } from '../protocol.js';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A line from where the pen went down to where it went up. */
export type Stroke = readonly Point[];

/** Places looked at in each direction of a pixel. */
const FINE = 4;

/**
 * @param shape [height, width, channels] of the data's images
 * @returns values in [0, 1]; nothing where nothing is drawn
 */
export function rasterise(
  strokes: readonly Stroke[],
  shape: readonly number[],
  look: Look,
): Float32Array | undefined {
  const drawn = strokes.filter((stroke) => stroke.length > 0);
  if (drawn.length === 0) return undefined;
  const [height, width, channels] = shape;
  const scaled = scaleTo(drawn, Math.max(1, look.side - look.stroke));
  const ink = paint(scaled, look.stroke, look.stroke / 2, look.stroke / 2, width, height);
  // Painted once to know where it is heavy, and once more in its place.
  const [dx, dy] = shift(ink, scaled, look, width, height);
  const values = paint(scaled, look.stroke, dx, dy, width, height);
  const image = new Float32Array(width * height * channels);
  values.forEach((value, pixel) => image.fill(value, pixel * channels, (pixel + 1) * channels));
  return image;
}

/** The longer side of the box around the strokes becomes `side`; the box begins at 0, 0. */
function scaleTo(strokes: readonly Stroke[], side: number): Stroke[] {
  const { left, right, top, bottom } = boxOf(strokes);
  // A dot stays one.
  const scale = side / Math.max(right - left, bottom - top, 1e-6);
  const limited = right - left + bottom - top < 1e-6 ? 0 : scale;
  return strokes.map((stroke) =>
    stroke.map(({ x, y }) => ({ x: (x - left) * limited, y: (y - top) * limited })),
  );
}

/** From the box at 0, 0 to where the data have their centre of mass, but never out of the image. */
function shift(
  ink: Float32Array,
  strokes: readonly Stroke[],
  { centre, stroke }: Look,
  width: number,
  height: number,
): [number, number] {
  let [sum, xs, ys] = [0, 0, 0];
  for (const [pixel, value] of ink.entries()) {
    sum += value;
    xs += value * ((pixel % width) + 0.5 - stroke / 2);
    ys += value * (Math.floor(pixel / width) + 0.5 - stroke / 2);
  }
  const { right, bottom } = boxOf(strokes);
  const [massX, massY] = sum > 0 ? [xs / sum, ys / sum] : [right / 2, bottom / 2];
  const within = (wanted: number, extent: number, size: number) => {
    const [least, most] = [stroke / 2, size - stroke / 2 - extent];
    return most < least ? (size - extent) / 2 : Math.min(most, Math.max(least, wanted));
  };
  return [within(centre[0] - massX, right, width), within(centre[1] - massY, bottom, height)];
}

/** How much of each pixel lies within half a pen's width of the strokes. */
function paint(
  strokes: readonly Stroke[],
  pen: number,
  dx: number,
  dy: number,
  width: number,
  height: number,
): Float32Array {
  const segments = strokes.flatMap((stroke) =>
    stroke.map((to, i) => {
      const from = stroke[Math.max(0, i - 1)];
      return { ax: from.x + dx, ay: from.y + dy, bx: to.x + dx, by: to.y + dy };
    }),
  );
  const values = new Float32Array(width * height);
  const reach = pen / 2;
  const inside = (x: number, y: number) =>
    segments.some((segment) => distanceSquared(x, y, segment) <= reach * reach);
  for (let pixel = 0; pixel < values.length; pixel++) {
    const [left, top] = [pixel % width, Math.floor(pixel / width)];
    let hits = 0;
    for (let place = 0; place < FINE * FINE; place++) {
      const x = left + ((place % FINE) + 0.5) / FINE;
      const y = top + (Math.floor(place / FINE) + 0.5) / FINE;
      if (inside(x, y)) hits++;
    }
    values[pixel] = hits / (FINE * FINE);
  }
  return values;
}

function distanceSquared(
  x: number,
  y: number,
  { ax, ay, bx, by }: { ax: number; ay: number; bx: number; by: number },
): number {
  const [ux, uy] = [bx - ax, by - ay];
  const length = ux * ux + uy * uy;
  const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * ux + (y - ay) * uy) / length));
  return (x - ax - along * ux) ** 2 + (y - ay - along * uy) ** 2;
}

function boxOf(strokes: readonly Stroke[]) {
  const points = strokes.flat();
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}
