/** All that a network learns: its layers' parameters, and how far each of its optimisers has come. */
import type { StepContext } from '../../learner/learner.js';
import { expectTensor, StateError, type TensorMap } from '../../learner/tensors.js';
import { expectOptimiser } from '../../learner/traits.js';
import { type LearningRates, type Parameters, ratesByOptimiser } from './parameters.js';

export class Learned {
  /** From input to output. */
  readonly layers: readonly Parameters[];
  /** The names of the optimisers, the default first. */
  readonly optimisers: readonly string[];
  /** One list per optimiser, a rate per layer. */
  readonly #rates: readonly (readonly number[])[];
  /** Updates that each optimiser has made. */
  readonly #updates: number[];

  constructor(layers: readonly Parameters[], learningRates: LearningRates) {
    const rates = ratesByOptimiser(learningRates);
    this.layers = layers;
    this.optimisers = [...rates.keys()];
    this.#rates = [...rates.values()];
    this.#updates = this.#rates.map(() => 0);
  }

  /** Throws a RangeError or an AbilityError when no step can be taken so. */
  expectContext({ step, rate, optimiser }: StepContext): void {
    if (!(Number.isSafeInteger(step) && step >= 0)) {
      throw new RangeError(`a step's number must be a whole number of at least 0, not ${step}`);
    }
    if (!(rate >= 0 && rate < Infinity)) {
      throw new RangeError(`the factor on the learning rates must be a number of at least 0, not ${rate}`);
    }
    if (optimiser !== undefined) expectOptimiser(this.optimisers, optimiser);
  }

  /**
   * Begins an update by the optimiser called `name`: its number, that of the update, from 1, and each layer's learning rate
   * times `factor`.
   */
  begin(
    name: string = this.optimisers[0],
    factor: number,
  ): { optimiser: number; updates: number; rates: number[] } {
    const optimiser = this.optimisers.indexOf(name);
    const updates = ++this.#updates[optimiser];
    return { optimiser, updates, rates: this.#rates[optimiser].map((rate) => factor * rate) };
  }

  /** Makes all updates that were put off. */
  flush(): void {
    for (const layer of this.layers) layer.flush();
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

  /** Restores what `state` returned, all or nothing: throws {@link StateError} when it does not fit. */
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

  /** A copy of the parameters without the optimisers' state. */
  parameters(): TensorMap {
    const parameters: TensorMap = new Map();
    for (const layer of this.layers) layer.save(parameters, false);
    return parameters;
  }

  /** Replaces the parameters and leaves the optimisers' state: throws {@link StateError} when they do not fit. */
  setParameters(parameters: TensorMap): void {
    for (const layer of this.layers) layer.check(parameters, false);
    for (const layer of this.layers) layer.load(parameters, false);
  }

  /** Moves every parameter towards those of a network of the same shape: (1 - share) own + share other. */
  blend(other: Learned, share: number): void {
    if (!(share >= 0 && share <= 1)) throw new RangeError(`share must be in [0, 1], not ${share}`);
    const shapes = [this, other].map(({ layers }) => layers.map(shapeOf).join());
    if (shapes[0] !== shapes[1]) {
      throw new StateError(`the networks differ: their layers are ${shapes[0]} and ${shapes[1]}`);
    }
    this.layers.forEach((layer, l) => layer.blend(other.layers[l], share));
  }

  /** Becomes a copy of a network of the same shape: its parameters, and which of them are pruned. */
  copy(other: Learned): void {
    this.blend(other, 1);
    this.layers.forEach((layer, l) => layer.copyMask(other.layers[l]));
  }
}

function shapeOf({ name, outputs, inputs, layout }: Parameters): string {
  return `${name} ${outputs} x ${inputs} (${layout})`;
}
