/**
 * A fully connected layer above another layer. Its weights are stored as one row per output, and the backward pass
 * touches only the rows of outputs that carry a gradient (kernels/dense.ts).
 */
import type { Compute } from '../compute/compute.js';
import { BLOCKS, PANEL } from '../compute/kernels.js';
import { type Optimizer, Parameters, type Update } from '../bricks/parameters.js';
import type { Layer } from './layer.js';
import { Screening } from './screening.js';
import type { Take } from '../bricks/room.js';
import type { Values } from './values.js';

export class DenseLayer implements Layer {
  readonly parameters: Parameters;
  readonly #compute: Compute;
  readonly #below: Values;
  readonly #above: Values;
  /** The items with a gradient of each output. */
  #lists = 0;
  #counts = 0;
  /** Parts of the signal to the layer below. */
  #blocks = 0;
  readonly #screening: Screening | undefined;

  constructor(
    compute: Compute,
    name: string,
    below: Values,
    above: Values,
    optimizer: Optimizer,
    optimisers: number,
  ) {
    this.#compute = compute;
    this.#below = below;
    this.#above = above;
    this.parameters = new Parameters(
      ...([compute, name, below.width, above.width, 'rows', optimizer, optimisers] as const),
    );
    const ends = [compute, this.parameters, below, above] as const;
    if (Screening.fits(...ends)) this.#screening = new Screening(...ends);
  }

  /** With few outputs a cut by outputs leaves nothing to share. */
  get #isNarrow(): boolean {
    return this.#above.stride <= PANEL;
  }

  reserve(size: number, take: Take): void {
    if (this.#isNarrow) return;
    const { stride } = this.#above;
    this.#lists = take(8 * stride * size);
    this.#counts = take(4 * stride);
    this.#blocks = take(4 * BLOCKS * size * this.#below.stride);
    this.#screening?.reserve(size, take);
  }

  get heedsMask(): boolean {
    return this.#screening !== undefined;
  }

  forward(size: number, mask: number): void {
    const dense = () => this.#forwardDense(size);
    if (this.#screening) this.#screening.forward(size, mask, dense);
    else dense();
  }

  #forwardDense(size: number): void {
    const { weights, bias } = this.parameters;
    const [below, above] = [this.#below, this.#above];
    this.#compute.run('forwardDense', {
      h: below.y,
      weights,
      bias,
      z: above.y,
      batch: size,
      inputStride: below.stride,
      stride: above.stride,
    });
  }

  backward(size: number, { optimiser, rate, updates }: Update): void {
    this.#backward(size, rate);
    this.parameters.apply(optimiser, rate, updates);
  }

  /** Signal to the layer below and update, in one pass over the weights. */
  #backward(size: number, rate: number): void {
    const compute = this.#compute;
    const below = this.#below;
    const { delta, stride, width } = this.#above;
    const { weights } = this.parameters;
    const to = this.parameters.destination(rate);
    if (this.#isNarrow) {
      compute.run('backwardNarrow', {
        delta,
        h: below.y,
        weights,
        destination: to.weights,
        biasDestination: to.bias,
        slope: below.slope,
        below: below.delta,
        batch: size,
        outputs: width,
        stride,
        inputStride: below.stride,
        factor: to.factor,
      });
      return;
    }
    const lists = [this.#lists, this.#counts] as const;
    compute.run('listItems', {
      values: delta,
      batch: size,
      stride,
      unit: 4 * below.stride,
      lists: this.#lists,
      counts: this.#counts,
    });
    compute.run('backwardDense', {
      lists: this.#lists,
      counts: this.#counts,
      h: below.y,
      weights,
      destination: to.weights,
      biasDestination: to.bias,
      dh: this.#blocks,
      batch: size,
      stride,
      inputStride: below.stride,
      factor: to.factor,
    });
    this.#screening?.follow(...lists, size, to.factor);
    compute.run('sumBlocks', {
      dh: this.#blocks,
      slope: below.slope,
      delta: below.delta,
      batch: size,
      stride: below.stride,
    });
  }
}
