/** Screened products against dense ones: the same bits, or -1 where they are negative. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { probe } from '../../../src/wasm/compute/capabilities.js';
import { type Compute, createCompute } from '../../../src/wasm/compute/compute.js';
import { ITEM_TERMS, MOVED, PANEL, padded, ROW_TERMS, TOGETHER } from '../../../src/wasm/compute/kernels.js';
import { at, type Matrix, matrix, randomMatrix, testRandom } from './reference.js';
import { type Bench, everyVariant, joined, threadCounts } from './variants.js';

/** To what whole numbers values can be rounded. Plain kernels multiply them in a way that is right everywhere. */
const most = ({ kernel, screenLevels }: Compute) => (kernel === 'plain' ? 255 : screenLevels);
const onVariants = {
  127: everyVariant((compute) => most(compute) > 0),
  255: everyVariant((compute) => most(compute) === 255),
};
type Levels = keyof typeof onVariants;
const levelCounts: readonly Levels[] = [127, 255];

const batchSizes = fc.oneof(fc.constant(1), fc.integer({ min: 2, max: 15 }));
const inputs = fc.oneof(fc.constantFrom(1, 16, 33, 64), fc.integer({ min: 2, max: 700 }));
const outputs = fc.oneof(fc.constantFrom(1, 32, 33), fc.integer({ min: 2, max: 150 }));
const scales = fc.constantFrom(1e-6, 0.01, 1, 1e5);
const seeds = fc.nat(2 ** 31);
const settings = { numRuns: 12 };

interface Layer {
  readonly weights: Matrix;
  readonly bias: Matrix;
}

/** A layer in memory, and what screening keeps of it. */
function stored(bench: Bench, { weights, bias }: Layer) {
  const [inputStride, stride] = [padded(weights.columns), padded(weights.rows)];
  const bytes = padded(inputStride, 32);
  const rows = matrix(stride, weights.columns, (i, k) => (i < weights.rows ? at(weights, i, k) : 0));
  const terms = new Float32Array(ROW_TERMS * stride).fill(Infinity, MOVED * stride, (MOVED + 1) * stride);
  return {
    ...{ inputStride, stride, bytes },
    weights: bench.putRows(rows, inputStride),
    bias: bench.putRows(bias, padded(weights.rows, PANEL)),
    rounded: bench.zeros((stride * bytes) / 4),
    terms: bench.put(terms),
  };
}

/** z of items both ways, the screened one first, and the terms of the items. */
function bothWays(bench: Bench, layer: ReturnType<typeof stored>, h: Matrix, levels: Levels, mask?: Matrix) {
  const { inputStride, stride, bytes, weights, bias, rounded, terms } = layer;
  const x = bench.putRows(h, inputStride);
  const [items, roundedItems] = [bench.zeros(ITEM_TERMS * h.rows), bench.zeros((h.rows * bytes) / 4)];
  const [screened, dense] = [0, 1].map(() => bench.put(new Float32Array(h.rows * stride).fill(7)));
  const room = bench.zeros(Math.max(...threadCounts) * (1 + TOGETHER) * h.rows);
  bench.run('roundItems', { h: x, rounded: roundedItems, items, batch: h.rows, inputStride, bytes, levels });
  bench.run('forwardScreened', {
    h: x,
    items,
    roundedItems,
    weights,
    rounded,
    terms,
    bias,
    mask: mask ? bench.putRows(mask, stride) : 0,
    z: screened,
    room,
    batch: h.rows,
    inputStride,
    stride,
    bytes,
  });
  bench.run('forwardDense', { h: x, weights, bias, z: dense, batch: h.rows, inputStride, stride });
  return {
    z: joined(...[screened, dense].map((z) => bench.floats(z, h.rows * stride))),
    ...{ x, items, roundedItems },
  };
}

/** Updates a layer by `factor` times these deltas of the items at `x`, and what is known of its rows. */
function update(
  bench: Bench,
  layer: ReturnType<typeof stored>,
  x: number,
  items: number,
  delta: Matrix,
  factor: number,
): void {
  const { weights, bias, terms, inputStride, stride } = layer;
  const batch = delta.rows;
  const [lists, counts] = [bench.zeros(2 * stride * batch), bench.zeros(stride)];
  const listed = { lists, counts, batch, stride };
  const destinations = { destination: weights, biasDestination: bias };
  bench.run('listItems', { ...listed, values: bench.putRows(delta, stride), unit: 4 * inputStride });
  bench.run('backwardDense', { ...listed, ...destinations, h: x, weights, dh: 0, inputStride, factor });
  bench.run('loosenBounds', { ...listed, items, terms, inputStride, factor });
}

/** The share that is known to be negative. */
function expectSame(z: Float32Array, mask?: Matrix): number {
  const dense = z.subarray(z.length / 2);
  const stride = mask ? dense.length / mask.rows : 0;
  // Padding has no mask either.
  const isMasked = (j: number) =>
    mask && (j % stride >= mask.columns || !at(mask, Math.floor(j / stride), j % stride));
  let negative = 0;
  z.subarray(0, z.length / 2).forEach((value, j) => {
    if (isMasked(j)) expect(value).toBe(-1);
    else if (value === -1 && dense[j] < 0) negative++;
    else expect(value).toBe(dense[j]);
  });
  return negative / dense.length;
}

const values = (rows: number, columns: number, random: () => number, scale: number) =>
  matrix(rows, columns, () => (random() < 0.3 ? 0 : Math.fround(scale * random())));

const { behindFlags } = await probe();

test.runIf(behindFlags.widening)('an engine that widens passes the check of screening', async () => {
  const compute = await createCompute({ kernel: 'wide', threads: 1 });
  expect(compute.screenLevels).toBeGreaterThan(0);
  compute.dispose();
});

describe('forwardScreened', () => {
  test('is the dense product, to the bit, but for outputs that are negative or masked', () => {
    fc.assert(
      fc.property(batchSizes, inputs, outputs, scales, seeds, (rows, below, above, scale, seed) => {
        const random = testRandom(seed);
        const h = values(rows, below, random, scale);
        const weights = randomMatrix(above, below, random, 0.1);
        const bias = matrix(1, above, () => Math.fround(scale * Math.sqrt(below) * (random() - 0.7)));
        const mask = matrix(rows, above, () => (random() < 0.3 ? 0 : 1.25));
        for (const levels of levelCounts) {
          onVariants[levels](
            (bench) => {
              const layer = stored(bench, { weights, bias });
              const unmasked = bothWays(bench, layer, h, levels).z;
              return joined(unmasked, bothWays(bench, layer, h, levels, mask).z);
            },
            (z) => {
              expectSame(z.subarray(0, z.length / 2));
              expectSame(z.subarray(z.length / 2), mask);
            },
          );
        }
      }),
      settings,
    );
  });

  test('spares most outputs the exact product when most are far below zero', () => {
    const random = testRandom(5);
    const h = values(16, 500, random, 1);
    const weights = randomMatrix(128, 500, random);
    const bias = matrix(1, 128, () => -10);
    const spared = levelCounts.map((levels) => {
      let share = 0;
      onVariants[levels](
        (bench) => bothWays(bench, stored(bench, { weights, bias }), h, levels).z,
        (z) => (share = expectSame(z)),
      );
      return share;
    });
    expect(spared[0]).toBeGreaterThan(0.8);
    expect(spared[1]).toBeGreaterThan(spared[0]);
  });

  test('has values that are all alike, whose distance from u is rounding', () => {
    const random = testRandom(8);
    const weights = randomMatrix(64, 300, random);
    const bias = matrix(1, 64, () => 0.01 * (random() - 0.5));
    for (const levels of levelCounts) {
      onVariants[levels](
        (bench) => {
          const layer = stored(bench, { weights, bias });
          const h = matrix(5, 300, (b) => Math.fround(0.37 * (b + 1)));
          return bothWays(bench, layer, h, levels).z;
        },
        (z) => expectSame(z),
      );
    }
  });

  test.each(['no mask', 'a mask of zeros'])('lets nothing pass that is not finite, under %s', (hidden) => {
    const random = testRandom(6);
    const h = values(3, 40, random, 1);
    const bad = matrix(3, 40, (b, k) => (b === 1 && k === 7 ? NaN : at(h, b, k)));
    const weights = randomMatrix(50, 40, random);
    const worse = matrix(50, 40, (i, k) => {
      if (i === 33 && k === 3) return NaN;
      if (i === 34 && k === 4) return -Infinity;
      // Products of finite numbers whose sum is infinite on the way, if not in the end.
      if (i === 35) return k % 2 ? 3e38 : -3e38;
      return at(weights, i, k);
    });
    const bias = matrix(1, 50, (_, i) => (i === 36 ? NaN : -100));
    const mask = hidden === 'no mask' ? undefined : matrix(3, 50, () => 0);
    for (const levels of levelCounts) {
      onVariants[levels](
        (bench) => bothWays(bench, stored(bench, { weights: worse, bias }), bad, levels, mask).z,
        (z) => {
          const dense = z.subarray(z.length / 2);
          for (let i = 0; i < 50; i++) expect(z[64 + i]).toBeNaN();
          for (let b = 0; b < 3; b++) {
            for (const i of [33, 34, 35, 36]) {
              expect(Number.isFinite(z[64 * b + i]) && Number.isFinite(dense[64 * b + i])).toBe(false);
              expect(z[64 * b + i]).toBe(dense[64 * b + i]);
            }
          }
        },
      );
    }
  });

  test('gives the exact product of rows and items whose rounding is all that keeps it above zero', () => {
    const random = testRandom(9);
    // Whole numbers that are rounded to themselves, so that nothing but the rounding of sums lies between both ways; long rows,
    // whose sums round most.
    const [rows, below, above] = [2, 6000, 96];
    const wholes = (from: number, to: number) => from + Math.floor((to - from + 1) * random());
    for (const levels of levelCounts) {
      const h = matrix(rows, below, (_, k) => (k === 0 ? levels : wholes(levels / 2, levels)));
      const weights = matrix(above, below, (_, k) => (k === 0 ? 127 : wholes(60, 127)));
      onVariants[levels](
        (bench) => {
          const layer = stored(bench, { weights, bias: matrix(1, above, () => 0) });
          const { z } = bothWays(bench, layer, h, levels);
          // The dense product is zero, and the one that is exact as often below it as above.
          const bias = matrix(1, above, (_, i) => -z[z.length / 2 + i]);
          const again = stored(bench, { weights, bias });
          return bothWays(bench, again, h, levels).z;
        },
        (z) => {
          expect(z.subarray(z.length / 2, z.length / 2 + above)).toEqual(new Float32Array(above));
          expectSame(z);
        },
      );
    }
  });
});

describe('what is known', () => {
  test('of items and rows is what their rounding left, and no less', () => {
    fc.assert(
      fc.property(batchSizes, inputs, outputs, scales, seeds, (rows, below, above, scale, seed) => {
        const random = testRandom(seed);
        const h = values(rows, below, random, scale);
        const weights = randomMatrix(above, below, random, scale);
        const bias = matrix(1, above, () => 0);
        const [inputStride, stride] = [padded(below), padded(above)];
        const bytes = padded(inputStride, 32);
        const words = [ITEM_TERMS * rows, (rows * bytes) / 4, ROW_TERMS * stride, (stride * bytes) / 4];
        for (const levels of levelCounts) {
          onVariants[levels](
            (bench) => {
              const layer = stored(bench, { weights, bias });
              const { items, roundedItems } = bothWays(bench, layer, h, levels);
              const places = [items, roundedItems, layer.terms, layer.rounded];
              return joined(...places.map((place, n) => bench.floats(place, words[n])));
            },
            (all) => {
              const parts = words.map((count, n) => {
                const from = words.slice(0, n).reduce((sum, w) => sum + w, 0);
                return all.slice(from, from + count);
              });
              for (let b = 0; b < rows; b++) {
                const row = Array.from({ length: inputStride }, (_, k) => (k < below ? at(h, b, k) : 0));
                const left = leftOf(row, parts[0][b], new Uint8Array(parts[1].buffer, b * bytes, bytes));
                const [, beside, along, aside] = termsOf(parts[0], ITEM_TERMS, b);
                const length = lengthOf(row);
                const alongRow = alongOf(row);
                const asideRow = lengthOf(row.map((x) => x - alongRow / Math.sqrt(inputStride)));
                // By which the exact product rounds: of what a row was rounded to, and of how far it may be from that.
                const rounding = roundingOf(inputStride) * length;
                expectJustAbove(beside, lengthOf(left) + rounding, length);
                expectJustAbove(along, alongRow, length);
                expectJustAbove(aside, asideRow + 5 * rounding, length);
              }
              for (let i = 0; i < above; i++) {
                const row = Array.from({ length: inputStride }, (_, k) =>
                  k < below ? at(weights, i, k) : 0,
                );
                const left = leftOf(row, parts[2][i], new Int8Array(parts[3].buffer, i * bytes, bytes));
                const [, norm, along, aside, moved, fresh] = termsOf(parts[2], ROW_TERMS, i);
                expectJustAbove(norm, lengthOf(row.map((x, k) => x - left[k])), lengthOf(row));
                expectJustAbove(along, alongOf(left), lengthOf(row));
                expectJustAbove(aside, lengthOf(left), lengthOf(row));
                expect([moved, fresh]).toEqual([0, aside]);
              }
            },
          );
        }
      }),
      settings,
    );
  });
});

const lengthOf = (row: readonly number[]) => Math.sqrt(row.reduce((sum, x) => sum + x * x, 0));
/** The part along u. */
const alongOf = (row: readonly number[]) => row.reduce((sum, x) => sum + x, 0) / Math.sqrt(row.length);
/** What rounding left of a row. */
const leftOf = (row: readonly number[], scale: number, whole: Uint8Array | Int8Array) =>
  row.map((x, k) => x - scale * whole[k]);
const termsOf = (terms: Float32Array, kinds: number, i: number) =>
  Array.from({ length: kinds }, (_, t) => terms[(t * terms.length) / kinds + i]);

/** The share of |a| |b| by which the product of two rows rounds at most, added up in at least four sums. */
const roundingOf = (length: number) => (length / 4 + 3) * 2 ** -24;

/** That a bound holds and is near, as a share of `size`; that by which one number is rounded is covered as the sums are. */
function expectJustAbove(bound: number, value: number, size: number): void {
  expect(bound).toBeGreaterThanOrEqual(value - 1e-7 * size);
  expect(bound).toBeLessThanOrEqual(value + 0.02 * size);
}

describe('loosenBounds', () => {
  test('covers what updates round', () => {
    const random = testRandom(4);
    const [below, above, rate] = [512, 64, 1e-5];
    // Rounded to themselves, so that nothing is left of them, and an item whose values are all alike: what an update adds to
    // rows lies in its direction, but for what is rounded.
    const weights = matrix(above, below, (_, k) => (k === 0 ? 127 : Math.floor(255 * random()) - 127));
    const bias = matrix(1, above, () => 0);
    const h = matrix(1, below, () => 3);
    const delta = matrix(1, above, () => -Math.fround(random() + 0.1));
    for (const levels of levelCounts) {
      onVariants[levels](
        (bench) => {
          const layer = stored(bench, { weights, bias });
          const { x, items } = bothWays(bench, layer, h, levels);
          update(bench, layer, x, items, delta, -rate);
          return joined(
            bench.floats(layer.weights, below * above),
            bench.floats(layer.terms, ROW_TERMS * above),
          );
        },
        (result) => {
          const terms = result.subarray(below * above);
          for (let i = 0; i < above; i++) {
            const moved = Array.from({ length: below }, (_, k) => result[i * below + k] - at(weights, i, k));
            const along = alongOf(moved);
            const [, , alongTerm, asideTerm, movedTerm] = termsOf(terms, ROW_TERMS, i);
            expect(alongTerm).toBeGreaterThanOrEqual(along);
            expect(asideTerm).toBeGreaterThanOrEqual(
              lengthOf(moved.map((x) => x - along / Math.sqrt(below))),
            );
            expect(movedTerm).toBeGreaterThanOrEqual(lengthOf(moved));
          }
        },
      );
    }
  });

  test.each([NaN, Infinity, -Infinity])('has rows rounded anew after an update by %s', (bad) => {
    const random = testRandom(7);
    const h = values(2, 40, random, 1);
    const weights = randomMatrix(50, 40, random);
    const bias = matrix(1, 50, () => -100);
    const delta = matrix(2, 50, (b, i) => (b === 1 && i === 33 ? bad : i % 3 ? 0 : 0.01));
    for (const levels of levelCounts) {
      onVariants[levels](
        (bench) => {
          const layer = stored(bench, { weights, bias });
          const { x, items } = bothWays(bench, layer, h, levels);
          update(bench, layer, x, items, delta, -1);
          return bothWays(
            bench,
            layer,
            h,
            levels,
            matrix(2, 50, () => 0),
          ).z;
        },
        (z) => {
          const dense = z.subarray(z.length / 2);
          for (const j of [33, 64 + 33]) {
            expect(Number.isFinite(dense[j])).toBe(false);
            expect(z[j]).toBe(dense[j]);
          }
        },
      );
    }
  });

  test('keeps what is known of rows true while they are updated, and has them rounded when they have gone far', () => {
    const rates = fc.constantFrom(1e-4, 2e-3, 0.02);
    fc.assert(
      fc.property(
        rates,
        batchSizes,
        outputs,
        fc.constantFrom(-0.7, 0, 0.7),
        seeds,
        (rate, rows, above, lean, seed) => {
          const random = testRandom(seed);
          const below = 90;
          const steps = Array.from({ length: 6 }, () => ({
            h: values(rows, below, random, 1),
            delta: matrix(rows, above, () => (random() < 0.5 ? 0 : Math.fround(2 * random() - 1 + lean))),
          }));
          const weights = randomMatrix(above, below, random);
          const bias = matrix(1, above, () => -1);
          for (const levels of levelCounts) {
            onVariants[levels](
              (bench) => {
                const layer = stored(bench, { weights, bias });
                const seen = steps.map(({ h, delta }) => {
                  const { z, x, items } = bothWays(bench, layer, h, levels);
                  update(bench, layer, x, items, delta, -rate);
                  return z;
                });
                return joined(...seen);
              },
              (all) => {
                const each = all.length / steps.length;
                for (let s = 0; s < steps.length; s++) expectSame(all.subarray(s * each, (s + 1) * each));
              },
            );
          }
        },
      ),
      settings,
    );
  });
});
