/** Numbers on the command line. */
import { InvalidArgumentError } from 'commander';
import { MAX_THREADS } from '../wasm/compute/kernelSignatures.js';

/** A parser for whole numbers from `least` to `most`. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const number = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
    if (!(number >= least && number <= most)) {
      const range = most < Number.MAX_SAFE_INTEGER ? `from ${least} to ${most}` : `of at least ${least}`;
      throw new InvalidArgumentError(`It must be a whole number ${range}.`);
    }
    return number;
  };
}

/** A number of threads. */
export const threadCount = wholeNumber(1, MAX_THREADS);
