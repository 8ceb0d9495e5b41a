/**
 * Direct association: which class each output neuron stands for, and what the network then answers
 * (docs/explanation/method.md, "Reading classes out").
 */
import { countLabelled, type DataSet, UNLABELLED } from '../data/dataSet.js';
import { accuracyOfConfusion, noAnswers } from './classResults.js';
import { outputsOf, type Predictor, type ReadoutOptions } from './outputs.js';

/** The class of a neuron that answers to none. */
export const NO_CLASS = -1;

export interface Association {
  readonly classes: number;
  /** The class index of each output neuron, {@link NO_CLASS} where it never answered. */
  readonly classOf: Int32Array;
}

/** Gives every neuron the class for which its mean output over the labelled items is largest. */
export async function associate(
  learner: Predictor,
  labelled: DataSet,
  options: ReadoutOptions = {},
): Promise<Association> {
  const classes = labelled.classes.length;
  const neurons = learner.outputs;
  const sums = new Float64Array(classes * neurons);
  const items = new Float64Array(classes);
  for await (const { from, outputs } of outputsOf(learner, labelled, options)) {
    for (let b = 0, j = 0; b < outputs.size; b++) {
      const label = labelled.labels[from + b];
      if (label === UNLABELLED) {
        j += neurons;
        continue;
      }
      items[label]++;
      for (let at = label * neurons; at < (label + 1) * neurons; at++, j++) {
        const y = outputs.values[j];
        if (y !== 0) sums[at] += y;
      }
    }
  }
  const classOf = new Int32Array(neurons).fill(NO_CLASS);
  for (let i = 0; i < neurons; i++) {
    const means = Array.from(items, (count, c) => (count === 0 ? -Infinity : sums[c * neurons + i] / count));
    if (means.every((mean) => mean === 0 || mean === -Infinity)) continue;
    classOf[i] = means.indexOf(Math.max(...means));
  }
  return { classes, classOf };
}

/** Percent of the labelled items of `test` answered correctly, by both ways of asking the named neurons. */
export interface AssociationAccuracy {
  /** By the class whose neurons have the largest mean output. */
  readonly average: number;
  /** By the class of the single most active named neuron. */
  readonly max: number;
  /** For each class of the labelled items, how often each class was the answer by `average`. */
  readonly confusion: readonly Uint32Array[];
}

export async function associationAccuracy(
  learner: Predictor,
  { classes, classOf }: Association,
  test: DataSet,
  options: ReadoutOptions = {},
): Promise<AssociationAccuracy> {
  const neurons = learner.outputs;
  const members = membersOf({ classes, classOf });
  const totals = new Float64Array(classes);
  const confusion = noAnswers(classes);
  let max = 0;
  for await (const { from, outputs } of outputsOf(learner, test, options)) {
    for (let b = 0; b < outputs.size; b++) {
      totals.fill(0);
      let largest = -Infinity;
      let ofLargest = NO_CLASS;
      for (let i = 0, j = b * neurons; i < neurons; i++, j++) {
        const c = classOf[i];
        if (c === NO_CLASS) continue;
        const y = outputs.values[j];
        totals[c] += y;
        if (y > largest) {
          largest = y;
          ofLargest = c;
        }
      }
      const best = largestMean(totals, members);
      const label = test.labels[from + b];
      if (label === UNLABELLED) continue;
      confusion[label][best]++;
      if (ofLargest === label) max++;
    }
  }
  return { average: accuracyOfConfusion(confusion), max: (100 * max) / countLabelled(test), confusion };
}

/** The answer, a class index, to the item whose outputs stand in `values` from `from` on: "average" of the two ways. */
export function averageAnswer(association: Association): (values: Float32Array, from: number) => number {
  const { classes, classOf } = association;
  const members = membersOf(association);
  const totals = new Float64Array(classes);
  return (values, from) => {
    totals.fill(0);
    for (let i = 0; i < classOf.length; i++)
      if (classOf[i] !== NO_CLASS) totals[classOf[i]] += values[from + i];
    return largestMean(totals, members);
  };
}

/** Neurons of each class. */
function membersOf({ classes, classOf }: Association): Float64Array {
  const members = new Float64Array(classes);
  for (const c of classOf) if (c !== NO_CLASS) members[c]++;
  return members;
}

/** The class whose neurons have the largest mean output; one without neurons scores -1. */
function largestMean(totals: Float64Array, members: Float64Array): number {
  let best = 0;
  let bestMean = -Infinity;
  for (let c = 0; c < totals.length; c++) {
    const mean = members[c] === 0 ? -1 : totals[c] / members[c];
    if (mean > bestMean) {
      bestMean = mean;
      best = c;
    }
  }
  return best;
}
