/**
 * A learner as it may stand elsewhere: it answers later, in single precision, and compares outputs in it. One layer
 * with linear outputs, an output mask, squared error, and two optimisers of gradient descent with momentum.
 */
import {
  type Batch,
  DisposedError,
  type OutputOperations,
  type Outputs,
  type ParametricLearner,
  type StepContext,
  type StepReport,
} from '../../src/learner/learner.js';
import { RandomStream } from '../../src/learner/random.js';
import { isOutputLoss, type LearningRule } from '../../src/learner/rule.js';
import { expectTensor, type TensorMap } from '../../src/learner/tensors.js';
import { expectOptimiser, type LearnerTraits } from '../../src/learner/traits.js';
import { unlessAborted } from '../../src/learner/aborting.js';

const f = Math.fround;
const MASK_RATE = 0.25;

export class RemoteLearner implements ParametricLearner {
  readonly traits: LearnerTraits = {
    precision: 'f32',
    deterministic: true,
    optimisers: ['first', 'second'],
    maskRate: MASK_RATE,
    givenGradient: true,
    itemWeights: true,
  };
  readonly #rates = [0.5, 0.25];
  /** One row for each output, the bias last. */
  #weights: Float32Array;
  #momenta: Float32Array[];
  #isDisposed = false;

  constructor(
    readonly inputs: number,
    readonly outputs: number,
    readonly seed: number,
    readonly momentum = 0.5,
  ) {
    const random = new RandomStream(seed, 1);
    const length = outputs * (inputs + 1);
    this.#weights = Float32Array.from({ length }, () => random.uniform() - 0.4);
    this.#momenta = this.#rates.map(() => new Float32Array(length));
  }

  /** What every answer takes. */
  async #reach(signal?: AbortSignal): Promise<void> {
    if (this.#isDisposed) throw new DisposedError('the remote learner has been disposed');
    await unlessAborted(new Promise((resolve) => setImmediate(resolve)), signal);
  }

  async predict(x: Batch, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<Outputs> {
    await this.#reach(signal);
    return { size: x.size, width: this.outputs, values: this.#forward(x) };
  }

  #forward({ size, width, values }: Batch): Float32Array {
    const { inputs, outputs } = this;
    if (width !== inputs) throw new RangeError(`items have ${width} values, but the learner takes ${inputs}`);
    return Float32Array.from({ length: size * outputs }, (_, j) => {
      const [b, row] = [Math.floor(j / outputs), (j % outputs) * (inputs + 1)];
      let sum = this.#weights[row + inputs];
      for (let k = 0; k < inputs; k++) sum = f(sum + f(this.#weights[row + k] * values[b * inputs + k]));
      return sum;
    });
  }

  async step(x: Batch, rule: LearningRule, at: StepContext): Promise<StepReport> {
    const { step, rate, optimiser = this.traits.optimisers[0], signal } = at;
    await this.#reach(signal);
    expectOptimiser(this.traits.optimisers, optimiser);
    const { inputs, outputs } = this;
    const random = new RandomStream(this.seed, 16, step);
    const values = this.#forward(x);
    const mask = values.map(() => (random.uniform() < MASK_RATE ? 0 : 1));
    values.forEach((v, j) => (values[j] = v * mask[j]));
    const offers: OutputOperations = {
      selectLargest: async (d, { count, offsets, selected, others }) => {
        await this.#reach(signal);
        const sums = new Float64Array(outputs);
        for (let b = 0; b < x.size; b++) {
          const leads = Array.from(offsets, (h, i) => f(values[b * outputs + i] - f(h)));
          const order = leads.map((_, i) => i).sort((i, k) => leads[k] - leads[i] || i - k);
          order.forEach((i, place) => {
            const j = b * outputs + i;
            d[j] = (place < count ? selected : others) * mask[j];
            sums[i] += d[j];
          });
        }
        return sums;
      },
    };
    const y: Outputs = { size: x.size, width: outputs, values, mask, maskRate: MASK_RATE, offers };
    const wanted = new Float32Array(values.length);
    let loss = 0;
    if (isOutputLoss(rule)) {
      loss = await unlessAborted(Promise.resolve(rule.gradient(y, wanted, at)), signal);
    } else {
      const answer = await unlessAborted(Promise.resolve(rule.write(y, wanted, at)), signal);
      const weights = answer === wanted ? undefined : answer;
      if (weights && (weights.length !== x.size || !weights.every((w) => w >= 0 && w < Infinity)))
        throw new RangeError(`impossible weights ${weights.join(', ')} for ${x.size} items`);
      for (const [j, v] of values.entries()) {
        const weight = (weights?.[Math.floor(j / outputs)] ?? 1) / values.length;
        loss += weight * (v - wanted[j]) ** 2;
        wanted[j] = 2 * weight * (v - wanted[j]);
      }
    }
    const of = this.traits.optimisers.indexOf(optimiser);
    const momenta = this.#momenta[of];
    for (let i = 0; i < outputs; i++) {
      for (let k = 0; k <= inputs; k++) {
        let gradient = 0;
        for (let b = 0; b < x.size; b++) {
          const j = b * outputs + i;
          gradient += wanted[j] * mask[j] * (k < inputs ? x.values[b * inputs + k] : 1);
        }
        const at1 = i * (inputs + 1) + k;
        momenta[at1] = this.momentum * momenta[at1] + gradient;
        this.#weights[at1] -= rate * this.#rates[of] * momenta[at1];
      }
    }
    return { loss };
  }

  #saved(): Record<string, Float32Array> {
    return { weights: this.#weights, momentum: this.#momenta[0], 'momentum.second': this.#momenta[1] };
  }

  #copy(names: readonly string[]): TensorMap {
    const shape = [this.outputs, this.inputs + 1];
    return new Map(names.map((name) => [name, { shape, data: this.#saved()[name].slice() }]));
  }

  #take(state: TensorMap, names: readonly string[]): void {
    const tensors = names.map((name) => expectTensor(state, name, [this.outputs, this.inputs + 1]));
    tensors.forEach(({ data }, i) => this.#saved()[names[i]].set(data));
  }

  async state(): Promise<TensorMap> {
    await this.#reach();
    return this.#copy(Object.keys(this.#saved()));
  }

  async load(state: TensorMap): Promise<void> {
    await this.#reach();
    this.#take(state, Object.keys(this.#saved()));
  }

  async parameters(): Promise<TensorMap> {
    await this.#reach();
    return this.#copy(['weights']);
  }

  async setParameters(parameters: TensorMap): Promise<void> {
    await this.#reach();
    this.#take(parameters, ['weights']);
  }

  async blend(other: ParametricLearner, share: number): Promise<void> {
    if (!(share >= 0 && share <= 1)) throw new RangeError(`share must be in [0, 1], not ${share}`);
    const theirs = expectTensor(await other.parameters(), 'weights', [this.outputs, this.inputs + 1]).data;
    this.#weights = this.#weights.map((v, j) => (1 - share) * v + share * theirs[j]);
  }

  async clone(seed: number): Promise<RemoteLearner> {
    await this.#reach();
    const clone = new RemoteLearner(this.inputs, this.outputs, seed, this.momentum);
    clone.#weights = this.#weights.slice();
    return clone;
  }

  dispose(): void {
    this.#isDisposed = true;
  }
}
