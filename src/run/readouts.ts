/** The readouts that a run takes of its network, with the labelled items that its configuration grants. */
import { type DataSet, type SplitDataSet, subset } from '../data/dataSet.js';
import { parseAmount, stratified } from '../data/split.js';
import {
  type Association,
  associate,
  associationAccuracy,
  accuracyOfConfusion,
  classResults,
  labelAccuracy,
  labelConfusion,
  linearClassifier,
  NO_CLASS,
} from '../readout/index.js';
import type { RunConfig } from './config.js';
import { isEvaluated } from './evaluationEpochs.js';
import type { Accuracy, ReadoutEvent } from './events.js';
import type { Parts } from './parts.js';
import { readable, Turns } from './turns.js';

export interface ReadoutRequest {
  readonly config: RunConfig;
  readonly data: SplitDataSet;
  readonly signal?: AbortSignal | undefined;
}

/** Association and whatever is trained beside the network, or the outputs themselves where they stand for classes: what is quick enough for learning curves. */
export async function quickAccuracy(parts: Parts, request: ReadoutRequest): Promise<Accuracy> {
  const { config, data } = request;
  if (config.regime !== 'unsupervised') return testAccuracy(parts, request);
  const labelled = labelledItems(data.train, config.readout.labels, config.seed);
  const { accuracy } = await measureAssociation(parts, request, labelled);
  if (!parts.online) return accuracy;
  const network = parts.online.on(readable(parts.learner, new Turns()));
  return { ...accuracy, 'linear-classifier': await labelAccuracy(network, data.test, request) };
}

/**
 * Everything that applies.
 *
 * @param options.labels the amount of labels; the configured one unless told
 * @param options.seed which items these are, and the classifier's randomness
 * @param options.classifier whether to train the linear classifier
 */
export async function fullReadout(
  parts: Parts,
  request: ReadoutRequest,
  options: {
    readonly network: ReadoutEvent['network'];
    readonly epoch: number;
    readonly labels?: string | number | undefined;
    readonly seed?: number | undefined;
    readonly classifier?: boolean;
  },
): Promise<ReadoutEvent> {
  const { config, data, signal } = request;
  const { network, epoch, labels = config.readout.labels, seed = config.seed } = options;
  const began = performance.now();
  const about = { event: 'readout', network, epoch, labels: String(labels), seed } as const;
  const seconds = () => (performance.now() - began) / 1000;
  if (config.regime !== 'unsupervised') {
    const confusion = await labelConfusion(readable(parts.learner, new Turns()), data.test, { signal });
    const seen = String(config.semi?.labels ?? '100%');
    const labelled = parts.plan(data.train).labelled;
    const accuracy = { test: accuracyOfConfusion(confusion) };
    const byClass = classResults(confusion, data.test.classes);
    return { ...about, labels: seen, labelled, accuracy, byClass, seconds: seconds() };
  }
  const labelled = labelledItems(data.train, labels, seed);
  const { accuracy, association, confusion } = await measureAssociation(parts, request, labelled);
  const event = {
    ...about,
    labelled: labelled.length,
    accuracy,
    byClass: classResults(confusion, data.test.classes),
    ...countNeurons(association, data.train.classes),
  };
  if (!options.classifier || !config.classifier) return { ...event, seconds: seconds() };
  const turns = new Turns();
  const learner = readable(parts.learner, turns);
  const run = {
    ...{ seed, signal, onEpoch: () => turns.giveIfDue() },
    isMeasured: (e: number) => isEvaluated('thinning', e, config.classifier?.epochs ?? e),
  };
  const result = await linearClassifier(parts.compute, learner, labelled, data.test, config.classifier, run);
  return {
    ...event,
    accuracy: { ...accuracy, 'linear-classifier': result.accuracy },
    classifierTrainAccuracy: result.trainAccuracy,
    classifierCurve: result.curve,
    seconds: seconds(),
  };
}

async function testAccuracy(parts: Parts, { data, signal }: ReadoutRequest): Promise<Accuracy> {
  return { test: await labelAccuracy(readable(parts.learner, new Turns()), data.test, { signal }) };
}

async function measureAssociation(
  parts: Parts,
  { data, signal }: ReadoutRequest,
  labelled: DataSet,
): Promise<{ accuracy: Accuracy; association: Association; confusion: readonly Uint32Array[] }> {
  const learner = readable(parts.learner, new Turns());
  const association = await associate(learner, labelled, { signal });
  const { average, max, confusion } = await associationAccuracy(learner, association, data.test, { signal });
  return { accuracy: { 'association-average': average, 'association-max': max }, association, confusion };
}

/** The items of `train` whose labels the readout may see. */
export function labelledItems(train: DataSet, labels: string | number, seed: number): DataSet {
  const chosen = stratified(train.labels, parseAmount(labels), seed, { classes: train.classes.length });
  return chosen.length === train.length ? train : subset(train, chosen);
}

function countNeurons({ classOf }: Association, classes: readonly string[]) {
  const counts = classes.map(() => 0);
  let unnamedNeurons = 0;
  for (const c of classOf) {
    if (c === NO_CLASS) unnamedNeurons++;
    else counts[c]++;
  }
  return { neuronsPerClass: Object.fromEntries(classes.map((name, c) => [name, counts[c]])), unnamedNeurons };
}
