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

/** Reads batches of up to `most` items of `data`, all into the same memory. */
export class BatchReader {
  readonly #data: DataSet;
  readonly #most: number;
  readonly #bytes: Uint8Array;
  #values = new Float32Array(0);

  constructor(data: DataSet, most: number) {
    this.#data = data;
    this.#most = most;
    this.#bytes = new Uint8Array(data.bytes ? most * data.width : 0);
  }

  /**
   * The items at `indices[from .. to)`, row after row; valid until the next read. `to` beyond the end is cut there: the
   * last batch of an epoch may be smaller.
   *
   * @throws RangeError when `from` is not before the end, or when there is no room for so many
   */
  read(indices: ArrayLike<number>, from: number, to: number): Batch {
    const { name, width, bytes } = this.#data;
    const size = Math.min(to, indices.length) - from;
    if (!(size > 0 && from >= 0)) {
      throw new RangeError(`${name}: no batch from ${from} to ${to} among ${indices.length} items`);
    }
    if (size > this.#most) throw new RangeError(`${name}: room for ${this.#most} items a batch, not ${size}`);
    if (bytes) {
      for (let row = 0; row < size; row++) bytes.read(indices[from + row], this.#bytes, row * width);
      const values = this.#bytes.subarray(0, size * width);
      return new ByteBatch(size, width, { values, maximum: bytes.maximum }, () => this.#room(size));
    }
    const values = this.#room(size);
    for (let row = 0; row < size; row++) this.#data.read(indices[from + row], values, row * width);
    return { size, width, values };
  }

  #room(size: number): Float32Array {
    const { width } = this.#data;
    if (this.#values.length === 0) this.#values = new Float32Array(this.#most * width);
    return this.#values.subarray(0, size * width);
  }
}

/** Bytes, until somebody reads the values: these may be changed, so that they are all there is from then on. */
class ByteBatch implements Batch {
  readonly size: number;
  readonly width: number;
  readonly #bytes: NonNullable<Batch['bytes']>;
  readonly #room: () => Float32Array;
  #values: Float32Array | undefined;

  constructor(size: number, width: number, bytes: NonNullable<Batch['bytes']>, room: () => Float32Array) {
    this.size = size;
    this.width = width;
    this.#bytes = bytes;
    this.#room = room;
  }

  get bytes(): Batch['bytes'] {
    return this.#values ? undefined : this.#bytes;
  }

  get values(): Float32Array {
    if (this.#values) return this.#values;
    const { values: bytes, maximum } = this.#bytes;
    const values = this.#room();
    for (let j = 0; j < values.length; j++) values[j] = bytes[j] / maximum;
    this.#values = values;
    return values;
  }
}

/** The items of `data` at `indices[from .. to)`, in memory of their own; see {@link BatchReader.read}. */
export function readBatch(data: DataSet, indices: ArrayLike<number>, from: number, to: number): Batch {
  return new BatchReader(data, to - from).read(indices, from, to);
}
