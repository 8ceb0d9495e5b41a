/** Pictures in another size, and grey ones made of coloured ones and back. */
import { DataError } from './dataSet.js';
import type { Image } from './image.js';

/** What every picture of a data set is made into. */
export interface ImageShape {
  readonly width: number;
  readonly height: number;
  /** 1 for grey, 3 for red, green, blue. */
  readonly channels: 1 | 3;
}

/** Of red, green and blue in grey (ITU-R BT.601). */
const luma = [0.299, 0.587, 0.114];

/**
 * Makes pictures of one shape. The whole picture is stretched to the new size: where it shrinks, an output pixel is
 * the average of the area it covers; where it grows, values between pixels' centres are interpolated. Colour becomes
 * grey by its brightness; grey becomes colour by being repeated.
 */
export class Resampler {
  readonly #to: ImageShape;
  /** By sizes, as in most folders there are few. */
  readonly #axes = new Map<string, Axis>();

  constructor(to: ImageShape) {
    for (const [what, size] of [
      ['width', to.width],
      ['height', to.height],
    ] as const) {
      if (!(Number.isInteger(size) && size >= 1)) {
        throw new DataError(`image.${what}: ${size} pixels; it must be a whole number of at least 1`);
      }
    }
    this.#to = to;
  }

  /** Writes `image` in the new shape to `out[offset ..]`. */
  write(image: Image, out: Uint8Array, offset: number): void {
    const { width, height, channels } = this.#to;
    const { bytes } = inChannels(image, channels);
    if (image.width === width && image.height === height) {
      out.set(bytes, offset);
      return;
    }
    const rows = this.#along(bytes, image.height, image.width, channels, this.#axis(image.width, width));
    // A row is one long pixel when columns are what is resampled.
    const all = this.#along(rows, 1, image.height, width * channels, this.#axis(image.height, height));
    for (let i = 0; i < all.length; i++) out[offset + i] = Math.round(all[i]);
  }

  /** Resamples the middle one of the dimensions [outer, inner, block]. */
  #along(from: ArrayLike<number>, outer: number, inner: number, block: number, axis: Axis): Float32Array {
    const to = new Float32Array(outer * axis.length * block);
    for (let o = 0; o < outer; o++) {
      for (let j = 0; j < axis.length; j++) {
        const { first, weights } = axis[j];
        const at = (o * axis.length + j) * block;
        for (let k = 0; k < weights.length; k++) {
          const source = (o * inner + first + k) * block;
          for (let b = 0; b < block; b++) to[at + b] += weights[k] * from[source + b];
        }
      }
    }
    return to;
  }

  #axis(from: number, to: number): Axis {
    const key = `${from}:${to}`;
    const known = this.#axes.get(key);
    if (known) return known;
    const axis = from > to ? areaWeights(from, to) : linearWeights(from, to);
    this.#axes.set(key, axis);
    return axis;
  }
}

/** For each new position, the old ones that count, from `first` on, and how much; the weights sum to 1. */
type Axis = readonly { readonly first: number; readonly weights: readonly number[] }[];

/** A new position covers the span [j, j + 1) x from / to of the old ones. */
function areaWeights(from: number, to: number): Axis {
  return Array.from({ length: to }, (_, j) => {
    const [start, end] = [(j * from) / to, ((j + 1) * from) / to];
    const first = Math.floor(start);
    const length = Math.min(from, Math.ceil(end)) - first;
    const weights = Array.from({ length }, (_w, k) => {
      const covered = Math.min(end, first + k + 1) - Math.max(start, first + k);
      return (covered * to) / from;
    });
    return { first, weights };
  });
}

/** Between the two old positions whose centres are nearest; at the edges, the outermost one. */
function linearWeights(from: number, to: number): Axis {
  return Array.from({ length: to }, (_, j) => {
    const centre = Math.min(from - 1, Math.max(0, ((j + 0.5) * from) / to - 0.5));
    const first = Math.min(Math.floor(centre), Math.max(0, from - 2));
    const share = centre - first;
    return { first, weights: from === 1 ? [1] : [1 - share, share] };
  });
}

function inChannels(image: Image, channels: 1 | 3): Image {
  const { width, height, bytes } = image;
  if (image.channels === channels) return image;
  const pixels = width * height;
  const out = new Uint8Array(pixels * channels);
  for (let i = 0; i < pixels; i++) {
    if (channels === 1) {
      out[i] = Math.round(luma[0] * bytes[3 * i] + luma[1] * bytes[3 * i + 1] + luma[2] * bytes[3 * i + 2]);
    } else out.fill(bytes[i], 3 * i, 3 * i + 3);
  }
  return { width, height, channels, bytes: out };
}
