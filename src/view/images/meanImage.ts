/** Items averaged into one picture. */
import type { DataSet } from '../../data/dataSet.js';

/** The mean of the `items` of `data`; black where there are none. */
export function meanImage(data: DataSet, items: readonly number[]): Float32Array {
  const mean = new Float32Array(data.width);
  const one = new Float32Array(data.width);
  for (const item of items) {
    data.read(item, one, 0);
    for (let v = 0; v < mean.length; v++) mean[v] += one[v] / items.length;
  }
  return mean;
}
