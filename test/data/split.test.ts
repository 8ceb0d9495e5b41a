import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesDataSet, DataError } from '../../src/data/dataSet.js';
import { parseAmount, stratified, trainValidation } from '../../src/data/split.js';

/** Labels with `sizes[c]` items of class c, in an order that mixes them. */
function labelsOf(sizes: readonly number[]): number[] {
  const left = [...sizes];
  const labels: number[] = [];
  while (left.some((n) => n > 0)) left.forEach((n, c) => n > 0 && left[c]-- && labels.push(c));
  return labels;
}

const countByClass = (labels: ArrayLike<number>, chosen: Iterable<number>, classes: number): number[] => {
  const counts = Array.from<number>({ length: classes }).fill(0);
  for (const i of chosen) counts[labels[i]]++;
  return counts;
};

const classSizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 12 });
const seeds = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

describe('stratified', () => {
  test('keeps the total exact, classes in proportion and the indices distinct and ascending', () => {
    fc.assert(
      fc.property(classSizes, fc.double({ min: 0, max: 1, noNaN: true }), seeds, (sizes, share, seed) => {
        const labels = labelsOf(sizes);
        const count = Math.max(1, Math.floor(share * labels.length));
        const chosen = stratified(labels, { count }, seed);
        expect(chosen).toHaveLength(count);
        for (let i = 1; i < count; i++) expect(chosen[i]).toBeGreaterThan(chosen[i - 1]);
        const counts = countByClass(labels, chosen, sizes.length);
        const quotas = sizes.map((size) => (count * size) / labels.length);
        if (count >= sizes.length) expect(Math.min(...counts)).toBeGreaterThanOrEqual(1);
        // Within one of the quota, except where the rule of one per class had to move items between classes.
        if (quotas.every((quota) => quota >= 1)) {
          counts.forEach((n, c) => expect(Math.abs(n - quotas[c])).toBeLessThan(1));
        }
      }),
    );
  });

  test('rounds by largest remainder', () => {
    // Quotas 4.7, 2.9, 2.4: 4, 2, 2 and the two that are left to the remainders .9 and .7.
    const labels = labelsOf([47, 29, 24]);
    expect(countByClass(labels, stratified(labels, { count: 10 }, 1), 3)).toEqual([5, 3, 2]);
  });

  test('gives a rare class one item when its share would round to none', () => {
    const labels = labelsOf([98, 1, 1]);
    expect(countByClass(labels, stratified(labels, { count: 3 }, 1), 3)).toEqual([1, 1, 1]);
    expect(countByClass(labels, stratified(labels, { count: 10 }, 1), 3)).toEqual([8, 1, 1]);
  });

  test('chooses the largest classes when there are fewer items than classes', () => {
    const labels = labelsOf([5, 20, 10]);
    expect(countByClass(labels, stratified(labels, { count: 2 }, 1), 3)).toEqual([0, 1, 1]);
  });

  test('chooses the same items for the same seed, others for another', () => {
    const labels = labelsOf([300, 300, 300]);
    const first = stratified(labels, { fraction: 0.1 }, 7);
    expect(stratified(labels, { fraction: 0.1 }, 7)).toEqual(first);
    expect(stratified(labels, { fraction: 0.1 }, 8)).not.toEqual(first);
    // The seed's upper half counts too.
    expect(stratified(labels, { fraction: 0.1 }, 7 + 2 ** 32)).not.toEqual(first);
  });

  test('chooses every item of a class equally often', () => {
    const labels = labelsOf([20, 20]);
    const hits = Array.from<number>({ length: 40 }).fill(0);
    for (let seed = 0; seed < 2000; seed++)
      for (const i of stratified(labels, { count: 10 }, seed)) hits[i]++;
    // 2000 draws with p = 1/4: mean 500, standard deviation 19.4; six of them leave room for 40 comparisons.
    for (const n of hits) expect(Math.abs(n - 500)).toBeLessThan(6 * 19.4);
  });

  test('takes everything at 100%, and never an item without a label', () => {
    const labels = [0, -1, 1, 1, -1, 0];
    expect([...stratified(labels, parseAmount('100%'), 3)]).toEqual([0, 2, 3, 5]);
    expect([...stratified(labels, { count: 4 }, 3)]).toEqual([0, 2, 3, 5]);
  });

  test('refuses more than there is, a class without items, labels out of range and less than one item', () => {
    const labels = [0, 0, 2, 2, -1];
    expect(() => stratified([0, 1, -1], { count: 3 }, 1)).toThrow(
      '3 labelled items are asked for, but there are only 2',
    );
    expect(() => stratified(labels, { count: 2 }, 1)).toThrow('class 1 of 3 has no labelled item');
    expect(() => stratified([0, 1], { count: 2 }, 1, { classes: 3 })).toThrow('class 2 of 3');
    expect(() => stratified([0, 3], { count: 2 }, 1, { classes: 3 })).toThrow('item 1 has label 3');
    expect(() => stratified([0, -2], { count: 1 }, 1)).toThrow('item 1 has label -2');
    expect(() => stratified([0, 1], { fraction: 0.07 }, 1)).toThrow(
      '7% of 2 labelled items is less than one item',
    );
    expect(() => stratified([-1, -1], { fraction: 1 }, 1)).toThrow('no item has a label');
    for (const amount of [
      { count: 0 },
      { count: 1.5 },
      { fraction: 0 },
      { fraction: 1.1 },
      { fraction: Number.NaN },
    ]) {
      expect(() => stratified([0, 1], amount, 1)).toThrow(DataError);
    }
  });
});

describe('parseAmount', () => {
  test.each([
    ['1%', { fraction: 0.01 }],
    ['0.1%', { fraction: 0.001 }],
    [' 100% ', { fraction: 1 }],
    ['0.5', { fraction: 0.5 }],
    [0.5, { fraction: 0.5 }],
    [1e-7, { fraction: 1e-7 }],
    ['600', { count: 600 }],
    [600, { count: 600 }],
    [1, { count: 1 }],
  ])('reads %s', (text, amount) => {
    expect(parseAmount(text)).toEqual(amount);
  });

  test.each(['', 'some', '-1', '-5%', '0', '0%', '101%', '1.5', '1e3%x', 'NaN', 'Infinity', '10 20'])(
    'refuses "%s" and says how to write it',
    (text) => {
      expect(() => parseAmount(text)).toThrow(/a share such as 1%/);
    },
  );
});

describe('trainValidation', () => {
  const labels = Int32Array.from([...labelsOf([40, 20, 10]), -1, -1]);
  const bytes = Uint8Array.from(labels, (_, i) => i);
  const data = bytesDataSet({ name: 'toy', bytes, shape: [1], labels, classes: ['a', 'b', 'c'] });
  const items = (part: typeof data): number[] =>
    Array.from({ length: part.length }, (_, i) => {
      const out = new Float32Array(1);
      part.read(i, out, 0);
      return Math.round(out[0] * 255);
    });

  test('splits into disjoint parts that are everything, classes in proportion, unlabelled items for training', () => {
    const { train, validation } = trainValidation(data, 0.1, 5);
    expect([...items(train), ...items(validation)].toSorted((a, b) => a - b)).toEqual([...bytes]);
    expect(countByClass(validation.labels, validation.labels.keys(), 3)).toEqual([4, 2, 1]);
    expect([...train.labels].filter((label) => label === -1)).toHaveLength(2);
    expect(items(trainValidation(data, 0.1, 5).validation)).toEqual(items(validation));
    expect(items(trainValidation(data, 0.1, 6).validation)).not.toEqual(items(validation));
  });

  test('does not choose the items that stratified chooses for the same seed', () => {
    const { validation } = trainValidation(data, 0.5, 5);
    expect(items(validation)).not.toEqual([...stratified(labels, { fraction: 0.5 }, 5)]);
  });

  test('refuses to empty a class, and shares that are none', () => {
    expect(() => trainValidation(data, 0.99, 5)).toThrow(/all \d+ items of class "\w"/);
    for (const fraction of [0, 1, -0.1, Number.NaN])
      expect(() => trainValidation(data, fraction, 1)).toThrow(DataError);
  });
});
