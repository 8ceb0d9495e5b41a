/** The WebAssembly memory that kernels, threads and learners share. */
import { UnsupportedRuntimeError } from './capabilities.js';
import { Heap } from './heap.js';
import { HEAP } from './kernels.js';

const PAGE = 65536;
/** Addresses stay below 2 GiB, so that they are positive 32-bit numbers. */
const MOST_PAGES = 32768;
/** With less than 64 MiB nothing useful can be done. */
const FEWEST_PAGES = 1024;

/** What a compute's memory looks like at a moment, in bytes. */
export interface MemoryReport {
  /** The size that the memory has grown to. */
  readonly reserved: number;
  readonly used: number;
  /** The most that has been in use at once. */
  readonly highWater: number;
  /** The size that it can grow to. */
  readonly limit: number;
  /** Pieces in use. */
  readonly blocks: number;
}

export class SharedMemory {
  readonly memory: WebAssembly.Memory;
  readonly #heap = new Heap(HEAP);
  readonly #limit: number;

  /**
   * `onWarning` hears when the system grants less address space than the usual 2 GiB.
   *
   * @throws UnsupportedRuntimeError when it grants hardly any
   */
  constructor(onWarning?: (message: string) => void) {
    const { memory, pages } = reserve(MOST_PAGES);
    this.memory = memory;
    this.#limit = pages * PAGE;
    if (pages < MOST_PAGES) {
      onWarning?.(`address space is limited here, so networks can use at most ${megabytes(this.#limit)}`);
    }
  }

  get buffer(): ArrayBufferLike {
    return this.memory.buffer;
  }

  report(): MemoryReport {
    const { used, highWater, blocks } = this.#heap;
    return { reserved: this.buffer.byteLength, used, highWater, limit: this.#limit, blocks };
  }

  /** Takes `bytes` of cleared memory, aligned to a cache line. Throws a RangeError when there is no more. */
  allocate(bytes: number): number {
    const { fresh } = this.#heap;
    const address = this.#heap.allocate(bytes, (end) => this.#grow(end));
    // What has never been in use is zero.
    const used = Math.min(this.#heap.sizeOf(address) ?? 0, fresh - address);
    if (used > 0) new Uint8Array(this.buffer, address, used).fill(0);
    return address;
  }

  free(address: number): void {
    this.#heap.free(address);
  }

  #grow(end: number): void {
    const missing = Math.ceil((end - this.buffer.byteLength) / PAGE);
    if (missing <= 0) return;
    try {
      this.memory.grow(missing);
    } catch {
      throw new RangeError(
        `out of memory: ${megabytes(end)} needed, of which ${megabytes(this.#heap.used)} are in use, but the limit is ` +
          `${megabytes(this.#limit)}; use a smaller network or batch, and dispose networks that you no longer need`,
      );
    }
  }
}

/** A shared memory reserves the address space of its maximum at once: as much as the system grants. */
function reserve(most: number): { memory: WebAssembly.Memory; pages: number } {
  for (let pages = most; ; pages /= 2) {
    try {
      return { memory: newMemory(16, pages), pages };
    } catch (error) {
      if (pages / 2 < FEWEST_PAGES) throw error;
    }
  }
}

/** A shared memory. Throws an {@link UnsupportedRuntimeError} where the system grants no address space for it. */
export function newMemory(initial: number, maximum: number): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial, maximum, shared: true });
  } catch (cause) {
    throw new UnsupportedRuntimeError(
      'the system grants too little address space for WebAssembly. A memory takes 10 GB of it (not of RAM) in Node; raise the ' +
        'limit (see ulimit -v), or start Node with --disable-wasm-trap-handler, with which it takes at most 2 GB but runs slower',
      { cause },
    );
  }
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MB`;
}
