/** A fully connected network in double precision, straight from docs/explanation/method.md, "Networks". */
import type { NetworkSpec } from '../../../src/wasm/backprop/network.js';
import type { Batch } from '../../../src/learner/learner.js';
import type { TensorMap } from '../../../src/learner/tensors.js';
import {
  activationReference,
  at,
  biasGradient,
  dropoutMaskReference,
  linear,
  type Matrix,
  matrix,
  meanCrossEntropy,
  meanSquaredError,
  signalBelow,
  softmax,
  weightGradient,
} from '../compute/reference.js';

export interface Gradient {
  readonly weights: Matrix;
  readonly bias: Float64Array;
}

export class NaiveNetwork {
  readonly layers: { weights: Matrix; bias: Float64Array }[];
  readonly #spec: NetworkSpec;
  readonly #seed: number;

  /** With the weights of a saved state. */
  constructor(spec: NetworkSpec, seed: number, state: TensorMap) {
    this.#spec = spec;
    this.#seed = seed;
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

  /** z and mask of every layer, and the values that come out of it; dropout when `step` is given. */
  forward(x: Batch, step?: number): { z: Matrix; mask: Matrix; y: Matrix }[] {
    const { layers, activations, dropout } = this.#spec;
    const passed: { z: Matrix; mask: Matrix; y: Matrix }[] = [];
    layers.forEach((width, l) => {
      const z =
        l === 0
          ? matrix(x.size, width, (b, k) => x.values[b * width + k])
          : linear(passed[l - 1].y, this.layers[l - 1].weights, this.layers[l - 1].bias);
      const p = dropout[l];
      const keep = l === layers.length - 1 ? 1 : 1 / (1 - p);
      const mask =
        step === undefined || p === 0
          ? matrix(x.size, width, () => 1)
          : dropoutMaskReference(
              { rows: x.size, width },
              { threshold: Math.round(p * 65536), keep },
              { purpose: 16 + l, step, key: [this.#seed, 0] },
            );
      const { value } = activationReference[activations[l]];
      const y = matrix(x.size, width, (b, i) => value(at(z, b, i)) * at(mask, b, i));
      passed.push({ z, mask, y });
    });
    return passed;
  }

  loss(x: Batch, d: Matrix, step?: number): number {
    const { y } = this.forward(x, step)[this.layers.length];
    return this.#spec.loss === 'mse' ? meanSquaredError(y, d) : meanCrossEntropy(y, d);
  }

  /** The gradient of the loss by the chain rule, layer by layer. */
  gradient(x: Batch, d: Matrix, step?: number): Gradient[] {
    const passed = this.forward(x, step);
    const gradients: Gradient[] = [];
    const { y } = passed[this.layers.length];
    let signal = matrix(y.rows, y.columns, (b, i) => {
      if (this.#spec.loss === 'mse') return (2 * (at(y, b, i) - at(d, b, i))) / (y.rows * y.columns);
      let mass = 0;
      for (let j = 0; j < y.columns; j++) mass += at(d, b, j);
      return (mass * softmax(y, b)[i] - at(d, b, i)) / y.rows;
    });
    for (let l = this.layers.length; l > 0; l--) {
      const { z, mask } = passed[l];
      const above = signal;
      const { slope } = activationReference[this.#spec.activations[l]];
      const delta = matrix(
        z.rows,
        z.columns,
        (b, i) => at(above, b, i) * at(mask, b, i) * slope(at(z, b, i)),
      );
      gradients.unshift({ weights: weightGradient(delta, passed[l - 1].y), bias: biasGradient(delta) });
      signal = signalBelow(delta, this.layers[l - 1].weights);
    }
    return gradients;
  }

  /** The gradient by central differences of the loss. */
  differences(x: Batch, d: Matrix, step?: number): Gradient[] {
    const h = 1e-5;
    const slopes = (values: Float64Array): Float64Array =>
      values.map((value, i) => {
        values[i] = value + h;
        const above = this.loss(x, d, step);
        values[i] = value - h;
        const below = this.loss(x, d, step);
        values[i] = value;
        return (above - below) / (2 * h);
      });
    return this.layers.map(({ weights, bias }) => ({
      weights: { ...weights, values: slopes(weights.values) },
      bias: slopes(bias),
    }));
  }
}
