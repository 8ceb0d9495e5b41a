/** The accuracy of a network whose outputs stand for classes by construction. */
import { countLabelled, type DataSet } from '../data/dataSet.js';
import type { Learner } from '../learner/learner.js';
import { outputsOf, type ReadoutOptions } from './outputs.js';

/**
 * Percent of the labelled items of `test` for which the most active output belongs to the right class: with N outputs, each of the C
 * classes owns N / C neighbours, and the answer is floor(argmax / (N / C)).
 */
export async function labelAccuracy(
  learner: Learner,
  test: DataSet,
  options: ReadoutOptions = {},
): Promise<number> {
  const owned = learner.outputs / test.classes.length;
  let right = 0;
  for await (const { from, outputs } of outputsOf(learner, test, options)) {
    for (let b = 0; b < outputs.size; b++) {
      let best = 0;
      for (let i = 1, j = b * outputs.width; i < outputs.width; i++) {
        if (outputs.values[j + i] > outputs.values[j + best]) best = i;
      }
      if (Math.floor(best / owned) === test.labels[from + b]) right++;
    }
  }
  return (100 * right) / countLabelled(test);
}
