/** Standard output and error may fail while the work continues: a full disk, a reader that has gone. */
import { systemCode } from '../node/systemErrors.js';

export interface OutputWatch {
  /** Why standard output has lost something, if it has; a reader that has gone wanted no more. */
  failure(): string | undefined;
}

/** Watches both until the process ends: without a listener, their errors would end it at once. */
export function watchOutput(): OutputWatch {
  let failure: string | undefined;
  process.stdout.on('error', (error) => {
    if (systemCode(error) === 'EPIPE') return;
    failure ??= systemCode(error) === 'ENOSPC' ? 'the disk is full' : error.message;
  });
  process.stderr.on('error', () => {});
  return { failure: () => failure };
}
