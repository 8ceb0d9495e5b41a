/**
 * Learning from a few labels and all the rest (docs/explanation/semi-supervised.md): first from the labelled items
 * alone, until the outputs mean something; then, every epoch, one pass over the unlabelled items with the self-defined
 * target and one over the labelled items with their labels, each with an optimiser and a schedule of its own.
 */
import { complement } from '../data/split.js';
import { type DataSet, subset } from '../data/dataSet.js';
import type { Learner } from '../learner/learner.js';
import type { TargetRule } from '../learner/rule.js';
import type { Schedule } from '../learner/schedule.js';
import type { Pass, Phase, TrainEvent, TrainingBasics } from './phases.js';
import { labelPass } from './supervised.js';
import { trainPhases } from './training.js';

/** The learner's optimisers: its learning rates must be given by these names. */
export const semiSupervisedOptimisers = ['pretraining', 'unlabelled', 'labelled'] as const;

export interface SemiSupervisedTraining extends TrainingBasics {
  /** The few: every item has a label. */
  readonly labelled: DataSet;
  /** All the rest; its labels, should it have any, are not looked at. */
  readonly unlabelled: DataSet;
  /** Usually a SelfDefinedTarget; it is reset before every pass over the unlabelled items. */
  readonly target: TargetRule;
  /**
   * Winners are chosen by what the network answers without dropout, and the answer with dropout is trained towards
   * them; false, as published, chooses them from the answer that is trained. Costs a forward pass.
   */
  readonly cleanWinners?: boolean | undefined;
  /** Epochs of the first phase, on the labelled items alone. */
  readonly pretrainEpochs: number;
  /** Epochs of the second phase, both passes each. */
  readonly epochs: number;
  readonly batchSize: number;
  readonly labelledBatchSize: number;
  /** Of the first phase; `labelledBatchSize` by default. */
  readonly pretrainBatchSize?: number | undefined;
  readonly schedules: {
    readonly pretraining: Schedule;
    readonly unlabelled: Schedule;
    readonly labelled: Schedule;
  };
  /** Of the labels, in [0, 1). */
  readonly labelSmoothing?: number | undefined;
}

export function semiSupervised(training: SemiSupervisedTraining): AsyncGenerator<TrainEvent> {
  const { learner, target, cleanWinners, schedules, labelledBatchSize, labelSmoothing } = training;
  const { pretrainBatchSize = labelledBatchSize } = training;
  const labels = { ...labelPass(training.labelled, labelSmoothing), name: 'labelled' } as const;
  const pretraining: Phase = {
    epochs: training.pretrainEpochs,
    passes: [
      {
        ...labels,
        batchSize: pretrainBatchSize,
        schedule: schedules.pretraining,
        optimiser: 'pretraining',
      },
    ],
  };
  const both: Phase = {
    epochs: training.epochs,
    passes: [
      {
        name: 'unlabelled',
        data: training.unlabelled,
        batchSize: training.batchSize,
        ...(cleanWinners ? cleanRule(learner, target) : { rule: target }),
        begin: () => target.reset?.(),
        schedule: schedules.unlabelled,
        optimiser: 'unlabelled',
      },
      {
        ...labels,
        batchSize: labelledBatchSize,
        schedule: schedules.labelled,
        optimiser: 'labelled',
      },
    ],
  };
  return trainPhases(training, [pretraining, both]);
}

/** `target` as a rule that sees the outputs of the frozen network instead of those that are trained. */
function cleanRule(learner: Learner, target: TargetRule): Pick<Pass, 'rule' | 'beforeStep'> {
  let clean = new Float32Array();
  return {
    rule: {
      fits: (outputs, batchSize) => target.fits?.(outputs, batchSize),
      // Without the learner's own operations, which would be about the outputs that are trained.
      write({ size, width, mask, maskRate }, d, at) {
        const values = mask ? clean.map((value, j) => value * mask[j]) : clean;
        return target.write({ size, width, mask, maskRate, values }, d, at);
      },
    },
    beforeStep: async (batch, { signal }) => {
      clean = Float32Array.from((await learner.predict(batch, { signal })).values);
    },
  };
}

/** `data` in two: the items at `indices` with their labels, and all others, whose labels are taken away. */
export function splitByLabels(
  data: DataSet,
  indices: Uint32Array,
): { labelled: DataSet; unlabelled: DataSet } {
  return {
    labelled: subset(data, indices),
    unlabelled: subset(data, complement(data.length, indices), { hideLabels: true }),
  };
}
