/** The accuracy of a network whose outputs stand for classes by construction. */
import { type DataSet, UNLABELLED } from '../data/dataSet.js';
import { accuracyOfConfusion, noAnswers } from './classResults.js';
import { outputsOf, type Predictor, type ReadoutOptions } from './outputs.js';

/**
 * Percent of the labelled items of `test` for which the most active output belongs to the right class: with N outputs,
 * each of the C classes owns N / C neighbours, and the answer is floor(argmax / (N / C)).
 */
export async function labelAccuracy(
  learner: Predictor,
  test: DataSet,
  options: ReadoutOptions = {},
): Promise<number> {
  return accuracyOfConfusion(await labelConfusion(learner, test, options));
}

/** For each class of the labelled items of `test`, how often each class was the answer. */
export async function labelConfusion(
  learner: Predictor,
  test: DataSet,
  options: ReadoutOptions = {},
): Promise<readonly Uint32Array[]> {
  const answer = labelAnswer(learner.outputs, test.classes.length);
  const confusion = noAnswers(test.classes.length);
  for await (const { from, outputs } of outputsOf(learner, test, options)) {
    for (let b = 0; b < outputs.size; b++) {
      const label = test.labels[from + b];
      if (label !== UNLABELLED) confusion[label][answer(outputs.values, b * outputs.width)]++;
    }
  }
  return confusion;
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
