/**
 * A network trained by backpropagation (docs/explanation/method.md, "Networks"): layer upon layer (architecture.ts),
 * between them values with their activation and dropout, on top the output activation and the output mask. The network
 * knows nothing of where its target comes from.
 */
import type { Compute } from '../compute/compute.js';
import { activationNumbers, LINE } from '../compute/kernels.js';
import type {
  Batch,
  MaybePromise,
  Outputs,
  ParametricLearner,
  StepContext,
  StepReport,
} from '../../learner/learner.js';
import { Purpose, RandomStream, seedKey } from '../../learner/random.js';
import { isOutputLoss, type LearningRule } from '../../learner/rule.js';
import { StateError, type TensorMap } from '../../learner/tensors.js';
import type { LearnerTraits } from '../../learner/traits.js';
import { InputRows } from '../bricks/inputRows.js';
import { Learned } from '../bricks/learned.js';
import { Lifetime } from '../bricks/lifetime.js';
import { OutputRows, type Written } from '../bricks/outputRows.js';
import { Room } from '../bricks/room.js';
import { weigh } from '../bricks/weighing.js';
import { buildArchitecture, type NetworkSpec } from './architecture.js';
import type { Layer } from './layer.js';
import type { Values } from './values.js';

export {
  type NetworkActivation,
  type NetworkSpec,
  networkActivations,
} from './architecture.js';

/** Deltas below this are zero, as in kernels/elementwise.ts: they move nothing and would become denormal numbers. */
const FAINT = 1e-30;

export class BackpropNetwork implements ParametricLearner {
  readonly inputs: number;
  readonly outputs: number;
  readonly traits: LearnerTraits;
  readonly #machine: Compute;
  /** Its own share of the machine. */
  readonly #compute: Compute;
  readonly #spec: NetworkSpec;
  readonly #key: [number, number];
  readonly #values: readonly Values[];
  readonly #layers: readonly Layer[];
  readonly #learned: Learned;
  readonly #input: InputRows;
  readonly #rows: OutputRows;
  readonly #lifetime = new Lifetime('a BackpropNetwork');
  #target = 0;
  #partialLoss = 0;
  readonly #room: Room;

  /**
   * @param original a network of the same specification whose parameters are copied instead of drawing new ones
   * @throws RangeError when the specification contradicts itself
   */
  constructor(machine: Compute, spec: NetworkSpec, seed: number, original?: BackpropNetwork) {
    const compute = machine.arena(this, 'a BackpropNetwork');
    this.#machine = machine;
    this.#compute = compute;
    this.#spec = spec;
    this.#key = seedKey(seed);
    this.#room = new Room(compute);
    try {
      const { values, layers } = buildArchitecture(compute, spec);
      this.#values = values;
      this.#layers = layers;
      this.inputs = values[0].width;
      this.outputs = this.#output.width;
      this.#input = new InputRows(compute, this.inputs);
      this.#rows = new OutputRows(compute, this.outputs, this.#output.dropout);
      const learning = layers.flatMap(({ parameters }) => parameters ?? []);
      this.#learned = new Learned(learning, spec.learningRates);
      if (original) this.#learned.copy(original.#learned);
      else this.#initialise(seed);
    } catch (error) {
      compute.dispose();
      throw error;
    }
    this.traits = Object.freeze({
      precision: 'f64',
      deterministic: true,
      optimisers: this.#learned.optimisers,
      maskRate: this.#output.dropout,
      givenGradient: true,
      itemWeights: true,
    });
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
    this.#lifetime.expectIdle();
    this.#forward(x);
    return this.#rows.read(this.#output.y, x.size);
  }

  /** Returns at once, unless the rule answers later. */
  step(x: Batch, rule: LearningRule, at: StepContext): MaybePromise<StepReport> {
    this.#lifetime.expectIdle();
    this.#learned.expectContext(at);
    const { size } = x;
    this.#forward(x, at.step);
    const { y, mask, dropout } = this.#output;
    const rows = { y, mask: dropout > 0 ? mask : 0, size, target: this.#target };
    const asked = this.#rows.ask(rule, rows, at);
    const leave = (settled: Promise<unknown>) => this.#room.leave(rows.target, settled);
    return this.#lifetime.whenReady(asked, { signal: at.signal, leave }, (written) => {
      const loss = isOutputLoss(rule) ? this.#givenDelta(size, written) : this.#targetDelta(size, written);
      this.#backward(size, at);
      return { loss };
    });
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
    this.#compute.run('activate', {
      z: y,
      slope,
      mask,
      batch: size,
      width,
      stride,
      activation: activationNumbers[activation],
    });
  }

  /** Draws the dropout mask of place l, or answers 0 where it has none or no step is being taken. */
  #drawMask(l: number, size: number, step: number | undefined): number {
    const { mask, stride, dropout, keep } = this.#values[l];
    if (dropout === 0 || step === undefined) return 0;
    const threshold = Math.round(dropout * 2 ** 16);
    this.#compute.run('dropoutMask', {
      mask,
      batch: size,
      stride,
      threshold,
      keep,
      purpose: Purpose.dropout + l,
      step,
      k0: this.#key[0],
      k1: this.#key[1],
    });
    return mask;
  }

  /** Leaves dLoss/dz of the output layer for the target that the rule wrote, and returns the loss. */
  #targetDelta(size: number, { weights }: Written): number {
    const compute = this.#compute;
    const { y, slope, delta, width, stride } = this.#output;
    const [{ loss }, target, partial] = [this.#spec, this.#target, this.#partialLoss];
    const weighted = weights && weigh(loss, weights, { ...this.#views(size, y, target), width, stride });
    if (loss === 'mse') {
      const scale = 1 / (size * width);
      compute.run('squaredError', {
        y,
        d: target,
        slope,
        delta,
        lineLoss: partial,
        batch: size,
        stride,
        factor: 2 * scale,
      });
      return weighted ?? scale * sum(compute.f64(partial, (2 * stride) / LINE));
    }
    compute.run('crossEntropy', {
      y,
      d: target,
      slope,
      delta,
      itemLoss: partial,
      batch: size,
      outputs: width,
      stride,
      factor: 1 / size,
    });
    return sum(compute.f64(partial, size)) / size;
  }

  /** The same for dLoss/dy, where the rule wrote that. */
  #givenDelta(size: number, { loss = NaN }: Written): number {
    const { slope, delta, stride } = this.#output;
    const { y: slopes, d: gradient } = this.#views(size, slope, this.#target);
    const deltas = this.#compute.f32(delta, size * stride);
    for (let j = 0; j < deltas.length; j++) {
      const value = gradient[j] * slopes[j];
      deltas[j] = Math.abs(value) < FAINT ? 0 : value;
    }
    return loss;
  }

  #views(size: number, y: number, d: number): { y: Float32Array; d: Float32Array } {
    const length = size * this.#output.stride;
    return { y: this.#compute.f32(y, length), d: this.#compute.f32(d, length) };
  }

  /** From the output's delta down: every layer's update, and the signal to the layer below it. */
  #backward(size: number, at: StepContext): void {
    const { optimiser, updates, rates } = this.#learned.begin(at.optimiser, at.rate);
    let learning = rates.length;
    for (const layer of this.#layers.toReversed()) {
      if (layer.parameters) learning--;
      layer.backward(size, { rate: rates[learning], optimiser, updates });
    }
  }

  state(): TensorMap {
    this.#lifetime.expectIdle();
    return this.#learned.state();
  }

  load(state: TensorMap): void {
    this.#lifetime.expectIdle();
    this.#learned.load(state);
  }

  parameters(): TensorMap {
    this.#lifetime.expectIdle();
    return this.#learned.parameters();
  }

  setParameters(parameters: TensorMap): void {
    this.#lifetime.expectIdle();
    this.#learned.setParameters(parameters);
  }

  /** In place, without a copy. Throws a StateError unless `other` is a BackpropNetwork of the same shape. */
  blend(other: ParametricLearner, share: number): void {
    this.#lifetime.expectIdle();
    if (!(other instanceof BackpropNetwork)) {
      throw new StateError('a BackpropNetwork can only be blended with another one of the same shape');
    }
    other.#lifetime.expectIdle();
    this.#learned.blend(other.#learned, share);
  }

  clone(seed: number): BackpropNetwork {
    this.#lifetime.expectIdle();
    return new BackpropNetwork(this.#machine, this.#spec, seed, this);
  }

  /** Gives all memory back. Harmless when repeated. */
  dispose(): void {
    this.#lifetime.end(() => this.#compute.dispose());
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Makes room for batches of `size`. */
  #reserve(size: number): void {
    if (this.#room.fits(size)) return;
    this.#learned.flush();
    this.#room.reserve(size, (capacity, take) => {
      for (const values of this.#values) values.reserve(capacity, take);
      for (const layer of this.#layers) layer.reserve(capacity, take);
      const { stride } = this.#output;
      this.#target = take(4 * capacity * stride);
      this.#partialLoss = take(8 * Math.max(capacity, (2 * stride) / LINE));
    });
  }
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
