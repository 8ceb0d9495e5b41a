/**
 * A fully connected network trained by backpropagation (method.md, section 3): for each layer, activation of
 * the previous values, dropout, linear; on top the output activation and the output mask.
 *
 * The first layer works on lists of the input's non-zeros, the others on rows of the weights; both skip what
 * carries no signal or gradient, exactly. The network knows nothing of where its target comes from.
 */
import type { Compute } from '../compute/compute.js';
import { BLOCKS, LINE, PANEL, padded } from '../compute/kernels.js';
import { type Activation, activations } from '../learner/activation.js';
import {
  type Batch,
  expectTensor,
  type Learner,
  type Outputs,
  type StepContext,
  type StepReport,
  type TargetRule,
  type TensorMap,
} from '../learner/learner.js';
import {
  adamFactors,
  type LearningRates,
  type Optimizer,
  Parameters,
  ratesOf,
} from '../learner/parameters.js';
import { Purpose, RandomStream, seedKey } from '../learner/random.js';
import { readRows, writeRows } from '../learner/rows.js';

export const losses = ['mse', 'cross-entropy'] as const;
export type Loss = (typeof losses)[number];

export interface NetworkSpec {
  /** Widths from input to output, at least two. */
  readonly layers: readonly number[];
  /** One per entry of `layers`: of the input (usually identity), of each hidden layer, of the output. */
  readonly activations: readonly Activation[];
  /** One per entry of `layers`: dropout in [0, 1), of the output the mask, which is not rescaled. */
  readonly dropout: readonly number[];
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  /** One per layer of weights; a list of such lists makes as many optimisers (see {@link StepContext}). */
  readonly learningRates: LearningRates;
  /** Gain of the Xavier-uniform initial weights; 0.5 as published. */
  readonly gain?: number | undefined;
}

/** The buffers of one layer of values, for up to `capacity` items. */
interface Values {
  readonly width: number;
  readonly stride: number;
  /** What comes out: z first, then in place the activation times the mask. */
  y: number;
  /** Its derivative by z. */
  slope: number;
  /** dLoss/dz. */
  delta: number;
  mask: number;
}

export class BackpropNetwork implements Learner {
  readonly inputs: number;
  readonly outputs: number;
  readonly #compute: Compute;
  readonly #spec: NetworkSpec;
  readonly #key: [number, number];
  readonly #layers: Parameters[];
  readonly #values: Values[];
  /** Buffers other than those of the values, reallocated with the batch size. */
  #inputLists = 0;
  #inputCounts = 0;
  /** Of each layer the items by column: of the input's values with Adam, of the gradients of wide layers. */
  #itemLists: number[] = [];
  readonly #itemCounts: number[];
  /** The first layer's delta by panels, with Adam. */
  #packed = 0;
  /** Parts of the signal to the layer below. */
  #blocks = 0;
  #target = 0;
  #partialLoss = 0;
  #capacity = 0;
  /** Learning rates of each optimiser, and the updates it has made. */
  readonly #rates: readonly (readonly number[])[];
  readonly #updates: number[];

  constructor(compute: Compute, spec: NetworkSpec, seed: number) {
    const { layers } = spec;
    checkSpec(spec);
    this.#compute = compute;
    this.#spec = spec;
    this.#key = seedKey(seed);
    this.inputs = layers[0];
    this.outputs = layers[layers.length - 1];
    this.#values = layers.map((width) => ({
      width,
      stride: padded(width),
      y: 0,
      slope: 0,
      delta: 0,
      mask: 0,
    }));
    this.#rates = ratesOf(spec.learningRates);
    this.#updates = this.#rates.map(() => 0);
    this.#layers = layers.slice(1).map((width, l) => {
      const layout = l === 0 ? 'panels' : 'rows';
      const layer = new Parameters(
        compute,
        `layer${l + 1}`,
        layers[l],
        width,
        layout,
        spec.optimizer,
        this.#updates.length,
      );
      layer.initialise(spec.gain ?? 0.5, new RandomStream(seed, Purpose.initialise, l));
      return layer;
    });
    this.#itemCounts = this.#values.map(({ stride }, l) =>
      this.#isListed(l) ? compute.allocate(4 * stride) : 0,
    );
  }

  predict(x: Batch): Outputs {
    this.#forward(x);
    return this.#readOutputs(x.size, false);
  }

  step(x: Batch, target: TargetRule, at: StepContext): StepReport {
    this.#forward(x, at.step);
    const loss = this.#outputDelta(x.size, target);
    this.#backward(x.size, at.rate, at.optimiser ?? 0);
    return { loss };
  }

  /** Values of every layer up to the output; with dropout when `step` is given. */
  #forward(x: Batch, step?: number): void {
    const compute = this.#compute;
    if (x.width !== this.inputs) {
      throw new RangeError(`items have ${x.width} values, but the network takes ${this.inputs}`);
    }
    this.#reserve(x.size);
    const [input] = this.#values;
    writeRows(compute, input.y, x.values, x.size, input.width, input.stride);
    const inputMask = this.#drawMask(0, x.size, step);
    if (this.#spec.activations[0] !== 'identity' || inputMask) this.#activate(0, x.size, inputMask, 0);
    compute.run(
      'listNonZeros',
      ...([input.y, x.size, input.width, input.stride] as const),
      ...([this.#inputLists, this.#inputCounts, input.width] as const),
    );
    for (let l = 1; l < this.#values.length; l++) {
      this.#linear(l, x.size);
      this.#activate(
        l,
        x.size,
        this.#drawMask(l, x.size, step),
        step === undefined ? 0 : this.#values[l].slope,
      );
    }
  }

  /** y of layer l from its z, in place, and where wanted the slope. */
  #activate(l: number, size: number, mask: number, slope: number): void {
    const { y, width, stride } = this.#values[l];
    const activation = activations.indexOf(this.#spec.activations[l]);
    this.#compute.run('activate', y, slope, mask, size, width, stride, activation);
  }

  /** z of layer l from the values below it. */
  #linear(l: number, size: number): void {
    const below = this.#values[l - 1];
    const { y, stride } = this.#values[l];
    const { weights, bias } = this.#layers[l - 1];
    if (l === 1) {
      const { inputs } = this;
      const lists = [this.#inputLists, this.#inputCounts, inputs] as const;
      this.#compute.run('forwardSparse', ...lists, weights, bias, y, size, inputs, stride);
    } else {
      this.#compute.run('forwardDense', below.y, weights, bias, y, size, below.stride, stride);
    }
  }

  /** Draws the dropout mask of layer l, or answers 0 where it has none or no step is being taken. */
  #drawMask(l: number, size: number, step: number | undefined): number {
    const p = this.#spec.dropout[l];
    if (p === 0 || step === undefined) return 0;
    const { mask, stride } = this.#values[l];
    const keep = l === this.#values.length - 1 ? 1 : 1 / (1 - p);
    const threshold = Math.round(p * 2 ** 16);
    this.#compute.run(
      'dropoutMask',
      ...([mask, size, stride, threshold, keep] as const),
      ...([Purpose.dropout + l, step, ...this.#key] as const),
    );
    return mask;
  }

  #readOutputs(size: number, masked: boolean): Outputs {
    const { y, mask, width, stride } = this.#values[this.#values.length - 1];
    return {
      size,
      width,
      values: readRows(this.#compute, y, size, width, stride),
      mask: masked ? readRows(this.#compute, mask, size, width, stride) : undefined,
    };
  }

  /** Asks for the target and leaves dLoss/dz of the output layer; answers the loss. */
  #outputDelta(size: number, rule: TargetRule): number {
    const compute = this.#compute;
    const last = this.#values.length - 1;
    const { y, slope, delta, width, stride } = this.#values[last];
    const outputs = this.#readOutputs(size, this.#spec.dropout[last] > 0);
    if (width === stride) {
      rule.write(outputs, compute.f32(this.#target, size * width));
    } else {
      const target = new Float32Array(size * width);
      rule.write(outputs, target);
      writeRows(compute, this.#target, target, size, width, stride);
    }
    const partial = this.#partialLoss;
    if (this.#spec.loss === 'mse') {
      const scale = 1 / (size * width);
      compute.run('squaredError', y, this.#target, slope, delta, partial, size, stride, 2 * scale);
      return scale * sum(compute.f64(partial, (size * stride) / LINE));
    }
    compute.run('crossEntropy', y, this.#target, slope, delta, partial, size, width, stride, 1 / size);
    return sum(compute.f64(partial, size)) / size;
  }

  /** From the output's delta down: every layer's update, and the signal to the layer below it. */
  #backward(size: number, rate: number, optimiser: number): void {
    const updates = ++this.#updates[optimiser];
    for (let l = this.#values.length - 1; l > 0; l--) {
      const layerRate = rate * this.#rates[optimiser][l - 1];
      if (l > 1) {
        this.#backwardLayer(l, size, layerRate);
        this.#layers[l - 1].apply(optimiser, layerRate, updates);
      } else if (this.#spec.optimizer === 'sgd') this.#updateFirst(size, layerRate);
      else this.#updateFirstByAdam(size, optimiser, layerRate, updates);
    }
  }

  /** Signal to the layer below and update, in one pass over the weights. */
  #backwardLayer(l: number, size: number, rate: number): void {
    const compute = this.#compute;
    const layer = this.#layers[l - 1];
    const below = this.#values[l - 1];
    const { delta, stride, width } = this.#values[l];
    const to = layer.destination(rate);
    if (!this.#isListed(l)) {
      compute.run(
        'backwardNarrow',
        ...([delta, below.y, layer.weights, to.weights, to.bias, below.slope, below.delta] as const),
        ...([size, width, stride, below.stride, to.factor] as const),
      );
      return;
    }
    const lists = [this.#itemLists[l], this.#itemCounts[l]] as const;
    compute.run('listItems', delta, size, stride, 4 * below.stride, ...lists);
    compute.run(
      'backwardDense',
      ...([...lists, below.y, layer.weights, to.weights, to.bias, this.#blocks] as const),
      ...([size, stride, below.stride, to.factor] as const),
    );
    compute.run('sumBlocks', this.#blocks, below.slope, below.delta, size, below.stride);
  }

  #updateFirst(size: number, rate: number): void {
    const { delta, stride } = this.#values[1];
    const to = this.#layers[0].destination(rate);
    this.#compute.run(
      'updateSparse',
      ...([this.#inputLists, this.#inputCounts, this.inputs, delta, to.weights, to.bias] as const),
      ...([size, this.inputs, stride, to.factor] as const),
    );
  }

  #updateFirstByAdam(size: number, optimiser: number, rate: number, updates: number): void {
    const [input, { delta, stride }] = this.#values;
    const lists = [this.#itemLists[0], this.#itemCounts[0]] as const;
    const layer = this.#layers[0];
    const { first, second } = layer.moments(optimiser);
    this.#compute.run('listItems', input.y, size, input.stride, 4 * PANEL, ...lists);
    this.#compute.run(
      'adamSparse',
      ...([...lists, delta, this.#packed, layer.weights, first.weights, second.weights] as const),
      ...([layer.bias, first.bias, second.bias, size, this.inputs, stride] as const),
      ...adamFactors(rate, updates),
    );
  }

  /** Whether layer l needs the items of its columns listed: see #itemLists. */
  #isListed(l: number): boolean {
    if (l === 0) return this.#spec.optimizer === 'adam';
    return l > 1 && this.#values[l].stride > PANEL;
  }

  state(): TensorMap {
    const state: TensorMap = new Map();
    for (const layer of this.#layers) layer.save(state);
    if (this.#spec.optimizer === 'adam') {
      const { length } = this.#updates;
      state.set('optimizer.updates', { shape: [length], data: Int32Array.from(this.#updates) });
    }
    return state;
  }

  load(state: TensorMap): void {
    // All or nothing: a state that does not fit must not leave half of itself behind.
    for (const layer of this.#layers) layer.check(state);
    const { length } = this.#updates;
    const updates = state.has('optimizer.updates')
      ? expectTensor(state, 'optimizer.updates', [length]).data
      : new Int32Array(length);
    for (const layer of this.#layers) layer.load(state);
    updates.forEach((count, o) => {
      this.#updates[o] = count;
    });
  }

  /** Gives all memory back. */
  dispose(): void {
    for (const layer of this.#layers) layer.dispose();
    this.#release();
    for (const counts of this.#itemCounts) if (counts) this.#compute.free(counts);
  }

  /** Makes room for batches of `size`. */
  #reserve(size: number): void {
    if (size <= this.#capacity) return;
    this.#release();
    this.#capacity = size;
    const { allocate } = this.#compute;
    const take = (bytes: number) => allocate.call(this.#compute, bytes);
    for (const values of this.#values) {
      // Kernels read and write whole panels of 32 of the last row.
      const bytes = 4 * (size * values.stride + LINE);
      for (const field of ['y', 'slope', 'delta', 'mask'] as const) values[field] = take(bytes);
    }
    const output = this.#values[this.#values.length - 1];
    this.#inputLists = take(8 * size * this.inputs);
    this.#inputCounts = take(4 * size);
    this.#itemLists = this.#values.map(({ stride }, l) => (this.#isListed(l) ? take(8 * stride * size) : 0));
    if (this.#spec.optimizer === 'adam')
      this.#packed = take(4 * size * padded(this.#values[1].stride, PANEL));
    // Only layers below listed ones have their signal summed up from parts.
    const widest = Math.max(
      ...this.#values.map((_, l) => (l > 1 && this.#isListed(l) ? this.#values[l - 1].stride : 0)),
    );
    this.#blocks = take(4 * BLOCKS * size * widest);
    this.#target = take(4 * size * output.stride);
    this.#partialLoss = take(8 * Math.max(size, (size * output.stride) / LINE));
  }

  #release(): void {
    if (this.#capacity === 0) return;
    const free = (address: number) => this.#compute.free(address);
    for (const { y, slope, delta, mask } of this.#values) [y, slope, delta, mask].forEach(free);
    [this.#inputLists, this.#inputCounts, this.#blocks, this.#target, this.#partialLoss].forEach(free);
    [...this.#itemLists, this.#packed].filter((address) => address !== 0).forEach(free);
    this.#capacity = 0;
  }
}

function checkSpec(spec: NetworkSpec): void {
  const { layers, activations: of, dropout } = spec;
  const wrong = (what: string) => new RangeError(`a network of layers [${layers.join(', ')}] ${what}`);
  if (layers.length < 2 || !layers.every((width) => Number.isInteger(width) && width > 0)) {
    throw wrong('cannot be: at least two widths, whole and above 0, are needed');
  }
  if (of.length !== layers.length) throw wrong(`needs ${layers.length} activations, not ${of.length}`);
  const unknown = of.find((name) => !activations.includes(name));
  if (unknown !== undefined) throw wrong(`cannot have the activation "${unknown}"`);
  if (dropout.length !== layers.length || !dropout.every((p) => p >= 0 && p < 1)) {
    throw wrong(`needs ${layers.length} dropout probabilities in [0, 1), not [${dropout.join(', ')}]`);
  }
  for (const { length } of ratesOf(spec.learningRates)) {
    if (length !== layers.length - 1) throw wrong(`needs ${layers.length - 1} learning rates, not ${length}`);
  }
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
