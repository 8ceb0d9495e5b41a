/**
 * The paper's idea: a network that can be trained with labels is trained without them by making the target
 * from its own output (method.md, section 1).
 *
 *   winners of an item = the k largest of y - H          winner-take-all
 *   d = 1 for winners, 0 else, times the output mask m    the target
 *   H <- H + gamma (mean activity of d - T)               homeostasis
 *
 * H makes a neuron that wins too often less likely to win; T = (1 - p) k / N is the activity wanted of everyone.
 */
import {
  type Contest,
  expectTensor,
  type Outputs,
  type TargetRule,
  type TensorMap,
} from '../learner/learner.js';

export interface SelfDefinedTargetOptions {
  /** Output neurons, N. */
  readonly outputs: number;
  /** Winners per item, k, from 1 to N. */
  readonly winners: number;
  /** How fast homeostasis follows the activity, gamma; 0 switches it off. */
  readonly gamma: number;
  /** Weight of the newest item in the running activity of the sequential mode, eta, in (0, 1]. */
  readonly eta?: number | undefined;
  /** Label smoothing s in [0, 1). */
  readonly smoothing?: number | undefined;
  /** The output mask's dropout probability, p. */
  readonly outputDropout?: number | undefined;
  /** Whether activity is averaged over the batch, or over time (one item a step). */
  readonly mode?: 'batch' | 'sequential' | undefined;
}

export class SelfDefinedTarget implements TargetRule {
  /** H: what is taken off a neuron's output when winners are chosen. */
  readonly homeostasis: Float64Array;
  /** A: the running activity of the sequential mode. */
  readonly #activity: Float64Array;
  readonly #options: Required<SelfDefinedTargetOptions>;
  /** T. */
  readonly #wanted: number;

  constructor(options: SelfDefinedTargetOptions) {
    const { outputs, winners, eta = 1, smoothing = 0, outputDropout = 0, mode = 'batch' } = options;
    if (!(Number.isInteger(winners) && winners >= 1 && winners <= outputs)) {
      throw new RangeError(`winners must be a whole number from 1 to the ${outputs} outputs, not ${winners}`);
    }
    this.#options = { ...options, eta, smoothing, outputDropout, mode };
    this.#wanted = ((1 - outputDropout) * winners) / outputs;
    this.homeostasis = new Float64Array(outputs);
    this.#activity = new Float64Array(outputs);
  }

  write(y: Outputs, d: Float32Array): void {
    const { outputs, winners, gamma, eta, smoothing, mode } = this.#options;
    if (mode === 'sequential' && y.size !== 1) {
      throw new RangeError(`the sequential mode takes one item a step, not ${y.size}`);
    }
    const lost = (smoothing * winners) / outputs;
    const contest = { winners, homeostasis: this.homeostasis, won: 1 - smoothing + lost, lost };
    const sums = y.winnersTakeAll ? y.winnersTakeAll(d, contest) : winnersTakeAll(y, d, contest);
    // Activity is the mean of d over the batch, or over time.
    const activity = this.#activity;
    const kept = mode === 'batch' ? 0 : 1 - eta;
    const weight = mode === 'batch' ? 1 / y.size : eta;
    for (let i = 0; i < outputs; i++) {
      activity[i] = kept * activity[i] + weight * sums[i];
      this.homeostasis[i] += gamma * (activity[i] - this.#wanted);
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
    this.homeostasis.set(expectTensor(state, 'target.homeostasis', shape).data);
    this.#activity.set(expectTensor(state, 'target.activity', shape).data);
  }
}

/** The contest as it is defined; see {@link Outputs.winnersTakeAll}. */
function winnersTakeAll(
  y: Outputs,
  d: Float32Array,
  { winners, homeostasis, won, lost }: Contest,
): Float64Array {
  const { size, width, values, mask } = y;
  const sums = new Float64Array(width);
  for (let j = 0; j < size * width; j++) {
    d[j] = mask ? Math.fround(lost) * mask[j] : lost;
    sums[j % width] += d[j];
  }
  for (let b = 0; b < size; b++) {
    const row = b * width;
    for (const i of chooseWinners(values.subarray(row, row + width), winners, homeostasis)) {
      const others = d[row + i];
      d[row + i] = mask ? Math.fround(won) * mask[row + i] : won;
      sums[i] += d[row + i] - others;
    }
  }
  return sums;
}

/** The k largest of y - H, the largest first; of equal ones the lower index wins, and what is not a number never. */
function chooseWinners(y: Float32Array, k: number, homeostasis: Float64Array): number[] {
  const chosen: number[] = [];
  const leads: number[] = [];
  for (let i = 0; i < y.length; i++) {
    const lead = y[i] - homeostasis[i];
    if (!(lead > (leads[k - 1] ?? -Infinity))) continue;
    let place = Math.min(k - 1, chosen.length);
    for (; place > 0 && leads[place - 1] < lead; place--) {
      leads[place] = leads[place - 1];
      chosen[place] = chosen[place - 1];
    }
    leads[place] = lead;
    chosen[place] = i;
  }
  return chosen;
}
