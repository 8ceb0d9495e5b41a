/// <reference lib="esnext.disposable" preserve="true" />
/**
 * Memory, kernels and threads behind one small object, private to the learners of src/wasm. Operations are synchronous and speak
 * of panels and lists of these kernels: another backend, such as a GPU, implements {@link Learner} instead.
 */
import { type KernelBuild, probe } from './capabilities.js';
import { loadKernels } from './kernelBuild.js';
import type { Address } from './address.js';
import { inOrder, type KernelName, type Kernels, MAX_THREADS } from './kernels.js';
import { Crew } from './crew.js';
import { ComputeDisposedError } from './errors.js';
import { warnIfForgotten } from './forgotten.js';
import { type MemoryReport, SharedMemory } from './memory.js';

export interface ComputeOptions {
  /** Threads to use, the caller's included; the machine's cores by default. At most 64. */
  threads?: number | undefined;
  /** The build of the kernels; otherwise the fastest one that is proven here. `plain` sets no flag of the engine. */
  kernel?: KernelBuild | undefined;
  /** Called with what has to be done without, such as threads where memory cannot be shared. */
  onWarning?: ((message: string) => void) | undefined;
}

export interface Compute extends Disposable {
  readonly threads: number;
  readonly kernel: KernelBuild;
  /**
   * For products that are screened (kernels/screen.ts), to what whole numbers values can be rounded and are multiplied right, 255 or
   * 127; 0 where the build has no fast products of whole numbers, or wrong ones.
   */
  readonly screenLevels: number;
  /** Takes `bytes` of cleared memory, aligned to a cache line, and returns its address. */
  allocate(bytes: number): Address;
  /** Gives back what `allocate` of the same object returned. Throws a RangeError for any other address. */
  free(address: Address): void;
  /** A view of `length` floats at `address`. */
  f32(address: Address, length: number): Float32Array;
  f64(address: Address, length: number): Float64Array;
  i32(address: Address, length: number): Int32Array;
  u8(address: Address, length: number): Uint8Array;
  /** Runs one operation on all threads and returns when all are done. */
  run<K extends KernelName>(operation: K, args: Kernels[K]): void;
  /** What the memory looks like now, that of all arenas included. */
  memory(): MemoryReport;
  /**
   * The same threads and memory for one owner, a learner as a rule: `dispose` gives back what was allocated through
   * this object, and nothing else. Warns when `owner`, called `what` in words, is dropped without that.
   */
  arena(owner: object, what: string): Compute;
  /**
   * Ends the threads and gives up the memory; of an arena, gives back its memory. Afterwards everything is refused with
   * a {@link ComputeDisposedError}, except for `free` and another `dispose`, which do nothing.
   */
  dispose(): void;
}

/**
 * Starts a compute backend. Throws `UnsupportedRuntimeError` where WebAssembly SIMD is missing.
 *
 * In Node the `relaxed` build (Node 20 only) and the `wide` build need experimental flags of V8, which are the whole process's. They
 * are set while the kernels are compiled, in one go and once per process, and are put back before this function continues, so no
 * other WebAssembly module is compiled with them. `wide` is the default only with versions of V8 on which all tests have passed, and
 * only if it computes the same bits with the flags as without them and is faster. `kernel: 'plain'` sets no flag anywhere,
 * `kernel: 'relaxed'` none in Node 22 and later. `probe` says what is behind flags, and sets none.
 */
export async function createCompute(options: ComputeOptions = {}): Promise<Compute> {
  const capabilities = await probe();
  const { build: kernel, module, screenLevels } = await loadKernels(options.kernel, capabilities);
  let threads = options.threads ?? Math.min(capabilities.cores, MAX_THREADS);
  if (!(Number.isInteger(threads) && threads >= 1 && threads <= MAX_THREADS)) {
    throw new RangeError(`threads must be a whole number from 1 to ${MAX_THREADS}, not ${threads}`);
  }
  if (threads > 1 && !capabilities.canWait) {
    options.onWarning?.(
      capabilities.sharedMemory
        ? "one thread is used: a page's main thread cannot wait for others; create the compute in a Web Worker"
        : 'one thread is used: memory cannot be shared here (a page needs cross-origin isolation)',
    );
    threads = 1;
  }
  const memory = new SharedMemory(options.onWarning);
  const crew = await Crew.start(threads, module, memory.memory, options.onWarning);
  return new WasmCompute({
    threads: crew.threads,
    kernel,
    screenLevels,
    memory,
    crew,
    onWarning: options.onWarning,
  });
}

/** What a compute and its arenas share. */
interface Machine {
  readonly threads: number;
  readonly kernel: KernelBuild;
  readonly screenLevels: number;
  readonly memory: SharedMemory;
  readonly crew: Crew;
  readonly onWarning: ((message: string) => void) | undefined;
}

/** One owner's share of a machine: the whole, or an arena. */
class WasmCompute implements Compute {
  readonly #machine: Machine;
  readonly #what: string;
  /** Addresses of what is allocated. */
  readonly #owned = new Set<Address>();
  /** Of an arena: what it is part of, which is not forgotten while the arena is in use. */
  readonly #whole: WasmCompute | undefined;
  readonly #forget: () => void;
  #isDisposed = false;

  constructor(machine: Machine, owner?: object, what = 'the compute', whole?: WasmCompute) {
    this.#machine = machine;
    this.#what = what;
    this.#whole = whole;
    const { crew, onWarning } = machine;
    const endsThreads = whole === undefined;
    const find = () => {
      if (crew.isEnded) return undefined;
      if (endsThreads) crew.end();
      return `${what} was dropped without dispose(), so its memory was not given back`;
    };
    this.#forget = warnIfForgotten(owner ?? this, find, onWarning);
  }

  get threads(): number {
    return this.#machine.threads;
  }

  get kernel(): KernelBuild {
    return this.#machine.kernel;
  }

  get screenLevels(): number {
    return this.#machine.screenLevels;
  }

  get #isOver(): boolean {
    return this.#isDisposed || this.#machine.crew.isEnded;
  }

  /** The memory, unless it is too late. */
  get #memory(): SharedMemory {
    if (!this.#isOver) return this.#machine.memory;
    const what = this.#isDisposed ? this.#what : `the compute of ${this.#what}`;
    throw new ComputeDisposedError(`${what} has been disposed and can no longer be used; create a new one`);
  }

  allocate(bytes: number): Address {
    const address = this.#memory.allocate(bytes) as Address;
    this.#owned.add(address);
    return address;
  }

  free(address: Address): void {
    if (this.#isOver) return;
    if (!this.#owned.delete(address)) throw new RangeError(`address ${address} is not allocated here`);
    this.#memory.free(address);
  }

  f32(address: Address, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, address, length);
  }

  f64(address: Address, length: number): Float64Array {
    return new Float64Array(this.#memory.buffer, address, length);
  }

  i32(address: Address, length: number): Int32Array {
    return new Int32Array(this.#memory.buffer, address, length);
  }

  u8(address: Address, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, address, length);
  }

  run<K extends KernelName>(operation: K, args: Kernels[K]): void {
    if (this.#isOver) void this.#memory;
    this.#machine.crew.run(operation, inOrder[operation](args));
  }

  memory(): MemoryReport {
    return this.#memory.report();
  }

  arena(owner: object, what: string): Compute {
    void this.#memory;
    return new WasmCompute(this.#machine, owner, what, this.#whole ?? this);
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#forget();
    if (!this.#whole) this.#machine.crew.end();
    else if (!this.#isOver) for (const address of this.#owned) this.#memory.free(address);
    this.#owned.clear();
    this.#isDisposed = true;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
