/**
 * Training steps follow each other without ever waiting, so signals, timers and the progress bar would not get
 * their turn; this gives it to them, often enough to feel immediate and seldom enough to cost nothing.
 */
import { setImmediate } from 'node:timers/promises';
import type { Batch, Learner, Outputs } from '../learner/learner.js';

const INTERVAL_MS = 50;

export class Turns {
  #last = performance.now();

  /** Lets the event loop run when it has not for a while. */
  async giveIfDue(): Promise<void> {
    if (performance.now() - this.#last < INTERVAL_MS) return;
    await setImmediate();
    this.#last = performance.now();
  }
}

/** `learner` as a readout sees it, giving others their turn between batches. */
export function readable(learner: Learner, turns: Turns): Learner {
  return {
    inputs: learner.inputs,
    outputs: learner.outputs,
    async predict(x: Batch): Promise<Outputs> {
      await turns.giveIfDue();
      return learner.predict(x);
    },
    step: () => {
      throw new TypeError('a readout does not train');
    },
    state: () => learner.state(),
    load: (state) => learner.load(state),
  };
}
