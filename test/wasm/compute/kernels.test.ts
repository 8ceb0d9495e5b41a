import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BLOCKS,
  type KernelName,
  kernelNames,
  LINE,
  PANEL,
  ROWS,
  padded,
  TILE,
} from '../../../src/wasm/compute/kernels.js';
import { activations } from '../../../src/learner/activation.js';
import {
  activationReference,
  AdamReference,
  at,
  biasGradient,
  dropoutMaskReference,
  linear,
  type Matrix,
  matrix,
  meanCrossEntropy,
  randomMatrix,
  signalBelow,
  softmax,
  testRandom,
  weightGradient,
} from './reference.js';
import { type Bench, everyVariant, expectRows, joined, threadCounts, toPanels } from './variants.js';

const onEveryVariant = everyVariant();

/** Sums of up to some dozen products of numbers below 1, in single precision. */
const TOLERANCE = 2e-5;

const batchSizes = fc.oneof(fc.constant(1), fc.integer({ min: 2, max: 9 }));
const widths = fc.oneof(fc.constantFrom(1, 16, 17, 32, 33, 48, 64), fc.integer({ min: 2, max: 100 }));
const seeds = fc.nat(2 ** 31);
const settings = { numRuns: 20 };

function product(a: Matrix, b: Matrix): Matrix {
  return matrix(a.rows, a.columns, (r, c) => at(a, r, c) * at(b, r, c));
}

/** The lists that listNonZeros must write, made here so that each kernel is tested alone. */
function nonZeroLists(x: Matrix): { lists: Float32Array; counts: Float32Array } {
  const lists = new Float32Array(2 * x.rows * x.columns);
  const offsets = new Uint32Array(lists.buffer);
  const counts = new Uint32Array(x.rows);
  for (let b = 0; b < x.rows; b++) {
    for (let k = 0; k < x.columns; k++) {
      if (at(x, b, k) === 0) continue;
      const entry = 2 * (b * x.columns + counts[b]++);
      offsets[entry] = 128 * k;
      lists[entry + 1] = at(x, b, k);
    }
  }
  return { lists, counts: new Float32Array(counts.buffer) };
}

/** The lists that listItems must write. */
function gradientLists(
  delta: Matrix,
  stride: number,
  unit: number,
): { lists: Float32Array; counts: Float32Array } {
  const lists = new Float32Array(2 * stride * delta.rows);
  const items = new Uint32Array(lists.buffer);
  const counts = new Uint32Array(stride);
  for (let i = 0; i < delta.columns; i++) {
    for (let b = 0; b < delta.rows; b++) {
      if (at(delta, b, i) === 0) continue;
      const entry = 2 * (i * delta.rows + counts[i]++);
      items[entry] = unit * b;
      lists[entry + 1] = at(delta, b, i);
    }
  }
  return { lists, counts: new Float32Array(counts.buffer) };
}

/** What updateSparse is told of its input x: the lists of its items, their capacity, and the lists of its inputs. */
function sparseInput(bench: Bench, x: Matrix, isListed = true) {
  const items = nonZeroLists(x);
  const inputs = gradientLists(x, padded(x.columns), 4 * PANEL);
  return {
    lists: bench.put(items.lists),
    counts: bench.put(items.counts),
    capacity: x.columns,
    itemLists: isListed ? bench.put(inputs.lists) : 0,
    itemCounts: bench.put(inputs.counts),
  };
}

/** Whether most of a panel's vectors of four have a delta other than zero, for one of the items. */
function isFull(delta: Matrix, p: number): boolean {
  let live = 0;
  for (let b = 0; b < delta.rows; b++) {
    for (let i = p * PANEL; i < (p + 1) * PANEL; i += 4) {
      live += [0, 1, 2, 3].some((lane) => i + lane < delta.columns && at(delta, b, i + lane) !== 0) ? 1 : 0;
    }
  }
  return 2 * live > delta.rows * (PANEL / 4);
}

/** Buffers that hold whole words are put as floats; this keeps their bits. */
const asWords = (floats: Float32Array): number[] => [
  ...new Uint32Array(floats.buffer, floats.byteOffset, floats.length),
];

/** Rows of zeros, of non-zeros, and mixed: what `zeros` of an item's values are zero. */
const shares = fc.constantFrom(0, 0.5, 0.9, 1);

test('every kernel is tested here or in a file of its kind', () => {
  const here: Record<KernelName, true> = {
    ...{
      dropoutMask: true,
      scaleBytes: true,
      listNonZeros: true,
      forwardSparse: true,
      updateSparse: true,
      updateAndForwardSparse: true,
      forwardDense: true,
    },
    ...{ listItems: true, backwardDense: true, sumBlocks: true, activate: true, squaredError: true },
    ...{ backwardNarrow: true, crossEntropy: true, adam: true, adamSparse: true },
    ...{ frame: true, convolve: true, convolutionGradient: true, turnKernels: true, pool: true },
    ...{ poolBackward: true, candidates: true, winnersTakeAll: true, compete: true, competeBackward: true },
    ...{ forwardTiles: true, packQuads: true, adamTiles: true },
    ...{ loosenBounds: true, roundItems: true, forwardScreened: true },
    ...{
      settle: true,
      nudge: true,
      feedback: true,
      contrast: true,
      copyRows: true,
      driveUp: true,
      driveDown: true,
      listMoving: true,
      driveBoth: true,
      driveUpFromBlocks: true,
      connect: true,
      connectionNorms: true,
    },
  };
  expect([...kernelNames].sort()).toEqual(Object.keys(here).sort());
  expect([LINE, PANEL, BLOCKS, TILE, ROWS, padded(1), padded(16), padded(33), padded(33, PANEL)]).toEqual([
    16, 32, 8, 128, 128, 16, 16, 48, 64,
  ]);
});

describe('dropoutMask', () => {
  test('is the documented function of seed, purpose, step and place', () => {
    const word = fc.nat(0xffffffff);
    fc.assert(
      fc.property(
        batchSizes,
        widths,
        fc.nat(65536),
        word,
        word,
        word,
        word,
        (rows, width, threshold, purpose, step, k0, k1) => {
          const stride = padded(width);
          const keep = 1.25;
          const wanted = dropoutMaskReference(
            { rows, width: stride },
            { threshold, keep },
            { purpose, step, key: [k0, k1] },
          );
          onEveryVariant(
            (bench) => {
              const mask = bench.zeros(rows * stride);
              bench.run('dropoutMask', { mask, batch: rows, stride, threshold, keep, purpose, step, k0, k1 });
              return bench.floats(mask, rows * stride);
            },
            (mask) => expectRows(mask, wanted, stride, 0),
          );
        },
      ),
      settings,
    );
  });

  test.each([0, 0.2, 0.3, 0.5, 0.95])('drops a share of %f', (p) => {
    const [rows, stride] = [50, 400];
    onEveryVariant(
      (bench) => {
        const mask = bench.zeros(rows * stride);
        bench.run('dropoutMask', {
          mask,
          batch: rows,
          stride,
          threshold: Math.round(p * 65536),
          keep: 2,
          purpose: 16,
          step: 3,
          k0: 42,
          k1: 0,
        });
        return bench.floats(mask, rows * stride);
      },
      (mask) => {
        const dropped = mask.filter((m) => m === 0).length;
        expect(mask.every((m) => m === 0 || m === 2)).toBe(true);
        const n = rows * stride;
        expect(Math.abs(dropped / n - p)).toBeLessThanOrEqual(4 * Math.sqrt((p * (1 - p)) / n) + 1e-5);
      },
    );
  });

  test('drops neighbours, rows and steps independently of each other', () => {
    const [rows, stride] = [64, 256];
    const draw = (step: number): Float32Array => {
      let drawn: Float32Array = new Float32Array();
      onEveryVariant(
        (bench) => {
          const mask = bench.zeros(rows * stride);
          bench.run('dropoutMask', {
            mask,
            batch: rows,
            stride,
            threshold: 32768,
            keep: 1,
            purpose: 16,
            step,
            k0: 1,
            k1: 0,
          });
          return bench.floats(mask, rows * stride);
        },
        (mask) => {
          drawn = mask;
        },
      );
      return drawn;
    };
    const mask = draw(0);
    const agreement = (other: (j: number) => number): number =>
      mask.reduce((sum, m, j) => sum + (m === other(j) ? 1 : 0), 0) / mask.length;
    const next = draw(1);
    for (const other of [
      (j: number) => mask[(j + 1) % mask.length],
      (j: number) => mask[(j + 16) % mask.length],
      (j: number) => mask[(j + stride) % mask.length],
      (j: number) => next[j],
    ]) {
      expect(Math.abs(agreement(other) - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / mask.length));
    }
  });
});

describe('scaleBytes', () => {
  test.each([255, 16, 1])('divides bytes by %i, times the mask, to the bit', (maximum) => {
    fc.assert(
      fc.property(batchSizes, widths, fc.boolean(), shares, seeds, (rows, width, masked, zeros, seed) => {
        const random = testRandom(seed);
        const stride = padded(width);
        const bytes = matrix(rows, width, () => (random() < zeros ? 0 : Math.floor(256 * random())));
        const mask = matrix(rows, width, () => (random() < 0.3 ? 0 : 1.25));
        const wanted = matrix(rows, width, (b, i) => {
          const value = Math.fround(at(bytes, b, i) / maximum);
          return masked ? Math.fround(value * at(mask, b, i)) : value;
        });
        onEveryVariant(
          (bench) => {
            const packed = new Uint8Array(rows * stride);
            for (let b = 0; b < rows; b++) {
              for (let i = 0; i < width; i++) packed[b * stride + i] = at(bytes, b, i);
            }
            const from = bench.put(new Float32Array(packed.buffer));
            const x = bench.put(new Float32Array(rows * stride).fill(7));
            bench.run('scaleBytes', {
              bytes: from,
              x,
              mask: masked ? bench.putRows(mask, stride) : 0,
              batch: rows,
              stride,
              maximum,
            });
            return bench.floats(x, rows * stride);
          },
          (x) => expectRows(x, wanted, stride, 0),
        );
      }),
      settings,
    );
  });
});

describe('listNonZeros', () => {
  test('lists the non-zeros in order, with the place of their weights', () => {
    fc.assert(
      fc.property(batchSizes, widths, shares, seeds, (rows, width, zeros, seed) => {
        const stride = padded(width);
        const x = randomMatrix(rows, width, testRandom(seed), zeros);
        const wanted = nonZeroLists(x);
        onEveryVariant(
          (bench) => {
            const lists = bench.zeros(2 * rows * width);
            const counts = bench.put(new Float32Array(rows).fill(-1));
            bench.run('listNonZeros', {
              x: bench.putRows(x, stride),
              batch: rows,
              width,
              stride,
              lists,
              counts,
              capacity: width,
            });
            return joined(bench.words(counts, rows), bench.words(lists, 2 * rows * width));
          },
          (result) => expect(asWords(result)).toEqual([...asWords(wanted.counts), ...asWords(wanted.lists)]),
        );
      }),
      settings,
    );
  });

  test('takes minus zero for zero', () => {
    onEveryVariant(
      (bench) => {
        const counts = bench.zeros(1);
        const x = bench.putRows(
          matrix(1, 4, (_, i) => [-0, 1, 0, -0][i]),
          16,
        );
        bench.run('listNonZeros', {
          x,
          batch: 1,
          width: 4,
          stride: 16,
          lists: bench.zeros(8),
          counts,
          capacity: 4,
        });
        return joined(bench.words(counts, 1));
      },
      (result) => expect(asWords(result)).toEqual([1]),
    );
  });
});

describe('forwardSparse', () => {
  test('is x W^T + bias of what is listed', () => {
    fc.assert(
      fc.property(batchSizes, widths, widths, shares, seeds, (rows, inputs, outputs, zeros, seed) => {
        const random = testRandom(seed);
        const stride = padded(outputs);
        const x = randomMatrix(rows, inputs, random, zeros);
        const weights = randomMatrix(outputs, inputs, random);
        const bias = randomMatrix(1, outputs, random);
        const { lists, counts } = nonZeroLists(x);
        onEveryVariant(
          (bench) => {
            const z = bench.put(new Float32Array(rows * stride).fill(7));
            const [l, c, w] = [bench.put(lists), bench.put(counts), bench.put(toPanels(weights))];
            bench.run('forwardSparse', {
              lists: l,
              counts: c,
              capacity: inputs,
              weights: w,
              bias: bench.putRows(bias, padded(outputs, PANEL)),
              z,
              batch: rows,
              inputs,
              stride,
            });
            return bench.floats(z, rows * stride);
          },
          (z) => expectRows(z, linear(x, weights, bias.values), stride, TOLERANCE),
        );
      }),
      settings,
    );
  });
});

describe('updateSparse', () => {
  test('adds factor times delta^T x to the weights, factor times the sum of delta to the biases', () => {
    fc.assert(
      fc.property(
        batchSizes,
        widths,
        widths,
        shares,
        shares,
        seeds,
        (rows, inputs, outputs, zeros, idle, seed) => {
          const random = testRandom(seed);
          const stride = padded(outputs);
          const factor = -0.25;
          const x = randomMatrix(rows, inputs, random, zeros);
          const delta = randomMatrix(rows, outputs, random, idle);
          const weights = randomMatrix(outputs, inputs, random);
          const bias = randomMatrix(1, outputs, random);
          const gradient = weightGradient(delta, x);
          const panels = matrix(1, toPanels(weights).length, () => 0);
          panels.values.set(
            toPanels(matrix(outputs, inputs, (i, k) => at(weights, i, k) + factor * at(gradient, i, k))),
          );
          const sums = biasGradient(delta);
          const biasStride = padded(outputs, PANEL);
          const wantedBias = matrix(1, outputs, (_, i) => bias.values[i] + factor * sums[i]);
          onEveryVariant(
            (bench) => {
              const both = [true, false].map((isListed) => {
                const [w, b] = [bench.put(toPanels(weights)), bench.putRows(bias, biasStride)];
                const packed = bench.zeros(rows * biasStride);
                const full = bench.zeros(Math.max(...threadCounts));
                bench.run('updateSparse', {
                  ...sparseInput(bench, x, isListed),
                  delta: bench.putRows(delta, stride),
                  packed,
                  full,
                  destination: w,
                  biasDestination: b,
                  batch: rows,
                  inputs,
                  stride,
                  factor,
                });
                const found = bench.words(full, Math.max(...threadCounts)).reduce((sum, n) => sum + n, 0);
                return joined(
                  ...[bench.floats(w, panels.columns), bench.floats(b, biasStride)],
                  Float32Array.of(found),
                );
              });
              return joined(...both);
            },
            (both) => {
              const [result, unlisted] = [0, 1].map((n) =>
                both.slice((n * both.length) / 2, ((n + 1) * both.length) / 2),
              );
              expectRows(result, panels, panels.columns, TOLERANCE);
              expectRows(result.subarray(panels.columns), wantedBias, biasStride, TOLERANCE);
              expect(unlisted).toEqual(result);
              const full = Array.from({ length: biasStride / PANEL }, (_, p) => isFull(delta, p));
              expect(result.at(-1)).toBe(full.filter((is) => is).length);
            },
          );
        },
      ),
      settings,
    );
  });

  test('followed by the next product, as one operation, to the bit', () => {
    fc.assert(
      fc.property(
        ...([batchSizes, batchSizes, widths, widths, shares, shares, fc.nat(1), seeds] as const),
        (rows, nextRows, inputs, outputs, zeros, idle, backwards, seed) => {
          const random = testRandom(seed);
          const [stride, biasStride] = [padded(outputs), padded(outputs, PANEL)];
          const [x, next] = [rows, nextRows].map((count) => randomMatrix(count, inputs, random, zeros));
          const delta = randomMatrix(rows, outputs, random, idle);
          const weights = toPanels(randomMatrix(outputs, inputs, random));
          const bias = randomMatrix(1, outputs, random);
          onEveryVariant(
            (bench) => {
              const once = [false, true].map((together) => {
                const [w, b] = [bench.put(weights), bench.putRows(bias, biasStride)];
                const z = bench.put(new Float32Array(nextRows * stride).fill(7));
                const { lists, counts } = nonZeroLists(next);
                const [l, c] = [bench.put(lists), bench.put(counts)];
                const update = {
                  ...sparseInput(bench, x),
                  delta: bench.putRows(delta, stride),
                  packed: bench.zeros(rows * biasStride),
                  full: bench.zeros(Math.max(...threadCounts)),
                  batch: rows,
                  inputs,
                  stride,
                  factor: -0.25,
                };
                if (together) {
                  bench.run('updateAndForwardSparse', {
                    ...update,
                    weights: w,
                    bias: b,
                    nextLists: l,
                    nextCounts: c,
                    z,
                    nextBatch: nextRows,
                    backwards: backwards === 1,
                  });
                } else {
                  bench.run('updateSparse', { ...update, destination: w, biasDestination: b });
                  bench.run('forwardSparse', {
                    lists: l,
                    counts: c,
                    capacity: inputs,
                    weights: w,
                    bias: b,
                    z,
                    batch: nextRows,
                    inputs,
                    stride,
                  });
                }
                return joined(
                  ...[bench.floats(w, weights.length), bench.floats(b, biasStride)],
                  bench.floats(z, nextRows * stride),
                );
              });
              return joined(...once);
            },
            (both) => expect(both.subarray(0, both.length / 2)).toEqual(both.subarray(both.length / 2)),
          );
        },
      ),
      settings,
    );
  });

  test('leaves everything as it was, to the bit, where delta is zero', () => {
    const random = testRandom(1);
    const weights = toPanels(randomMatrix(40, 5, random));
    const x = randomMatrix(3, 5, random);
    onEveryVariant(
      (bench) => {
        const w = bench.put(weights);
        const delta = bench.put(new Float32Array(3 * 48).fill(-0));
        const [packed, b, full] = [192, 64, Math.max(...threadCounts)].map((length) => bench.zeros(length));
        bench.run('updateSparse', {
          ...sparseInput(bench, x),
          delta,
          packed,
          full,
          destination: w,
          biasDestination: b,
          batch: 3,
          inputs: 5,
          stride: 48,
          factor: 0.5,
        });
        return bench.floats(w, weights.length);
      },
      (result) => expect(result).toEqual(weights),
    );
  });
});

describe('forwardDense', () => {
  // Also rows that are longer than what one build passes over at a time.
  const inputCounts = fc.oneof(widths, fc.integer({ min: 1000, max: 2200 }));
  const rowCounts = fc.oneof(batchSizes, fc.integer({ min: 15, max: 35 }));

  test('is h W^T + bias', () => {
    fc.assert(
      fc.property(rowCounts, inputCounts, widths, seeds, (rows, inputs, outputs, seed) => {
        const random = testRandom(seed);
        const [inputStride, stride] = [padded(inputs), padded(outputs)];
        const h = randomMatrix(rows, inputs, random, 0.2);
        const weights = randomMatrix(outputs, inputs, random);
        const bias = randomMatrix(1, outputs, random);
        const storedWeights = matrix(stride, inputs, (i, k) => (i < outputs ? at(weights, i, k) : 0));
        onEveryVariant(
          (bench) => {
            const z = bench.put(new Float32Array(rows * stride).fill(7));
            const [x, w] = [bench.putRows(h, inputStride), bench.putRows(storedWeights, inputStride)];
            bench.run('forwardDense', {
              h: x,
              weights: w,
              bias: bench.putRows(bias, padded(outputs, PANEL)),
              z,
              batch: rows,
              inputStride,
              stride,
            });
            return bench.floats(z, rows * stride);
          },
          (z) => expectRows(z, linear(h, weights, bias.values), stride, 5 * TOLERANCE),
        );
      }),
      settings,
    );
  });
});

describe('winnersTakeAll, of candidates', () => {
  test('gives the largest y - H of every row, of equal ones those with the lower index, another target', () => {
    const levels = fc.constantFrom(1, 3, 1000);
    const spreads = fc.constantFrom(0, 0.3, 7);
    const cases = [batchSizes, widths, fc.nat(), levels, spreads, fc.boolean(), seeds] as const;
    fc.assert(
      fc.property(...cases, (rows, outputs, pick, steps, spread, masked, seed) => {
        const random = testRandom(seed);
        const stride = padded(outputs);
        const count = 1 + (pick % outputs);
        const [won, lost] = [0.7, 0.01].map(Math.fround);
        const y = matrix(rows, outputs, () => Math.floor(steps * random()) / steps);
        const mask = matrix(rows, outputs, () => (random() < 0.3 ? 0 : 1));
        // Differences that single precision cannot tell.
        const homeostasis = Float64Array.from({ length: stride }, () => {
          return Math.floor(3 * random()) * 1e-12 + spread * (random() - 0.5);
        });
        const winners = Array.from({ length: rows }, (_, b) => {
          const lead = (i: number) => at(y, b, i) - homeostasis[i];
          const order = [...y.values.keys()].slice(0, outputs);
          return order.sort((i, j) => lead(j) - lead(i) || i - j).slice(0, count);
        });
        const wanted = matrix(rows, outputs, (b, i) => {
          return (winners[b].includes(i) ? won : lost) * (masked ? at(mask, b, i) : 1);
        });
        onEveryVariant(
          (bench) => contest(bench, { y, mask: masked ? mask : undefined, homeostasis, count, won, lost }),
          (result) => {
            expectRows(result.subarray(0, rows * stride), wanted, stride, 0);
            const sums = new Float64Array(result.slice(rows * stride).buffer);
            for (let i = 0; i < outputs; i++) {
              let sum = 0;
              for (let b = 0; b < rows; b++) sum += at(wanted, b, i);
              expect(sums[i]).toBeCloseTo(sum, 12);
            }
          },
        );
      }),
      settings,
    );
  });

  test('lets nothing win that is not a number', () => {
    const y = matrix(1, 40, (_, i) => (i === 7 || i === 35 ? i : NaN));
    onEveryVariant(
      (bench) => contest(bench, { y, homeostasis: new Float64Array(48), count: 3, won: 1, lost: 0 }),
      (d) =>
        expect([...d.subarray(0, 48).entries()].filter(([, v]) => v !== 0)).toEqual([
          [7, 1],
          [35, 1],
        ]),
    );
  });

  /** d in rows, then the sums. */
  function contest(
    bench: Bench,
    given: {
      y: Matrix;
      mask?: Matrix | undefined;
      homeostasis: Float64Array;
      count: number;
      won: number;
      lost: number;
    },
  ): Float32Array {
    const { y, mask, homeostasis, count, won, lost } = given;
    const { rows, columns } = y;
    const stride = padded(columns);
    // What lies in the padding must not win.
    const values = matrix(rows, stride, (b, i) => (i < columns ? at(y, b, i) : 9));
    const room = Math.max(...threadCounts) * rows * count;
    const [leads, chosen, sums] = [bench.zeros(2 * room), bench.zeros(room), bench.zeros(2 * stride)];
    const d = bench.put(new Float32Array(rows * stride).fill(7));
    const offsets = bench.put(new Float32Array(homeostasis.buffer));
    bench.run('candidates', {
      y: bench.putRows(values, stride),
      homeostasis: offsets,
      leads,
      chosen,
      batch: rows,
      outputs: columns,
      stride,
      count,
    });
    const dropped = mask ? bench.putRows(mask, stride) : 0;
    bench.run('winnersTakeAll', {
      leads,
      chosen,
      mask: dropped,
      d,
      sums,
      batch: rows,
      outputs: columns,
      stride,
      count,
      won,
      lost,
    });
    return joined(bench.floats(d, rows * stride), bench.floats(sums, 2 * stride));
  }
});

describe('listItems', () => {
  test('lists for every output the items with a gradient, in order', () => {
    fc.assert(
      fc.property(batchSizes, widths, shares, seeds, (rows, outputs, zeros, seed) => {
        const stride = padded(outputs);
        const delta = randomMatrix(rows, outputs, testRandom(seed), zeros);
        const wanted = gradientLists(delta, stride, 12);
        onEveryVariant(
          (bench) => {
            const lists = bench.zeros(2 * stride * rows);
            const counts = bench.put(new Float32Array(stride).fill(9));
            bench.run('listItems', {
              values: bench.putRows(delta, stride),
              batch: rows,
              stride,
              unit: 12,
              lists,
              counts,
            });
            return joined(bench.words(counts, stride), bench.words(lists, 2 * stride * rows));
          },
          (result) => expect(asWords(result)).toEqual([...asWords(wanted.counts), ...asWords(wanted.lists)]),
        );
      }),
      settings,
    );
  });
});

describe('backwardDense with sumBlocks', () => {
  const cases = [batchSizes, widths, widths, shares, seeds] as const;

  test('updates the layer and passes its signal down, with the weights of before', () => {
    fc.assert(
      fc.property(...cases, fc.boolean(), (rows, inputs, outputs, idle, seed, inPlace) => {
        const random = testRandom(seed);
        const [inputStride, stride, biasStride] = [padded(inputs), padded(outputs), padded(outputs, PANEL)];
        const factor = inPlace ? -0.5 : 1;
        const h = randomMatrix(rows, inputs, random, 0.2);
        const slope = randomMatrix(rows, inputs, random, 0.4);
        const delta = randomMatrix(rows, outputs, random, idle);
        const weights = matrix(stride, inputs, (i) => (i < outputs ? Math.fround(2 * random() - 1) : 0));
        const { lists, counts } = gradientLists(delta, stride, 4 * inputStride);
        const gradient = weightGradient(delta, h);
        const sums = biasGradient(delta);
        const wantedWeights = matrix(stride, inputs, (i, k) =>
          i < outputs ? (inPlace ? at(weights, i, k) : 0) + factor * at(gradient, i, k) : 0,
        );
        const wantedBias = matrix(1, outputs, (_, i) => factor * sums[i]);
        const own = matrix(outputs, inputs, (i, k) => at(weights, i, k));
        const wantedDelta = product(signalBelow(delta, own), slope);
        const length = stride * inputStride;
        onEveryVariant(
          (bench) => {
            const [l, c] = [bench.put(lists), bench.put(counts)];
            const w = bench.putRows(weights, inputStride);
            const to = inPlace ? w : bench.zeros(length);
            const [b, dh] = [
              bench.zeros(biasStride),
              bench.put(new Float32Array(BLOCKS * rows * inputStride).fill(5)),
            ];
            const below = bench.put(new Float32Array(rows * inputStride).fill(5));
            const x = bench.putRows(h, inputStride);
            bench.run('backwardDense', {
              lists: l,
              counts: c,
              h: x,
              weights: w,
              destination: to,
              biasDestination: b,
              dh,
              batch: rows,
              stride,
              inputStride,
              factor,
            });
            bench.run('sumBlocks', {
              dh,
              slope: bench.putRows(slope, inputStride),
              delta: below,
              batch: rows,
              stride: inputStride,
            });
            return joined(
              bench.floats(to, length),
              bench.floats(b, biasStride),
              bench.floats(below, rows * inputStride),
            );
          },
          (result) => {
            expectRows(result, wantedWeights, inputStride, TOLERANCE);
            expectRows(result.subarray(length), wantedBias, biasStride, TOLERANCE);
            expectRows(result.subarray(length + biasStride), wantedDelta, inputStride, TOLERANCE);
          },
        );
      }),
      settings,
    );
  });

  test('updates alone where no signal is wanted below', () => {
    fc.assert(
      fc.property(...cases, (rows, inputs, outputs, idle, seed) => {
        const random = testRandom(seed);
        const [inputStride, stride] = [padded(inputs), padded(outputs)];
        const h = randomMatrix(rows, inputs, random);
        const delta = randomMatrix(rows, outputs, random, idle);
        const { lists, counts } = gradientLists(delta, stride, 4 * inputStride);
        const gradient = weightGradient(delta, h);
        const wanted = matrix(stride, inputs, (i, k) => (i < outputs ? 3 * at(gradient, i, k) : 0));
        onEveryVariant(
          (bench) => {
            const [l, c, x] = [bench.put(lists), bench.put(counts), bench.putRows(h, inputStride)];
            const to = bench.zeros(stride * inputStride);
            bench.run('backwardDense', {
              lists: l,
              counts: c,
              h: x,
              weights: to,
              destination: to,
              biasDestination: bench.zeros(stride),
              dh: 0,
              batch: rows,
              stride,
              inputStride,
              factor: 3,
            });
            return bench.floats(to, stride * inputStride);
          },
          (result) => expectRows(result, wanted, inputStride, TOLERANCE),
        );
      }),
      { numRuns: 10 },
    );
  });
});

describe('backwardNarrow', () => {
  test('updates the layer and passes its signal down, with the weights of before', () => {
    const outputCounts = fc.integer({ min: 1, max: 32 });
    fc.assert(
      fc.property(
        // Also more than the kernel takes together.
        fc.oneof(batchSizes, fc.integer({ min: 31, max: 70 })),
        widths,
        outputCounts,
        seeds,
        fc.boolean(),
        (rows, inputs, outputs, seed, all) => {
          const random = testRandom(seed);
          const [inputStride, stride, biasStride] = [padded(inputs), padded(outputs), padded(outputs, PANEL)];
          const factor = -0.5;
          const h = randomMatrix(rows, inputs, random, 0.2);
          const slope = randomMatrix(rows, inputs, random, 0.4);
          const delta = randomMatrix(rows, outputs, random, 0.2);
          const weights = randomMatrix(outputs, inputs, random);
          const gradient = weightGradient(delta, h);
          const sums = biasGradient(delta);
          const wantedWeights = matrix(
            outputs,
            inputs,
            (i, k) => at(weights, i, k) + factor * at(gradient, i, k),
          );
          const wantedBias = matrix(1, outputs, (_, i) => factor * sums[i]);
          const wantedDelta = product(signalBelow(delta, weights), slope);
          const length = outputs * inputStride;
          onEveryVariant(
            (bench) => {
              const [d, x, s] = [
                bench.putRows(delta, stride),
                bench.putRows(h, inputStride),
                bench.putRows(slope, inputStride),
              ];
              const w = bench.putRows(weights, inputStride);
              const below = bench.put(new Float32Array(rows * inputStride).fill(5));
              const b = bench.zeros(biasStride);
              bench.run('backwardNarrow', {
                delta: d,
                h: x,
                weights: w,
                destination: w,
                biasDestination: b,
                slope: s,
                below: all ? below : 0,
                batch: rows,
                outputs,
                stride,
                inputStride,
                factor,
              });
              return joined(
                bench.floats(w, length),
                bench.floats(b, biasStride),
                bench.floats(below, rows * inputStride),
              );
            },
            (result) => {
              expectRows(result, wantedWeights, inputStride, TOLERANCE);
              expectRows(result.subarray(length), wantedBias, biasStride, TOLERANCE);
              const signal = result.subarray(length + biasStride);
              if (all) expectRows(signal, wantedDelta, inputStride, TOLERANCE);
              else expect(signal.every((value) => value === 5)).toBe(true);
            },
          );
        },
      ),
      settings,
    );
  });
});

describe('activate', () => {
  test.each(activations.map((name, number) => [name, number] as const))(
    '%s: value and slope, times the mask; the padding stays zero',
    (name, number) => {
      const { value, slope } = activationReference[name];
      fc.assert(
        fc.property(batchSizes, widths, fc.boolean(), seeds, (rows, width, masked, seed) => {
          const random = testRandom(seed);
          const stride = padded(width);
          // Wide enough to saturate, and with the kinks themselves among the values.
          const z = matrix(rows, width, () => {
            const kind = random();
            if (kind < 0.1) return 0;
            if (kind < 0.2) return 1;
            return Math.fround((kind < 0.3 ? 40 : 3) * (2 * random() - 1));
          });
          const mask = matrix(rows, width, () => (masked ? (random() < 0.3 ? 0 : 1.5) : 1));
          const wantedY = matrix(rows, width, (b, i) => at(mask, b, i) * value(at(z, b, i)));
          const wantedSlope = matrix(rows, width, (b, i) => at(mask, b, i) * slope(at(z, b, i)));
          const length = rows * stride;
          onEveryVariant(
            (bench) => {
              const y = bench.putRows(z, stride);
              const s = bench.put(new Float32Array(length).fill(7));
              bench.run('activate', {
                z: y,
                slope: s,
                mask: masked ? bench.putRows(mask, stride) : 0,
                batch: rows,
                width,
                stride,
                activation: number,
              });
              return joined(bench.floats(y, length), bench.floats(s, length));
            },
            (result) => {
              expectRows(result, wantedY, stride, 1e-6);
              // The slope's padding meets a delta of zero, so it may be anything.
              for (let b = 0; b < rows; b++) {
                const from = length + b * stride;
                const row = matrix(1, width, (_, i) => at(wantedSlope, b, i));
                expectRows(result.subarray(from, from + width), row, width, 2e-6);
              }
            },
          );
        }),
        settings,
      );
    },
  );

  test('writes no slope where none is wanted', () => {
    onEveryVariant(
      (bench) => {
        const y = bench.put(new Float32Array(32).fill(-1));
        bench.run('activate', {
          z: y,
          slope: 0,
          mask: 0,
          batch: 2,
          width: 16,
          stride: 16,
          activation: activations.indexOf('relu'),
        });
        return bench.floats(y, 32);
      },
      (y) => expect(y).toEqual(new Float32Array(32)),
    );
  });
});

describe('squaredError', () => {
  test('gives the sum of squares line by line over the items, in two parts, and the gradient through the slope', () => {
    fc.assert(
      fc.property(batchSizes, widths, shares, seeds, (rows, outputs, zeros, seed) => {
        const random = testRandom(seed);
        const stride = padded(outputs);
        const lines = stride / 16;
        const [y, d] = [randomMatrix(rows, outputs, random, 0.2), randomMatrix(rows, outputs, random, 0.8)];
        const slope = randomMatrix(rows, outputs, random, zeros);
        const factor = 2 / (rows * outputs);
        const error = (b: number, i: number): number => at(y, b, i) - at(d, b, i);
        const wantedDelta = matrix(rows, outputs, (b, i) => factor * error(b, i) * at(slope, b, i));
        const wantedLines = new Float64Array(lines);
        for (let b = 0; b < rows; b++) {
          for (let i = 0; i < outputs; i++) wantedLines[Math.floor(i / 16)] += error(b, i) ** 2;
        }
        onEveryVariant(
          (bench) => {
            const delta = bench.put(new Float32Array(rows * stride).fill(7));
            const loss = bench.put(new Float32Array(4 * lines).fill(7));
            const [ya, da, sa] = [
              bench.putRows(y, stride),
              bench.putRows(d, stride),
              bench.putRows(slope, stride),
            ];
            bench.run('squaredError', {
              y: ya,
              d: da,
              slope: sa,
              delta,
              lineLoss: loss,
              batch: rows,
              stride,
              factor,
            });
            const losses = bench.doubles(loss, 2 * lines);
            bench.run('squaredError', {
              y: ya,
              d: da,
              slope: 0,
              delta: 0,
              lineLoss: loss,
              batch: rows,
              stride,
              factor,
            });
            expect(bench.doubles(loss, 2 * lines)).toEqual(losses);
            return joined(losses, bench.floats(delta, rows * stride));
          },
          (result) => {
            const losses = new Float64Array(result.buffer, 0, 2 * lines);
            wantedLines.forEach((loss, line) => {
              expect(losses[2 * line] + losses[2 * line + 1]).toBeCloseTo(loss, 4);
            });
            expectRows(result.subarray(4 * lines), wantedDelta, stride, 1e-6);
          },
        );
      }),
      settings,
    );
  });
});

describe('crossEntropy', () => {
  test('gives the loss of every item and the gradient through the slope, for targets of any mass', () => {
    fc.assert(
      fc.property(batchSizes, widths, fc.constantFrom(1, 10, 100), seeds, (rows, outputs, range, seed) => {
        const random = testRandom(seed);
        const stride = padded(outputs);
        const y = matrix(rows, outputs, () => Math.fround(range * (2 * random() - 1)));
        const d = matrix(rows, outputs, () => (random() < 0.7 ? 0 : Math.fround(random())));
        const slope = randomMatrix(rows, outputs, random, 0.3);
        const factor = 1 / rows;
        const wantedDelta = matrix(rows, outputs, (b, i) => {
          let mass = 0;
          for (let j = 0; j < outputs; j++) mass += at(d, b, j);
          return factor * (mass * softmax(y, b)[i] - at(d, b, i)) * at(slope, b, i);
        });
        onEveryVariant(
          (bench) => {
            const delta = bench.put(new Float32Array(rows * stride).fill(7));
            const loss = bench.put(new Float32Array(2 * rows).fill(7));
            const [ya, da, sa] = [
              bench.putRows(y, stride),
              bench.putRows(d, stride),
              bench.putRows(slope, stride),
            ];
            bench.run('crossEntropy', {
              y: ya,
              d: da,
              slope: sa,
              delta,
              itemLoss: loss,
              batch: rows,
              outputs,
              stride,
              factor,
            });
            return joined(bench.doubles(loss, rows), bench.floats(delta, rows * stride));
          },
          (result) => {
            new Float64Array(result.buffer, 0, rows).forEach((loss, b) => {
              const item = (all: Matrix): Matrix => matrix(1, outputs, (_, i) => at(all, b, i));
              // Far below the range of exp the naive formula has no logarithm; the kernel must have one.
              const wanted =
                range > 10 ? stableItemLoss(item(y), item(d)) : meanCrossEntropy(item(y), item(d));
              expect(Math.abs(loss - wanted)).toBeLessThan(2e-5 * Math.max(1, wanted));
            });
            expectRows(result.subarray(2 * rows), wantedDelta, stride, 2e-5);
          },
        );
      }),
      settings,
    );
  });

  test('leaves no delta so small that products with it would be denormal', () => {
    onEveryVariant(
      (bench) => {
        const y = bench.put(new Float32Array(16));
        const d = bench.put(new Float32Array(16).fill(1, 0, 1));
        const slope = bench.put(Float32Array.from({ length: 16 }, (_, i) => 10 ** (-4 * i)));
        const delta = bench.zeros(16);
        bench.run('crossEntropy', {
          y,
          d,
          slope,
          delta,
          itemLoss: bench.zeros(2),
          batch: 1,
          outputs: 12,
          stride: 16,
          factor: 1,
        });
        return bench.floats(delta, 16);
      },
      (result) => {
        // 1e-28 / 12 is kept, 1e-32 / 12 is not.
        expect([...result].map((value) => value !== 0)).toEqual(Array.from(result, (_, i) => i < 8));
      },
    );
  });

  function stableItemLoss(y: Matrix, d: Matrix): number {
    const largest = Math.max(...y.values);
    const logSum = largest + Math.log(y.values.reduce((sum, v) => sum + Math.exp(v - largest), 0));
    return d.values.reduce((loss, wanted, i) => loss + wanted * (logSum - y.values[i]), 0);
  }
});

describe('adam', () => {
  test('follows the published algorithm over several steps and clears the gradient', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), seeds, (lines, seed) => {
        const random = testRandom(seed);
        const count = 16 * lines;
        const start = randomMatrix(1, count, random);
        const gradients = [1, 2, 3, 4].map(() => randomMatrix(1, count, random, 0.3));
        const wanted = start.values.slice();
        const reference = new AdamReference(count);
        for (const { values } of gradients) reference.step(wanted, values, 0.01);
        onEveryVariant(
          (bench) => {
            const parameters = bench.putRows(start, count);
            const [first, second] = [bench.zeros(count), bench.zeros(count)];
            const cleared = gradients.map((gradient, s) => {
              const address = bench.putRows(gradient, count);
              const [rate, correction] = [0.01 / (1 - 0.9 ** (s + 1)), 1 / (1 - 0.999 ** (s + 1))];
              bench.run('adam', { parameters, gradient: address, first, second, count, rate, correction });
              return bench.floats(address, count);
            });
            return joined(bench.floats(parameters, count), ...cleared);
          },
          (result) => {
            expectRows(result, { rows: 1, columns: count, values: wanted }, count, 2e-6);
            expect(result.subarray(count).every((g) => g === 0)).toBe(true);
          },
        );
      }),
      { numRuns: 10 },
    );
  });

  test('lets moments go before they are denormal, but not what is not a number', () => {
    onEveryVariant(
      (bench) => {
        const [parameters, first, second] = [bench.zeros(16), bench.zeros(16), bench.zeros(16)];
        const gradient = bench.put(new Float32Array(16).fill(1).fill(NaN, 8));
        // 0.9^700 is 9e-33; 0.999^700 leaves half of the second moment.
        for (let s = 0; s < 700; s++)
          bench.run('adam', { parameters, gradient, first, second, count: 16, rate: 0.01, correction: 1 });
        return joined(bench.floats(first, 16), bench.floats(second, 16), bench.floats(parameters, 16));
      },
      (result) => {
        const [first, second, parameters] = [0, 16, 32].map((from) => result.subarray(from, from + 16));
        expect([...first.subarray(0, 8)].every((m) => m === 0)).toBe(true);
        expect([...second.subarray(0, 8)].every((v) => v > 1e-4)).toBe(true);
        expect([...parameters.subarray(0, 8)].every((w) => w < 0)).toBe(true);
        for (const values of [first, second, parameters]) {
          expect([...values.subarray(8)].every(Number.isNaN)).toBe(true);
        }
      },
    );
  });
});

describe('adamSparse', () => {
  test('lets moments fade where there is no signal, be it the second ones alone that are left', () => {
    const [inputs, length] = [4, 4 * PANEL];
    onEveryVariant(
      (bench) => {
        const none = () => bench.zeros(PANEL);
        const second = bench.put(Float32Array.from({ length }, (_, i) => (i < 3 * PANEL ? 0.5 : 0)));
        const first = bench.put(Float32Array.from({ length }, (_, i) => (i < PANEL ? 0.25 : 0)));
        bench.run('adamSparse', {
          lists: none(),
          counts: bench.zeros(inputs),
          delta: none(),
          packed: none(),
          weights: bench.zeros(length),
          first,
          second,
          bias: none(),
          biasFirst: none(),
          biasSecond: none(),
          batch: 1,
          inputs,
          stride: PANEL,
          rate: 0.01,
          correction: 1,
        });
        return joined(bench.floats(first, length), bench.floats(second, length));
      },
      (moments) => {
        const faded = matrix(2, length, (m, i) =>
          m === 0 ? (i < PANEL ? 0.9 * 0.25 : 0) : i < 3 * PANEL ? 0.999 * 0.5 : 0,
        );
        expectRows(moments, faded, length, 1e-6);
      },
    );
  });

  const cases = [batchSizes, widths, widths, shares, shares, seeds] as const;

  test('is the gradient followed by Adam, over several steps', () => {
    fc.assert(
      fc.property(...cases, (rows, inputs, outputs, zeros, idle, seed) => {
        const random = testRandom(seed);
        const [inputStride, stride, biasStride] = [padded(inputs), padded(outputs), padded(outputs, PANEL)];
        const start = randomMatrix(outputs, inputs, random);
        const startBias = randomMatrix(1, outputs, random);
        const steps = [1, 2, 3].map(() => ({
          // Some inputs see nothing in some steps, some never.
          x: matrix(rows, inputs, (_, k) => (k % 3 === 0 || random() < zeros ? 0 : 2 * random() - 1)),
          delta: randomMatrix(rows, outputs, random, idle),
        }));
        const wanted = start.values.slice();
        const wantedBias = startBias.values.slice();
        const [adam, biasAdam] = [new AdamReference(wanted.length), new AdamReference(outputs)];
        for (const { x, delta } of steps) {
          adam.step(wanted, weightGradient(delta, x).values, 0.01);
          biasAdam.step(wantedBias, biasGradient(delta), 0.01);
        }
        const panels = matrix(1, toPanels(start).length, () => 0);
        panels.values.set(toPanels({ rows: outputs, columns: inputs, values: wanted }));
        const length = panels.columns;
        onEveryVariant(
          (bench) => {
            const w = bench.put(toPanels(start));
            const [first, second] = [bench.zeros(length), bench.zeros(length)];
            const b = bench.putRows(startBias, biasStride);
            const [biasFirst, biasSecond] = [bench.zeros(biasStride), bench.zeros(biasStride)];
            const packed = bench.zeros(rows * biasStride);
            steps.forEach(({ x, delta }, s) => {
              const listed = gradientLists(x, inputStride, 128);
              const [rate, correction] = [0.01 / (1 - 0.9 ** (s + 1)), 1 / (1 - 0.999 ** (s + 1))];
              bench.run('adamSparse', {
                lists: bench.put(listed.lists),
                counts: bench.put(listed.counts),
                delta: bench.putRows(delta, stride),
                packed,
                weights: w,
                first,
                second,
                bias: b,
                biasFirst,
                biasSecond,
                batch: rows,
                inputs,
                stride,
                rate,
                correction,
              });
            });
            return joined(bench.floats(w, length), bench.floats(b, biasStride));
          },
          (result) => {
            // Adam makes a step of full length of the smallest gradient, so its sign must not hang on rounding.
            expectRows(result, panels, length, 2e-3);
            const bias = matrix(1, outputs, (_, i) => wantedBias[i]);
            expectRows(result.subarray(length), bias, biasStride, 2e-3);
          },
        );
      }),
      settings,
    );
  });

  test('is adam of the gradient to the bit, also for inputs that see nothing for a while', () => {
    const random = testRandom(3);
    const [rows, inputs, outputs] = [5, 9, 40];
    const [inputStride, stride, biasStride] = [padded(inputs), padded(outputs), padded(outputs, PANEL)];
    const start = toPanels(randomMatrix(outputs, inputs, random));
    const steps = [0, 1, 2, 3, 4, 5].map((s) => ({
      x: matrix(rows, inputs, (_, k) => (k === 4 || (k === 2 && s !== 1) ? 0 : Math.fround(random()))),
      delta: randomMatrix(rows, outputs, random, 0.3),
    }));
    const factors = (s: number) => ({
      rate: 0.01 / (1 - 0.9 ** (s + 1)),
      correction: 1 / (1 - 0.999 ** (s + 1)),
    });
    onEveryVariant(
      (bench) => {
        const buffers = (length: number) => [bench.zeros(length), bench.zeros(length)] as const;
        const [w, separate] = [bench.put(start), bench.put(start)];
        const [first, second] = buffers(start.length);
        const [first2, second2] = buffers(start.length);
        const [b, b2] = buffers(biasStride);
        const [biasFirst, biasSecond] = buffers(biasStride);
        const gradient = bench.zeros(start.length);
        const packed = bench.zeros(rows * biasStride);
        steps.forEach(({ x, delta }, s) => {
          const d = bench.putRows(delta, stride);
          const [lists, counts] = Object.values(gradientLists(x, inputStride, 128)).map((v) => bench.put(v));
          bench.run('adamSparse', {
            lists,
            counts,
            delta: d,
            packed,
            weights: w,
            first,
            second,
            bias: b,
            biasFirst,
            biasSecond,
            batch: rows,
            inputs,
            stride,
            ...factors(s),
          });
          const full = bench.zeros(Math.max(...threadCounts));
          bench.run('updateSparse', {
            ...sparseInput(bench, x),
            delta: d,
            packed,
            full,
            destination: gradient,
            biasDestination: b2,
            batch: rows,
            inputs,
            stride,
            factor: 1,
          });
          bench.run('adam', {
            parameters: separate,
            gradient,
            first: first2,
            second: second2,
            count: start.length,
            ...factors(s),
          });
        });
        return joined(bench.words(w, start.length), bench.words(separate, start.length));
      },
      (result) => {
        const words = asWords(result);
        expect(words.slice(0, start.length)).toEqual(words.slice(start.length));
      },
    );
  });
});
