/**
 * A photograph of a figure, such as a digit on paper, made like the figures of a data set: bright on black, cut out,
 * as large and in the same place.
 */
import { type Image, Resampler } from 'selftarget';
import type { Look } from '../protocol.js';

/** Ink that is fainter than this share of the strongest is shadow or paper. */
const FAINT = 0.45;

/** @returns values in [0, 1] of the shape [height, width, channels] */
export function likeFigures(image: Image, shape: readonly number[], look: Look): Float32Array {
  const ink = inkOf(image);
  const box = boxOf(ink, image.width, image.height);
  const [height, width, channels] = shape;
  const values = new Float32Array(width * height * channels);
  if (!box) return values;
  const scale = look.side / Math.max(box.width, box.height);
  const size = {
    width: Math.max(1, Math.round(box.width * scale)),
    height: Math.max(1, Math.round(box.height * scale)),
  };
  const figure = new Uint8Array(size.width * size.height);
  new Resampler({ ...size, channels: 1 }).write(cut(ink, image.width, box), figure, 0);
  const [centreX, centreY] = centreOf(figure, size.width);
  const left = place(look.centre[0] - centreX, size.width, width);
  const top = place(look.centre[1] - centreY, size.height, height);
  const most = figure.reduce((a, b) => Math.max(a, b), 1);
  for (const [i, byte] of figure.entries()) {
    const [x, y] = [left + (i % size.width), top + Math.floor(i / size.width)];
    if (x < 0 || y < 0 || x >= width || y >= height) continue;
    values.fill(byte / most, (y * width + x) * channels, (y * width + x + 1) * channels);
  }
  return values;
}

/** How far each pixel is from the ground, which is what the border shows; faint ink is none. 0 to 255. */
function inkOf({ width, height, channels, bytes }: Image): Uint8Array {
  const grey = new Uint8Array(width * height);
  new Resampler({ width, height, channels: 1 }).write({ width, height, channels, bytes }, grey, 0);
  const border = [...grey.keys()].filter((i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return x === 0 || y === 0 || x === width - 1 || y === height - 1;
  });
  const sorted = border.map((i) => grey[i]).sort((a, b) => a - b);
  const ground = sorted[sorted.length >> 1];
  const ink = grey.map((value) => Math.abs(value - ground));
  const most = ink.reduce((a, b) => Math.max(a, b), 1);
  return ink.map((value) => Math.max(0, (255 * (value / most - FAINT)) / (1 - FAINT)));
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Around all ink; nothing where there is none. */
function boxOf(ink: Uint8Array, width: number, height: number): Box | undefined {
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (const [i, value] of ink.entries()) {
    if (value === 0) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  }
  return right < 0 ? undefined : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

function cut(ink: Uint8Array, across: number, { left, top, width, height }: Box): Image {
  const bytes = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const from = (top + y) * across + left;
    bytes.set(ink.subarray(from, from + width), y * width);
  }
  return { width, height, channels: 1, bytes };
}

function centreOf(figure: Uint8Array, width: number): [number, number] {
  let [sum, xs, ys] = [0, 0, 0];
  for (const [i, value] of figure.entries()) {
    sum += value;
    xs += value * ((i % width) + 0.5);
    ys += value * (Math.floor(i / width) + 0.5);
  }
  return sum === 0 ? [width / 2, figure.length / width / 2] : [xs / sum, ys / sum];
}

/** Never out of the picture. */
function place(wanted: number, extent: number, size: number): number {
  return Math.round(Math.min(Math.max(0, wanted), Math.max(0, size - extent)));
}
