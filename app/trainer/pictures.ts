/** Items and weights as pictures, and how large the figures in them are. */
import { type DataSet } from 'selftarget';
import { imageGrid, type Pixels } from 'selftarget/view';
import type { Look } from '../protocol.js';

/** [height, width, channels] to show items in: their own, or for a table about a square. */
export function pictureShape({ shape, width }: DataSet): number[] {
  if (shape.length === 3) return [...shape];
  const across = Math.ceil(Math.sqrt(width));
  return [Math.ceil(width / across), across, 1];
}

export function itemsOf(data: DataSet, indices: Iterable<number>): Float32Array[] {
  return Array.from(indices, (index) => {
    const values = new Float32Array(data.width);
    data.read(index, values, 0);
    return values;
  });
}

export function pictures(items: readonly ArrayLike<number>[], data: DataSet, columns: number): Pixels {
  return imageGrid(items, { shape: pictureShape(data), columns });
}

/** Brighter than this is part of the figure. */
const INK = 0.2;

/** A picture whose border is brighter than this on average is a photograph, not a figure on black. */
const DARK_BORDER = 0.2;

/** Nothing where items are not bright figures on black: a drawing would be nothing like them. */
export function lookOf(data: DataSet): Look | undefined {
  if (data.shape.length !== 3 || data.shape[2] !== 1 || borderOf(data) > DARK_BORDER) return undefined;
  const [height, width, channels] = data.shape;
  const sides: number[] = [];
  let [inkOfAll, xs, ys, strokes] = [0, 0, 0, 0];
  for (const values of itemsOf(data, firstOf(data))) {
    let [ink, left, right, top, bottom] = [0, width, 0, height, 0];
    for (let pixel = 0; pixel < width * height; pixel++) {
      const value = values[pixel * channels];
      const [x, y] = [pixel % width, Math.floor(pixel / width)];
      ink += value;
      xs += value * (x + 0.5);
      ys += value * (y + 0.5);
      if (value < INK) continue;
      [left, right] = [Math.min(left, x), Math.max(right, x)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
    }
    inkOfAll += ink;
    if (right < left) continue;
    const side = Math.max(right - left, bottom - top) + 1;
    sides.push(side);
    // A digit's line is about twice as long as its box, whatever its size.
    strokes += ink / (2 * side);
  }
  if (sides.length === 0 || inkOfAll === 0) return undefined;
  sides.sort((a, b) => a - b);
  return {
    side: sides[sides.length >> 1],
    centre: [xs / inkOfAll, ys / inkOfAll],
    stroke: strokes / sides.length,
  };
}

/** Mean brightness along the border of the pictures. */
function borderOf(data: DataSet): number {
  const [height, width] = data.shape;
  let [sum, count] = [0, 0];
  for (const values of itemsOf(data, firstOf(data))) {
    for (let pixel = 0; pixel < width * height; pixel++) {
      const [x, y] = [pixel % width, Math.floor(pixel / width)];
      if (x > 0 && x < width - 1 && y > 0 && y < height - 1) continue;
      sum += values[pixel];
      count++;
    }
  }
  return sum / Math.max(1, count);
}

function firstOf({ length }: DataSet): Iterable<number> {
  return Array.from({ length: Math.min(500, length) }, (_, i) => i);
}
