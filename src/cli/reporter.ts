/** Who is told what happens: a person at a terminal, a file, a program, or nobody before the end. */
import type { DownloadProgress } from '../data/node/download.js';
import type { RunEvent } from '../run/events.js';

export interface Reporter {
  tell(event: RunEvent): void;
  download(progress: DownloadProgress): void;
  /** Ctrl-C was heard. */
  stopping(): void;
  /** Takes away what is only of use while it moves. */
  close(): void;
}

/** One JSON object a line on standard output; with `quiet` only the last. */
export function jsonReporter(quiet: boolean): Reporter {
  let told = 0;
  return {
    tell(event) {
      if (event.event === 'progress' || (event.event === 'loading' && event.done < event.total)) {
        // A program wants to know that it moves, not every tenth of a second.
        if (performance.now() - told < 1000) return;
        told = performance.now();
      }
      if (quiet && event.event !== 'done' && event.event !== 'interrupted') return;
      process.stdout.write(`${JSON.stringify(event)}\n`);
    },
    download() {},
    stopping() {},
    close() {},
  };
}
