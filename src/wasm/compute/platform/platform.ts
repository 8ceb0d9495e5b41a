/**
 * What Node and browsers do differently. `node.ts` and `browser.ts` implement it; `#platform` in package.json chooses
 * between them by the import condition `node`, so a bundle for a browser never sees a `node:` module.
 */

export interface WorkerHandle {
  /** Resolves when the worker waits for work. Rejects when it ended before, with a {@link NoThreadError} where no thread is granted. */
  readonly ready: Promise<void>;
  terminate(): void;
  /** False when the thread is known to have ended, asked without giving way to the event loop. */
  isAlive(): boolean;
}

/** The system or the page grants no further thread. */
export class NoThreadError extends Error {
  override name = 'NoThreadError';
}

/** What the engine can do, but only where one of its experimental flags is set. */
export interface BehindFlags {
  /** Relaxed SIMD: Node 20. */
  readonly relaxedSimd: boolean;
  /** Widening SIMD operations to 256 bits: Node 24 and later on x64. */
  readonly widening: boolean;
}

export interface Platform {
  readonly node: boolean;
  /** Memory can be shared with workers. */
  readonly sharedMemory: boolean;
  /**
   * Gives signals their usual meaning, to end the process, while the caller is blocked and could not hear them; returns
   * what undoes it.
   */
  releaseSignals(): () => void;
  /** Hardware threads. */
  readonly cores: number;
  /** The version of V8 in Node, '' elsewhere. */
  readonly v8: string;
  readonly behindFlags: BehindFlags;
  /** Does `work` while these flags of the engine are set, and puts them back. Just does it where there are no such flags. */
  withEngineFlags<T>(flags: readonly string[], work: () => T): T;
  /**
   * Starts a worker that runs `serve(data, ready)` of `source`, which is text, not a file, so that a worker starts from any
   * bundle. Once it was ready, `onLost` hears why it ended.
   */
  startWorker(source: string, data: object, onLost: (reason: string) => void): WorkerHandle;
}
