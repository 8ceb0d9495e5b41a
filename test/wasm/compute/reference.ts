/**
 * What the kernels must compute, written down a second time: naive loops in double precision over plain rows,
 * without padding, panels, lists or threads. Nothing here is shared with src/ but the definitions in words.
 */

/** Rows of values, one after the other. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

export function matrix(
  rows: number,
  columns: number,
  value: (row: number, column: number) => number,
): Matrix {
  const values = new Float64Array(rows * columns);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) values[r * columns + c] = value(r, c);
  return { rows, columns, values };
}

export function at({ columns, values }: Matrix, row: number, column: number): number {
  return values[row * columns + column];
}

/** Philox 4x32-10 as Salmon et al. (SC 2011) define it, in whole numbers of any size. */
export function philoxReference(counter: readonly number[], key: readonly number[]): number[] {
  const word = 0xffffffffn;
  let [c0, c1, c2, c3] = counter.map(BigInt);
  let [k0, k1] = key.map(BigInt);
  for (let round = 0; round < 10; round++) {
    const product0 = 0xd2511f53n * c0;
    const product1 = 0xcd9e8d57n * c2;
    [c0, c1, c2, c3] = [
      (product1 >> 32n) ^ c1 ^ k0,
      product1 & word,
      (product0 >> 32n) ^ c3 ^ k1,
      product0 & word,
    ];
    k0 = (k0 + 0x9e3779b9n) & word;
    k1 = (k1 + 0xbb67ae85n) & word;
  }
  return [c0, c1, c2, c3].map(Number);
}

/**
 * The dropout mask as kernels/random.ts words it: block g = 32 neighbours of one row; element 16 g + 4 j + l of
 * the stream is word j of counter (4 g + l, purpose, step, 0); low halves decide neighbours 0 to 15, high halves
 * 16 to 31; kept where the 16 bits are at least the threshold.
 */
export function dropoutMaskReference(
  shape: { rows: number; width: number },
  { threshold, keep }: { threshold: number; keep: number },
  stream: { purpose: number; step: number; key: readonly number[] },
): Matrix {
  const blocksPerRow = Math.ceil(shape.width / 32);
  const words = new Map<number, number[]>();
  const wordsOf = (counter: number): number[] => {
    let found = words.get(counter);
    if (!found) {
      found = philoxReference([counter, stream.purpose, stream.step, 0], stream.key);
      words.set(counter, found);
    }
    return found;
  };
  return matrix(shape.rows, shape.width, (row, column) => {
    const block = row * blocksPerRow + Math.floor(column / 32);
    const place = (column % 32) % 16;
    const word = wordsOf(4 * block + (place % 4))[Math.floor(place / 4)];
    const bits = column % 32 < 16 ? word % 65536 : Math.floor(word / 65536);
    return bits >= threshold ? keep : 0;
  });
}

/** x W^T + b for weights [outputs][inputs]. */
export function linear(x: Matrix, weights: Matrix, bias: ArrayLike<number>): Matrix {
  return matrix(x.rows, weights.rows, (b, i) => {
    let sum = bias[i];
    for (let k = 0; k < x.columns; k++) sum += at(x, b, k) * at(weights, i, k);
    return sum;
  });
}

/** delta^T x: the gradient of weights [outputs][inputs]. */
export function weightGradient(delta: Matrix, x: Matrix): Matrix {
  return matrix(delta.columns, x.columns, (i, k) => {
    let sum = 0;
    for (let b = 0; b < x.rows; b++) sum += at(delta, b, i) * at(x, b, k);
    return sum;
  });
}

export function biasGradient(delta: Matrix): Float64Array {
  return Float64Array.from({ length: delta.columns }, (_, i) => {
    let sum = 0;
    for (let b = 0; b < delta.rows; b++) sum += at(delta, b, i);
    return sum;
  });
}

/** delta W: the signal to the layer below. */
export function signalBelow(delta: Matrix, weights: Matrix): Matrix {
  return matrix(delta.rows, weights.columns, (b, k) => {
    let sum = 0;
    for (let i = 0; i < weights.rows; i++) sum += at(delta, b, i) * at(weights, i, k);
    return sum;
  });
}

/** Value and derivative of each activation, by name. */
export const activationReference: Record<string, { value(z: number): number; slope(z: number): number }> = {
  identity: { value: (z) => z, slope: () => 1 },
  relu: { value: (z) => (z > 0 ? z : 0), slope: (z) => (z > 0 ? 1 : 0) },
  'hard-sigmoid': {
    value: (z) => Math.min(1, Math.max(0, z)),
    slope: (z) => (z >= 0 && z <= 1 ? 1 : 0),
  },
  sigmoid: {
    value: (z) => 1 / (1 + Math.exp(-z)),
    slope: (z) => Math.exp(-Math.abs(z)) / (1 + Math.exp(-Math.abs(z))) ** 2,
  },
  tanh: { value: Math.tanh, slope: (z) => 1 / Math.cosh(z) ** 2 },
};

/** Mean over all elements of (y - d)^2. */
export function meanSquaredError(y: Matrix, d: Matrix): number {
  let sum = 0;
  for (let j = 0; j < y.values.length; j++) sum += (y.values[j] - d.values[j]) ** 2;
  return sum / y.values.length;
}

/** Mean over items of -sum_i d_i log softmax(y)_i. */
export function meanCrossEntropy(y: Matrix, d: Matrix): number {
  let sum = 0;
  for (let b = 0; b < y.rows; b++) {
    const p = softmax(y, b);
    for (let i = 0; i < y.columns; i++) if (at(d, b, i) !== 0) sum -= at(d, b, i) * Math.log(p[i]);
  }
  return sum / y.rows;
}

export function softmax(y: Matrix, row: number): number[] {
  const values = Array.from({ length: y.columns }, (_, i) => at(y, row, i));
  const largest = Math.max(...values);
  const powers = values.map((v) => Math.exp(v - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((p) => p / sum);
}

/** Adam (Kingma and Ba 2015, algorithm 1) as printed there, on one parameter at a time. */
export class AdamReference {
  readonly #first: Float64Array;
  readonly #second: Float64Array;
  #t = 0;

  constructor(count: number) {
    this.#first = new Float64Array(count);
    this.#second = new Float64Array(count);
  }

  step(parameters: Float64Array, gradient: ArrayLike<number>, rate: number): void {
    this.#t++;
    for (let i = 0; i < parameters.length; i++) {
      this.#first[i] = 0.9 * this.#first[i] + 0.1 * gradient[i];
      this.#second[i] = 0.999 * this.#second[i] + 0.001 * gradient[i] ** 2;
      const first = this.#first[i] / (1 - 0.9 ** this.#t);
      const second = this.#second[i] / (1 - 0.999 ** this.#t);
      parameters[i] -= (rate * first) / (Math.sqrt(second) + 1e-8);
    }
  }
}

/** A small generator for test data (mulberry32), so that a failing case can be run again from its seed. */
export function testRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Single-precision numbers in [-1, 1), of which a share is zero. */
export function randomMatrix(rows: number, columns: number, random: () => number, zeros = 0): Matrix {
  return matrix(rows, columns, () => (random() < zeros ? 0 : Math.fround(2 * random() - 1)));
}

/** Maps of a batch: [item][height][width][channels]. */
export interface MapOf {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly values: Float64Array;
}

interface WindowOf {
  readonly size: number;
  readonly stride: number;
  readonly padding: number;
}

function mapOf(
  batch: number,
  height: number,
  width: number,
  channels: number,
  value: (b: number, y: number, x: number, c: number) => number,
): MapOf {
  const values = new Float64Array(batch * height * width * channels);
  let next = 0;
  for (let b = 0; b < batch; b++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) for (let c = 0; c < channels; c++) values[next++] = value(b, y, x, c);
  return { height, width, channels, values };
}

/** The value at a position, 0 around the map. */
export function valueAt(
  { height, width, channels, values }: MapOf,
  b: number,
  y: number,
  x: number,
  c: number,
): number {
  if (y < 0 || x < 0 || y >= height || x >= width) return 0;
  return values[((b * height + y) * width + x) * channels + c];
}

function places(length: number, { size, stride, padding }: WindowOf): number {
  return Math.floor((length + 2 * padding - size) / stride) + 1;
}

/** Convolution with kernels [outputs][size][size][channels]. */
export function convolveReference(
  map: MapOf,
  batch: number,
  weights: Float64Array,
  bias: ArrayLike<number>,
  outputs: number,
  window: WindowOf,
): MapOf {
  const { size, stride, padding } = window;
  return mapOf(batch, places(map.height, window), places(map.width, window), outputs, (b, y, x, o) => {
    let sum = bias[o];
    for (let ky = 0; ky < size; ky++)
      for (let kx = 0; kx < size; kx++)
        for (let c = 0; c < map.channels; c++)
          sum +=
            weights[((o * size + ky) * size + kx) * map.channels + c] *
            valueAt(map, b, y * stride - padding + ky, x * stride - padding + kx, c);
    return sum;
  });
}

/** Largest or mean of windows; the mean counts the padding, the largest does not. */
export function poolReference(
  map: MapOf,
  batch: number,
  window: WindowOf & { readonly kind: 'max' | 'average' },
): MapOf {
  const { size, stride, padding, kind } = window;
  return mapOf(batch, places(map.height, window), places(map.width, window), map.channels, (b, y, x, c) => {
    let sum = 0;
    let largest = -Infinity;
    for (let ky = 0; ky < size; ky++)
      for (let kx = 0; kx < size; kx++) {
        const [py, px] = [y * stride - padding + ky, x * stride - padding + kx];
        sum += valueAt(map, b, py, px, c);
        if (py >= 0 && px >= 0 && py < map.height && px < map.width)
          largest = Math.max(largest, valueAt(map, b, py, px, c));
      }
    return kind === 'max' ? largest : sum / size ** 2;
  });
}

/** x <- relu(x - mean over positions), then x <- relu(x - mean over channels). */
export function competeReference(map: MapOf, batch: number): MapOf {
  const { height, width, channels } = map;
  const mean = (count: number, value: (i: number) => number) => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += value(i);
    return sum / count;
  };
  const means = Array.from({ length: batch * channels }, (_, j) => {
    const [b, c] = [Math.floor(j / channels), j % channels];
    return mean(height * width, (p) => valueAt(map, b, Math.floor(p / width), p % width, c));
  });
  const first = mapOf(batch, height, width, channels, (b, y, x, c) =>
    Math.max(0, valueAt(map, b, y, x, c) - means[b * channels + c]),
  );
  return mapOf(batch, height, width, channels, (b, y, x, c) =>
    Math.max(0, valueAt(first, b, y, x, c) - mean(channels, (i) => valueAt(first, b, y, x, i))),
  );
}
