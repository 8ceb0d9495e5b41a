/**
 * One layer's weights and biases in compute memory, and how an update reaches them. A learner's backward
 * kernels add `factor` times the gradient to a destination: for SGD these are the weights themselves and minus
 * the rate, so that no gradient is ever stored; for Adam a cleared buffer and 1, applied afterwards.
 */
import type { Compute } from '../compute/compute.js';
import { LINE, PANEL, padded } from '../compute/kernels.js';
import { expectTensor, type TensorMap } from './learner.js';
import { RandomStream } from './random.js';

export const optimizers = ['sgd', 'adam'] as const;
export type Optimizer = (typeof optimizers)[number];

/** Adam's constants (Kingma and Ba 2015), as published. */
const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** How weights lie in memory: one row per output, or panels of 32 outputs (see kernels/dense.ts, sparse.ts). */
export type Layout = 'rows' | 'panels';

/** Where a backward kernel adds its gradient, and times what. */
export interface UpdateDestination {
  readonly weights: number;
  readonly bias: number;
  readonly factor: number;
}

export class Parameters {
  readonly weights: number;
  readonly bias: number;
  readonly #compute: Compute;
  readonly #buffers: { name: string; weights: number; bias: number }[] = [];
  readonly #length: number;
  readonly #biasLength: number;
  readonly #inputStride: number;

  /** `inputs` x `outputs` weights, zero, for a layer called `name` in saved states. */
  constructor(
    compute: Compute,
    readonly name: string,
    readonly inputs: number,
    readonly outputs: number,
    readonly layout: Layout,
    readonly optimizer: Optimizer,
  ) {
    this.#compute = compute;
    this.#inputStride = layout === 'rows' ? padded(inputs) : inputs;
    const outputStride = padded(outputs, layout === 'rows' ? LINE : PANEL);
    this.#length = this.#inputStride * outputStride;
    this.#biasLength = padded(outputs, PANEL);
    for (const buffer of optimizer === 'adam' ? ['', '.first', '.second', '.gradient'] : ['']) {
      this.#buffers.push({
        name: buffer,
        weights: compute.allocate(4 * this.#length),
        bias: compute.allocate(4 * this.#biasLength),
      });
    }
    this.weights = this.#buffers[0].weights;
    this.bias = this.#buffers[0].bias;
  }

  /** Xavier-uniform: U(-a, a) with a = gain sqrt(6 / (inputs + outputs)); biases stay 0. */
  initialise(gain: number, random: RandomStream): void {
    const bound = gain * Math.sqrt(6 / (this.inputs + this.outputs));
    const view = this.#compute.f32(this.weights, this.#length);
    for (let i = 0; i < this.outputs; i++) {
      for (let k = 0; k < this.inputs; k++) view[this.#index(i, k)] = (2 * random.uniform() - 1) * bound;
    }
  }

  /** Where the backward kernels add, at this learning rate. */
  destination(rate: number): UpdateDestination {
    if (this.optimizer === 'sgd') return { weights: this.weights, bias: this.bias, factor: -rate };
    const gradient = this.#buffers[3];
    return { weights: gradient.weights, bias: gradient.bias, factor: 1 };
  }

  /** Applies what was added to the destination; `updates` counts this one, from 1. */
  apply(rate: number, updates: number): void {
    if (this.optimizer === 'sgd') return;
    const [parameters, first, second, gradient] = this.#buffers;
    const scaled = rate / (1 - BETA1 ** updates);
    const correction = 1 / (1 - BETA2 ** updates);
    for (const [part, length] of [
      ['weights', this.#length],
      ['bias', this.#biasLength],
    ] as const) {
      this.#compute.run(
        'adam',
        ...([parameters[part], gradient[part], first[part], second[part], length] as const),
        ...([scaled, BETA1, BETA2, EPSILON, correction] as const),
      );
    }
  }

  /** Adds copies to `state`: [outputs, inputs] weights, [outputs] biases, Adam's moments likewise. */
  save(state: TensorMap): void {
    for (const { name, weights, bias } of this.#buffers.slice(0, 3)) {
      const data = new Float32Array(this.outputs * this.inputs);
      const view = this.#compute.f32(weights, this.#length);
      for (let i = 0, at = 0; i < this.outputs; i++) {
        for (let k = 0; k < this.inputs; k++) data[at++] = view[this.#index(i, k)];
      }
      state.set(`${this.name}.weight${name}`, { shape: [this.outputs, this.inputs], data });
      state.set(`${this.name}.bias${name}`, {
        shape: [this.outputs],
        data: this.#compute.f32(bias, this.outputs).slice(),
      });
    }
  }

  /** Whether `state` has what {@link load} takes. Throws {@link StateError} when names or shapes do not fit. */
  check(state: TensorMap): void {
    for (const { name } of this.#buffers.slice(0, 3)) {
      if (name !== '' && !state.has(`${this.name}.weight${name}`)) continue;
      expectTensor(state, `${this.name}.weight${name}`, [this.outputs, this.inputs]);
      expectTensor(state, `${this.name}.bias${name}`, [this.outputs]);
    }
  }

  /** Takes them back from a `state` that passed {@link check}; without Adam's moments in it these become zero. */
  load(state: TensorMap): void {
    for (const { name, weights, bias } of this.#buffers.slice(0, 3)) {
      const view = this.#compute.f32(weights, this.#length);
      const biases = this.#compute.f32(bias, this.outputs);
      const saved = state.get(`${this.name}.weight${name}`)?.data;
      const savedBiases = state.get(`${this.name}.bias${name}`)?.data;
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

  dispose(): void {
    for (const { weights, bias } of this.#buffers) {
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
