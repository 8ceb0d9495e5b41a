/** What every check of a learner begins with: learners that are disposed in the end, items, targets, and steps. */
import type { Batch, Learner, MaybePromise, ParametricLearner, StepContext } from '../learner/learner.js';
import { Purpose, RandomStream } from '../learner/random.js';
import { isOutputLoss, type LearningRule, type TargetRule } from '../learner/rule.js';
import type { TensorMap } from '../learner/tensors.js';
import { traitsOf } from '../learner/traits.js';
import { demand, demandSameState, difference } from './check.js';

/** Makes a learner, always of the same kind and size, whose initial values and randomness are those of `seed`. */
export type MakeLearner = (seed: number) => MaybePromise<Learner>;

export interface LearnerContractOptions {
  /** Items to learn from, the same for the same seed; uniform in [0, 1) unless given. */
  readonly batch?: ((size: number, seed: number) => Batch) | undefined;
  /**
   * For learners that are not deterministic: how far two results may be apart that should be the same. Without it
   * such results are not compared.
   */
  readonly tolerance?: number | undefined;
  /**
   * For learners whose update is minus a learning rate times the gradient of the loss: that rate, and by which share
   * the change may differ from it (0.02). Without it, it is only checked that weighted items and given gradients lead
   * downhill.
   */
  readonly descent?: { readonly rate: number; readonly tolerance?: number | undefined } | undefined;
}

export class Laboratory {
  readonly #make: MakeLearner;
  readonly #options: LearnerContractOptions;
  readonly #made: Learner[] = [];

  constructor(make: MakeLearner, options: LearnerContractOptions) {
    this.#make = make;
    this.#options = options;
  }

  get descent(): LearnerContractOptions['descent'] {
    return this.#options.descent;
  }

  /** Another learner. */
  async learner(seed = 1): Promise<Learner> {
    const learner = await this.#make(seed);
    this.#made.push(learner);
    return learner;
  }

  /** Another learner, where they are parametric. */
  async parametric(seed = 1): Promise<ParametricLearner | undefined> {
    const learner = await this.learner(seed);
    return isParametric(learner) ? learner : undefined;
  }

  /** Disposes `learner` as well in the end. */
  keep<T extends Learner>(learner: T): T {
    this.#made.push(learner);
    return learner;
  }

  async clear(): Promise<void> {
    for (const learner of this.#made.splice(0)) await learner.dispose?.();
  }

  batch({ inputs: width }: Learner, size: number, seed: number): Batch {
    if (this.#options.batch) return this.#options.batch(size, seed);
    const random = new RandomStream(seed, Purpose.view);
    return { size, width, values: Float32Array.from({ length: size * width }, () => random.uniform()) };
  }

  /** Steps `from` to `to`, each with other items and another target. */
  async steps(learner: Learner, from: number, to: number, rule: LearningRule = anyTarget): Promise<void> {
    for (let step = from; step < to; step++) {
      await learner.step(this.batch(learner, 2 + (step % 3), 10 + step), rule, { step, rate: 1 });
    }
  }

  /** A copy of what the learner answers to some items. */
  async answers(learner: Learner): Promise<Float32Array> {
    return (await learner.predict(this.batch(learner, 5, 3))).values.slice();
  }

  /** How far apart two results may be that should be the same; undefined where it cannot be said. */
  tolerance(learner: Learner): number | undefined {
    return traitsOf(learner).deterministic ? 0 : this.#options.tolerance;
  }

  /** Makes sure that the learner answers as `wanted`, wherever that can be told. */
  async demandAnswers(learner: Learner, wanted: Float32Array, what: string): Promise<void> {
    const tolerance = this.tolerance(learner);
    if (tolerance === undefined) return;
    const apart = difference(await this.answers(learner), wanted);
    demand(apart <= tolerance, `${what}: answers differ by up to ${apart}`);
  }

  /** Makes sure that the learner's state is `wanted`, wherever that can be told. */
  async demandState(learner: Learner, wanted: TensorMap, what: string): Promise<void> {
    const tolerance = this.tolerance(learner);
    if (tolerance !== undefined) demandSameState(await learner.state(), wanted, tolerance, what);
  }
}

/** Draws the target from the step's number, in [0, 1), where the outputs are not dropped. */
export const anyTarget: TargetRule = {
  write({ mask }, d, { step }) {
    const random = new RandomStream(step, Purpose.view);
    for (let j = 0; j < d.length; j++) d[j] = random.uniform() * (mask?.[j] ?? 1);
  },
};

/** {@link anyTarget}, with weights. */
export function weighted(weights: readonly number[]): TargetRule {
  return {
    write(y, d, at) {
      void anyTarget.write(y, d, at);
      return Float32Array.from(weights);
    },
  };
}

/** `rule`, seen by `look` before it writes. */
export function watched(
  rule: TargetRule,
  look: (...asked: Parameters<TargetRule['write']>) => void,
): TargetRule {
  return {
    write(y, d, at) {
      look(y, d, at);
      return rule.write(y, d, at);
    },
  };
}

/** `rule`, which answers later. */
export function delayed(rule: LearningRule): LearningRule {
  const later = () => new Promise((resolve) => setTimeout(resolve, 1));
  if (isOutputLoss(rule)) {
    return { gradient: async (y, g, at) => later().then(() => rule.gradient(y, g, at)) };
  }
  return { write: async (y, d, at) => later().then(() => rule.write(y, d, at)) };
}

export function isParametric(learner: Learner): learner is ParametricLearner {
  return 'setParameters' in learner && typeof learner.setParameters === 'function';
}

/** A step's context with everything that regimes fill in. */
export function fullContext(step: number, size: number): StepContext {
  return {
    step,
    rate: 0.75,
    epoch: 4,
    indices: Uint32Array.from({ length: size }, (_, b) => 7 * b + 1),
    random: new RandomStream(1, Purpose.rule, step),
    signal: new AbortController().signal,
  };
}
