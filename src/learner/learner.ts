/**
 * The contract of everything that learns. A learner does not know where its target comes from, a rule does not know
 * how the learner learns, and a regime only sequences both. Anything that can be trained with labels (a network here,
 * hardware, a simulator, another library's model) takes part by implementing {@link Learner}.
 */
import { SelftargetError } from '../errors.js';
import type { RandomStream } from './random.js';
import type { LearningRule } from './rule.js';
import type { TensorMap } from './tensors.js';
import type { LearnerTraits } from './traits.js';

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
 * everything; whoever drives a learner by hand needs `step` and `rate`, and what the rule asks for.
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

export interface Learner {
  /** Values per item that go in. */
  readonly inputs: number;
  /** Values per item that come out (N). */
  readonly outputs: number;
  /** What the learner guarantees and can do; see {@link traitsOf} for what is assumed without it. */
  readonly traits?: LearnerTraits | undefined;
  /** The frozen network's outputs, without dropout. */
  predict(x: Batch, options?: PredictOptions): MaybePromise<Outputs>;
  /** One training step: forward pass, target or gradient from this batch's outputs, update. */
  step(x: Batch, rule: LearningRule, at: StepContext): MaybePromise<StepReport>;
  /** A copy of everything that training changes: parameters and optimiser state. */
  state(): MaybePromise<TensorMap>;
  /** Restores a saved state. Throws a StateError when names or shapes do not fit, and changes nothing then. */
  load(state: TensorMap): MaybePromise<void>;
  /** Frees what the learner holds. Harmless when repeated; every other call is refused afterwards. */
  dispose?(): MaybePromise<void>;
}

/** A learner whose parameters can be exchanged: averaged over clients, followed by a teacher, copied. */
export interface ParametricLearner extends Learner {
  /** A copy of the parameters alone, without the optimisers' state. */
  parameters(): MaybePromise<TensorMap>;
  /** Replaces the parameters; the optimisers keep their state. Throws a StateError when they do not fit. */
  setParameters(parameters: TensorMap): MaybePromise<void>;
  /**
   * Moves every parameter towards another network's: parameter <- (1 - share) parameter + share other.
   *
   * @param share in [0, 1]; 1 - decay of an exponential moving average, or a client's share of a federated mean
   */
  blend(other: ParametricLearner, share: number): MaybePromise<void>;
  /** A learner with the same parameters, a new optimiser state, and the randomness of `seed`. */
  clone(seed: number): MaybePromise<ParametricLearner>;
}

/** Use of a learner after `dispose`. */
export class DisposedError extends SelftargetError {
  override name = 'DisposedError';
}
