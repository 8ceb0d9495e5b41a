/** The threads of a compute: the caller and its workers. */
import { platform } from '#platform';
import { KernelTrapError, WorkerLostError } from './errors.js';
import { type KernelName, kernelNames } from './kernels.js';
import { Pace } from './pace.js';
import { NoThreadError, type WorkerHandle } from './platform/platform.js';
import {
  ASLEEP,
  CONTROL_FIELDS,
  claim,
  DONE,
  END,
  FAILED,
  HELPERS,
  LOOKS,
  MAX_ARGUMENTS,
  OPERATION,
  PARTS,
  SEQUENCE,
  TEXT,
  WAITING,
} from './threads.js';
import { workerSource } from './workerSource.js';

/** The first page belongs to the kernels' own constants, the second to the control block. */
const CONTROL = 65536;

/** Operations that leave a result for every part, where it is looked for: they are always cut into the same parts. */
const leavesParts = new Set<KernelName>([
  'updateSparse',
  'updateAndForwardSparse',
  'settle',
  'candidates',
  'winnersTakeAll',
]);

/** A sleeping caller looks after the workers so often, in milliseconds. */
const GLANCE = 100;
/** After so many glances the caller may be blocked for long, and a signal must be able to end the process. */
const DEAF = 5;
/** A part that takes so many glances, and so many times as long as the caller's own part, is given up. */
const GLANCES = 80;
const TIMES_OWN = 100;

/** Workers that have not started when for so many milliseconds no other one has are given up. */
const PATIENCE = 8000;

type Operation = (part: number, parts: number, ...args: number[]) => void;

export class Crew {
  /** The caller's thread included. */
  readonly threads: number;
  readonly #operations: readonly Operation[];
  readonly #control: Int32Array;
  readonly #values: Float64Array;
  readonly #workers: readonly WorkerHandle[];
  readonly #pace: Pace;
  #sequence = 0;
  #lost: string | undefined;
  #isEnded = false;

  /**
   * Starts the threads; fewer, with a warning, where the system grants no more.
   *
   * @throws WorkerLostError when a worker starts but does not come to work; then none is left
   */
  static async start(
    threads: number,
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    onWarning?: (message: string) => void,
  ): Promise<Crew> {
    const control = new Int32Array(memory.buffer, CONTROL, CONTROL_FIELDS);
    const values = new Float64Array(memory.buffer, CONTROL + 8 * CONTROL_FIELDS, MAX_ARGUMENTS);
    const { exports } = new WebAssembly.Instance(module, { env: { memory, abort() {} } });
    const operations = kernelNames.map((name) => exports[name] as Operation);
    let crew: Crew | undefined;
    let lost: string | undefined;
    const onLost = (reason: string) => {
      lost = reason;
      if (crew) crew.#lose(reason);
    };
    const shared = { module, memory, control, values, names: kernelNames };
    const starting = Array.from({ length: threads - 1 }, (_, i) =>
      platform.startWorker(workerSource, { ...shared, worker: i + 1 }, onLost),
    );
    const failures = await failuresOf(starting);
    const failure = failures.find((error) => error && !(error instanceof NoThreadError));
    if (failure) {
      for (const worker of starting) worker.terminate();
      throw new WorkerLostError(`a worker thread did not start: ${failure.message}`, { cause: failure });
    }
    const workers = starting.filter((_, i) => !failures[i]);
    const shortage = failures.find((error) => error !== undefined);
    if (shortage) {
      onWarning?.(
        `${workers.length + 1} of ${threads} threads are used: no more could be started (${shortage.message})`,
      );
    }
    crew = new Crew(operations, control, values, workers);
    if (lost !== undefined) crew.#lose(lost);
    return crew;
  }

  private constructor(
    operations: readonly Operation[],
    control: Int32Array,
    values: Float64Array,
    workers: readonly WorkerHandle[],
  ) {
    this.threads = workers.length + 1;
    this.#operations = operations;
    this.#control = control;
    this.#values = values;
    this.#workers = workers;
    control[PARTS] = this.threads;
    this.#pace = new Pace(Math.min(this.threads, platform.cores), this.threads);
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /**
   * Runs an operation to its end.
   *
   * @throws KernelTrapError when a part of it fails; all other parts are over then
   * @throws WorkerLostError when a worker has ended, now and ever after
   */
  run(operation: KernelName, args: readonly number[]): void {
    if (this.#lost !== undefined) throw this.#lostError();
    const number = numbers.get(operation) as number;
    if (this.threads === 1) {
      this.#alone(number, 1, args);
      return;
    }
    const { threads } = this.#pace;
    const start = performance.now();
    if (threads === 1) this.#alone(number, leavesParts.has(operation) ? this.threads : 1, args);
    else this.#together(number, threads, args, start);
    // Buffers tell layers apart, and begin at multiples of 64.
    this.#pace.took(number + (args[0] >> 6), performance.now() - start);
  }

  #alone(number: number, parts: number, args: readonly number[]): void {
    const operation = this.#operations[number];
    try {
      for (let part = 0; part < parts; part++) operation(part, parts, ...args);
    } catch (error) {
      throw trapped(number, error);
    }
  }

  #together(number: number, threads: number, args: readonly number[], start: number): void {
    const control = this.#control;
    const operation = this.#operations[number];
    const sequence = this.#publish(number, threads - 1, args);
    let trap: unknown;
    let theirs = 0;
    const parts = this.threads;
    for (let part = 0; part < parts; part++) {
      if (part > 0 && !claim(control, part, sequence)) theirs++;
      else if (trap === undefined) {
        try {
          operation(part, parts, ...args);
        } catch (error) {
          trap = error;
        }
      }
    }
    this.#awaitParts(theirs, start);
    if (control[FAILED] === 1) {
      control[FAILED] = 0;
      const codes = control.subarray(TEXT + 1, TEXT + 1 + control[TEXT]);
      trap ??= new Error(String.fromCharCode(...codes));
    }
    if (trap !== undefined) throw trapped(number, trap);
  }

  /** Writes a command and wakes workers that sleep. */
  #publish(number: number, helpers: number, args: readonly number[]): number {
    const control = this.#control;
    const sequence = (this.#sequence + 1) | 0;
    this.#sequence = sequence;
    for (let i = 0; i < args.length; i++) this.#values[i] = args[i];
    control[OPERATION] = number;
    Atomics.store(control, HELPERS + (sequence & 1), helpers);
    Atomics.store(control, DONE, 0);
    Atomics.store(control, SEQUENCE, sequence);
    for (let worker = 1; worker <= helpers; worker++) this.#wake(worker);
    return sequence;
  }

  #wake(worker: number): void {
    const control = this.#control;
    if (Atomics.load(control, ASLEEP + worker) === 0) return;
    Atomics.store(control, ASLEEP + worker, 0);
    Atomics.notify(control, ASLEEP + worker);
  }

  /** Waits until workers are done with so many parts of what began at `start`; the caller is done with its own. */
  #awaitParts(count: number, start: number): void {
    const control = this.#control;
    for (let look = 0; look < LOOKS; look++) if (Atomics.load(control, DONE) === count) return;
    Atomics.store(control, WAITING, 1);
    // Counted in glances, because the clock keeps running while a whole process is stopped.
    const own = performance.now() - start;
    const most = Math.max(GLANCES, (TIMES_OWN * own) / GLANCE);
    let listenAgain = () => {};
    try {
      for (let glance = 0; ; ) {
        const done = Atomics.load(control, DONE);
        if (done === count) break;
        if (Atomics.wait(control, DONE, done, GLANCE) !== 'timed-out') continue;
        glance++;
        if (glance === DEAF) listenAgain = platform.releaseSignals();
        if (this.#workers.some((worker) => !worker.isAlive())) {
          this.#lose('it ended in the middle of an operation');
        } else if (glance >= most) this.#lose('it did not finish its part of an operation');
        if (this.#lost !== undefined) throw this.#lostError();
      }
    } finally {
      listenAgain();
    }
    Atomics.store(control, WAITING, 0);
  }

  /** A worker has ended that should not have; all others end, too. */
  #lose(reason: string): void {
    if (this.#isEnded || this.#lost !== undefined) return;
    this.#lost = reason;
    this.#endWorkers();
  }

  #lostError(): WorkerLostError {
    return new WorkerLostError(
      `a worker thread is lost: ${this.#lost}. This compute can run nothing more; create a new one, and start from the last saved state`,
    );
  }

  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#endWorkers();
  }

  #endWorkers(): void {
    const control = this.#control;
    control[OPERATION] = END;
    Atomics.add(control, SEQUENCE, 1);
    for (let worker = 1; worker < this.threads; worker++) this.#wake(worker);
    for (const worker of this.#workers) worker.terminate();
  }
}

const numbers = new Map<KernelName, number>(kernelNames.map((name, i) => [name, i]));

function trapped(number: number, cause: unknown): KernelTrapError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new KernelTrapError(
    `the operation ${kernelNames[number]} failed (${reason}), and what it was writing is incomplete; ` +
      'load the last saved state before you continue',
    { cause },
  );
}

/** Why each worker did not start, or nothing where it did. */
async function failuresOf(workers: readonly WorkerHandle[]): Promise<(Error | undefined)[]> {
  let giveUp = () => {};
  const silence = new Promise<never>((_, reject) => {
    giveUp = () => reject(new Error(`it gave no sign of life for ${PATIENCE / 1000} seconds`));
  });
  let timer = setTimeout(giveUp, PATIENCE);
  const outcomes = await Promise.allSettled(
    workers.map(async ({ ready }) => {
      await Promise.race([ready, silence]);
      clearTimeout(timer);
      timer = setTimeout(giveUp, PATIENCE);
    }),
  );
  clearTimeout(timer);
  return outcomes.map((each) => (each.status === 'rejected' ? (each.reason as Error) : undefined));
}
