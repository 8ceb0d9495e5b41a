/** Ctrl-C: the first asks for an orderly end, the second ends at once. */
import { exitStatus, Interrupted } from './exitStatus.js';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Interruption {
  readonly signal: AbortSignal;
  /** Gives the signals back their usual meaning. */
  release(): void;
}

/** Listens until released; `onFirst` tells the user that it has been heard. */
export function listenForInterruption(onFirst: () => void): Interruption {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(exitStatus.interrupted);
    controller.abort();
    onFirst();
  };
  // The reader of our output has gone (`... | head`): nothing more can be said, but the work is kept.
  const outputGone = (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') controller.abort();
  };
  for (const name of signals) process.on(name, interrupt);
  process.stdout.on('error', outputGone);
  return {
    signal: controller.signal,
    release() {
      for (const name of signals) process.off(name, interrupt);
      process.stdout.off('error', outputGone);
    },
  };
}

/**
 * Does `work` until it is done or Ctrl-C ends it.
 *
 * @param onFirst tells the user that Ctrl-C has been heard
 * @throws Interrupted when that ended it
 */
export async function interruptible<Result>(
  onFirst: () => void,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const { signal, release } = listenForInterruption(onFirst);
  try {
    return await work(signal);
  } catch (error) {
    if (signal.aborted) throw new Interrupted();
    throw error;
  } finally {
    release();
  }
}
