/** Who hears what happens: a person at a terminal, a file, a program, or nobody before the end. */
import type { RunEvent } from '../run/events.js';

export interface Reporter {
  tell(event: RunEvent): void;
  /** Says what is being done while no event tells. */
  working(what: string): void;
  /** Ctrl-C was heard. */
  stopping(message?: string): void;
  /** Takes away what is only of use while it moves. */
  close(): void;
}

/** A program wants to know that it moves, not every tenth of a second. */
const MOVES_MS = 1000;
const moves = new Set<RunEvent['event']>(['progress', 'readout-progress', 'loading', 'download']);

/** One JSON object a line on standard output; with `quiet` only the last. */
export function jsonReporter(quiet: boolean): Reporter {
  let told = 0;
  return {
    tell(event) {
      if (moves.has(event.event) && !isComplete(event)) {
        if (performance.now() - told < MOVES_MS) return;
        told = performance.now();
      }
      if (quiet && event.event !== 'done' && event.event !== 'interrupted') return;
      process.stdout.write(`${JSON.stringify(event)}\n`);
    },
    working() {},
    stopping() {},
    close() {},
  };
}

function isComplete(event: RunEvent): boolean {
  return event.event === 'loading' && event.done === event.total;
}
