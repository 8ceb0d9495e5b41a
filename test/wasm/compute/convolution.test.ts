import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { padded } from '../../../src/wasm/compute/kernels.js';
import {
  competeReference,
  convolveReference,
  type MapOf,
  poolReference,
  testRandom,
  valueAt,
} from './reference.js';
import { type Bench, everyVariant, joined } from './variants.js';

const onEveryVariant = everyVariant();

const lengths = fc.integer({ min: 1, max: 9 });
const channelCounts = fc.oneof(fc.constantFrom(1, 3, 4, 16, 17), fc.integer({ min: 1, max: 40 }));
const batchSizes = fc.integer({ min: 1, max: 4 });
const seeds = fc.nat(2 ** 31);
const settings = { numRuns: 20 };

/** A window that fits a map of `height` x `width`, if there is one. */
const windows = fc.record({
  size: fc.integer({ min: 1, max: 5 }),
  stride: fc.integer({ min: 1, max: 3 }),
  padding: fc.integer({ min: 0, max: 2 }),
});

interface Window {
  readonly size: number;
  readonly stride: number;
  readonly padding: number;
}

const fits = (height: number, width: number, { size, padding }: Window, most = size - 1) =>
  padding <= most && Math.min(height, width) + 2 * padding >= size;

function randomMap(
  batch: number,
  height: number,
  width: number,
  channels: number,
  random: () => number,
  zeros = 0.2,
): MapOf {
  const values = Float64Array.from({ length: batch * height * width * channels }, () =>
    random() < zeros ? 0 : Math.fround(2 * random() - 1),
  );
  return { height, width, channels, values };
}

const sizeOf = ({ height, width, channels }: MapOf) => height * width * channels;

/** Rows as learners have them: padded, and with the room behind the last that kernels may read. */
function putMap(bench: Bench, map: MapOf, batch: number): number {
  const [size, stride] = [sizeOf(map), padded(sizeOf(map))];
  const rows = new Float32Array(batch * stride + 16);
  for (let b = 0; b < batch; b++) rows.set(map.values.subarray(b * size, (b + 1) * size), b * stride);
  return bench.put(rows);
}

function roomFor(bench: Bench, map: MapOf, batch: number): number {
  return bench.zeros(batch * padded(sizeOf(map)) + 16);
}

function takeMap(bench: Bench, address: number, map: MapOf, batch: number): Float32Array {
  return bench.floats(address, batch * padded(sizeOf(map)));
}

/** `from` on, the rows hold the map and zeros behind it. */
function expectMap(values: Float32Array, wanted: MapOf, batch: number, tolerance: number): void {
  const [size, stride] = [sizeOf(wanted), padded(sizeOf(wanted))];
  for (let b = 0; b < batch; b++) {
    for (let j = 0; j < stride; j++) {
      const want = j < size ? wanted.values[b * size + j] : 0;
      const got = values[b * stride + j];
      if (!(Math.abs(got - want) <= (j < size ? tolerance * Math.max(1, Math.abs(want)) : 0))) {
        expect.fail(`item ${b}, value ${j} of ${size}: ${got}, not ${want}`);
      }
    }
  }
}

/** The map with zeros around it, gaps of `spread` - 1 within, from `offset` on in frames of `height` x `width`. */
function framed(
  map: MapOf,
  batch: number,
  height: number,
  width: number,
  offset: number,
  spread: number,
): Float64Array {
  const frames = new Float64Array(batch * height * width * map.channels);
  for (let b = 0; b < batch; b++)
    for (let y = 0; y < map.height; y++)
      for (let x = 0; x < map.width; x++)
        for (let c = 0; c < map.channels; c++) {
          const place = (b * height + offset + y * spread) * width + offset + x * spread;
          frames[place * map.channels + c] = valueAt(map, b, y, x, c);
        }
  return frames;
}

/** Kernels [outputs][inputs] in panels of 16 outputs. */
function toLines(weights: ArrayLike<number>, outputs: number, inputs: number): Float32Array {
  const lines = new Float32Array(padded(outputs) * inputs);
  for (let o = 0; o < outputs; o++)
    for (let k = 0; k < inputs; k++)
      lines[(Math.floor(o / 16) * inputs + k) * 16 + (o % 16)] = weights[o * inputs + k];
  return lines;
}

const randomValues = (length: number, random: () => number) =>
  Float64Array.from({ length }, () => Math.fround(2 * random() - 1));

describe('frame', () => {
  test('copies maps into the middle of frames, apart if wanted, and nothing else', () => {
    fc.assert(
      fc.property(
        ...([
          batchSizes,
          lengths,
          lengths,
          channelCounts,
          fc.nat(3),
          fc.integer({ min: 1, max: 3 }),
          seeds,
        ] as const),
        (batch, height, width, channels, offset, spread, seed) => {
          const map = randomMap(batch, height, width, channels, testRandom(seed), 0);
          const frameHeight = (height - 1) * spread + 1 + 2 * offset;
          const frameWidth = (width - 1) * spread + 2 + 2 * offset;
          const wanted = framed(map, batch, frameHeight, frameWidth, offset, spread);
          onEveryVariant(
            (bench) => {
              const to = bench.zeros(wanted.length);
              bench.run('frame', {
                from: putMap(bench, map, batch),
                to,
                batch,
                height,
                width,
                channels,
                stride: padded(sizeOf(map)),
                frameHeight,
                frameWidth,
                offset,
                spread,
              });
              return bench.floats(to, wanted.length);
            },
            (got) => expect(got).toEqual(Float32Array.from(wanted)),
          );
        },
      ),
      settings,
    );
  });
});

describe('convolve', () => {
  test('is the sum over the kernel, plus the bias, times the slope', () => {
    fc.assert(
      fc.property(
        ...([
          batchSizes,
          lengths,
          lengths,
          channelCounts,
          channelCounts,
          windows,
          fc.boolean(),
          seeds,
        ] as const),
        (batch, height, width, channels, outputs, window, plain, seed) => {
          fc.pre(fits(height, width, window));
          const random = testRandom(seed);
          const { size, stride, padding } = window;
          const map = randomMap(batch, height, width, channels, random);
          const inputs = size * size * channels;
          const weights = randomValues(outputs * inputs, random);
          const bias = plain ? new Float64Array(outputs) : randomValues(outputs, random);
          const sums = convolveReference(map, batch, weights, bias, outputs, window);
          const slope = randomMap(batch, sums.height, sums.width, outputs, random);
          const wanted = plain ? sums : { ...sums, values: sums.values.map((v, j) => v * slope.values[j]) };
          const [frameHeight, frameWidth] = [height + 2 * padding, width + 2 * padding];
          onEveryVariant(
            (bench) => {
              const frames = [
                ...framed(map, batch, frameHeight, frameWidth, padding, 1),
                ...new Array<number>(16).fill(0),
              ];
              const y = roomFor(bench, sums, batch);
              const biases = bench.put([
                ...bias,
                ...new Array<number>(padded(outputs, 32) - outputs).fill(0),
              ]);
              bench.run('convolve', {
                x: bench.put(frames),
                weights: bench.put(toLines(weights, outputs, inputs)),
                bias: plain ? 0 : biases,
                slope: plain ? 0 : putMap(bench, slope, batch),
                y,
                batch,
                frameHeight,
                frameWidth,
                channels,
                height: sums.height,
                width: sums.width,
                outputs,
                stride: padded(sizeOf(sums)),
                size,
                step: stride,
              });
              return takeMap(bench, y, sums, batch);
            },
            (y) => expectMap(y, wanted, batch, 1e-4),
          );
        },
      ),
      settings,
    );
  });
});

describe('convolutionGradient', () => {
  test('adds the sums over items and positions, without those of pruned weights', () => {
    fc.assert(
      fc.property(
        ...([
          batchSizes,
          lengths,
          lengths,
          channelCounts,
          channelCounts,
          windows,
          fc.boolean(),
          seeds,
        ] as const),
        (batch, height, width, channels, outputs, window, prunes, seed) => {
          fc.pre(fits(height, width, window));
          const random = testRandom(seed);
          const { size, stride, padding } = window;
          const map = randomMap(batch, height, width, channels, random);
          const inputs = size * size * channels;
          const shape = convolveReference(
            map,
            batch,
            new Float64Array(outputs * inputs),
            new Float64Array(outputs),
            outputs,
            window,
          );
          const delta = randomMap(batch, shape.height, shape.width, outputs, random);
          const mask = Float64Array.from({ length: outputs * inputs }, () =>
            prunes && random() < 0.5 ? 0 : 1,
          );
          const before = randomValues(outputs * inputs, random);
          const factor = -0.5;
          const weights = before.slice();
          const bias = new Float64Array(outputs);
          for (let b = 0; b < batch; b++)
            for (let y = 0; y < delta.height; y++)
              for (let x = 0; x < delta.width; x++)
                for (let o = 0; o < outputs; o++) {
                  const d = factor * valueAt(delta, b, y, x, o);
                  bias[o] += d;
                  for (let k = 0; k < inputs; k++) {
                    const [ky, kx, c] = [
                      Math.floor(k / (size * channels)),
                      Math.floor(k / channels) % size,
                      k % channels,
                    ];
                    const seen = valueAt(map, b, y * stride - padding + ky, x * stride - padding + kx, c);
                    weights[o * inputs + k] += d * mask[o * inputs + k] * seen;
                  }
                }
          const [frameHeight, frameWidth] = [height + 2 * padding, width + 2 * padding];
          const length = padded(outputs) * inputs;
          onEveryVariant(
            (bench) => {
              const frames = [
                ...framed(map, batch, frameHeight, frameWidth, padding, 1),
                ...new Array<number>(16).fill(0),
              ];
              const destination = bench.put(toLines(before, outputs, inputs));
              const biasDestination = bench.zeros(padded(outputs, 32));
              bench.run('convolutionGradient', {
                x: bench.put(frames),
                delta: putMap(bench, delta, batch),
                mask: prunes ? bench.put(toLines(mask, outputs, inputs)) : 0,
                destination,
                biasDestination,
                scratch: bench.zeros(3 * 16 * delta.height * delta.width),
                batch,
                frameHeight,
                frameWidth,
                channels,
                height: delta.height,
                width: delta.width,
                outputs,
                stride: padded(sizeOf(delta)),
                size,
                step: stride,
                factor,
              });
              return joined(
                bench.floats(destination, length),
                bench.floats(biasDestination, padded(outputs, 32)),
              );
            },
            (all) => {
              toLines(weights, outputs, inputs).forEach((want, j) =>
                expect(Math.abs(all[j] - want)).toBeLessThan(1e-4 * Math.max(1, Math.abs(want))),
              );
              for (let o = 0; o < padded(outputs, 32); o++)
                expect(all[length + o]).toBeCloseTo(bias[o] ?? 0, 3);
            },
          );
        },
      ),
      settings,
    );
  });
});

describe('turnKernels', () => {
  test('turns by half a turn and exchanges inputs and outputs', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        channelCounts,
        channelCounts,
        seeds,
        (size, channels, outputs, seed) => {
          const taps = size * size;
          const weights = randomValues(outputs * taps * channels, testRandom(seed));
          const turned = new Float64Array(weights.length);
          for (let c = 0; c < channels; c++)
            for (let tap = 0; tap < taps; tap++)
              for (let o = 0; o < outputs; o++)
                turned[(c * taps + taps - 1 - tap) * outputs + o] = weights[(o * taps + tap) * channels + c];
          const wanted = toLines(turned, channels, taps * outputs);
          onEveryVariant(
            (bench) => {
              const to = bench.zeros(wanted.length);
              bench.run('turnKernels', {
                weights: bench.put(toLines(weights, outputs, taps * channels)),
                to,
                channels,
                outputs,
                size,
              });
              return bench.floats(to, wanted.length);
            },
            (got) => expect(got).toEqual(wanted),
          );
        },
      ),
      settings,
    );
  });
});

describe.each(['max', 'average'] as const)('pool and poolBackward (%s)', (kind) => {
  const number = kind === 'max' ? 0 : 1;

  test('take every window and give its delta back to where it came from', () => {
    fc.assert(
      fc.property(
        ...([batchSizes, lengths, lengths, channelCounts, windows, seeds] as const),
        (batch, height, width, channels, window, seed) => {
          const { size, stride, padding } = window;
          fc.pre(fits(height, width, window, size / 2));
          const random = testRandom(seed);
          const map = randomMap(batch, height, width, channels, random);
          const wanted = poolReference(map, batch, { ...window, kind });
          const delta = randomMap(batch, wanted.height, wanted.width, channels, random);
          const slope = randomMap(batch, height, width, channels, random);
          const below = { ...map, values: new Float64Array(map.values.length) };
          const add = (b: number, y: number, x: number, c: number, value: number) => {
            if (y < 0 || x < 0 || y >= height || x >= width) return;
            const at = ((b * height + y) * width + x) * channels + c;
            below.values[at] += value * slope.values[at];
          };
          for (let b = 0; b < batch; b++)
            for (let y = 0; y < wanted.height; y++)
              for (let x = 0; x < wanted.width; x++)
                for (let c = 0; c < channels; c++) {
                  const d = valueAt(delta, b, y, x, c);
                  const largest = valueAt(wanted, b, y, x, c);
                  for (let k = 0, found = false; k < size * size && !found; k++) {
                    const [py, px] = [
                      y * stride - padding + Math.floor(k / size),
                      x * stride - padding + (k % size),
                    ];
                    if (kind === 'average') add(b, py, px, c, d / size ** 2);
                    else if (
                      py >= 0 &&
                      px >= 0 &&
                      py < height &&
                      px < width &&
                      valueAt(map, b, py, px, c) === largest
                    ) {
                      add(b, py, px, c, d);
                      found = true;
                    }
                  }
                }
          onEveryVariant(
            (bench) => {
              const [y, places, signal] = [wanted, wanted, map].map((shape) => roomFor(bench, shape, batch));
              bench.run('pool', {
                x: putMap(bench, map, batch),
                y,
                places,
                batch,
                height,
                width,
                channels,
                stride: padded(sizeOf(map)),
                outHeight: wanted.height,
                outWidth: wanted.width,
                outStride: padded(sizeOf(wanted)),
                size,
                step: stride,
                padding,
                kind: number,
              });
              bench.run('poolBackward', {
                delta: putMap(bench, delta, batch),
                places,
                slope: putMap(bench, slope, batch),
                below: signal,
                batch,
                height,
                width,
                channels,
                stride: padded(sizeOf(map)),
                outHeight: wanted.height,
                outWidth: wanted.width,
                outStride: padded(sizeOf(wanted)),
                size,
                step: stride,
                padding,
                kind: number,
              });
              return joined(takeMap(bench, y, wanted, batch), takeMap(bench, signal, map, batch));
            },
            (all) => {
              const split = batch * padded(sizeOf(wanted));
              expectMap(all.subarray(0, split), wanted, batch, 1e-5);
              expectMap(all.subarray(split), below, batch, 1e-5);
            },
          );
        },
      ),
      settings,
    );
  });
});

describe('compete and competeBackward', () => {
  test('are the two competitions and the gradient through their means', () => {
    fc.assert(
      fc.property(
        ...([batchSizes, lengths, lengths, channelCounts, seeds] as const),
        (batch, height, width, channels, seed) => {
          const random = testRandom(seed);
          const map = randomMap(batch, height, width, channels, random, 0);
          const delta = randomMap(batch, height, width, channels, random, 0);
          const slope = randomMap(batch, height, width, channels, random);
          const wanted = competeReference(map, batch);
          const inner = (values: Float64Array) =>
            competeReference({ ...map, values }, batch).values.reduce(
              (sum, v, j) => sum + v * delta.values[j],
              0,
            );
          onEveryVariant(
            (bench) => {
              const [first, y, signal] = [1, 2, 3].map(() => roomFor(bench, map, batch));
              bench.run('compete', {
                x: putMap(bench, map, batch),
                first,
                y,
                batch,
                positions: height * width,
                channels,
                stride: padded(sizeOf(map)),
              });
              bench.run('competeBackward', {
                delta: putMap(bench, delta, batch),
                y,
                first,
                slope: putMap(bench, slope, batch),
                below: signal,
                batch,
                positions: height * width,
                channels,
                stride: padded(sizeOf(map)),
              });
              return joined(takeMap(bench, y, map, batch), takeMap(bench, signal, map, batch));
            },
            (all) => {
              const split = batch * padded(sizeOf(map));
              expectMap(all.subarray(0, split), wanted, batch, 1e-5);
              // A finite difference in some directions; kinks are met with a probability of nearly none.
              for (const at of [0, Math.floor(map.values.length / 2), map.values.length - 1]) {
                const h = 1e-6;
                const [above, below] = [h, -h].map((change) =>
                  inner(map.values.with(at, map.values[at] + change)),
                );
                const want = ((above - below) / (2 * h)) * slope.values[at];
                const [b, j] = [Math.floor(at / sizeOf(map)), at % sizeOf(map)];
                const got = all[split + b * padded(sizeOf(map)) + j];
                // Values on a kink in single precision (a map of one position) have no one gradient.
                if (height * width > 1 && channels > 1) expect(Math.abs(got - want)).toBeLessThan(2e-3);
              }
            },
          );
        },
      ),
      settings,
    );
  });
});
