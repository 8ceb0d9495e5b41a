/** What every network's specification must fulfil, whatever it learns by. */
import { losses } from './loss.js';
import { checkLearningRates, type LearningRates, optimizers } from './parameters.js';

interface CommonSpec {
  readonly loss: string;
  readonly optimizer: string;
  readonly learningRates: LearningRates;
  readonly gain?: number | undefined;
}

/**
 * Checks loss, optimizer, learning rates and gain.
 *
 * @param layers layers of weights
 * @param wrong makes the error from what is wrong
 */
export function checkCommon(spec: CommonSpec, layers: number, wrong: (what: string) => Error): void {
  const { loss, optimizer, learningRates, gain = 0.5 } = spec;
  if (!losses.some((name) => name === loss)) {
    throw wrong(`cannot have the loss "${loss}": one of ${losses.join(', ')} is needed`);
  }
  if (!optimizers.some((name) => name === optimizer)) {
    throw wrong(`cannot have the optimizer "${optimizer}": one of ${optimizers.join(', ')} is needed`);
  }
  checkLearningRates(learningRates, layers, wrong);
  if (!(gain >= 0 && gain < Infinity)) throw wrong(`needs a gain of at least 0, not ${gain}`);
}
