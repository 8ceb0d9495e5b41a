/** The accuracy of a network whose outputs stand for classes by construction. */
import { countLabelled, type DataSet } from '../data/dataSet.js';
import { outputsOf, type Predictor, type ReadoutOptions } from './outputs.js';

/**
 * Percent of the labelled items of `test` for which the most active output belongs to the right class: with N outputs, each of the C
 * classes owns N / C neighbours, and the answer is floor(argmax / (N / C)).
 */
export async function labelAccuracy(
  learner: Predictor,
  test: DataSet,
  options: ReadoutOptions = {},
): Promise<number> {
  const answer = labelAnswer(learner.outputs, test.classes.length);
  let right = 0;
  for await (const { from, outputs } of outputsOf(learner, test, options)) {
    for (let b = 0; b < outputs.size; b++) {
      if (answer(outputs.values, b * outputs.width) === test.labels[from + b]) right++;
    }
  }
  return (100 * right) / countLabelled(test);
}

/** The answer, a class index, to the item whose outputs stand in `values` from `from` on. */
export function labelAnswer(
  outputs: number,
  classes: number,
): (values: Float32Array, from: number) => number {
  const owned = outputs / classes;
  return (values, from) => {
    let best = 0;
    for (let i = 1; i < outputs; i++) if (values[from + i] > values[from + best]) best = i;
    return Math.floor(best / owned);
  };
}
