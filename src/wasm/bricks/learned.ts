/** All that a network learns: its layers' parameters, and how far each of its optimisers has come. */
import { expectTensor, type TensorMap } from '../../learner/learner.js';
import { type LearningRates, type Parameters, ratesOf } from './parameters.js';

export class Learned {
  /** From input to output. */
  readonly layers: readonly Parameters[];
  /** One per optimiser and layer. */
  readonly #rates: readonly (readonly number[])[];
  /** Updates that each optimiser has made. */
  readonly #updates: number[];

  constructor(layers: readonly Parameters[], learningRates: LearningRates) {
    this.layers = layers;
    this.#rates = ratesOf(learningRates);
    this.#updates = this.#rates.map(() => 0);
  }

  /** Begins an update by an optimiser: its number, from 1, and each layer's learning rate times `factor`. */
  begin(optimiser: number, factor: number): { updates: number; rates: number[] } {
    const updates = ++this.#updates[optimiser];
    return { updates, rates: this.#rates[optimiser].map((rate) => factor * rate) };
  }

  /** Makes all updates that were put off. */
  settle(): void {
    for (const layer of this.layers) layer.settle();
  }

  /** A copy of everything. */
  state(): TensorMap {
    const state: TensorMap = new Map();
    for (const layer of this.layers) layer.save(state);
    if (this.layers.some(({ optimizer }) => optimizer === 'adam')) {
      const { length } = this.#updates;
      state.set('optimizer.updates', { shape: [length], data: Int32Array.from(this.#updates) });
    }
    return state;
  }

  /** Takes back what `state` gave, all or nothing: throws {@link StateError} when it does not fit. */
  load(state: TensorMap): void {
    for (const layer of this.layers) layer.check(state);
    const { length } = this.#updates;
    const updates = state.has('optimizer.updates')
      ? expectTensor(state, 'optimizer.updates', [length]).data
      : new Int32Array(length);
    for (const layer of this.layers) layer.load(state);
    updates.forEach((count, o) => {
      this.#updates[o] = count;
    });
  }
}
