/** Files decoded on all processors, so that the thread that trains and listens for Ctrl-C has nothing to do meanwhile. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { DataError } from '../dataSet.js';
import type { OwnFile } from '../ownFile.js';
import type { Picture } from '../pictures.js';
import type { ImageShape } from '../resample.js';

/** What a thread is asked: to read the file at `location`, or `content`. */
export interface PictureJob {
  readonly id: number;
  /** The file's name in errors. */
  readonly source: string;
  readonly location: string | undefined;
  readonly content: Uint8Array | undefined;
}

/** What a thread is told at its start. */
export interface PictureWorkerData {
  /** What every picture is made into. */
  readonly image: ImageShape | undefined;
  /** SHA-256 of files whose picture is there already. */
  readonly known: ReadonlySet<string>;
}

/** The system gives no threads. */
export class NoThreads extends Error {}

export interface PictureAnswer {
  readonly id: number;
  readonly digest?: string;
  /** Absent where the file is known, or cannot be read. */
  readonly picture?: Picture;
  /** The message of a DataError. */
  readonly refusal?: string;
  readonly failure?: { readonly code: string | undefined; readonly message: string };
}

/** More threads than this only wait for the disk. */
const mostThreads = 16;
/** Jobs that a thread has at a time: one to do and one to follow. */
const jobsEach = 2;

/** Whether there can be other threads: the sources of tests are not compiled, and a thread takes only what is. */
export const hasWorkers = !import.meta.url.endsWith('.ts');

/**
 * Asks for the pictures of `files` and answers them in their order.
 *
 * @throws the signal's reason when aborted, and the threads are ended then, whatever they are doing; {@link NoThreads}
 */
export async function* picturesByWorkers(options: {
  readonly name: string;
  readonly files: readonly OwnFile[];
  readonly image: ImageShape | undefined;
  readonly known: ReadonlySet<string>;
  readonly signal: AbortSignal | undefined;
}): AsyncGenerator<PictureAnswer> {
  const { name, files, image, known, signal } = options;
  signal?.throwIfAborted();
  const crew = new Crew(Math.min(availableParallelism(), mostThreads, files.length), { image, known });
  const abort = (): void => crew.fail(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const waiting: Promise<PictureAnswer>[] = [];
    let next = 0;
    for (let id = 0; id < files.length; id++) {
      while (next < files.length && waiting.length < crew.size * jobsEach) {
        const { path, location, read } = files[next];
        const content = location === undefined ? await read() : undefined;
        waiting.push(crew.ask({ id: next++, source: `${name}/${path}`, location, content }));
      }
      yield (await waiting.shift()) as PictureAnswer;
    }
  } finally {
    signal?.removeEventListener('abort', abort);
    await crew.end();
  }
}

/** Threads that take jobs in turn. */
class Crew {
  readonly #workers: Worker[];
  readonly #asked = new Map<number, { resolve(answer: PictureAnswer): void; reject(error: unknown): void }>();
  #failure: { readonly reason: unknown } | undefined;
  #next = 0;

  constructor(threads: number, workerData: PictureWorkerData) {
    this.#workers = Array.from({ length: threads }, () => {
      // Without this process's flags: a worker refuses some, such as --input-type.
      const worker = new Worker(new URL('./pictureWorker.js', import.meta.url), {
        workerData,
        execArgv: [],
      });
      worker.on('message', (answer: PictureAnswer) => {
        this.#asked.get(answer.id)?.resolve(answer);
        this.#asked.delete(answer.id);
      });
      worker.on('error', (error) => this.fail(explainedFailure(error)));
      return worker;
    });
  }

  get size(): number {
    return this.#workers.length;
  }

  ask(job: PictureJob): Promise<PictureAnswer> {
    const answer = new Promise<PictureAnswer>((resolve, reject) => {
      this.#asked.set(job.id, { resolve, reject });
      if (this.#failure) reject(this.#failure.reason);
      else this.#workers[this.#next++ % this.#workers.length].postMessage(job);
    });
    // It is awaited in its turn; until then its failure is nobody's.
    answer.catch(() => undefined);
    return answer;
  }

  fail(reason: unknown): void {
    this.#failure ??= { reason };
    for (const { reject } of this.#asked.values()) reject(reason);
    this.#asked.clear();
  }

  async end(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

function explainedFailure(error: Error): Error {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ERR_WORKER_INIT_FAILED') return new NoThreads(error.message, { cause: error });
  if (code !== 'ERR_WORKER_OUT_OF_MEMORY') return error;
  return new DataError('a picture needs more memory than is available; make the largest ones smaller', {
    cause: error,
  });
}
