/** Winner-take-all in compute memory, on all threads; see {@link OutputOperations.selectLargest}. */
import type { Compute } from '../compute/compute.js';
import { grown } from '../compute/heap.js';
import type { Selection } from '../../learner/learner.js';

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
  readonly #buffers: number[] = [];
  #stride = 0;
  #candidates = 0;

  constructor(compute: Compute) {
    this.#compute = compute;
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
    this.#reserve(stride, compute.threads * size * count);
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

  #reserve(stride: number, candidates: number): void {
    if (stride === this.#stride && candidates <= this.#candidates) return;
    for (const address of this.#buffers.splice(0)) this.#compute.free(address);
    const count = grown(this.#candidates, candidates);
    for (const bytes of [8 * stride, 8 * count, 4 * count, 8 * stride]) {
      this.#buffers.push(this.#compute.allocate(bytes));
    }
    this.#stride = stride;
    this.#candidates = count;
  }
}
