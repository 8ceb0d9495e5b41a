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
import { expectTensor, type Outputs, type TargetRule, type TensorMap } from '../learner/learner.js';

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
    // Activity is the mean of d over the batch, or over time.
    const activity = this.#activity;
    const weight = mode === 'batch' ? 1 / y.size : eta;
    if (mode === 'batch') activity.fill(0);
    else for (let i = 0; i < outputs; i++) activity[i] *= 1 - eta;

    const everyone = (smoothing * winners) / outputs;
    const chosen = y.winners
      ? y.winners(winners, this.homeostasis)
      : chooseWinners(y, winners, this.homeostasis);
    for (let b = 0; b < y.size; b++) {
      const row = b * outputs;
      const add = (i: number, value: number) => {
        const masked = y.mask ? value * y.mask[row + i] : value;
        d[row + i] += masked;
        activity[i] += weight * masked;
      };
      if (everyone > 0) giveAll(d, activity, y.mask, row, everyone, weight);
      else d.fill(0, row, row + outputs);
      for (let j = b * winners; j < (b + 1) * winners; j++) add(chosen[j], 1 - smoothing);
    }

    if (gamma === 0) return;
    for (let i = 0; i < outputs; i++) this.homeostasis[i] += gamma * (activity[i] - this.#wanted);
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

/** Gives every output of the row at `from` the share `value` of the target, times the mask, and counts its activity. */
function giveAll(
  d: Float32Array,
  activity: Float64Array,
  mask: Float32Array | undefined,
  from: number,
  value: number,
  weight: number,
): void {
  for (let i = 0; i < activity.length; i++) {
    const masked = mask ? value * mask[from + i] : value;
    d[from + i] = masked;
    activity[i] += weight * masked;
  }
}

/** In every row the k largest of y - H, the largest first; of equal ones the lower index wins. */
function chooseWinners({ size, width, values }: Outputs, k: number, homeostasis: Float64Array): Int32Array {
  const chosen = new Int32Array(size * k);
  const leads = new Float64Array(size * k).fill(-Infinity);
  for (let b = 0; b < size; b++) {
    const first = b * k;
    const last = first + k - 1;
    for (let i = 0; i < width; i++) {
      const lead = values[b * width + i] - homeostasis[i];
      if (!(lead > leads[last])) continue;
      let place = last;
      for (; place > first && leads[place - 1] < lead; place--) {
        leads[place] = leads[place - 1];
        chosen[place] = chosen[place - 1];
      }
      leads[place] = lead;
      chosen[place] = i;
    }
  }
  return chosen;
}
