/** The threads of a compute: the caller and its workers. */
import { type KernelName, kernelNames } from './kernels.js';
import { CONTROL_FIELDS, DONE, FAILED, MAX_ARGUMENTS, OPERATION, SEQUENCE, waitWhile } from './threads.js';
import { platform } from '#platform';
import type { WorkerHandle } from './platform/platform.js';
import { workerSource } from './workerSource.js';

const PAGE = 65536;

export class Crew {
  readonly threads: number;
  readonly #operations: ((...args: number[]) => void)[];
  readonly #numbers: Map<string, number>;
  readonly #control: Int32Array;
  readonly #values: Float64Array;
  readonly #workers: WorkerHandle[];
  #isEnded = false;

  static async start(
    threads: number,
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    onWarning?: (message: string) => void,
  ): Promise<Crew> {
    // The first page belongs to the kernels' own constants.
    const control = new Int32Array(memory.buffer, PAGE, CONTROL_FIELDS);
    const values = new Float64Array(memory.buffer, PAGE + 4 * CONTROL_FIELDS, MAX_ARGUMENTS);
    const shared = { module, memory, control, values, names: kernelNames };
    let workers: WorkerHandle[] = [];
    if (threads > 1) {
      try {
        workers = await startWorkers(threads, shared);
      } catch (error) {
        onWarning?.(`one thread is used: ${error instanceof Error ? error.message : error}`);
      }
    }
    return new Crew(workers.length + 1, module, memory, control, values, workers);
  }

  private constructor(
    threads: number,
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    control: Int32Array,
    values: Float64Array,
    workers: WorkerHandle[],
  ) {
    this.threads = threads;
    this.#control = control;
    this.#values = values;
    this.#workers = workers;
    const exports = new WebAssembly.Instance(module, { env: { memory, abort() {} } }).exports;
    this.#operations = kernelNames.map((name) => exports[name] as (...args: number[]) => void);
    this.#numbers = new Map(kernelNames.map((name, i) => [name, i]));
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  run(operation: KernelName, args: readonly number[]): void {
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

  end(): void {
    this.#isEnded = true;
    this.#control[OPERATION] = -1;
    Atomics.add(this.#control, SEQUENCE, 1);
    Atomics.notify(this.#control, SEQUENCE);
    for (const worker of this.#workers) worker.terminate();
  }
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
