/** Shuffled batches. Training reads one a step, about a millisecond apart, so nothing is allocated but a header. */
import type { Batch } from '../learner/learner.js';
import { Purpose, RandomStream } from '../learner/random.js';
import type { DataSet } from './dataSet.js';

/**
 * The order in which an epoch visits 0 .. length-1: each exactly once, a different order each epoch, the same for
 * the same seed and epoch, whatever was drawn before.
 */
export function batchOrder(length: number, seed: number, epoch: number): Uint32Array {
  return new RandomStream(seed, Purpose.order, epoch).permutation(length);
}

/**
 * The items of `data` at `indices[from .. to)`, row after row, in [0, 1]. `to` beyond the end is cut there: the last
 * batch of an epoch may be smaller.
 *
 * @param out where to write, at least (to - from) x data.width values; the batch is a view of it and valid until
 *   the next read into it. Without it, memory is allocated.
 * @throws RangeError when `from` is not before the end or `out` is too small
 */
export function readBatch(
  data: DataSet,
  indices: ArrayLike<number>,
  from: number,
  to: number,
  out?: Float32Array,
): Batch {
  const size = Math.min(to, indices.length) - from;
  if (!(size > 0 && from >= 0)) {
    throw new RangeError(`${data.name}: no batch from ${from} to ${to} among ${indices.length} items`);
  }
  const { width } = data;
  const length = size * width;
  const buffer = out ?? new Float32Array(length);
  if (buffer.length < length) {
    throw new RangeError(
      `${data.name}: ${size} items of ${width} values need ${length} places, got ${buffer.length}`,
    );
  }
  for (let row = 0; row < size; row++) data.read(indices[from + row], buffer, row * width);
  return { size, width, values: buffer.length === length ? buffer : buffer.subarray(0, length) };
}
