/** What goes into a step of training and comes out of it, between a learner and a rule. */
import type { RandomStream } from './random.js';

/** A value now or later: our own learners answer at once, remote ones need not. */
export type MaybePromise<T> = T | Promise<T>;

/** Items to learn from or to predict: `size` rows of `width` values, row after row, usually in [0, 1]. */
export interface Batch {
  readonly size: number;
  readonly width: number;
  readonly values: Float32Array;
  /**
   * The same items as bytes, where they are stored so: `values` are these divided by `maximum`. Absent once `values` have
   * been read, because these may have been changed since.
   */
  readonly bytes?: { readonly values: Uint8Array; readonly maximum: number } | undefined;
}

/**
 * The network's outputs y for one batch: `size` rows (B) of `width` values (N), row after row.
 * Valid until the learner's next call.
 */
export interface Outputs {
  readonly size: number;
  readonly width: number;
  readonly values: Float32Array;
  /** The output mask m (0 or 1, same shape as `values`, already applied to them); absent without output dropout. */
  readonly mask?: Float32Array | undefined;
  /** The probability p with which the mask drops an output, in [0, 1); required where there is a mask. */
  readonly maskRate?: number | undefined;
  /** Operations that the learner can carry out where the outputs are; rules do without them where they are absent. */
  readonly offers?: OutputOperations | undefined;
}

export interface OutputOperations {
  /**
   * Writes d by {@link Selection} and returns, for every output, the sum of d over the items: N values, valid until the
   * learner's next call.
   */
  selectLargest?(d: Float32Array, selection: Selection): MaybePromise<Float64Array>;
}

/** In every row the `count` outputs with the largest y - offset are selected. */
export interface Selection {
  /** From 1 to N. Of equal outputs the one with the lower index is selected first; NaN never is. */
  readonly count: number;
  /** N values. Differences are taken in the precision that the learner's traits state. */
  readonly offsets: Float64Array;
  /** d of a selected output, before the mask m, which multiplies it. */
  readonly selected: number;
  /** d of all others, likewise. */
  readonly others: number;
}

/** What one training step reports. */
export interface StepReport {
  /** The loss between y and d, before the update. Not finite when training has diverged. */
  readonly loss: number;
  /** Where the loss is not finite: what is wrong and what would be right, as far as the learner can tell. */
  readonly cause?: string | undefined;
}

/**
 * When and on what a step happens. All randomness of a step is a function of seeds and of `step`. Regimes fill in
 * everything; driving a learner by hand takes `step` and `rate`, and what the rule asks for.
 */
export interface StepContext {
  /** Steps taken before this one since the start of the run. */
  readonly step: number;
  /** The schedule's factor on every base learning rate, at least 0. */
  readonly rate: number;
  /**
   * Which of the learner's optimisers to use, where a regime trains it in turn on different items or targets; its
   * first one by default. Each has learning rates and a state of its own.
   */
  readonly optimiser?: string | undefined;
  /** Epochs completed before this one, over all phases. */
  readonly epoch?: number | undefined;
  /** The items of the batch, as indices into the pass's data set. */
  readonly indices?: Uint32Array | undefined;
  /** A random stream for the rule, of this step alone. */
  readonly random?: RandomStream | undefined;
  /** Aborted when training must end; a remote learner gives up waiting then. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@link Learner.predict}. */
export interface PredictOptions {
  /** Aborted when the outputs are no longer wanted. */
  readonly signal?: AbortSignal | undefined;
}
