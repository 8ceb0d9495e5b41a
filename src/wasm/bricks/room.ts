/** Memory whose size goes with that of the batch. */
import type { Address } from '../compute/address.js';
import type { Compute } from '../compute/compute.js';
import { grown } from '../compute/heap.js';

/** Takes cleared memory that is given back when the room grows. */
export type Take = (bytes: number) => Address;

export class Room {
  readonly #compute: Compute;
  readonly #taken = new Set<Address>();
  #capacity = 0;

  constructor(compute: Compute) {
    this.#compute = compute;
  }

  /** Whether there is room for `size`. */
  fits(size: number): boolean {
    return size <= this.#capacity;
  }

  /**
   * Makes room for `size`, unless there is: gives back all that was taken, and has `furnish` take what `capacity` needs. When memory
   * runs out on the way, there is no room for anything until the next call.
   */
  reserve(size: number, furnish: (capacity: number, take: Take) => void): void {
    if (this.fits(size)) return;
    const capacity = grown(this.#capacity, size);
    this.#capacity = 0;
    for (const address of this.#taken) this.#compute.free(address);
    this.#taken.clear();
    furnish(capacity, (bytes) => {
      const address = this.#compute.allocate(bytes);
      this.#taken.add(address);
      return address;
    });
    this.#capacity = capacity;
  }

  /** Leaves `address` to somebody who still writes there, until `settled`; everything else is taken again at the next call. */
  leave(address: Address, settled: Promise<unknown>): void {
    this.#capacity = 0;
    this.#taken.delete(address);
    void settled.then(() => this.#compute.free(address));
  }
}
