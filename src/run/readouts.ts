/** The readouts that a run takes of its network, with the labelled items that its configuration grants. */
import { DataError, type DataSet, type SplitDataSet, subset } from '../data/dataSet.js';
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
  type Predictor,
} from '../readout/index.js';
import { classifierOn } from '../wasm/classifier.js';
import type { RunConfig } from './config.js';
import { ConfigError } from './errors.js';
import { isEvaluated } from './evaluationEpochs.js';
import type { Accuracy, ReadoutEvent, ReadoutProgressEvent } from './events.js';
import type { Parts } from './parts.js';
import { regimeCalled } from './registry.js';

export interface ReadoutRequest {
  readonly config: RunConfig;
  readonly data: SplitDataSet;
  readonly signal?: AbortSignal | undefined;
  /** Called with its progress. */
  readonly tell?: ((progress: ReadoutProgressEvent) => void) | undefined;
}

export interface ReadoutOptions {
  readonly network: ReadoutEvent['network'];
  /** Epochs of training behind it. */
  readonly epoch: number;
  /** The amount of labels; the configured one by default. */
  readonly labels?: string | number | undefined;
  /** Which items these are, and the classifier's randomness; the run's own by default. */
  readonly seed?: number | undefined;
  /** Whether to train the linear classifier. */
  readonly classifier?: boolean;
}

/**
 * Association and whatever is trained beside the network, or the outputs themselves where they stand for classes: what
 * is quick enough for learning curves.
 */
export async function quickAccuracy(parts: Parts, request: ReadoutRequest): Promise<Accuracy> {
  const { config, data, signal } = request;
  const watch = new Watch(request, 'trained');
  if (regimeCalled(config.regime).answers === 'outputs') {
    const learner = watch.items(parts.learner, 'test', data.test.length);
    return { test: await labelAccuracy(learner, data.test, { signal }) };
  }
  const labelled = labelledItems(data.train, config.readout.labels, config.seed);
  const { accuracy } = await measureAssociation(parts, request, labelled, watch);
  if (!parts.online) return accuracy;
  const network = parts.online.on(parts.learner);
  return { ...accuracy, 'linear-classifier': await labelAccuracy(network, data.test, { signal }) };
}

/** Everything that applies. */
export async function fullReadout(
  parts: Parts,
  request: ReadoutRequest,
  options: ReadoutOptions,
): Promise<ReadoutEvent> {
  const { config, data, signal } = request;
  const { network, epoch, labels = config.readout.labels, seed = config.seed } = options;
  const began = performance.now();
  const about = { event: 'readout', network, epoch, labels: String(labels), seed } as const;
  const seconds = () => (performance.now() - began) / 1000;
  const watch = new Watch(request, network);
  if (regimeCalled(config.regime).answers === 'outputs') {
    const learner = watch.items(parts.learner, 'test', data.test.length);
    const confusion = await labelConfusion(learner, data.test, { signal });
    const seen = String(regimeCalled(config.regime).labels?.(config).amount ?? '100%');
    const labelled = parts.plan(data.train).labelled;
    const accuracy = { test: accuracyOfConfusion(confusion) };
    const byClass = classResults(confusion, data.test.classes);
    return { ...about, labels: seen, labelled, accuracy, byClass, seconds: seconds() };
  }
  const labelled = labelledItems(data.train, labels, seed);
  const { accuracy, association, confusion } = await measureAssociation(parts, request, labelled, watch);
  const event = {
    ...about,
    labelled: labelled.length,
    accuracy,
    byClass: classResults(confusion, data.test.classes),
    ...countNeurons(association, data.train.classes),
  };
  if (!options.classifier || !config.classifier) return { ...event, seconds: seconds() };
  const { epochs } = config.classifier;
  // Both parts go through the network once, and the labelled items through the classifier in every epoch.
  const total = labelled.length * (1 + epochs) + data.test.length;
  const learner = watch.items(parts.learner, 'linear classifier', total);
  const run = {
    seed,
    signal,
    onEpoch: () => watch.add(labelled.length),
    isMeasured: (e: number) => isEvaluated('thinning', e, epochs),
  };
  const result = await linearClassifier(
    classifierOn(parts.compute),
    learner,
    labelled,
    data.test,
    config.classifier,
    run,
  );
  return {
    ...event,
    accuracy: { ...accuracy, 'linear-classifier': result.accuracy },
    classifierTrainAccuracy: result.trainAccuracy,
    classifierCurve: result.curve,
    seconds: seconds(),
  };
}

async function measureAssociation(
  parts: Parts,
  { data, signal }: ReadoutRequest,
  labelled: DataSet,
  watch: Watch,
): Promise<{ accuracy: Accuracy; association: Association; confusion: readonly Uint32Array[] }> {
  const learner = watch.items(parts.learner, 'association', labelled.length + data.test.length);
  const association = await associate(learner, labelled, { signal });
  const { average, max, confusion } = await associationAccuracy(learner, association, data.test, { signal });
  return { accuracy: { 'association-average': average, 'association-max': max }, association, confusion };
}

const TELL_MS = 100;

/** Tells how many items a readout has been through. */
class Watch {
  readonly #tell: ReadoutRequest['tell'];
  readonly #network: ReadoutEvent['network'];
  #readout: ReadoutProgressEvent['readout'] = 'test';
  #done = 0;
  #total = 0;
  #told = performance.now();

  constructor({ tell }: ReadoutRequest, network: ReadoutEvent['network']) {
    this.#tell = tell;
    this.#network = network;
  }

  /** `learner` as it appears to a readout that will go through `total` items, which are counted. */
  items(learner: Predictor, readout: ReadoutProgressEvent['readout'], total: number): Predictor {
    this.#readout = readout;
    this.#total = total;
    this.#done = 0;
    return {
      outputs: learner.outputs,
      predict: (x, options) => {
        this.add(x.size);
        return learner.predict(x, options);
      },
    };
  }

  add(items: number): void {
    this.#done += items;
    if (performance.now() - this.#told < TELL_MS) return;
    this.#told = performance.now();
    this.#tell?.({
      event: 'readout-progress',
      network: this.#network,
      readout: this.#readout,
      done: this.#done,
      total: this.#total,
    });
  }
}

/**
 * Makes sure that the data have the labels that the run will ask for.
 *
 * @throws ConfigError naming the setting
 */
export function checkLabels(config: RunConfig, train: DataSet): void {
  const { readout, seed } = config;
  const regime = regimeCalled(config.regime);
  if (regime.answers === 'neurons') checkAmount('readout.labels', readout.labels, train, seed);
  const taken = regime.labels?.(config);
  if (taken) checkAmount(taken.setting, taken.amount, train, seed);
}

/**
 * Makes sure that the data have that many labels.
 *
 * @param setting what asks for them: a setting's name, or an option
 * @throws ConfigError naming it
 */
export function checkAmount(setting: string, labels: string | number, train: DataSet, seed: number): void {
  try {
    labelledItems(train, labels, seed);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    const all = setting.startsWith('--') ? `${setting} 100%` : `--set ${setting}=100%`;
    throw new ConfigError(`${setting}: ${error.message}; ${all} takes all there are`, {
      cause: error,
    });
  }
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
