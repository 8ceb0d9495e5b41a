/**
 * The contract of everything that learns. A learner does not know where its target comes from, a rule does not know
 * how the learner learns, and a regime only sequences both. Anything that can be trained with labels (a network here,
 * hardware, a simulator, another library's model) takes part by implementing {@link Learner}.
 */
import { SelftargetError } from '../errors.js';
import type { LearningRule } from './rule.js';
import type { Batch, MaybePromise, Outputs, PredictOptions, StepContext, StepReport } from './step.js';
import type { TensorMap } from './tensors.js';
import type { LearnerTraits } from './traits.js';

export type {
  Batch,
  MaybePromise,
  OutputOperations,
  Outputs,
  PredictOptions,
  Selection,
  StepContext,
  StepReport,
} from './step.js';

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
  /**
   * Frees what the learner holds, but not before a rule that still writes has answered. Harmless when repeated; every other call is
   * refused afterwards.
   */
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
