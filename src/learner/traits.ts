/** What learners guarantee, so that a regime can refuse at the start what would fail in epoch 61. */
import { SelftargetError } from '../errors.js';
import { isOutputLoss, type LearningRule } from './rule.js';

export interface LearnerTraits {
  /** The precision in which outputs are compared when the largest are selected. */
  readonly precision: 'f32' | 'f64';
  /** Whether the same seed, state and steps give the same bits. */
  readonly deterministic: boolean;
  /** The names that {@link StepContext.optimiser} may have, the default first. */
  readonly optimisers: readonly string[];
  /** The probability with which the output mask drops an output in training, in [0, 1). */
  readonly maskRate: number;
  /** Whether it learns from a gradient (an OutputLoss) as well as from a target. */
  readonly givenGradient: boolean;
  /** Whether it heeds the weights of items that a target rule returns. */
  readonly itemWeights: boolean;
}

/** A learner, as far as this matters. */
export interface Able {
  readonly traits?: LearnerTraits | undefined;
}

/** What is assumed of a learner that states nothing: any optimiser name is accepted, because it may ignore them. */
const assumed = {
  precision: 'f64',
  deterministic: false,
  optimisers: undefined,
  maskRate: 0,
  givenGradient: false,
  itemWeights: false,
} as const;

/** The learner's traits, or what is assumed without them. */
export function traitsOf(
  learner: Able,
): Omit<LearnerTraits, 'optimisers'> & { readonly optimisers: readonly string[] | undefined } {
  return learner.traits ?? assumed;
}

/** A learner was asked for something that it cannot do. */
export class AbilityError extends SelftargetError {
  override name = 'AbilityError';
}

/**
 * Makes sure that `learner` can be trained by `rule` with the optimiser called `optimiser`.
 *
 * @throws AbilityError saying what it lacks
 */
export function expectAbilities(learner: Able, rule: LearningRule, optimiser: string | undefined): void {
  const { optimisers, givenGradient } = traitsOf(learner);
  if (optimiser !== undefined && optimisers) expectOptimiser(optimisers, optimiser);
  if (isOutputLoss(rule) && !givenGradient) {
    throw new AbilityError(
      'this learner takes targets only; it cannot learn from the gradient of an output loss',
    );
  }
}

/** Throws an {@link AbilityError} when `optimiser` is not one of the learner's. */
export function expectOptimiser(optimisers: readonly string[], optimiser: string): void {
  if (optimisers.includes(optimiser)) return;
  throw new AbilityError(
    `this learner has no optimiser "${optimiser}", only ${optimisers.map((name) => `"${name}"`).join(', ')}; ` +
      `give its learning rates by name, such as { ${optimiser}: [0.1] }`,
  );
}
