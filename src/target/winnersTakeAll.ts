/** Winner-take-all as it is defined, for learners that do not offer it where their outputs are. */
import type { Outputs, Selection } from '../learner/learner.js';

/** Writes d and returns its sums over the items; see {@link OutputOperations.selectLargest}. */
export function winnersTakeAll(
  { size, width, values, mask }: Outputs,
  d: Float32Array,
  { count, offsets, selected, others }: Selection,
): Float64Array {
  const sums = new Float64Array(width);
  for (let j = 0; j < size * width; j++) {
    d[j] = mask ? Math.fround(others) * mask[j] : others;
    sums[j % width] += d[j];
  }
  for (let b = 0; b < size; b++) {
    const row = b * width;
    for (const i of largest(values.subarray(row, row + width), count, offsets)) {
      const before = d[row + i];
      d[row + i] = mask ? Math.fround(selected) * mask[row + i] : selected;
      sums[i] += d[row + i] - before;
    }
  }
  return sums;
}

/** The k largest of y - H, the largest first; of equal ones the lower index is first, and NaN never wins. */
function largest(y: Float32Array, k: number, offsets: Float64Array): number[] {
  const chosen: number[] = [];
  const leads: number[] = [];
  for (let i = 0; i < y.length; i++) {
    const lead = y[i] - offsets[i];
    if (!(lead > (leads[k - 1] ?? -Infinity))) continue;
    let place = Math.min(k - 1, chosen.length);
    for (; place > 0 && leads[place - 1] < lead; place--) {
      leads[place] = leads[place - 1];
      chosen[place] = chosen[place - 1];
    }
    leads[place] = lead;
    chosen[place] = i;
  }
  return chosen;
}
