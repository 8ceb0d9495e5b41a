/**
 * A network trained by equilibrium propagation (Scellier and Bengio 2017; docs/explanation/equilibrium.md): it settles
 * before an item, is nudged towards the target, and learns from the difference between the two states, by local
 * updates. Nothing is propagated backwards, and the network knows nothing of where its target comes from.
 */
import type { Compute } from '../compute/compute.js';
import { LINE, padded } from '../compute/kernels.js';
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
import { AbilityError, type LearnerTraits } from '../../learner/traits.js';
import { Learned } from '../bricks/learned.js';
import { Lifetime } from '../bricks/lifetime.js';
import { OutputRows, type Written } from '../bricks/outputRows.js';
import { Parameters, ratesByOptimiser } from '../bricks/parameters.js';
import { Room } from '../bricks/room.js';
import { weigh } from '../bricks/weighing.js';
import { Contrast } from './contrast.js';
import { estimateByName } from './estimate.js';
import { layoutOf, Settling } from './settling.js';
import { SoftmaxReadout } from './softmaxReadout.js';
import { checkSpec, type EquilibriumSpec } from './spec.js';

/** A free phase whose last step still changes a state by more is no longer settling. */
const UNSETTLED = 0.5;

export class EquilibriumNetwork implements ParametricLearner {
  readonly inputs: number;
  readonly outputs: number;
  readonly traits: LearnerTraits;
  readonly #machine: Compute;
  /** Its own share of the machine. */
  readonly #compute: Compute;
  readonly #spec: EquilibriumSpec;
  readonly #seed: number;
  readonly #learned: Learned;
  readonly #settling: Settling;
  readonly #contrast: Contrast;
  /** With cross-entropy; without it the output is a state. */
  readonly #readout: SoftmaxReadout | undefined;
  readonly #rows: OutputRows;
  readonly #lifetime = new Lifetime('an EquilibriumNetwork');
  readonly #stride: number;
  /** d. */
  #target = 0;
  #partialLoss = 0;
  /** With a readout: delta of the state that is compared with. */
  #scratch = 0;
  readonly #room: Room;

  /**
   * @param original a network of the same specification whose parameters are copied instead of drawing new ones
   * @throws RangeError when the specification is impossible
   */
  constructor(machine: Compute, spec: EquilibriumSpec, seed: number, original?: EquilibriumNetwork) {
    checkSpec(spec);
    const { layers, optimizer } = spec;
    const compute = machine.arena(this, 'an EquilibriumNetwork');
    this.#machine = machine;
    this.#compute = compute;
    this.#spec = spec;
    this.#seed = seed;
    this.#room = new Room(compute);
    this.inputs = layers[0];
    this.outputs = layers[layers.length - 1];
    this.#stride = padded(this.outputs);
    const maskRate = spec.dropout[layers.length - 1];
    try {
      this.#rows = new OutputRows(compute, this.outputs, maskRate);
      const optimisers = ratesByOptimiser(spec.learningRates).size;
      const parameters = layers.slice(1).map((width, l) => {
        const shape = [`layer${l + 1}`, layers[l], width, layoutOf(spec, l + 1), optimizer] as const;
        const layer = new Parameters(compute, ...shape, optimisers);
        if (!original) layer.initialise(spec.gain ?? 0.5, new RandomStream(seed, Purpose.initialise, l));
        return layer;
      });
      this.#learned = new Learned(parameters, spec.learningRates);
      if (spec.loss === 'cross-entropy') {
        this.#readout = new SoftmaxReadout(compute, parameters[layers.length - 2]);
      }
      this.#settling = new Settling(compute, spec, parameters, seedKey(seed), this.#readout);
      this.#contrast = new Contrast(compute, this.#settling, parameters);
      if (original) this.#learned.copy(original.#learned);
    } catch (error) {
      compute.dispose();
      throw error;
    }
    this.traits = Object.freeze({
      precision: 'f64',
      deterministic: true,
      optimisers: this.#learned.optimisers,
      maskRate,
      // A softmax readout can be given a target, but not any gradient of its logits.
      givenGradient: spec.loss === 'mse',
      itemWeights: true,
    });
  }

  /** The output states of the free phase, or with cross-entropy the logits read from it. */
  predict(x: Batch): Outputs {
    this.#lifetime.expectIdle();
    this.#freePhase(x);
    return this.#rows.read(this.#y, x.size);
  }

  /** Returns at once, unless the rule answers later. */
  step(x: Batch, rule: LearningRule, at: StepContext): MaybePromise<StepReport> {
    this.#lifetime.expectIdle();
    this.#learned.expectContext(at);
    if (isOutputLoss(rule) && !this.traits.givenGradient) {
      throw new AbilityError(
        'a network with a cross-entropy readout takes targets only, not the gradient of a loss',
      );
    }
    const { size } = x;
    const change = this.#freePhase(x, at.step);
    if (!(change <= UNSETTLED)) return { loss: NaN, cause: this.#unsettled(change) };
    const mask = this.traits.maskRate > 0 ? this.#top.mask : 0;
    const target = this.#target;
    const asked = this.#rows.ask(rule, { y: this.#y, mask, size, target }, at);
    const leave = (settled: Promise<unknown>) => this.#room.leave(target, settled);
    return this.#lifetime.whenReady(asked, { signal: at.signal, leave }, (written) => {
      const outside = isOutputLoss(rule) ? this.#targetFor(size, written) : this.#weigh(size, written);
      const loss = this.#learn(size, at);
      return { loss: outside ?? loss };
    });
  }

  /**
   * Makes the target of the gradient g that the rule wrote, d = y - g B N / 2, for which the squared error has this
   * very gradient at the free state; returns the rule's loss.
   */
  #targetFor(size: number, { loss }: Written): number | undefined {
    const { y, d } = this.#views(size);
    const factor = (size * this.outputs) / 2;
    for (let j = 0; j < d.length; j++) d[j] = y[j] - factor * d[j];
    return loss;
  }

  /** Writes the weights of items, if there are any, into the target; returns the weighted loss where it changes. */
  #weigh(size: number, { weights }: Written): number | undefined {
    if (!weights) return undefined;
    const rows = { ...this.#views(size), width: this.outputs, stride: this.#stride };
    return weigh(this.#spec.loss, weights, rows);
  }

  #views(size: number): { y: Float32Array; d: Float32Array } {
    const length = size * this.#stride;
    return { y: this.#compute.f32(this.#y, length), d: this.#compute.f32(this.#target, length) };
  }

  /** Settles before `x`, with dropout when `step` is given; answers the largest change of the last step. */
  #freePhase(x: Batch, step?: number): number {
    this.#reserve(x.size);
    this.#settling.begin(x, step);
    const change = this.#settling.settle(this.#spec.freeSteps);
    this.#readout?.read(x.size, this.#top.rho);
    return change;
  }

  get #top() {
    return this.#settling.layers[this.#settling.top];
  }

  #unsettled(change: number): string {
    const { dt, freeSteps } = this.#spec;
    if (Number.isNaN(change))
      return 'a state of the network is no longer a number; try a lower learning rate';
    return (
      `the free phase does not settle: after ${freeSteps} steps a state still changes by ${change.toFixed(2)} a step. ` +
      `The usual cause is a step size that is too large (equilibrium.dt is ${dt}), or too few steps`
    );
  }

  /** Where the outputs are. */
  get #y(): number {
    return this.#readout ? this.#readout.logits : this.#top.s;
  }

  /** Nudged phases from the free state, and the update by what they change; answers the loss of the free state. */
  #learn(size: number, { step, rate, optimiser: name }: StepContext): number {
    const { beta, estimate, nudgedSteps } = this.#spec;
    const sign = new RandomStream(this.#seed, Purpose.nudge, step).below(2) === 0 ? 1 : -1;
    const [from, to] = estimateByName[estimate](beta, sign);
    const isAtOnce = from === 0 && this.#contrast.nudge(size, nudgedSteps, to, this.#partialLoss);
    const loss = isAtOnce ? this.#meanLoss(size) : this.#compare(size);
    if (!isAtOnce) this.#nudgedPhases(size, from, to);

    const { optimiser, updates, rates } = this.#learned.begin(name, rate);
    if (this.#readout) {
      const states = [this.#top.rho, ...(from !== 0 ? [this.#contrast.keptTop] : [])];
      this.#learnReadout(this.#readout, size, states, rates[rates.length - 1]);
      this.#learned.layers[rates.length - 1].apply(optimiser, rates[rates.length - 1], updates);
    }
    this.#contrast.learn(size, to - from, rates, optimiser, updates);
    return loss;
  }

  /** The loss of the free state. */
  #compare(size: number): number {
    if (this.#readout) return this.#readout.compare(size, 1);
    const { s } = this.#top;
    this.#compute.run('squaredError', {
      y: s,
      d: this.#target,
      slope: 0,
      delta: 0,
      lineLoss: this.#partialLoss,
      batch: size,
      stride: this.#stride,
      factor: 1,
    });
    return this.#meanLoss(size);
  }

  #meanLoss(size: number): number {
    let sum = 0;
    for (const part of this.#compute.f64(this.#partialLoss, (2 * this.#stride) / LINE)) sum += part;
    return sum / (size * this.outputs);
  }

  /**
   * Settles under a nudge of `from`, if it is one, and keeps the states; then from the free state again under a nudge
   * of `to`.
   */
  #nudgedPhases(size: number, from: number, to: number): void {
    if (from !== 0) {
      this.#contrast.keepFree(size);
      this.#nudgedPhase(from);
    }
    this.#contrast.keep(size);
    if (from !== 0) this.#contrast.backToFree(size);
    this.#nudgedPhase(to);
  }

  #nudgedPhase(beta: number): void {
    this.#settling.beta = beta;
    this.#settling.settle(this.#spec.nudgedSteps);
    this.#settling.beta = 0;
  }

  /** The gradient of the cross-entropy by the readout's own weights, averaged over these states (one or two). */
  #learnReadout(readout: SoftmaxReadout, size: number, states: readonly number[], rate: number): void {
    const last = this.#learned.layers.length;
    const { weights, bias, factor } = this.#learned.layers[last - 1].destination(rate);
    // All gradients before any update.
    const deltas = [this.#scratch, readout.delta].slice(-states.length);
    states.forEach((rho, i) => {
      readout.read(size, rho);
      readout.compare(size, 1 / (size * states.length));
      if (deltas[i] === readout.delta) return;
      const length = size * this.#stride;
      this.#compute.f32(deltas[i], length).set(this.#compute.f32(readout.delta, length));
    });
    const connection = this.#settling.connections[last];
    states.forEach((rho, i) => connection?.learn(size, deltas[i], rho, weights, bias, factor));
  }

  state(): TensorMap {
    this.#lifetime.expectIdle();
    return this.#learned.state();
  }

  load(state: TensorMap): void {
    this.#lifetime.expectIdle();
    this.#learned.load(state);
    this.#settling.forget();
  }

  parameters(): TensorMap {
    this.#lifetime.expectIdle();
    return this.#learned.parameters();
  }

  setParameters(parameters: TensorMap): void {
    this.#lifetime.expectIdle();
    this.#learned.setParameters(parameters);
    this.#settling.forget();
  }

  /** In place, without a copy. Throws a StateError unless `other` is an EquilibriumNetwork of the same shape. */
  blend(other: ParametricLearner, share: number): void {
    this.#lifetime.expectIdle();
    if (!(other instanceof EquilibriumNetwork)) {
      throw new StateError('an EquilibriumNetwork can only be blended with another one of the same shape');
    }
    other.#lifetime.expectIdle();
    this.#learned.blend(other.#learned, share);
    this.#settling.forget();
  }

  clone(seed: number): EquilibriumNetwork {
    this.#lifetime.expectIdle();
    return new EquilibriumNetwork(this.#machine, this.#spec, seed, this);
  }

  /** Makes room for batches of `size`. */
  #reserve(size: number): void {
    this.#contrast.reserve(size);
    this.#readout?.reserve(size);
    this.#room.reserve(size, (capacity, take) => {
      this.#target = take(4 * capacity * this.#stride);
      this.#partialLoss = take((16 * this.#stride) / LINE);
      if (this.#readout) this.#scratch = take(4 * capacity * this.#stride);
    });
    this.#settling.target = this.#target;
    if (this.#readout) this.#readout.target = this.#target;
  }

  /** Gives all memory back. Harmless when repeated. */
  dispose(): void {
    this.#lifetime.end(() => this.#compute.dispose());
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
