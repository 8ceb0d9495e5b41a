/**
 * The states of a network and how they settle (docs/explanation/equilibrium.md): s_0 is the input, every layer of
 * states is driven from below by rho(s) W + b, hears rho(s) W^T from above, and may be nudged.
 *
 * The input drive is constant and computed once for a batch, from lists of the input's non-zeros.
 */
import type { Compute } from '../compute/compute.js';
import { activationNumbers, HARD_SIGMOID, PANEL, padded } from '../compute/kernels.js';
import type { Batch } from '../../learner/learner.js';
import type { Layout, Parameters } from '../bricks/parameters.js';
import { Purpose } from '../../learner/random.js';
import { InputConnection } from '../bricks/inputConnection.js';
import { InputRows } from '../bricks/inputRows.js';
import { Room } from '../bricks/room.js';
import { type Connection, RowConnection } from './connection.js';
import type { Layer, ReadoutNudge } from './layer.js';
import { type Minimizer, minimizerByName } from './minimizer.js';
import type { EquilibriumSpec } from './spec.js';
import { WideConnection } from './wideConnection.js';

/** How the weights from layer l - 1 to layer l are stored in memory. */
export function layoutOf({ layers, loss }: EquilibriumSpec, l: number): Layout {
  if (l === 1) return 'panels';
  const isReadout = loss === 'cross-entropy' && l === layers.length - 1;
  return isReadout || padded(layers[l]) <= PANEL ? 'rows' : 'inputPanels';
}

export class Settling {
  /** From the input (0) to the output. */
  readonly layers: readonly Layer[];
  /** Between layer l - 1 and l, from 2. */
  readonly connections: readonly (Connection | undefined)[];
  /** The number of the topmost layer of states: the output, or the last hidden layer under a readout. */
  readonly top: number;
  /** Strength of the nudge, 0 in the free phase, towards the target at address `target`. */
  beta = 0;
  target = 0;
  /** From the input to layer 1. */
  readonly input: InputConnection;
  readonly #compute: Compute;
  readonly #spec: EquilibriumSpec;
  readonly #parameters: readonly Parameters[];
  readonly #key: readonly [number, number];
  readonly #readout: ReadoutNudge | undefined;
  readonly #minimizer: Minimizer;
  readonly #groups: readonly (readonly number[])[];
  readonly #activation: number;
  readonly #rows: InputRows;
  readonly #room: Room;
  #size = 0;
  #masked = false;
  /** Whether states are zero that nobody has written: those of a single layer, which nobody hears. */
  #atRest = false;
  /** A row of zeros. */
  readonly #rest: number;

  constructor(
    compute: Compute,
    spec: EquilibriumSpec,
    parameters: readonly Parameters[],
    key: readonly [number, number],
    readout?: ReadoutNudge,
  ) {
    this.#compute = compute;
    this.#room = new Room(compute);
    this.#spec = spec;
    this.#parameters = parameters;
    this.#key = key;
    this.#readout = readout;
    this.top = spec.layers.length - (readout ? 2 : 1);
    this.#minimizer = minimizerByName[spec.minimizer ?? 'synchronous'];
    this.#groups = this.#minimizer.groups(this.top);
    this.#rows = new InputRows(compute, spec.layers[0]);
    this.input = new InputConnection(compute, parameters[0]);
    this.#rest = compute.allocate(4 * padded(spec.layers[1]));
    this.#activation = activationNumbers[spec.activation ?? 'hard-sigmoid'];
    const empty = { s: 0, rho: 0, mask: 0, drive: 0, feedback: 0 };
    this.layers = spec.layers.map((width) => {
      const change = compute.allocate(4 * compute.threads);
      return { width, stride: padded(width), ...empty, change };
    });
    this.connections = spec.layers.map((_, l) => (l > 1 ? this.#connect(l) : undefined));
  }

  get #wide(): WideConnection[] {
    return this.connections.filter((connection) => connection instanceof WideConnection);
  }

  #connect(l: number): Connection {
    const ends = [this.#parameters[l - 1], this.layers[l - 1], this.layers[l]] as const;
    if (layoutOf(this.#spec, l) === 'rows') return new RowConnection(this.#compute, ...ends);
    return new WideConnection(
      this.#compute,
      ...ends,
      l === this.top && !this.#readout && this.#activation === HARD_SIGMOID,
    );
  }

  /** States at zero before the items of `x`, under fresh masks when a training `step` is given. */
  begin(x: Batch, step?: number): void {
    const compute = this.#compute;
    const [input, first] = this.layers;
    this.#reserve(x.size);
    this.#size = x.size;
    this.#masked = step !== undefined;
    this.beta = 0;
    this.#atRest = this.#isLinear();
    if (step !== undefined) this.#drawMask(0, step);
    this.#rows.write(x, input.s, this.#mask(0));
    this.input.forward(input.s, first.drive, x.size);
    // After the product, which goes through more weights than a cache holds.
    for (let l = 1; l <= this.top; l++) {
      const { s, rho, stride } = this.layers[l];
      if (step !== undefined) this.#drawMask(l, step);
      if (!this.#atRest) compute.run('copyRows', { from: 0, fromStride: 0, to: s, batch: x.size, stride });
      if (rho !== s) this.#move(l, 0);
    }
    for (const wide of this.#wide) wide.begin(this.#activation === HARD_SIGMOID);
  }

  /**
   * Lets the states settle for at most `steps` steps, and answers the largest change of a state in the last one: a
   * number near zero, unless the step size is too large; NaN when a state is.
   */
  settle(steps: number): number {
    const { dt, tolerance = 0 } = this.#spec;
    const rate = this.#rateAtOnce(steps);
    if (rate > 0) {
      this.#move(1, rate);
      return Number.isNaN(this.#change(1)) ? NaN : 0;
    }
    let change = NaN;
    for (let step = 1; step <= steps; step++) {
      for (const group of this.#groups) {
        this.#drive(group);
        for (const l of group) this.#move(l, this.#minimizer.rate(dt, this.#curvature(l), step));
      }
      if (tolerance === 0 && step < steps) continue;
      change = 0;
      for (let l = 1; l <= this.top; l++) change = Math.max(change, this.#change(l));
      if (change < tolerance) break;
    }
    return change;
  }

  /**
   * Where the states would settle at once under a nudge of `beta`: writes what they would change by, times -`factor`,
   * to `difference`, and by lines the squares of how far they are from the target to `lineLoss`. The states stay as
   * they are. Answers whether it has, which is never where a layer hears another.
   */
  nudge(steps: number, beta: number, factor: number, difference: number, lineLoss: number): boolean {
    this.beta = beta;
    const rate = this.#rateAtOnce(steps);
    this.beta = 0;
    if (rate === 0) return false;
    const { s, drive, stride } = this.layers[1];
    this.#compute.run('nudge', {
      s,
      drive,
      mask: this.#mask(1),
      d: this.target,
      difference,
      lineLoss,
      batch: this.#size,
      stride,
      rate,
      beta,
      factor,
    });
    return true;
  }

  /**
   * The size of a step that is as good as `steps` steps, 0 where there is none. On a constant drive a state approaches
   * its end by the same share in every step and never turns; clamping on the way or at the end is the same.
   */
  #rateAtOnce(steps: number): number {
    const curvature = this.#curvature(1);
    const share = this.#minimizer.rate(this.#spec.dt, curvature, 2) * curvature;
    return this.#isLinear() && share <= 1 ? (1 - (1 - share) ** steps) / curvature : 0;
  }

  /** One layer of hard sigmoids that hears nothing from above: its drive is constant. */
  #isLinear(): boolean {
    return this.top === 1 && !this.#hears(1) && this.#activation === HARD_SIGMOID;
  }

  #hears(l: number): boolean {
    return l < this.top || (this.#readout !== undefined && this.beta !== 0);
  }

  #isNudged(l: number): boolean {
    return l === this.top && !this.#readout && this.beta !== 0;
  }

  #curvature(l: number): number {
    return this.#isNudged(l) ? 1 + this.beta : 1;
  }

  /** Finds what drives these layers, from their neighbours as they are. */
  #drive(layers: readonly number[]): void {
    for (let l = 2; l <= this.top; l++) {
      const [above, below] = [l, l - 1].map((end) => layers.includes(end));
      const connection = this.connections[l];
      const target = this.#isNudged(l) ? this.target : 0;
      const influence = { mask: this.#mask(l), target, beta: this.beta };
      if (above && below) connection?.driveBoth(this.#size, influence);
      else if (above) connection?.driveUp(this.#size, influence);
      else if (below) connection?.driveDown(this.#size);
    }
    const { rho, feedback } = this.layers[this.top];
    if (layers.includes(this.top) && this.#hears(this.top)) {
      this.#readout?.feedback(this.#size, this.beta, rho, feedback);
    }
  }

  /** An Euler step of layer l of size `rate`. */
  #move(l: number, rate: number): void {
    const { s, rho, drive, feedback, change, width, stride } = this.layers[l];
    const above = this.#wide.find((connection) => connection === this.connections[l + 1]);
    const { squares = 0, v = 0, products = 0 } = above?.path?.v ? above.path : {};
    this.#compute.run('settle', {
      before: this.#atRest ? this.#rest : s,
      beforeStride: this.#atRest ? 0 : stride,
      s,
      rho,
      drive,
      feedback: this.#hears(l) ? feedback : 0,
      mask: this.#mask(l),
      d: this.#isNudged(l) ? this.target : 0,
      change,
      travel: squares,
      v,
      along: products,
      batch: this.#size,
      width,
      stride,
      activation: this.#activation,
      rate,
      beta: this.beta,
    });
    this.#atRest = false;
    above?.moved(this.#size);
  }

  /** The weights were put there. */
  forget(): void {
    for (const wide of this.#wide) wide.forget();
  }

  /** Computes rho(s) of layer l again, after its states were put there. */
  refresh(l: number): void {
    for (const wide of this.#wide) wide.begin(false);
    if (this.layers[l].rho !== this.layers[l].s) this.#move(l, 0);
  }

  #change(l: number): number {
    return Math.max(...this.#compute.f32(this.layers[l].change, this.#compute.threads));
  }

  /** The mask of layer l, 0 where it has none or no step is being taken. */
  #mask(l: number): number {
    return this.#masked && this.#spec.dropout[l] > 0 ? this.layers[l].mask : 0;
  }

  #drawMask(l: number, step: number): void {
    const p = this.#spec.dropout[l];
    if (p === 0) return;
    const { mask, stride } = this.layers[l];
    this.#compute.run('dropoutMask', {
      mask,
      batch: this.#size,
      stride,
      threshold: Math.round(p * 2 ** 16),
      keep: 1,
      purpose: Purpose.dropout + l,
      step,
      k0: this.#key[0],
      k1: this.#key[1],
    });
  }

  /** Makes room for batches of `size`. */
  #reserve(size: number): void {
    // An update that waits needs the lists where they are.
    if (!this.#room.fits(size)) this.#parameters[0].flush();
    this.#room.reserve(size, (capacity, take) => {
      this.layers.forEach((layer, l) => {
        const rows = () => take(4 * (capacity * layer.stride + PANEL));
        layer.s = rows();
        layer.rho = this.#activation === HARD_SIGMOID || l === 0 ? layer.s : rows();
        for (const field of ['mask', 'drive', 'feedback'] as const) layer[field] = rows();
      });
      this.input.reserve(capacity, take);
    });
    for (const connection of this.connections) connection?.reserve(size);
  }
}
