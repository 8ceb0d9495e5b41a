/** Finds winners where the outputs lie, on all threads. */
import type { Compute } from '../compute/compute.js';

export class WinnerSearch {
  readonly #compute: Compute;
  /** H, and for every winner its lead and its index. */
  readonly #buffers: number[] = [];
  #outputs = 0;
  #winners = 0;

  constructor(compute: Compute) {
    this.#compute = compute;
  }

  /**
   * The `count` largest of y - H in each of `size` rows of `width` values at `y`, `stride` apart; see
   * {@link Outputs.winners}. The answer is valid until the next call.
   */
  find(
    y: number,
    size: number,
    width: number,
    stride: number,
    count: number,
    homeostasis: Float64Array,
  ): Int32Array {
    this.#reserve(stride, size * count);
    const [offsets, leads, chosen] = this.#buffers;
    this.#compute.f64(offsets, width).set(homeostasis);
    this.#compute.run('winners', y, offsets, leads, chosen, size, width, stride, count);
    return this.#compute.i32(chosen, size * count);
  }

  #reserve(outputs: number, winners: number): void {
    if (outputs === this.#outputs && winners <= this.#winners) return;
    this.dispose();
    this.#outputs = outputs;
    this.#winners = winners;
    for (const bytes of [8 * outputs, 8 * winners, 4 * winners]) {
      this.#buffers.push(this.#compute.allocate(bytes));
    }
  }

  /** Gives all memory back. */
  dispose(): void {
    for (const address of this.#buffers.splice(0)) this.#compute.free(address);
    this.#outputs = 0;
  }
}
