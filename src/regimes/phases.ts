/**
 * What a regime is made of: a list of phases, a phase a number of epochs, an epoch one or more passes over items, each
 * with a rule.
 */
import type { Augmentation } from '../data/augmentation.js';
import type { DataSet } from '../data/dataSet.js';
import type { Batch, Learner, MaybePromise, StepContext, StepReport } from '../learner/learner.js';
import type { LearningRule } from '../learner/rule.js';
import type { Schedule } from '../learner/schedule.js';

/** How far a run has come. */
export interface Position {
  /** Epochs completed, over all phases. */
  readonly epoch: number;
  /** Steps completed of the epoch after them, over its passes. */
  readonly step: number;
}

export type TrainEvent =
  /** After every step; `epoch` and `step` count from 1, over all phases and over the epoch's passes. */
  | {
      readonly kind: 'step';
      readonly epoch: number;
      readonly step: number;
      readonly steps: number;
      readonly loss: number;
      /** In its batch. */
      readonly items: number;
      /** The pass's name. */
      readonly pass?: string | undefined;
    }
  /** After the last step of a pass that another one follows in the same epoch. */
  | { readonly kind: 'pass'; readonly epoch: number; readonly pass?: string | undefined }
  /** After the last step of an epoch, with the mean loss of the steps seen. */
  | { readonly kind: 'epoch'; readonly epoch: number; readonly loss: number };

/** Once over some items. */
export interface Pass {
  /** What the pass is called in events, such as `labelled`. */
  readonly name?: string | undefined;
  readonly data: DataSet;
  readonly batchSize: number;
  readonly rule: LearningRule;
  /** Stretches over the epochs of the phase. */
  readonly schedule: Schedule;
  /** The learner's optimiser for this pass; see {@link StepContext}. */
  readonly optimiser?: string | undefined;
  /** Changes the items of every batch before the learner sees them. */
  readonly augment?: Augmentation | undefined;
  /** Called before the pass begins, and waited for; not when training resumes within the pass. */
  readonly begin?: (() => MaybePromise<void>) | undefined;
  /** Called before every step with what the learner will see, and waited for. */
  readonly beforeStep?: ((batch: Batch, at: StepContext) => MaybePromise<void>) | undefined;
  /**
   * Called after every step, with the epoch of the phase, from 0, and their number, and waited for, even when
   * training has been aborted meanwhile: the step is done, and what belongs to it with it.
   */
  readonly afterStep?:
    | ((epoch: number, epochs: number, report: StepReport) => MaybePromise<void>)
    | undefined;
}

/** The steps of a pass. */
export function stepsOf({ data, batchSize }: Pass): number {
  return Math.ceil(data.length / batchSize);
}

/** A number of epochs with the same passes in turn. */
export interface Phase {
  readonly epochs: number;
  readonly passes: readonly Pass[];
}

/** What every regime needs to know to train. */
export interface TrainingBasics {
  readonly learner: Learner;
  /** Of everything random: a whole number of at least 0. */
  readonly seed: number;
  /** Changes the items of every pass that has no augmentation itself. */
  readonly augment?: Augmentation | undefined;
  /** Where to resume; the learner's and the rules' state must be those of that moment. */
  readonly from?: Position | undefined;
  /** Once aborted, training returns: after the step in progress, or at once where that one is waited for. */
  readonly signal?: AbortSignal | undefined;
}

/** A regime with one phase of one pass. */
export interface Training extends TrainingBasics {
  readonly data: DataSet;
  /** The length of the run, over which the schedule stretches. */
  readonly epochs: number;
  readonly batchSize: number;
  readonly schedule: Schedule;
}
