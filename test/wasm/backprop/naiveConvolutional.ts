/**
 * A convolutional network in double precision, straight from docs/explanation/method.md, "Networks": loops over
 * positions, no frames.
 */
import type { NetworkSpec } from '../../../src/wasm/backprop/network.js';
import type { Batch } from '../../../src/learner/learner.js';
import type { TensorMap } from '../../../src/learner/tensors.js';
import {
  activationReference,
  dropoutMaskReference,
  linear,
  type Matrix,
  type MapOf,
  competeReference,
  convolveReference,
  matrix,
  meanCrossEntropy,
  meanSquaredError,
  poolReference,
} from '../compute/reference.js';

/** Weights and biases by their names in saved states. */
export type Named = Map<string, Float64Array>;

export class NaiveConvolutional {
  readonly parameters: Named;
  readonly #spec: NetworkSpec;
  readonly #seed: number;

  constructor(spec: NetworkSpec, seed: number, state: TensorMap) {
    this.#spec = spec;
    this.#seed = seed;
    const own = [...state].filter(([name]) => /\.(weight|bias)$/.test(name));
    this.parameters = new Map(own.map(([name, { data }]) => [name, Float64Array.from(data)]));
  }

  /** The outputs; with dropout when `step` is given. */
  forward(x: Batch, step?: number): Matrix {
    const { convolution, layers, activations, dropout } = this.#spec;
    if (!convolution) throw new Error('this network has no convolutions');
    const [height, width, channels] = convolution.image;
    let map: MapOf = { height, width, channels, values: Float64Array.from(x.values) };
    // Places are numbered from the input up; a dropout mask is drawn for its place.
    let place = 0;
    const of = (name: string) => this.parameters.get(name) as Float64Array;
    convolution.blocks.forEach(({ channels: out, kernel, pool }, b) => {
      const activation = activations[b + 1];
      map = convolveReference(map, x.size, of(`layer${b + 1}.weight`), of(`layer${b + 1}.bias`), out, kernel);
      place++;
      if (activation === 'wta') {
        map = competeReference(map, x.size);
        place++;
      } else map = { ...map, values: map.values.map(activationReference[activation].value) };
      if (!pool) return;
      map = poolReference(map, x.size, pool);
      place++;
    });
    const flat = map.height * map.width * map.channels;
    let y = matrix(x.size, flat, (b, i) => map.values[b * flat + i]);
    const drop = (p: number, keep: number) => {
      if (step === undefined || p === 0) return;
      const mask = dropoutMaskReference(
        { rows: y.rows, width: y.columns },
        { threshold: Math.round(p * 65536), keep },
        { purpose: 16 + place, step, key: [this.#seed, 0] },
      );
      y = { ...y, values: y.values.map((v, j) => v * mask.values[j]) };
    };
    drop(dropout[0], 1 / (1 - dropout[0]));
    layers.forEach((outputs, l) => {
      const name = `layer${convolution.blocks.length + l + 1}`;
      const weights = { rows: outputs, columns: y.columns, values: of(`${name}.weight`) };
      const z = linear(y, weights, of(`${name}.bias`));
      y = {
        ...z,
        values: z.values.map(activationReference[activations[convolution.blocks.length + l + 1]].value),
      };
      place++;
      const p = dropout[l + 1];
      drop(p, l === layers.length - 1 ? 1 : 1 / (1 - p));
    });
    return y;
  }

  loss(x: Batch, d: Matrix, step?: number): number {
    const y = this.forward(x, step);
    return this.#spec.loss === 'mse' ? meanSquaredError(y, d) : meanCrossEntropy(y, d);
  }

  /** The gradient of the loss by central differences, of at most `most` parameters of each name, evenly spread. */
  differences(x: Batch, d: Matrix, step: number, most: number): Map<string, { at: number; slope: number }[]> {
    const h = 1e-5;
    return new Map(
      [...this.parameters].map(([name, values]) => {
        const every = Math.max(1, values.length / most);
        const places = Array.from({ length: Math.min(most, values.length) }, (_, j) => Math.floor(j * every));
        const slopes = places.map((at) => {
          const value = values[at];
          values[at] = value + h;
          const above = this.loss(x, d, step);
          values[at] = value - h;
          const below = this.loss(x, d, step);
          values[at] = value;
          return { at, slope: (above - below) / (2 * h) };
        });
        return [name, slopes];
      }),
    );
  }
}
