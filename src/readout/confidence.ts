/** How sure an answer is, between 0 and 1. */
import { NO_CLASS, type Association } from './association.js';

/** The share of `answer` in what the outputs in `values` from `from` on say for all classes together. */
export type Confidence = (values: Float32Array, from: number, answer: number) => number;

/** By association: the mean output of the answer's neurons, as a share of the sum over all classes. */
export function associationConfidence({ classes, classOf }: Association): Confidence {
  const members = new Float64Array(classes);
  for (const c of classOf) if (c !== NO_CLASS) members[c]++;
  const means = new Float64Array(classes);
  return (values, from, answer) => {
    means.fill(0);
    for (let i = 0; i < classOf.length; i++) {
      const c = classOf[i];
      if (c !== NO_CLASS) means[c] += values[from + i] / members[c];
    }
    return share(means, answer);
  };
}

/**
 * Of outputs that stand for classes: the softmax probability where the loss is that of a softmax, else the share of
 * the outputs' sum.
 *
 * @param outputs as many for each class
 */
export function outputConfidence(outputs: number, classes: number, softmax: boolean): Confidence {
  const owned = outputs / classes;
  const scores = new Float64Array(classes);
  return (values, from, answer) => {
    let most = -Infinity;
    for (let i = 0; i < outputs; i++) most = Math.max(most, values[from + i]);
    scores.fill(0);
    for (let i = 0; i < outputs; i++) {
      const value = values[from + i];
      scores[Math.floor(i / owned)] += softmax ? Math.exp(value - most) : value;
    }
    return share(scores, answer);
  };
}

function share(scores: Float64Array, answer: number): number {
  let sum = 0;
  // Outputs below 0 say nothing for a class.
  for (const score of scores) sum += Math.max(0, score);
  return sum === 0 ? 0 : Math.max(0, scores[answer]) / sum;
}
