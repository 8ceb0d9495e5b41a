/** What a run will do with its data: which regime, on which items, for how long. */
import { type DataSet, UNLABELLED } from '../data/dataSet.js';
import { mirror } from '../data/augmentation.js';
import { parseAmount, stratified } from '../data/split.js';
import type { Learner } from '../learner/learner.js';
import type { TargetRule } from '../learner/rule.js';
import { scheduleFactor } from '../learner/schedule.js';
import type { OnlineClassifier } from '../readout/index.js';
import {
  type Position,
  semiSupervised,
  splitByLabels,
  supervised,
  type TrainEvent,
  unsupervised,
} from '../regimes/index.js';
import type { SelfDefinedTarget } from '../target/index.js';
import type { RunConfig } from './config.js';
import { ConfigError } from './errors.js';

export interface Plan {
  /** Over all phases. */
  readonly epochs: number;
  /** Items whose labels training sees, and items that it sees without. */
  readonly labelled: number;
  readonly unlabelled: number;
  /** What happens in epoch `epoch`, from 1. */
  about(epoch: number): EpochPlan;
  /** Trains from `from` on; see regimes/training.ts. */
  train(from: Position, signal: AbortSignal | undefined): AsyncGenerator<TrainEvent>;
}

export interface EpochPlan {
  /** Items that it goes over. */
  readonly items: number;
  /** The schedule's factor on the learning rates; of the unlabelled pass, where there are two. */
  readonly rate: number;
  /** In which phase it lies, where there is more than one, which epoch of that it is, and of how many. */
  readonly phase?: 'pretraining' | 'alternating';
  readonly phaseEpoch: number;
  readonly phaseEpochs: number;
}

/** Epochs of the whole run, over all phases. */
export function totalEpochs({ epochs, semi }: RunConfig): number {
  return epochs + (semi?.pretrainEpochs ?? 0);
}

/**
 * Plans the run on the training items `data`.
 *
 * @throws ConfigError or DataError when the data have not the labels that it takes
 */
export function planTraining(
  config: RunConfig,
  data: DataSet,
  learner: Learner,
  target: SelfDefinedTarget | undefined,
  online?: OnlineClassifier | undefined,
): Plan {
  const { epochs, batchSize, schedule, seed, labelSmoothing } = config;
  const augment = config.flip ? mirror : undefined;
  const about = (epoch: number): EpochPlan => ({
    items: data.length,
    rate: scheduleFactor(schedule, epoch - 1, epochs),
    phaseEpoch: epoch,
    phaseEpochs: epochs,
  });
  const training = { learner, epochs, batchSize, schedule, seed, augment };
  if (!target) {
    return {
      ...{ epochs, labelled: data.length, unlabelled: 0, about },
      train: (from, signal) => supervised({ ...training, from, signal, data, labelSmoothing }),
    };
  }
  if (!config.semi) {
    // An unsupervised run is not even given the labels.
    const without = { ...data, labels: new Int32Array(data.length).fill(UNLABELLED) };
    const watch = online && ((rule: TargetRule) => online.watch(rule, readoutLabels(config, data)));
    return {
      ...{ epochs, labelled: 0, unlabelled: data.length, about },
      train: (from, signal) => unsupervised({ ...training, from, signal, data: without, target, watch }),
    };
  }
  const { pretrainEpochs, pretrainBatchSize, pretrainSchedule } = config.semi;
  const { labelledBatchSize, labelledSchedule, cleanWinners } = config.semi;
  const parts = splitByLabels(data, labelledIndices(config, data));
  const { labelled, unlabelled } = parts;
  const without = data.classes.filter((_, c) => !labelled.labels.includes(c));
  if (without.length > 0) {
    throw new ConfigError(
      `semi.labels: ${labelled.length} labelled items, and none of ${without.map((name) => `"${name}"`).join(', ')}; ` +
        `every one of the ${data.classes.length} classes needs at least one`,
    );
  }
  if (unlabelled.length === 0) {
    throw new ConfigError(
      `semi.labels: all ${data.length} items have their label, and none is left to learn from without; ` +
        'ask for fewer labels, or train with --set regime=supervised',
    );
  }
  return {
    epochs: pretrainEpochs + epochs,
    labelled: labelled.length,
    unlabelled: unlabelled.length,
    about(epoch) {
      if (epoch <= pretrainEpochs) {
        return {
          phase: 'pretraining',
          items: labelled.length,
          rate: scheduleFactor(pretrainSchedule, epoch - 1, pretrainEpochs),
          phaseEpoch: epoch,
          phaseEpochs: pretrainEpochs,
        };
      }
      return { ...about(epoch - pretrainEpochs), phase: 'alternating' };
    },
    train: (from, signal) =>
      semiSupervised({
        learner,
        seed,
        augment,
        from,
        signal,
        ...parts,
        target,
        labelSmoothing,
        ...{ pretrainEpochs, epochs, batchSize, labelledBatchSize, pretrainBatchSize, cleanWinners },
        schedules: { pretraining: pretrainSchedule, unlabelled: schedule, labelled: labelledSchedule },
      }),
  };
}

/** The labels that the readout may see; of the other items none. */
function readoutLabels({ readout, seed }: RunConfig, { labels, classes }: DataSet): Int32Array {
  const seen = new Int32Array(labels.length).fill(UNLABELLED);
  for (const i of stratified(labels, parseAmount(readout.labels), seed, { classes: classes.length })) {
    seen[i] = labels[i];
  }
  return seen;
}

/** The items whose labels a semi-supervised run may see: the amount asked for, or all that have one. */
function labelledIndices({ semi, seed }: RunConfig, { labels, classes }: DataSet): Uint32Array {
  const amount = semi?.labels === undefined ? { fraction: 1 } : parseAmount(semi.labels);
  return stratified(labels, amount, seed, { classes: classes.length });
}
