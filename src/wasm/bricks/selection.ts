/** Winner-take-all in compute memory, on all threads; see {@link OutputOperations.selectLargest}. */
import type { Compute } from '../compute/compute.js';
import type { Selection } from '../../learner/learner.js';
import { Room } from './room.js';

/** Rows of `width` values, `stride` apart: outputs, their mask (0 for none) and their target. */
export interface SelectionRows {
  readonly y: number;
  readonly mask: number;
  readonly d: number;
  readonly size: number;
  readonly width: number;
  readonly stride: number;
}

export class LargestSelection {
  readonly #compute: Compute;
  /** H; every thread's candidates, their leads and indices; the sums of d. */
  #buffers: readonly number[] = [];
  readonly #room: Room;

  constructor(compute: Compute) {
    this.#compute = compute;
    this.#room = new Room(compute);
  }

  /** Writes d and returns its sums over the items. */
  run(rows: SelectionRows, { count, offsets, selected, others }: Selection): Float64Array {
    const { y, mask, d, size, width, stride } = rows;
    const compute = this.#compute;
    if (!(Number.isInteger(count) && count >= 1 && count <= width)) {
      throw new RangeError(`of ${width} outputs 1 to ${width} can be selected, not ${count}`);
    }
    if (offsets.length !== width) {
      throw new RangeError(`${width} outputs need as many offsets, not ${offsets.length}`);
    }
    this.#room.reserve(compute.threads * size * count, (candidates, take) => {
      this.#buffers = [8 * stride, 8 * candidates, 4 * candidates, 8 * stride].map(take);
    });
    const [h, leads, chosen, sums] = this.#buffers;
    compute.f64(h, width).set(offsets);
    compute.run('candidates', {
      y,
      homeostasis: h,
      leads,
      chosen,
      batch: size,
      outputs: width,
      stride,
      count,
    });
    compute.run('winnersTakeAll', {
      leads,
      chosen,
      mask,
      d,
      sums,
      batch: size,
      outputs: width,
      stride,
      count,
      won: selected,
      lost: others,
    });
    return compute.f64(sums, width);
  }
}
