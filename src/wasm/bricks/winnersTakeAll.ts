/** Winner-take-all where the outputs lie, on all threads. */
import type { Compute } from '../compute/compute.js';
import { grown } from '../compute/heap.js';
import type { Contest } from '../../learner/learner.js';

/** Rows of `width` values that lie `stride` apart: outputs, their mask (0 for none) and their target. */
export interface ContestRows {
  readonly y: number;
  readonly mask: number;
  readonly d: number;
  readonly size: number;
  readonly width: number;
  readonly stride: number;
}

export class WinnersTakeAll {
  readonly #compute: Compute;
  /** H; every thread's candidates, their leads and indices; the sums of d. */
  readonly #buffers: number[] = [];
  #stride = 0;
  #candidates = 0;

  constructor(compute: Compute) {
    this.#compute = compute;
  }

  /** Writes d; answers its sums over the items. See {@link Outputs.winnersTakeAll}. */
  run(rows: ContestRows, { winners, homeostasis, won, lost }: Contest): Float64Array {
    const { y, mask, d, size, width, stride } = rows;
    const compute = this.#compute;
    this.#reserve(stride, compute.threads * size * winners);
    const [offsets, leads, chosen, sums] = this.#buffers;
    compute.f64(offsets, width).set(homeostasis);
    compute.run('candidates', y, offsets, leads, chosen, size, width, stride, winners);
    const shape = [size, width, stride, winners] as const;
    compute.run('winnersTakeAll', leads, chosen, mask, d, sums, ...shape, won, lost);
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
