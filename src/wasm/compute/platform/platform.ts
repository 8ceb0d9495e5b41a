/**
 * What Node and browsers do differently. `node.ts` and `browser.ts` implement it; `#platform` in package.json chooses
 * between them by the import condition `node`, so a bundle for a browser never sees a `node:` module.
 */

export interface WorkerHandle {
  terminate(): void;
}

export interface Platform {
  readonly node: boolean;
  /** Memory can be shared with workers. */
  readonly sharedMemory: boolean;
  /** Hardware threads. */
  readonly cores: number;
  /** The engine can be told to widen SIMD operations to 256 bits (Node 24 and later, on x64). */
  readonly widening: boolean;
  /** Sets a flag of the engine from now on, where a program may do that. */
  setEngineFlag(flag: string): void;
  /**
   * Starts a worker that runs `serve(data)` of `source`; resolves when it is ready. The source is text, not a file, so
   * that a worker starts from any bundle. Rejects where no worker can be started.
   */
  startWorker(source: string, data: object): Promise<WorkerHandle>;
}
