/** The contract of learners (learner/learner.ts), as checks. */
import type { Check } from './check.js';
import { descending } from './descending.js';
import { Laboratory, type LearnerContractOptions, type MakeLearner } from './laboratory.js';
import { predicting } from './predicting.js';
import { parametric, saving } from './saving.js';
import { stepping } from './stepping.js';

/**
 * Checks of what every learner owes those who train it. Whatever a learner does not claim in its traits, or
 * does not have (weights of items, given gradients, dispose, exchangeable parameters), is not demanded of it.
 *
 * @param make makes a small learner; every check makes its own ones and disposes them
 */
export function learnerContract(make: MakeLearner, options: LearnerContractOptions = {}): Check[] {
  const demands = { ...predicting, ...stepping, ...descending, ...saving, ...parametric };
  return Object.entries(demands).map(([name, check]) => ({
    name,
    run: async () => {
      const lab = new Laboratory(make, options);
      try {
        await check(lab);
      } finally {
        await lab.clear();
      }
    },
  }));
}
