/**
 * One layer's weights and biases in compute memory, and how an update reaches them. A learner's backward
 * kernels add `factor` times the gradient to a destination: for SGD these are the weights themselves and minus
 * the rate, so that no gradient is ever stored; for Adam a cleared buffer and 1, applied afterwards. In panels and
 * tiles Adam needs no buffer either: the kernels that sum up the gradient update at once (adamSparse, adamTiles).
 */
import type { Compute } from '../compute/compute.js';
import { LINE, PANEL, padded, TILE } from '../compute/kernels.js';
import { expectTensor, type TensorMap } from '../../learner/learner.js';
import { RandomStream } from '../../learner/random.js';

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

/**
 * How the weights of `inputs` x `outputs` lie in memory, and where that from input k to output i is: one row per
 * output (kernels/dense.ts), panels of 32 outputs (sparse.ts), panels of one cache line of outputs (convolution.ts),
 * rows cut into tiles of 128 inputs (tiles.ts), or panels of 32 inputs (connection.ts).
 */
const layouts = {
  rows: {
    length: (inputs: number, outputs: number) => padded(inputs) * padded(outputs),
    index: (i: number, k: number, inputs: number) => i * padded(inputs) + k,
    storesGradient: true,
  },
  panels: {
    length: (inputs: number, outputs: number) => inputs * padded(outputs, PANEL),
    index: (i: number, k: number, inputs: number) =>
      Math.floor(i / PANEL) * inputs * PANEL + k * PANEL + (i % PANEL),
    storesGradient: false,
  },
  lines: {
    length: (inputs: number, outputs: number) => inputs * padded(outputs),
    index: (i: number, k: number, inputs: number) =>
      Math.floor(i / LINE) * inputs * LINE + k * LINE + (i % LINE),
    storesGradient: true,
  },
  tiles: {
    length: (inputs: number, outputs: number) => padded(inputs, TILE) * padded(outputs),
    index: (i: number, k: number, _: number, outputs: number) =>
      (Math.floor(k / TILE) * padded(outputs) + (i & ~3)) * TILE +
      4 * (k & (TILE - 8)) +
      8 * (i & 3) +
      (k & 7),
    storesGradient: false,
  },
  inputPanels: {
    length: (inputs: number, outputs: number) => padded(inputs, PANEL) * padded(outputs),
    index: (i: number, k: number, _: number, outputs: number) =>
      (Math.floor(k / PANEL) * padded(outputs) + i) * PANEL + (k % PANEL),
    storesGradient: true,
  },
};

export type Layout = keyof typeof layouts;

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

/** How a layer's parameters move in one step. */
export interface Update {
  /** The learning rate of this layer, schedule included. */
  readonly rate: number;
  readonly optimiser: number;
  /** Updates of that optimiser, this one included. */
  readonly updates: number;
}

export class Parameters {
  readonly weights: number;
  readonly bias: number;
  readonly #compute: Compute;
  /** One per optimiser; none with SGD. */
  readonly #moments: Moments[] = [];
  readonly #gradient: Buffer | undefined;
  /** 1 where a weight may be, 0 where it is held at zero; of pruned layers only. */
  #mask = 0;
  readonly #length: number;
  readonly #biasLength: number;
  #version = 0;
  #deferred: (() => void) | undefined;

  /**
   * `inputs` x `outputs` weights, zero, for a layer called `name` in saved states; `optimisers` of the kind
   * `optimizer` take turns on them. `inputShape` is the shape of one output's weights in saved states.
   */
  constructor(
    compute: Compute,
    readonly name: string,
    readonly inputs: number,
    readonly outputs: number,
    readonly layout: Layout,
    readonly optimizer: Optimizer,
    optimisers = 1,
    readonly inputShape: readonly number[] = [inputs],
  ) {
    this.#compute = compute;
    this.#length = layouts[layout].length(inputs, outputs);
    this.#biasLength = padded(outputs, PANEL);
    const { weights, bias } = this.#allocate();
    this.weights = weights;
    this.bias = bias;
    if (optimizer === 'sgd') return;
    for (let o = 0; o < optimisers; o++) {
      const suffix = o === 0 ? '' : `.${o}`;
      this.#moments.push({ first: this.#allocate(), second: this.#allocate(), suffix });
    }
    if (layouts[layout].storesGradient) this.#gradient = this.#allocate();
  }

  #allocate(): Buffer {
    return {
      weights: this.#compute.allocate(4 * this.#length),
      bias: this.#compute.allocate(4 * this.#biasLength),
    };
  }

  /** Another number whenever all weights have been replaced. */
  get version(): number {
    return this.#version;
  }

  /** Puts an update off, until whoever put it off has made it (undefined) or {@link settle}. */
  defer(update: (() => void) | undefined): void {
    this.#deferred = update;
  }

  /** Makes the update that was put off, if there is one. */
  settle(): void {
    const update = this.#deferred;
    this.#deferred = undefined;
    update?.();
  }

  /** Xavier-uniform: U(-a, a) with a = gain sqrt(6 / (inputs + outputs)); biases stay 0. */
  initialise(gain: number, random: RandomStream): void {
    this.#version++;
    const bound = gain * Math.sqrt(6 / (this.inputs + this.outputs));
    const view = this.#compute.f32(this.weights, this.#length);
    for (let i = 0; i < this.outputs; i++) {
      for (let k = 0; k < this.inputs; k++) view[this.#index(i, k)] = (2 * random.uniform() - 1) * bound;
    }
  }

  /** U(-a, a) with a = 1 / sqrt(inputs) for weights and biases: the initial values of convolutional networks. */
  initialiseByInputs(random: RandomStream): void {
    this.#version++;
    const bound = 1 / Math.sqrt(this.inputs);
    const weights = this.#compute.f32(this.weights, this.#length);
    const bias = this.#compute.f32(this.bias, this.outputs);
    for (let i = 0; i < this.outputs; i++) {
      for (let k = 0; k < this.inputs; k++) weights[this.#index(i, k)] = (2 * random.uniform() - 1) * bound;
    }
    for (let i = 0; i < this.outputs; i++) bias[i] = (2 * random.uniform() - 1) * bound;
  }

  /** Holds a random `share` of the weights, rounded to a whole number of them, at zero from now on. */
  prune(share: number, random: RandomStream): void {
    this.#version++;
    const count = this.inputs * this.outputs;
    const order = random.permutation(count);
    this.#mask = this.#compute.allocate(4 * this.#length);
    const mask = this.#compute.f32(this.#mask, this.#length);
    const weights = this.#compute.f32(this.weights, this.#length);
    mask.fill(1);
    for (let j = 0; j < Math.round(share * count); j++) {
      const at = this.#index(Math.floor(order[j] / this.inputs), order[j] % this.inputs);
      mask[at] = 0;
      weights[at] = 0;
    }
  }

  /** Address of 1 for every weight that learns and 0 for pruned ones, laid out as the weights; 0 where none is pruned. */
  get mask(): number {
    return this.#mask;
  }

  /** Where the backward kernels add, at this learning rate. Not with Adam where the kernels update at once: see {@link moments}. */
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

  /** Adds copies to `state`: [outputs, ...inputShape] weights, [outputs] biases, Adam's moments likewise. */
  save(state: TensorMap): void {
    this.settle();
    for (const { suffix, weights, bias } of this.#saved()) {
      const data = new Float32Array(this.outputs * this.inputs);
      const view = this.#compute.f32(weights, this.#length);
      for (let i = 0, at = 0; i < this.outputs; i++) {
        for (let k = 0; k < this.inputs; k++) data[at++] = view[this.#index(i, k)];
      }
      state.set(`${this.name}.weight${suffix}`, { shape: [this.outputs, ...this.inputShape], data });
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
      expectTensor(state, `${this.name}.weight${suffix}`, [this.outputs, ...this.inputShape]);
      expectTensor(state, `${this.name}.bias${suffix}`, [this.outputs]);
    }
  }

  /** Takes them back from a `state` that passed {@link check}; without Adam's moments in it these become zero. */
  load(state: TensorMap): void {
    this.settle();
    this.#version++;
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

  /** Where the weight from input k to output i lies. */
  #index(i: number, k: number): number {
    return layouts[this.layout].index(i, k, this.inputs, this.outputs);
  }
}

/** The rate with the correction of Adam's first moment, and the correction of the second, at update `updates`. */
export function adamFactors(rate: number, updates: number): [rate: number, correction: number] {
  return [rate / (1 - BETA1 ** updates), 1 / (1 - BETA2 ** updates)];
}
