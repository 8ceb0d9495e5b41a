/**
 * Equilibrium propagation in double precision, straight from docs/explanation/equilibrium.md: loops, one state at a
 * time.
 */
import type { EquilibriumSpec } from '../../../src/wasm/equilibrium/spec.js';
import type { Batch } from '../../../src/learner/learner.js';
import type { TensorMap } from '../../../src/learner/tensors.js';
import {
  at,
  dropoutMaskReference,
  linear,
  type Matrix,
  matrix,
  signalBelow,
  softmax,
} from '../compute/reference.js';

const clamp = (v: number, low: number) => Math.min(1, Math.max(low, v));

/** rho, its derivative on the states' range, and the lower end of that range. */
export const rhoReference = {
  'hard-sigmoid': {
    value: (s: number) => clamp(s, 0),
    slope: (s: number) => (s >= 0 && s <= 1 ? 1 : 0),
    low: 0,
  },
  logistic: {
    value: (s: number) => 1 / (1 + Math.exp(-4 * (s - 0.5))),
    slope: (s: number) => 4 / (2 + Math.exp(-4 * (s - 0.5)) + Math.exp(4 * (s - 0.5))),
    low: 0,
  },
  tanh: { value: Math.tanh, slope: (s: number) => 1 / Math.cosh(s) ** 2, low: -1 },
};

/** A direction of change of every layer's parameters. */
export interface Direction {
  readonly weights: Matrix;
  readonly bias: Float64Array;
}

export class NaiveEquilibrium {
  readonly layers: { weights: Matrix; bias: Float64Array }[];
  readonly #spec: EquilibriumSpec;
  readonly #seed: number;
  readonly #top: number;

  constructor(spec: EquilibriumSpec, seed: number, state: TensorMap) {
    this.#spec = spec;
    this.#seed = seed;
    this.#top = spec.layers.length - (spec.loss === 'cross-entropy' ? 2 : 1);
    this.layers = spec.layers.slice(1).map((outputs, l) => {
      const weights = state.get(`layer${l + 1}.weight`)?.data as Float32Array;
      const bias = state.get(`layer${l + 1}.bias`)?.data as Float32Array;
      const inputs = spec.layers[l];
      return {
        weights: matrix(outputs, inputs, (i, k) => weights[i * inputs + k]),
        bias: Float64Array.from(bias),
      };
    });
  }

  get #rho() {
    return rhoReference[this.#spec.activation ?? 'hard-sigmoid'];
  }

  masks(size: number, step?: number): Matrix[] {
    return this.#spec.layers.map((width, l) =>
      step === undefined || this.#spec.dropout[l] === 0
        ? matrix(size, width, () => 1)
        : dropoutMaskReference(
            { rows: size, width },
            { threshold: Math.round(this.#spec.dropout[l] * 65536), keep: 1 },
            { purpose: 16 + l, step, key: [this.#seed, 0] },
          ),
    );
  }

  /** States after the free phase: the input, and every layer of states. */
  free(x: Batch, step?: number, steps = this.#spec.freeSteps): Matrix[] {
    const masks = this.masks(x.size, step);
    const states = this.#spec.layers
      .slice(0, this.#top + 1)
      .map((width, l) =>
        matrix(x.size, width, (b, i) => (l === 0 ? x.values[b * width + i] * at(masks[0], b, i) : 0)),
      );
    return this.settle(states, masks, steps);
  }

  /** `steps` steps on from `states`, with the nudge `beta` towards d. */
  settle(from: Matrix[], masks: Matrix[], steps: number, beta = 0, d?: Matrix): Matrix[] {
    const states = [...from];
    const odd = (l: number) => l % 2;
    const all = states.map((_, l) => l).slice(1);
    const groups =
      this.#spec.minimizer === 'even-odd'
        ? [all.filter((l) => odd(l) === 1), all.filter((l) => odd(l) === 0)]
        : [all];
    for (let step = 0; step < steps; step++) {
      for (const group of groups) {
        const moved = group.map((l) => this.#moved(states, l, masks[l], step, beta, d));
        group.forEach((l, i) => {
          states[l] = moved[i];
        });
      }
    }
    return states;
  }

  /** Layer l after step number `step` of a phase, from 0. */
  #moved(
    states: Matrix[],
    l: number,
    mask: Matrix,
    step: number,
    beta: number,
    d: Matrix | undefined,
  ): Matrix {
    const { value, slope, low } = this.#rho;
    const rho = (m: Matrix, layer: number) =>
      layer === 0 ? m : matrix(m.rows, m.columns, (b, i) => value(at(m, b, i)));
    const { weights, bias } = this.layers[l - 1];
    const below = linear(rho(states[l - 1], l - 1), weights, bias);
    let above = matrix(below.rows, below.columns, () => 0);
    let curvature = 1;
    if (l < this.#top) above = signalBelow(rho(states[l + 1], l + 1), this.layers[l].weights);
    else if (l < this.layers.length && d && beta !== 0) {
      const logits = linear(rho(states[l], l), this.layers[l].weights, this.layers[l].bias);
      const pull = matrix(d.rows, d.columns, (b, i) => beta * (at(d, b, i) - softmax(logits, b)[i]));
      above = signalBelow(pull, this.layers[l].weights);
    } else if (d) curvature += beta;
    const isNudged = d !== undefined && l === this.layers.length;
    const longest = step === 0 ? 1 : Infinity;
    const dt =
      this.#spec.minimizer === 'even-odd' ? Math.min(this.#spec.dt, longest) / curvature : this.#spec.dt;
    return matrix(below.rows, below.columns, (b, i) => {
      const s = at(states[l], b, i);
      const force =
        -s + slope(s) * (at(below, b, i) + at(above, b, i)) + (isNudged && d ? beta * (at(d, b, i) - s) : 0);
      return at(mask, b, i) * clamp(s + dt * force, low);
    });
  }

  /** The outputs in these states: the output states, or the logits. */
  outputs(states: Matrix[]): Matrix {
    const top = states[this.#top];
    if (this.#spec.loss === 'mse') return top;
    const { weights, bias } = this.layers[this.#top];
    const { value } = this.#rho;
    return linear(
      matrix(top.rows, top.columns, (b, i) => value(at(top, b, i))),
      weights,
      bias,
    );
  }

  /** The update's direction, for one-sided estimates with this sign of beta. */
  direction(x: Batch, d: Matrix, sign: number, step?: number): Direction[] {
    const { beta, nudgedSteps, estimate, loss } = this.#spec;
    const masks = this.masks(x.size, step);
    const free = this.free(x, step);
    const nudged = (b: number) => this.settle(free, masks, nudgedSteps, b, d);
    const [from, to] = estimate === 'symmetric' ? [nudged(-beta), nudged(beta)] : [free, nudged(sign * beta)];
    const apart = estimate === 'symmetric' ? 2 * beta : sign * beta;
    const { value } = this.#rho;
    const rho = (states: Matrix[], l: number, b: number, i: number) =>
      l === 0 ? at(states[0], b, i) : value(at(states[l], b, i));
    const sum = (size: number, term: (b: number) => number) => {
      let total = 0;
      for (let b = 0; b < size; b++) total += term(b);
      return total;
    };
    return this.layers.map(({ weights }, layer) => {
      const l = layer + 1;
      if (l === this.layers.length && loss === 'cross-entropy') {
        const states = estimate === 'symmetric' ? [from, to] : [to];
        const error = states.map((s) => {
          const logits = this.outputs(s);
          return matrix(d.rows, d.columns, (b, i) => at(d, b, i) - softmax(logits, b)[i]);
        });
        const n = x.size * states.length;
        const mean = (term: (e: Matrix, s: Matrix[], b: number) => number) =>
          states.reduce((total, s, j) => total + sum(x.size, (b) => term(error[j], s, b)), 0) / n;
        return {
          weights: matrix(weights.rows, weights.columns, (i, k) =>
            mean((e, s, b) => at(e, b, i) * rho(s, l - 1, b, k)),
          ),
          bias: Float64Array.from({ length: weights.rows }, (_, i) => mean((e, _s, b) => at(e, b, i))),
        };
      }
      const n = apart * x.size;
      return {
        weights: matrix(
          weights.rows,
          weights.columns,
          (i, k) =>
            sum(
              x.size,
              (b) => rho(to, l - 1, b, k) * rho(to, l, b, i) - rho(from, l - 1, b, k) * rho(from, l, b, i),
            ) / n,
        ),
        bias: Float64Array.from(
          { length: weights.rows },
          (_, i) => sum(x.size, (b) => rho(to, l, b, i) - rho(from, l, b, i)) / n,
        ),
      };
    });
  }

  /** The mean over items of the loss that nudging descends: half the squared error, or the cross-entropy. */
  loss(x: Batch, d: Matrix, step?: number): number {
    const y = this.outputs(this.free(x, step));
    let sum = 0;
    for (let b = 0; b < y.rows; b++) {
      const p = this.#spec.loss === 'mse' ? [] : softmax(y, b);
      for (let i = 0; i < y.columns; i++) {
        if (this.#spec.loss === 'mse') sum += 0.5 * (at(d, b, i) - at(y, b, i)) ** 2;
        else if (at(d, b, i) !== 0) sum -= at(d, b, i) * Math.log(p[i]);
      }
    }
    return sum / y.rows;
  }

  /** Minus the gradient of the loss through the equilibrium, by central differences. */
  descent(x: Batch, d: Matrix, step?: number): Direction[] {
    const h = 1e-5;
    const slopes = (values: Float64Array): Float64Array =>
      values.map((value, i) => {
        values[i] = value + h;
        const above = this.loss(x, d, step);
        values[i] = value - h;
        const below = this.loss(x, d, step);
        values[i] = value;
        return (below - above) / (2 * h);
      });
    return this.layers.map(({ weights, bias }) => ({
      weights: { ...weights, values: slopes(weights.values) },
      bias: slopes(bias),
    }));
  }
}
