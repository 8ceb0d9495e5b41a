/** Which stretches of a memory are in use: best fit, and neighbours that are free become one. */

/** Blocks begin and end at cache lines. */
const ALIGNMENT = 64;

/** A free stretch. */
interface Gap {
  address: number;
  size: number;
}

export class Heap {
  /** Sizes of the blocks in use, by address. */
  readonly #blocks = new Map<number, number>();
  /** Ordered by address; none touches another or the end. */
  readonly #gaps: Gap[] = [];
  #end: number;
  #used = 0;
  #highWater = 0;
  /** Everything from here on has never been in use. */
  #fresh: number;

  /** Of a memory whose part from `start` is to be shared out. */
  constructor(start: number) {
    this.#end = start;
    this.#fresh = start;
  }

  get blocks(): number {
    return this.#blocks.size;
  }

  /** Bytes in use. */
  get used(): number {
    return this.#used;
  }

  /** The most bytes that have been in use at once. */
  get highWater(): number {
    return this.#highWater;
  }

  /** The end of the last block. */
  get end(): number {
    return this.#end;
  }

  /** Everything from here on has never been in use. */
  get fresh(): number {
    return this.#fresh;
  }

  /** Takes `bytes`. `grow` makes sure that the memory reaches to an address, or throws; then nothing has changed. */
  allocate(bytes: number, grow: (end: number) => void): number {
    const size = Math.max(1, Math.ceil(bytes / ALIGNMENT)) * ALIGNMENT;
    const address = this.#takeGap(size) ?? this.#takeEnd(size, grow);
    this.#blocks.set(address, size);
    this.#used += size;
    this.#highWater = Math.max(this.#highWater, this.#used);
    return address;
  }

  /** Takes `size` bytes from the smallest gap that has them. */
  #takeGap(size: number): number | undefined {
    let best = -1;
    for (let i = 0; i < this.#gaps.length; i++) {
      const found = this.#gaps[i].size;
      if (found >= size && (best < 0 || found < this.#gaps[best].size)) best = i;
    }
    if (best < 0) return undefined;
    const gap = this.#gaps[best];
    const { address } = gap;
    gap.address += size;
    gap.size -= size;
    if (gap.size === 0) this.#gaps.splice(best, 1);
    return address;
  }

  #takeEnd(size: number, grow: (end: number) => void): number {
    const address = this.#end;
    grow(address + size);
    this.#end = address + size;
    this.#fresh = Math.max(this.#fresh, this.#end);
    return address;
  }

  /** The size of the block at `address`, if there is one. */
  sizeOf(address: number): number | undefined {
    return this.#blocks.get(address);
  }

  /** Gives a block back. Throws a RangeError where there is none. */
  free(address: number): void {
    const size = this.#blocks.get(address);
    if (size === undefined) throw new RangeError(`address ${address} is not allocated`);
    this.#blocks.delete(address);
    this.#used -= size;
    const gaps = this.#gaps;
    const next = firstBehind(gaps, address);
    const [before, behind] = [gaps[next - 1], gaps[next]];
    const joinsBefore = next > 0 && before.address + before.size === address;
    const joinsBehind = next < gaps.length && behind.address === address + size;
    if (joinsBefore) before.size += size + (joinsBehind ? behind.size : 0);
    if (joinsBefore && joinsBehind) gaps.splice(next, 1);
    else if (joinsBehind) Object.assign(behind, { address, size: behind.size + size });
    else if (!joinsBefore) gaps.splice(next, 0, { address, size });
    this.#lowerEnd();
  }

  #lowerEnd(): void {
    const last = this.#gaps[this.#gaps.length - 1];
    if (!last || last.address + last.size !== this.#end) return;
    this.#end = last.address;
    this.#gaps.pop();
  }
}

/** The index of the first gap behind `address`. */
function firstBehind(gaps: readonly Gap[], address: number): number {
  let [from, to] = [0, gaps.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (gaps[middle].address < address) from = middle + 1;
    else to = middle;
  }
  return from;
}

/**
 * For how many items to make room when there was room for `capacity` and `size` come: exactly so many at first, and
 * some more than are needed when batches keep growing, so that this happens seldom.
 */
export function grown(capacity: number, size: number): number {
  return Math.max(size, Math.ceil(1.25 * capacity));
}
