import {
  AbilityError,
  type Batch,
  DisposedError,
  expectTensor,
  isOutputLoss,
  type Learner,
  type LearnerTraits,
  type LearningRule,
  type Outputs,
  Purpose,
  RandomStream,
  type StepContext,
  type StepReport,
  type TensorMap,
} from 'selftarget';

/** One layer of linear outputs, trained by the delta rule. */
export class Perceptron implements Learner {
  readonly traits: LearnerTraits = {
    precision: 'f64',
    deterministic: true,
    optimisers: ['default'],
    maskRate: 0,
    givenGradient: false,
    itemWeights: false,
  };
  #weights: Float32Array | undefined;

  constructor(
    readonly inputs: number,
    readonly outputs: number,
    readonly learningRate: number,
    seed: number,
  ) {
    const random = new RandomStream(seed, Purpose.initialise);
    this.#weights = Float32Array.from({ length: outputs * inputs }, () => random.uniform() - 0.5);
  }

  predict(x: Batch): Outputs {
    const weights = this.#use();
    const { size, width } = x;
    if (width !== this.inputs) {
      throw new RangeError(`items have ${width} values, but the perceptron takes ${this.inputs}`);
    }
    const values = Float32Array.from({ length: size * this.outputs }, (_, j) => {
      const [item, output] = [Math.floor(j / this.outputs), j % this.outputs];
      let sum = 0;
      for (let k = 0; k < width; k++) sum += weights[output * width + k] * x.values[item * width + k];
      return sum;
    });
    return { size, width: this.outputs, values };
  }

  async step(x: Batch, rule: LearningRule, at: StepContext): Promise<StepReport> {
    const weights = this.#use();
    if (at.optimiser !== undefined && at.optimiser !== 'default') {
      throw new AbilityError(`the perceptron has no optimiser "${at.optimiser}", only "default"`);
    }
    if (isOutputLoss(rule)) throw new AbilityError('the perceptron takes targets only');
    const y = this.predict(x);
    const target = new Float32Array(y.values.length);
    await unlessAborted(rule.write(y, target, at), at.signal);
    let loss = 0;
    for (let j = 0; j < target.length; j++) {
      const error = y.values[j] - target[j];
      loss += error ** 2 / target.length;
      const [item, output] = [Math.floor(j / this.outputs), j % this.outputs];
      const change = (at.rate * this.learningRate * error) / x.size;
      for (let k = 0; k < x.width; k++)
        weights[output * x.width + k] -= change * x.values[item * x.width + k];
    }
    return { loss };
  }

  state(): TensorMap {
    return new Map([['weights', { shape: [this.outputs, this.inputs], data: this.#use().slice() }]]);
  }

  load(state: TensorMap): void {
    this.#use().set(expectTensor(state, 'weights', [this.outputs, this.inputs]).data);
  }

  dispose(): void {
    this.#weights = undefined;
  }

  #use(): Float32Array {
    if (!this.#weights) throw new DisposedError('the perceptron has been disposed');
    return this.#weights;
  }
}

/** The result, unless the signal is aborted before. */
async function unlessAborted<T>(result: T | Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return result;
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  return Promise.race([result, aborted]);
}
