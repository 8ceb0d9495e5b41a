/** Ctrl-C: the first asks for an orderly end, the second ends at once. */
import { exitStatus } from './exitStatus.js';

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
  // Whoever read our output has gone (`... | head`): nothing more can be said, but the work is kept.
  const outputGone = (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') controller.abort();
    else throw error;
  };
  for (const name of signals) process.on(name, interrupt);
  process.stdout.on('error', outputGone);
  return {
    signal: controller.signal,
    release() {
      for (const name of signals) process.off(name, interrupt);
    },
  };
}
