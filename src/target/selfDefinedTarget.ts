/**
 * The paper's idea: a network that can be trained with labels is trained without them by making the target
 * from its own output (docs/explanation/method.md, "The self-defined target").
 *
 *   winners of an item = the k largest of y - H          winner-take-all
 *   d = 1 for winners, 0 else, times the output mask m    the target
 *   H <- H + gamma (mean activity of d - T)               homeostasis
 *
 * H makes a neuron that wins too often less likely to win; T = (1 - p) k / N is the activity wanted of everyone.
 */
import type { MaybePromise, Outputs, Selection } from '../learner/learner.js';
import type { RuleDescription, TargetRule } from '../learner/rule.js';
import { expectTensor, type TensorMap } from '../learner/tensors.js';
import { winnersTakeAll } from './winnersTakeAll.js';

export interface SelfDefinedTargetOptions {
  /** Output neurons, N. */
  readonly outputs: number;
  /** Winners per item, k, from 1 to N. */
  readonly winners: number;
  /** How fast homeostasis follows the activity, gamma, at least 0; 0 switches it off. */
  readonly gamma: number;
  /** Weight of the newest item in the running activity of the sequential mode, eta, in (0, 1]. */
  readonly eta?: number | undefined;
  /** Label smoothing s in [0, 1). */
  readonly smoothing?: number | undefined;
  /** Whether activity is averaged over the batch, or over time (one item a step). */
  readonly mode?: 'batch' | 'sequential' | undefined;
}

export class SelfDefinedTarget implements TargetRule {
  /** H: what is subtracted from a neuron's output when winners are chosen. */
  readonly homeostasis: Float64Array;
  /** A: the running activity of the sequential mode. */
  readonly #activity: Float64Array;
  readonly #options: Required<SelfDefinedTargetOptions>;

  /** @throws RangeError when an option is out of its range */
  constructor(options: SelfDefinedTargetOptions) {
    const { outputs, winners, gamma, eta = 1, smoothing = 0, mode = 'batch' } = options;
    if (!(Number.isInteger(outputs) && outputs >= 1)) {
      throw new RangeError(`outputs must be a whole number of at least 1, not ${outputs}`);
    }
    if (!(Number.isInteger(winners) && winners >= 1 && winners <= outputs)) {
      throw new RangeError(`winners must be a whole number from 1 to the ${outputs} outputs, not ${winners}`);
    }
    if (!(gamma >= 0 && gamma < Infinity)) {
      throw new RangeError(`gamma must be a number of at least 0, not ${gamma}`);
    }
    if (!(eta > 0 && eta <= 1)) throw new RangeError(`eta must be in (0, 1], not ${eta}`);
    if (!(smoothing >= 0 && smoothing < 1)) {
      throw new RangeError(`smoothing must be in [0, 1), not ${smoothing}`);
    }
    if (mode !== 'batch' && mode !== 'sequential') {
      throw new RangeError(`mode must be "batch" or "sequential", not "${mode}"`);
    }
    this.#options = { outputs, winners, gamma, eta, smoothing, mode };
    this.homeostasis = new Float64Array(outputs);
    this.#activity = new Float64Array(outputs);
  }

  /** Throws a RangeError when these are not its outputs, or more than the sequential mode's one item a step. */
  fits(width: number, batchSize: number): void {
    const { outputs, mode } = this.#options;
    if (width !== outputs) {
      throw new RangeError(`the target is for ${outputs} outputs, but the learner has ${width}`);
    }
    if (mode === 'sequential' && batchSize !== 1) {
      throw new RangeError(
        `the sequential mode takes one item a step, not ${batchSize}; set the batch size to 1`,
      );
    }
  }

  write(y: Outputs, d: Float32Array): MaybePromise<void> {
    const { outputs, winners, smoothing } = this.#options;
    this.fits(y.width, y.size);
    const wanted = ((1 - maskRateOf(y)) * winners) / outputs;
    const others = (smoothing * winners) / outputs;
    const selection: Selection = {
      count: winners,
      offsets: this.homeostasis,
      selected: 1 - smoothing + others,
      others,
    };
    const sums = y.offers?.selectLargest
      ? y.offers.selectLargest(d, selection)
      : winnersTakeAll(y, d, selection);
    if (sums instanceof Promise) return sums.then((later) => this.#balance(later, y.size, wanted));
    this.#balance(sums, y.size, wanted);
  }

  /** Homeostasis. Activity is the mean of d over the batch, or over time. */
  #balance(sums: Float64Array, size: number, wanted: number): void {
    const { gamma, eta, mode } = this.#options;
    const activity = this.#activity;
    const kept = mode === 'batch' ? 0 : 1 - eta;
    const weight = mode === 'batch' ? 1 / size : eta;
    for (let i = 0; i < activity.length; i++) {
      activity[i] = kept * activity[i] + weight * sums[i];
      this.homeostasis[i] += gamma * (activity[i] - wanted);
    }
  }

  /** Forgets H and A, as the published runs do at the start of every epoch. */
  reset(): void {
    this.homeostasis.fill(0);
    this.#activity.fill(0);
  }

  state(): TensorMap {
    const shape = [this.#options.outputs];
    return new Map([
      ['target.homeostasis', { shape, data: this.homeostasis.slice() }],
      ['target.activity', { shape, data: this.#activity.slice() }],
    ]);
  }

  load(state: TensorMap): void {
    const shape = [this.#options.outputs];
    const homeostasis = expectTensor(state, 'target.homeostasis', shape);
    const activity = expectTensor(state, 'target.activity', shape);
    this.homeostasis.set(homeostasis.data);
    this.#activity.set(activity.data);
  }

  describe(): RuleDescription {
    return { kind: 'self-defined', ...this.#options };
  }
}

/** p, in [0, 1); 0 without an output mask. */
function maskRateOf({ mask, maskRate }: Outputs): number {
  if (!mask) return 0;
  if (maskRate !== undefined && maskRate >= 0 && maskRate < 1) return maskRate;
  throw new RangeError(
    `outputs with a mask must state its dropout probability as maskRate, in [0, 1), not ${maskRate}`,
  );
}
