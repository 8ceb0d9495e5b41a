/**
 * One layer's weights and biases in compute memory, and how an update reaches them. A learner's backward
 * kernels add `factor` times the gradient to a destination: for SGD these are the weights themselves and minus
 * the rate, so that no gradient is ever stored; for Adam a cleared buffer and 1, applied afterwards. In panels
 * Adam needs no buffer either: the kernel that sums up the gradient updates at once (adamSparse).
 */
import type { Compute } from '../compute/compute.js';
import { LINE, PANEL, padded } from '../compute/kernels.js';
import { expectTensor, type TensorMap } from './learner.js';
import { RandomStream } from './random.js';

export const optimizers = ['sgd', 'adam'] as const;
export type Optimizer = (typeof optimizers)[number];

/** One per layer of weights; a list of such lists makes as many optimisers (see {@link StepContext}). */
export type LearningRates = readonly number[] | readonly (readonly number[])[];

/** The learning rates of each optimiser. */
export function ratesOf(learningRates: LearningRates): readonly (readonly number[])[] {
  const isList = (entry: number | readonly number[]) => typeof entry !== 'number';
  return learningRates.some(isList)
    ? (learningRates as readonly (readonly number[])[])
    : [learningRates as readonly number[]];
}

/** Adam's decay rates (Kingma and Ba 2015), as published; the kernels have them too. */
const BETA1 = 0.9;
const BETA2 = 0.999;

/** How weights lie in memory: one row per output, or panels of 32 outputs (see kernels/dense.ts, sparse.ts). */
export type Layout = 'rows' | 'panels';

/** Where a backward kernel adds its gradient, and times what. */
export interface UpdateDestination {
  readonly weights: number;
  readonly bias: number;
  readonly factor: number;
}

/** Weights and biases, or something of their shape: their moments, their gradient. */
interface Buffer {
  readonly weights: number;
  readonly bias: number;
}

/** An Adam optimiser's memory of a layer. */
interface Moments {
  readonly first: Buffer;
  readonly second: Buffer;
  /** In saved states. */
  readonly suffix: string;
}

export class Parameters {
  readonly weights: number;
  readonly bias: number;
  readonly #compute: Compute;
  /** One per optimiser; none with SGD. */
  readonly #moments: Moments[] = [];
  readonly #gradient: Buffer | undefined;
  readonly #length: number;
  readonly #biasLength: number;
  readonly #inputStride: number;

  /**
   * `inputs` x `outputs` weights, zero, for a layer called `name` in saved states; `optimisers` of the kind
   * `optimizer` take turns on them.
   */
  constructor(
    compute: Compute,
    readonly name: string,
    readonly inputs: number,
    readonly outputs: number,
    readonly layout: Layout,
    readonly optimizer: Optimizer,
    optimisers = 1,
  ) {
    this.#compute = compute;
    this.#inputStride = layout === 'rows' ? padded(inputs) : inputs;
    const outputStride = padded(outputs, layout === 'rows' ? LINE : PANEL);
    this.#length = this.#inputStride * outputStride;
    this.#biasLength = padded(outputs, PANEL);
    const { weights, bias } = this.#allocate();
    this.weights = weights;
    this.bias = bias;
    if (optimizer === 'sgd') return;
    for (let o = 0; o < optimisers; o++) {
      const suffix = o === 0 ? '' : `.${o}`;
      this.#moments.push({ first: this.#allocate(), second: this.#allocate(), suffix });
    }
    if (layout === 'rows') this.#gradient = this.#allocate();
  }

  #allocate(): Buffer {
    return {
      weights: this.#compute.allocate(4 * this.#length),
      bias: this.#compute.allocate(4 * this.#biasLength),
    };
  }

  /** Xavier-uniform: U(-a, a) with a = gain sqrt(6 / (inputs + outputs)); biases stay 0. */
  initialise(gain: number, random: RandomStream): void {
    const bound = gain * Math.sqrt(6 / (this.inputs + this.outputs));
    const view = this.#compute.f32(this.weights, this.#length);
    for (let i = 0; i < this.outputs; i++) {
      for (let k = 0; k < this.inputs; k++) view[this.#index(i, k)] = (2 * random.uniform() - 1) * bound;
    }
  }

  /** Where the backward kernels add, at this learning rate. Not for panels with Adam: see {@link moments}. */
  destination(rate: number): UpdateDestination {
    if (this.optimizer === 'sgd') return { weights: this.weights, bias: this.bias, factor: -rate };
    if (!this.#gradient) throw new RangeError(`${this.name} keeps no gradient`);
    return { ...this.#gradient, factor: 1 };
  }

  /** The moments of optimiser `of`, for kernels that update at once. */
  moments(of: number): Moments {
    return this.#moments[of];
  }

  /** Applies what was added to the destination, by optimiser `of` at its update number `updates`, from 1. */
  apply(of: number, rate: number, updates: number): void {
    if (!this.#gradient) return;
    const { first, second } = this.#moments[of];
    for (const [part, length] of [
      ['weights', this.#length],
      ['bias', this.#biasLength],
    ] as const) {
      this.#compute.run(
        'adam',
        ...([this[part], this.#gradient[part], first[part], second[part], length] as const),
        ...adamFactors(rate, updates),
      );
    }
  }

  /** Adds copies to `state`: [outputs, inputs] weights, [outputs] biases, Adam's moments likewise. */
  save(state: TensorMap): void {
    for (const { suffix, weights, bias } of this.#saved()) {
      const data = new Float32Array(this.outputs * this.inputs);
      const view = this.#compute.f32(weights, this.#length);
      for (let i = 0, at = 0; i < this.outputs; i++) {
        for (let k = 0; k < this.inputs; k++) data[at++] = view[this.#index(i, k)];
      }
      state.set(`${this.name}.weight${suffix}`, { shape: [this.outputs, this.inputs], data });
      state.set(`${this.name}.bias${suffix}`, {
        shape: [this.outputs],
        data: this.#compute.f32(bias, this.outputs).slice(),
      });
    }
  }

  /** Whether `state` has what {@link load} takes. Throws {@link StateError} when names or shapes do not fit. */
  check(state: TensorMap): void {
    for (const { suffix } of this.#saved()) {
      if (suffix !== '' && !state.has(`${this.name}.weight${suffix}`)) continue;
      expectTensor(state, `${this.name}.weight${suffix}`, [this.outputs, this.inputs]);
      expectTensor(state, `${this.name}.bias${suffix}`, [this.outputs]);
    }
  }

  /** Takes them back from a `state` that passed {@link check}; without Adam's moments in it these become zero. */
  load(state: TensorMap): void {
    for (const { suffix, weights, bias } of this.#saved()) {
      const view = this.#compute.f32(weights, this.#length);
      const biases = this.#compute.f32(bias, this.outputs);
      const saved = state.get(`${this.name}.weight${suffix}`)?.data;
      const savedBiases = state.get(`${this.name}.bias${suffix}`)?.data;
      if (!saved || !savedBiases) {
        view.fill(0);
        biases.fill(0);
        continue;
      }
      for (let i = 0, at = 0; i < this.outputs; i++) {
        for (let k = 0; k < this.inputs; k++) view[this.#index(i, k)] = saved[at++];
      }
      biases.set(savedBiases);
    }
  }

  /** Everything that a saved state holds. */
  #saved(): (Buffer & { readonly suffix: string })[] {
    return [
      { suffix: '', weights: this.weights, bias: this.bias },
      ...this.#moments.flatMap(({ first, second, suffix }) => [
        { ...first, suffix: `.first${suffix}` },
        { ...second, suffix: `.second${suffix}` },
      ]),
    ];
  }

  dispose(): void {
    for (const { weights, bias } of [...this.#saved(), ...(this.#gradient ? [this.#gradient] : [])]) {
      this.#compute.free(weights);
      this.#compute.free(bias);
    }
  }

  /** Where the weight from input k to output i lies. */
  #index(i: number, k: number): number {
    if (this.layout === 'rows') return i * this.#inputStride + k;
    return Math.floor(i / PANEL) * this.inputs * PANEL + k * PANEL + (i % PANEL);
  }
}

/** The rate with the correction of Adam's first moment, and the correction of the second, at update `updates`. */
export function adamFactors(rate: number, updates: number): [rate: number, correction: number] {
  return [rate / (1 - BETA1 ** updates), 1 / (1 - BETA2 ** updates)];
}
