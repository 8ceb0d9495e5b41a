/**
 * A network trained by backpropagation (method.md, section 3): layer upon layer (architecture.ts), between them
 * values with their activation and dropout, on top the output activation and the output mask. The network knows
 * nothing of where its target comes from.
 */
import type { Compute } from '../compute/compute.js';
import { grown } from '../compute/heap.js';
import { activationNumbers, LINE } from '../compute/kernels.js';
import { Learned } from '../bricks/learned.js';
import type {
  Batch,
  Learner,
  Outputs,
  StepContext,
  StepReport,
  TargetRule,
  TensorMap,
} from '../../learner/learner.js';
import { InputRows } from '../bricks/inputRows.js';
import { OutputRows } from '../bricks/outputRows.js';
import { Purpose, RandomStream, seedKey } from '../../learner/random.js';
import { buildArchitecture, type NetworkSpec } from './architecture.js';
import type { Layer } from './layer.js';
import type { Values } from './values.js';

export {
  type Loss,
  losses,
  type NetworkActivation,
  type NetworkSpec,
  networkActivations,
} from './architecture.js';

export class BackpropNetwork implements Learner {
  readonly inputs: number;
  readonly outputs: number;
  readonly #compute: Compute;
  readonly #spec: NetworkSpec;
  readonly #key: [number, number];
  readonly #values: readonly Values[];
  readonly #layers: readonly Layer[];
  readonly #learned: Learned;
  readonly #input: InputRows;
  readonly #rows: OutputRows;
  #target = 0;
  #partialLoss = 0;
  /** Everything whose size goes with that of the batch. */
  readonly #buffers: number[] = [];
  #capacity = 0;

  /** Throws a RangeError when the specification contradicts itself. */
  constructor(machine: Compute, spec: NetworkSpec, seed: number) {
    const compute = machine.arena(this, 'a BackpropNetwork');
    this.#compute = compute;
    this.#spec = spec;
    this.#key = seedKey(seed);
    try {
      const { values, layers } = buildArchitecture(compute, spec);
      this.#values = values;
      this.#layers = layers;
      this.inputs = values[0].width;
      this.outputs = this.#output.width;
      this.#input = new InputRows(compute, this.inputs);
      this.#rows = new OutputRows(compute, this.outputs);
      const learning = layers.flatMap(({ parameters }) => parameters ?? []);
      this.#learned = new Learned(learning, spec.learningRates);
      this.#initialise(seed);
    } catch (error) {
      compute.dispose();
      throw error;
    }
  }

  #initialise(seed: number): void {
    const { convolution, gain = 0.5 } = this.#spec;
    const { layers } = this.#learned;
    layers.forEach((parameters, l) => {
      const random = new RandomStream(seed, Purpose.initialise, l);
      if (convolution) parameters.initialiseByInputs(random);
      else parameters.initialise(gain, random);
    });
    if (!convolution?.prune) return;
    for (let l = 0; l < convolution.blocks.length; l++) {
      layers[l].prune(convolution.prune, new RandomStream(seed, Purpose.prune, l));
    }
  }

  get #output(): Values {
    return this.#values[this.#values.length - 1];
  }

  predict(x: Batch): Outputs {
    this.#forward(x);
    return this.#rows.read(this.#output.y, x.size);
  }

  step(x: Batch, target: TargetRule, at: StepContext): StepReport {
    this.#forward(x, at.step);
    const loss = this.#outputDelta(x.size, target);
    this.#backward(x.size, at.rate, at.optimiser ?? 0);
    return { loss };
  }

  /** Values of every layer up to the output; with dropout when `step` is given. */
  #forward(x: Batch, step?: number): void {
    this.#reserve(x.size);
    const [input] = this.#values;
    const inputMask = this.#drawMask(0, x.size, step);
    const isIdentity = input.activation === 'identity';
    this.#input.write(x, input.y, isIdentity ? inputMask : 0);
    if (!isIdentity) this.#activate(input, x.size, inputMask, 0);
    this.#layers.forEach((layer, l) => {
      const above = this.#values[l + 1];
      const drawMask = () => this.#drawMask(l + 1, x.size, step);
      // A mask that is drawn before the product leaves the nearest cache again on the way.
      const early = layer.heedsMask ? drawMask() : 0;
      layer.forward(x.size, early);
      const mask = layer.heedsMask ? early : drawMask();
      this.#activate(above, x.size, mask, step === undefined ? 0 : above.slope);
    });
  }

  /** y from z, in place, and where wanted the slope. */
  #activate({ y, width, stride, activation }: Values, size: number, mask: number, slope: number): void {
    this.#compute.run('activate', y, slope, mask, size, width, stride, activationNumbers[activation]);
  }

  /** Draws the dropout mask of place l, or answers 0 where it has none or no step is being taken. */
  #drawMask(l: number, size: number, step: number | undefined): number {
    const { mask, stride, dropout, keep } = this.#values[l];
    if (dropout === 0 || step === undefined) return 0;
    const threshold = Math.round(dropout * 2 ** 16);
    this.#compute.run(
      'dropoutMask',
      ...([mask, size, stride, threshold, keep] as const),
      ...([Purpose.dropout + l, step, ...this.#key] as const),
    );
    return mask;
  }

  /** Asks for the target and leaves dLoss/dz of the output layer; answers the loss. */
  #outputDelta(size: number, rule: TargetRule): number {
    const compute = this.#compute;
    const { y, mask, slope, delta, width, stride, dropout } = this.#output;
    this.#rows.writeTarget(rule, y, dropout > 0 ? mask : 0, size, this.#target);
    const partial = this.#partialLoss;
    if (this.#spec.loss === 'mse') {
      const scale = 1 / (size * width);
      compute.run('squaredError', y, this.#target, slope, delta, partial, size, stride, 2 * scale);
      return scale * sum(compute.f64(partial, (2 * stride) / LINE));
    }
    compute.run('crossEntropy', y, this.#target, slope, delta, partial, size, width, stride, 1 / size);
    return sum(compute.f64(partial, size)) / size;
  }

  /** From the output's delta down: every layer's update, and the signal to the layer below it. */
  #backward(size: number, rate: number, optimiser: number): void {
    const { updates, rates } = this.#learned.begin(optimiser, rate);
    let learning = rates.length;
    for (const layer of this.#layers.toReversed()) {
      if (layer.parameters) learning--;
      layer.backward(size, { rate: rates[learning], optimiser, updates });
    }
  }

  state(): TensorMap {
    return this.#learned.state();
  }

  load(state: TensorMap): void {
    this.#learned.load(state);
  }

  /** Gives all memory back. */
  dispose(): void {
    this.#compute.dispose();
  }

  /** Makes room for batches of `size`. */
  #reserve(size: number): void {
    if (size <= this.#capacity) return;
    this.#learned.settle();
    for (const address of this.#buffers.splice(0)) this.#compute.free(address);
    const capacity = grown(this.#capacity, size);
    this.#capacity = 0;
    const take = (bytes: number) => {
      const address = this.#compute.allocate(bytes);
      this.#buffers.push(address);
      return address;
    };
    for (const values of this.#values) values.reserve(capacity, take);
    for (const layer of this.#layers) layer.reserve(capacity, take);
    const { stride } = this.#output;
    this.#target = take(4 * capacity * stride);
    this.#partialLoss = take(8 * Math.max(capacity, (2 * stride) / LINE));
    this.#capacity = capacity;
  }
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
