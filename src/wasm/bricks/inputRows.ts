/** The way of a batch into compute memory: rows of values, padded to whole cache lines, times a dropout mask. */
import type { Compute } from '../compute/compute.js';
import { padded } from '../compute/kernels.js';
import type { Batch } from '../../learner/learner.js';
import { Room } from './room.js';
import { writeByteRows, writeRows } from './rows.js';

export class InputRows {
  readonly #compute: Compute;
  readonly #width: number;
  readonly #stride: number;
  readonly #room: Room;
  #bytes = 0;

  /** Of items of `width` values. */
  constructor(compute: Compute, width: number) {
    this.#compute = compute;
    this.#width = width;
    this.#stride = padded(width);
    this.#room = new Room(compute);
  }

  /**
   * Writes the items to rows at `to`, times the mask at `mask` unless that is 0.
   *
   * @throws RangeError when they have another width
   */
  write(x: Batch, to: number, mask: number): void {
    const { size, width, bytes } = x;
    const compute = this.#compute;
    const stride = this.#stride;
    if (width !== this.#width) {
      throw new RangeError(`items have ${width} values, but the network takes ${this.#width}`);
    }
    if (bytes) {
      this.#room.reserve(size, (capacity, take) => {
        this.#bytes = take(capacity * stride);
      });
      writeByteRows(compute, this.#bytes, bytes.values, size, width, stride);
      compute.run('scaleBytes', {
        bytes: this.#bytes,
        x: to,
        mask,
        batch: size,
        stride,
        maximum: bytes.maximum,
      });
      return;
    }
    writeRows(compute, to, x.values, size, width, stride);
    // The kernels' identity activation times the mask.
    if (mask) compute.run('activate', { z: to, slope: 0, mask, batch: size, width, stride, activation: 0 });
  }
}
