/**
 * Memory, kernels and threads behind one small object. Learners allocate buffers and run operations; they see
 * neither WebAssembly nor workers, so that another backend can stand behind the same operations.
 */
import { platform } from '#platform';
import { type KernelBuild, probe } from './capabilities.js';
import { loadKernels } from './kernelBuild.js';
import { HEAP, type KernelName, type Kernels, kernelNames, MAX_THREADS } from './kernels.js';
import { CONTROL_FIELDS, DONE, FAILED, MAX_ARGUMENTS, OPERATION, SEQUENCE, waitWhile } from './threads.js';
import type { WorkerHandle } from './platform/platform.js';
import { workerSource } from './workerSource.js';

export interface ComputeOptions {
  /** Threads to use, the caller's included; the machine's cores unless told otherwise. At most 64. */
  threads?: number | undefined;
  /** The build of the kernels; the fastest one that this runtime accepts unless told otherwise. */
  kernel?: KernelBuild | undefined;
  /** Told what had to be done without, e.g. threads where memory cannot be shared. */
  onWarning?: ((message: string) => void) | undefined;
}

export interface Compute {
  readonly threads: number;
  readonly kernel: KernelBuild;
  /**
   * For products that are screened (kernels/screen.ts), to what whole numbers values can be rounded and are multiplied right, 255 or
   * 127; 0 where the build has no fast products of whole numbers, or wrong ones.
   */
  readonly screenLevels: number;
  /** Takes `bytes` of cleared memory, aligned to a cache line, and returns its address. */
  allocate(bytes: number): number;
  /** Gives back what `allocate` returned. */
  free(address: number): void;
  /** A view of `length` floats at `address`. */
  f32(address: number, length: number): Float32Array;
  f64(address: number, length: number): Float64Array;
  i32(address: number, length: number): Int32Array;
  u8(address: number, length: number): Uint8Array;
  /** Runs one operation on all threads and returns when all are done. */
  run<K extends KernelName>(operation: K, ...args: Parameters<Kernels[K]>): void;
  /** Ends the threads. The object must not be used afterwards. */
  dispose(): void;
}

const PAGE = 65536;
/** Addresses stay below 2 GiB, so that they are positive 32-bit numbers. */
const MAXIMUM_PAGES = 32768;

/** Starts a compute backend. Throws `UnsupportedRuntimeError` where WebAssembly SIMD is missing. */
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
  const memory = new WebAssembly.Memory({ initial: 16, maximum: MAXIMUM_PAGES, shared: true });
  // The first page belongs to the kernels' own constants.
  const control = new Int32Array(memory.buffer, PAGE, CONTROL_FIELDS);
  const values = new Float64Array(memory.buffer, PAGE + 4 * CONTROL_FIELDS, MAX_ARGUMENTS);
  const shared = { module, memory, control, values, names: kernelNames };
  let workers: WorkerHandle[] = [];
  if (threads > 1) {
    try {
      workers = await startWorkers(threads, shared);
    } catch (error) {
      options.onWarning?.(`one thread is used: ${error instanceof Error ? error.message : error}`);
      threads = 1;
    }
  }
  return new WasmCompute(threads, kernel, screenLevels, module, memory, control, values, workers);
}

/** Starts all threads but the caller's; where one of them fails, none is left. */
async function startWorkers(threads: number, shared: object): Promise<WorkerHandle[]> {
  const started = await Promise.allSettled(
    Array.from({ length: threads - 1 }, (_, i) =>
      platform.startWorker(workerSource, { ...shared, part: i + 1, parts: threads }),
    ),
  );
  const failed = started.find((each) => each.status === 'rejected');
  const workers = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  if (!failed) return workers;
  for (const worker of workers) worker.terminate();
  throw new Error(`a worker thread did not start (${(failed.reason as Error).message})`, {
    cause: failed.reason,
  });
}

class WasmCompute implements Compute {
  readonly threads: number;
  readonly kernel: KernelBuild;
  readonly screenLevels: number;
  readonly #memory: WebAssembly.Memory;
  readonly #operations: ((...args: number[]) => void)[];
  readonly #numbers: Map<string, number>;
  readonly #control: Int32Array;
  readonly #values: Float64Array;
  readonly #workers: WorkerHandle[];
  readonly #sizes = new Map<number, number>();
  readonly #spare = new Map<number, number[]>();
  #end = HEAP;

  constructor(
    threads: number,
    kernel: KernelBuild,
    screenLevels: number,
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    control: Int32Array,
    values: Float64Array,
    workers: WorkerHandle[],
  ) {
    this.threads = threads;
    this.kernel = kernel;
    this.screenLevels = screenLevels;
    this.#memory = memory;
    this.#control = control;
    this.#values = values;
    this.#workers = workers;
    const exports = new WebAssembly.Instance(module, { env: { memory, abort() {} } }).exports;
    this.#operations = kernelNames.map((name) => exports[name] as (...args: number[]) => void);
    this.#numbers = new Map(kernelNames.map((name, i) => [name, i]));
  }

  allocate(bytes: number): number {
    const size = Math.max(64, Math.ceil(bytes / 64) * 64);
    const spare = this.#spare.get(size)?.pop();
    const address = spare ?? this.#end;
    if (spare === undefined) {
      const end = address + size;
      const missing = Math.ceil((end - this.#memory.buffer.byteLength) / PAGE);
      if (missing > 0) {
        try {
          this.#memory.grow(missing);
        } catch {
          throw new RangeError(
            `out of memory: ${Math.ceil(end / 2 ** 20)} MB wanted, at most ${(MAXIMUM_PAGES * PAGE) / 2 ** 20} MB can be had; use a smaller network or batch`,
          );
        }
      }
      this.#end = end;
    } else {
      new Uint8Array(this.#memory.buffer, address, size).fill(0);
    }
    this.#sizes.set(address, size);
    return address;
  }

  free(address: number): void {
    const size = this.#sizes.get(address);
    if (size === undefined) throw new RangeError(`address ${address} is not allocated`);
    this.#sizes.delete(address);
    const spare = this.#spare.get(size);
    if (spare) spare.push(address);
    else this.#spare.set(size, [address]);
  }

  f32(address: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, address, length);
  }

  f64(address: number, length: number): Float64Array {
    return new Float64Array(this.#memory.buffer, address, length);
  }

  i32(address: number, length: number): Int32Array {
    return new Int32Array(this.#memory.buffer, address, length);
  }

  u8(address: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, address, length);
  }

  run<K extends KernelName>(operation: K, ...args: Parameters<Kernels[K]>): void {
    const number = this.#numbers.get(operation) as number;
    const { threads } = this;
    if (threads === 1) {
      this.#operations[number](0, 1, ...args);
      return;
    }
    const control = this.#control;
    for (let i = 0; i < args.length; i++) this.#values[i] = args[i];
    control[OPERATION] = number;
    Atomics.store(control, DONE, 0);
    Atomics.add(control, SEQUENCE, 1);
    Atomics.notify(control, SEQUENCE);
    this.#operations[number](0, threads, ...args);
    for (let done = Atomics.load(control, DONE); done < threads - 1; ) done = waitWhile(control, DONE, done);
    if (control[FAILED]) throw new Error(`the ${operation} kernel failed in a worker thread`);
  }

  dispose(): void {
    this.#control[OPERATION] = -1;
    Atomics.add(this.#control, SEQUENCE, 1);
    Atomics.notify(this.#control, SEQUENCE);
    for (const worker of this.#workers) worker.terminate();
  }
}
