import type { DataSet } from './dataSet.js';

/** Enough items to know the mean to some percent. */
const SAMPLE = 500;

/** An all-black data set still gets a finite learning rate. */
const LEAST = 1e-3;

/**
 * How strong the items are as input: the mean, over the first 500 items, of the sum of an item's squared values.
 * `suitableRate` and `suitableGain` are functions of it.
 */
export function inputPower(data: DataSet): number {
  const count = Math.min(SAMPLE, data.length);
  const values = new Float32Array(data.width);
  let sum = 0;
  for (let item = 0; item < count; item++) {
    data.read(item, values, 0);
    for (const value of values) sum += value * value;
  }
  return Math.max(LEAST, sum / Math.max(1, count));
}
