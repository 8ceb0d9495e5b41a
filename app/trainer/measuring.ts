/** What a frozen network is found to do: on the test images, on one image, and on a neuron's favourites. */
import {
  type Association,
  associate,
  associationAccuracy,
  averageAnswer,
  type DataSet,
  type Learner,
  NO_CLASS,
  subset,
  survey,
  UNLABELLED,
} from 'selftarget';
import type { Answer } from '../protocol.js';
import { pictures } from './pictures.js';

/** How many of the firing neurons an answer names. */
const FIRING = 6;
/** Images of a neuron, and the first so many training images that they are chosen from. */
export const FAVOURITES = 12;
const FAVOURITES_FROM = 2000;

/** Percent of the test images correct if the training images `items` were labelled. */
export async function ceilingOf(
  learner: Learner,
  train: DataSet,
  test: DataSet,
  items: Uint32Array,
): Promise<number> {
  const association = await associate(learner, subset(train, items));
  return (await associationAccuracy(learner, association, test)).average;
}

export function percentCorrect(confusion: readonly Uint32Array[]): number {
  let [correct, all] = [0, 0];
  for (const [c, row] of confusion.entries()) {
    correct += row[c];
    for (const count of row) all += count;
  }
  return (100 * correct) / all;
}

/** The training images that a neuron responds to most, the strongest first. */
export async function favouritesOf(learner: Learner, train: DataSet, neuron: number): Promise<number[]> {
  const count = Math.min(FAVOURITES_FROM, train.length);
  const some = subset(
    train,
    Array.from({ length: count }, (_, i) => i),
  );
  const unlabelled = { ...some, labels: some.labels.map(() => UNLABELLED) };
  const { top } = await survey(learner, unlabelled, { winners: 1, top: FAVOURITES, answer: () => 0 });
  return [...top[neuron]];
}

/** What the network says to one image. */
export async function answerTo(
  learner: Learner,
  { classes, classOf }: Association,
  values: Float32Array,
  train: DataSet,
  truth: number | undefined,
): Promise<Answer> {
  const outputs = Float32Array.from(
    (await learner.predict({ size: 1, width: values.length, values })).values,
  );
  const sums = new Float64Array(classes);
  const members = new Float64Array(classes);
  for (const [i, c] of classOf.entries()) {
    if (c === NO_CLASS) continue;
    sums[c] += outputs[i];
    members[c]++;
  }
  const scores = sums.map((sum, c) => (members[c] === 0 ? 0 : sum / members[c]));
  const firing = [...outputs.entries()].filter(([, y]) => y > 0);
  firing.sort(([, a], [, b]) => b - a);
  return {
    picture: pictures([values], train, 1),
    class: scores.some((score) => score > 0) ? averageAnswer({ classes, classOf })(outputs, 0) : NO_CLASS,
    scores,
    firing: firing.slice(0, FIRING),
    truth,
  };
}
