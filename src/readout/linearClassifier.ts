/**
 * The linear readout: one layer of weights from the frozen network's outputs to the classes, trained with
 * labels (docs/explanation/method.md). It is a network like any other, whose data are the outputs.
 */
import { type DataSet, UNLABELLED } from '../data/dataSet.js';
import type { Activation } from '../learner/activation.js';
import type { Learner, MaybePromise } from '../learner/learner.js';
import type { Schedule } from '../learner/schedule.js';
import { supervised } from '../regimes/supervised.js';
import { labelAccuracy } from './labelAccuracy.js';
import { outputsOf, type Predictor, type ReadoutOptions } from './outputs.js';

export interface ClassifierOptions {
  /** Activation between the linear layer and the softmax; published runs differ. */
  readonly activation: Activation;
  readonly learningRate: number;
  readonly epochs: number;
  readonly optimizer: 'sgd' | 'adam';
  /** Dropout on the network's outputs, in [0, 1). */
  readonly dropout: number;
  readonly labelSmoothing: number;
  readonly schedule: Schedule;
  readonly batchSize?: number | undefined;
}

export interface ClassifierResult {
  /** Percent of the test items answered correctly after the last epoch. */
  readonly accuracy: number;
  /** The same after those of its own epochs that were to be measured. */
  readonly curve: Readonly<Record<string, number>>;
  /** Accuracy on the labelled items, after the last epoch. */
  readonly trainAccuracy: number;
}

/**
 * Makes a network of one layer, from `outputs` values to `classes` logits, to be trained with cross-entropy: any learner will
 * do, so that readouts need no particular backend. Ours is `classifierOn` (wasm/classifier.ts).
 */
export type MakeClassifier = (
  outputs: number,
  classes: number,
  options: Pick<ClassifierOptions, 'activation' | 'dropout' | 'optimizer' | 'learningRate'>,
  seed: number,
) => Learner;

export interface ClassifierRun extends ReadoutOptions {
  readonly seed: number;
  /** Whether the test items are to be answered after this of its epochs, counted from 1. */
  readonly isMeasured?: ((epoch: number) => boolean) | undefined;
  /** Called after every epoch, counted from 1, and waited for. */
  readonly onEpoch?: ((epoch: number) => MaybePromise<void>) | undefined;
}

/** Trains a linear classifier on the outputs for the labelled items of `train` and measures it on `test`. */
export async function linearClassifier(
  makeClassifier: MakeClassifier,
  learner: Predictor,
  train: DataSet,
  test: DataSet,
  options: ClassifierOptions,
  run: ClassifierRun,
): Promise<ClassifierResult> {
  const features = await outputFeatures(learner, train, run);
  const testFeatures = await outputFeatures(learner, test, run);
  const classes = train.classes.length;
  const classifier = makeClassifier(learner.outputs, classes, options, run.seed);
  const curve: Record<string, number> = {};
  try {
    const training = supervised({
      learner: classifier,
      data: features,
      epochs: options.epochs,
      batchSize: options.batchSize ?? 256,
      schedule: options.schedule,
      seed: run.seed,
      labelSmoothing: options.labelSmoothing,
      signal: run.signal,
    });
    for await (const event of training) {
      if (event.kind !== 'epoch') continue;
      const { epoch } = event;
      if (run.isMeasured?.(epoch)) curve[epoch] = await labelAccuracy(classifier, testFeatures, run);
      await run.onEpoch?.(epoch);
    }
    run.signal?.throwIfAborted();
    return {
      accuracy: curve[options.epochs] ?? (await labelAccuracy(classifier, testFeatures, run)),
      curve,
      trainAccuracy: await labelAccuracy(classifier, features, run),
    };
  } finally {
    await classifier.dispose?.();
  }
}

/**
 * The labelled items' outputs as a data set. Where less than half of an item's are not zero, as behind a hard sigmoid,
 * only these are kept.
 */
export async function outputFeatures(
  learner: Predictor,
  data: DataSet,
  options: ReadoutOptions = {},
): Promise<DataSet> {
  const width = learner.outputs;
  const rows: { indices?: Uint32Array; values: Float32Array }[] = [];
  const labels: number[] = [];
  const places = new Uint32Array(width);
  const found = new Float32Array(width);
  for await (const { from, outputs } of outputsOf(learner, data, options)) {
    for (let b = 0; b < outputs.size; b++) {
      const label = data.labels[from + b];
      if (label === UNLABELLED) continue;
      let count = 0;
      for (let i = 0, j = b * width; i < width; i++, j++) {
        const y = outputs.values[j];
        if (y === 0) continue;
        places[count] = i;
        found[count++] = y;
      }
      if (2 * count < width) rows.push({ indices: places.slice(0, count), values: found.slice(0, count) });
      else rows.push({ values: outputs.values.slice(b * width, (b + 1) * width) });
      labels.push(label);
    }
  }
  return {
    name: `${data.name} outputs`,
    length: rows.length,
    shape: [width],
    width,
    classes: data.classes,
    labels: Int32Array.from(labels),
    read(index, out, offset) {
      const { indices, values } = rows[index];
      if (!indices) {
        out.set(values, offset);
        return;
      }
      out.fill(0, offset, offset + width);
      for (let e = 0; e < indices.length; e++) out[offset + indices[e]] = values[e];
    },
  };
}
