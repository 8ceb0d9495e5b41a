import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { padded } from '../../../src/wasm/compute/kernels.js';
import {
  AdamReference,
  at,
  biasGradient,
  linear,
  type Matrix,
  matrix,
  randomMatrix,
  signalBelow,
  testRandom,
  weightGradient,
} from './reference.js';
import { type Bench, everyVariant, expectRows, joined } from './variants.js';

const onEveryVariant = everyVariant();

const batchSizes = fc.oneof(fc.constant(1), fc.integer({ min: 2, max: 9 }), fc.constantFrom(40, 130));
const inputWidths = fc.oneof(fc.constantFrom(1, 16, 127, 128, 129, 256), fc.integer({ min: 2, max: 300 }));
const outputWidths = fc.oneof(fc.constantFrom(1, 16, 33, 48), fc.integer({ min: 2, max: 70 }));
const seeds = fc.nat(2 ** 31);
const settings = { numRuns: 12 };

/** Weights [outputs][inputs] in tiles of 128 inputs, there as eight inputs of four outputs after the other. */
function toTiles(weights: Matrix): Float32Array {
  const { rows: outputs, columns: inputs } = weights;
  const tiles = new Float32Array(padded(inputs, 128) * padded(outputs));
  for (let i = 0; i < outputs; i++) {
    for (let k = 0; k < inputs; k++) tiles[placeOf(i, k, outputs)] = weights.values[i * inputs + k];
  }
  return tiles;
}

function placeOf(i: number, k: number, outputs: number): number {
  const tile = Math.floor(k / 128);
  const [row, column] = [Math.floor(i / 4), Math.floor((k % 128) / 8)];
  return tile * padded(outputs) * 128 + row * 512 + column * 32 + (i % 4) * 8 + (k % 8);
}

function fromTiles(tiles: Float32Array, outputs: number, inputs: number): Matrix {
  return matrix(outputs, inputs, (i, k) => tiles[placeOf(i, k, outputs)]);
}

/** Room for every part. */
const scratch = (bench: Bench, batch: number) => bench.zeros(3 * batch * 256);

describe('forwardTiles', () => {
  test('is x W^T + bias', () => {
    fc.assert(
      fc.property(batchSizes, inputWidths, outputWidths, seeds, (batch, inputs, outputs, seed) => {
        const random = testRandom(seed);
        const x = randomMatrix(batch, inputs, random, 0.3);
        const weights = randomMatrix(outputs, inputs, random);
        const bias = randomMatrix(1, outputs, random).values;
        const stride = padded(outputs);
        const wanted = linear(x, weights, bias);
        onEveryVariant(
          (bench) => {
            const z = bench.zeros(batch * stride);
            const biases = bench.put([...bias, ...new Array<number>(padded(outputs, 32) - outputs).fill(0)]);
            bench.run('forwardTiles', {
              x: bench.putRows(x, padded(inputs)),
              weights: bench.put(toTiles(weights)),
              bias: biases,
              z,
              scratch: scratch(bench, batch),
              batch,
              inputStride: padded(inputs),
              stride,
            });
            return bench.floats(z, batch * stride);
          },
          (z) => expectRows(z, wanted, stride, 5e-5),
        );
      }),
      settings,
    );
  });

  test('gives an item the same bits in any batch', () => {
    const random = testRandom(1);
    const [batch, inputs, outputs] = [5, 200, 20];
    const x = randomMatrix(batch, inputs, random);
    const tiles = toTiles(randomMatrix(outputs, inputs, random));
    onEveryVariant(
      (bench) => {
        const [rows, w, bias] = [bench.putRows(x, 208), bench.put(tiles), bench.zeros(32)];
        const [together, alone] = [bench.zeros(batch * 32), bench.zeros(batch * 32)];
        const room = scratch(bench, batch);
        bench.run('forwardTiles', {
          x: rows,
          weights: w,
          bias,
          z: together,
          scratch: room,
          batch,
          inputStride: 208,
          stride: 32,
        });
        for (let b = 0; b < batch; b++) {
          bench.run('forwardTiles', {
            x: rows + 4 * 208 * b,
            weights: w,
            bias,
            z: alone + 128 * b,
            scratch: room,
            batch: 1,
            inputStride: 208,
            stride: 32,
          });
        }
        return joined(bench.floats(together, batch * 32), bench.floats(alone, batch * 32));
      },
      (both) => expect(both.subarray(0, batch * 32)).toEqual(both.subarray(batch * 32)),
    );
  });
});

describe('adamTiles with packQuads', () => {
  test('passes the signal down with the weights of before, then is Adam of the gradient, step by step', () => {
    fc.assert(
      fc.property(batchSizes, inputWidths, outputWidths, seeds, (batch, inputs, outputs, seed) => {
        const random = testRandom(seed);
        const [inputStride, stride] = [padded(inputs), padded(outputs)];
        const steps = [0, 1, 2].map(() => ({
          x: randomMatrix(batch, inputs, random, 0.3),
          delta: randomMatrix(batch, outputs, random, 0.3),
          slope: randomMatrix(batch, inputs, random, 0.3),
        }));
        const initial = randomMatrix(outputs, inputs, random);
        const rate = 0.01;

        const weights = { ...initial, values: initial.values.slice() };
        const bias = new Float64Array(outputs);
        const [ofWeights, ofBias] = [new AdamReference(outputs * inputs), new AdamReference(outputs)];
        const signals = steps.map(({ x, delta, slope }) => {
          const signal = signalBelow(delta, weights);
          ofWeights.step(weights.values, weightGradient(delta, x).values, rate);
          ofBias.step(bias, biasGradient(delta), rate);
          return matrix(batch, inputs, (b, k) => at(signal, b, k) * at(slope, b, k));
        });

        const length = padded(inputs, 128) * stride;
        onEveryVariant(
          (bench) => {
            const w = bench.put(toTiles(initial));
            const [first, second] = [bench.zeros(length), bench.zeros(length)];
            const biases = [0, 1, 2].map(() => bench.zeros(padded(outputs, 32)));
            const below = bench.zeros(batch * inputStride);
            const room = scratch(bench, batch);
            const packed = bench.zeros(batch * stride);
            const passed = steps.map(({ x, delta, slope }, s) => {
              bench.run('packQuads', { delta: bench.putRows(delta, stride), packed, batch, stride });
              bench.run('adamTiles', {
                packed,
                x: bench.putRows(x, inputStride),
                weights: w,
                first,
                second,
                bias: biases[0],
                biasFirst: biases[1],
                biasSecond: biases[2],
                slope: bench.putRows(slope, inputStride),
                below,
                scratch: room,
                batch,
                inputStride,
                stride,
                rate: rate / (1 - 0.9 ** (s + 1)),
                correction: 1 / (1 - 0.999 ** (s + 1)),
              });
              return bench.floats(below, batch * inputStride);
            });
            return joined(bench.floats(w, length), bench.floats(biases[0], padded(outputs, 32)), ...passed);
          },
          (all) => {
            const tiles = all.subarray(0, length);
            const got = fromTiles(tiles, outputs, inputs);
            got.values.forEach((v, j) => expect(Math.abs(v - weights.values[j])).toBeLessThan(0.02 * rate));
            // What fills up the last tile stays zero.
            expect(tiles.reduce((n, v) => n + (v === 0 ? 0 : 1), 0)).toBeLessThanOrEqual(outputs * inputs);
            bias.forEach((v, i) => expect(Math.abs(all[length + i] - v)).toBeLessThan(0.02 * rate));
            signals.forEach((signal, s) => {
              const from = length + padded(outputs, 32) + s * batch * inputStride;
              expectRows(all.subarray(from, from + batch * inputStride), signal, inputStride, 1e-3);
            });
          },
        );
      }),
      settings,
    );
  });
});
