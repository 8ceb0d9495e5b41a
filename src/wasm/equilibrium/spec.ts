/** What an equilibrium propagation network is made of: the parts that researchers exchange, by name. */
import type { Loss } from '../bricks/loss.js';
import type { LearningRates, Optimizer } from '../bricks/parameters.js';
import { checkCommon } from '../bricks/specChecks.js';

/** rho: clamp(s, 0, 1) as published; 1 / (1 + exp(-4 (s - 0.5))); tanh(s). States stay in [0, 1], with tanh in [-1, 1]. */
export const equilibriumActivations = ['hard-sigmoid', 'logistic', 'tanh'] as const;
export type EquilibriumActivation = (typeof equilibriumActivations)[number];

/** How states move: see minimizer.ts. */
export const minimizers = ['synchronous', 'even-odd'] as const;
export type MinimizerName = (typeof minimizers)[number];

/** Which two states learning compares: see estimate.ts. */
export const estimates = ['one-sided', 'symmetric'] as const;
export type EstimateName = (typeof estimates)[number];

/** How states settle and what is learned from it: docs/explanation/equilibrium.md. */
export interface EquilibriumSettings {
  /**
   * Step size; with the even-odd minimizer the share of the way to its minimum that a layer goes: 1 for all of it, more
   * to go beyond (over-relaxation), but less than 2.
   */
  readonly dt: number;
  /** T, steps of the free phase at most. */
  readonly freeSteps: number;
  /** K, steps of a nudged phase at most. */
  readonly nudgedSteps: number;
  /** Strength of the nudge, in (0, 1). */
  readonly beta: number;
  readonly estimate: EstimateName;
  readonly minimizer?: MinimizerName | undefined;
  /** A phase ends early once no state of the batch changes by this much in a step. */
  readonly tolerance?: number | undefined;
  readonly activation?: EquilibriumActivation | undefined;
}

export interface EquilibriumSpec extends EquilibriumSettings {
  /** Widths from input to output, at least two. */
  readonly layers: readonly number[];
  /** One per entry of `layers`, in [0, 1): masks on the states, drawn once a step, not rescaled. */
  readonly dropout: readonly number[];
  /** Squared error: the output is a state. Cross-entropy: it is a softmax readout of the last hidden layer. */
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  readonly learningRates: LearningRates;
  /** Gain of the Xavier-uniform initial weights; 0.5 as published. */
  readonly gain?: number | undefined;
}

/** Throws a RangeError that says what is impossible. */
export function checkSpec(spec: EquilibriumSpec): void {
  const { layers, dropout, loss, dt, freeSteps, nudgedSteps, beta, tolerance = 0 } = spec;
  const wrong = (what: string) =>
    new RangeError(`an equilibrium propagation network of layers [${layers.join(', ')}] ${what}`);
  if (layers.length < 2 || !layers.every((width) => Number.isInteger(width) && width > 0)) {
    throw wrong('cannot be: at least two widths, whole and above 0, are needed');
  }
  if (dropout.length !== layers.length || !dropout.every((p) => p >= 0 && p < 1)) {
    throw wrong(`needs ${layers.length} dropout probabilities in [0, 1), not [${dropout.join(', ')}]`);
  }
  checkCommon(spec, layers.length - 1, wrong);
  for (const [what, name, known] of [
    ['activation', spec.activation ?? 'hard-sigmoid', equilibriumActivations],
    ['minimizer', spec.minimizer ?? 'synchronous', minimizers],
    ['estimate', spec.estimate, estimates],
  ] as const) {
    if (!known.some((one) => one === name)) {
      throw wrong(`cannot have the ${what} "${name}": one of ${known.join(', ')} is needed`);
    }
  }
  if (loss === 'cross-entropy' && layers.length < 3) {
    throw wrong('cannot have a cross-entropy readout: it reads a hidden layer, of which there is none');
  }
  if (loss === 'cross-entropy' && dropout[dropout.length - 1] > 0) {
    throw wrong('cannot drop outputs: with cross-entropy they are no states; set the last dropout to 0');
  }
  if (!(dt > 0)) throw wrong(`needs a step size dt above 0, not ${dt}`);
  if (!(beta > 0 && beta < 1)) throw wrong(`needs beta in (0, 1), not ${beta}`);
  if (!(Number.isInteger(freeSteps) && freeSteps >= 1)) throw wrong(`needs 1 free step or more`);
  if (!(Number.isInteger(nudgedSteps) && nudgedSteps >= 1)) throw wrong(`needs 1 nudged step or more`);
  if (!(tolerance >= 0)) throw wrong(`needs a tolerance of at least 0, not ${tolerance}`);
}
