/**
 * What a learner is told to aim for. A target rule sees the outputs of a batch and writes what they should have been;
 * an output loss sees them and writes a gradient. Neither knows how the learner learns.
 */
import type { MaybePromise, Outputs, StepContext } from './step.js';
import type { TensorMap } from './tensors.js';

/** What every rule may have besides: a life between epochs, a state, and a description. */
interface RuleLife {
  /**
   * Throws a RangeError when it cannot train a learner of so many outputs in batches of so many items: regimes ask before the first
   * step.
   */
  fits?(outputs: number, batchSize: number): void;
  /** Forgets everything gathered so far. Regimes call it at the start of every epoch's pass. */
  reset?(): MaybePromise<void>;
  /** A copy of everything that writing targets changes. Names must not collide with the learner's. */
  state?(): MaybePromise<TensorMap>;
  /** Restores what `state` returned. Throws a StateError when names or shapes do not fit. */
  load?(state: TensorMap): MaybePromise<void>;
  /** A recipe that can be sent elsewhere, as JSON: the rule's kind and its settings. */
  describe?(): RuleDescription;
}

/** A rule in words that a device can carry out itself. */
export interface RuleDescription {
  readonly kind: string;
  readonly [setting: string]: unknown;
}

/** Where the target comes from: labels, the network's own output, or anything else that can be written as a target. */
export interface TargetRule extends RuleLife {
  /**
   * Writes the target d (B x N) for these outputs into `target`, which arrives with unspecified content.
   *
   * May return a weight for each item, B values of 0 or more that multiply the item's loss; 0 leaves the item out.
   * `target` itself, returned, says nothing.
   * Learners that cannot weigh items say so in their {@link LearnerTraits}.
   *
   * One that answers later should change its own state at the end of it: a step that is aborted before that is taken again.
   */
  write(outputs: Outputs, target: Float32Array, at: StepContext): MaybePromise<Float32Array | void>;
}

/** A loss that the learner does not know: it gets the gradient instead of a target. */
export interface OutputLoss extends RuleLife {
  /**
   * Writes dLoss/dy (B x N) for these outputs into `gradient`, which arrives with unspecified content, and returns the
   * loss. With the cross-entropy loss, y are the logits.
   */
  gradient(outputs: Outputs, gradient: Float32Array, at: StepContext): MaybePromise<number>;
}

/** What a learner can be trained by. */
export type LearningRule = TargetRule | OutputLoss;

export function isOutputLoss(rule: LearningRule): rule is OutputLoss {
  return 'gradient' in rule;
}
