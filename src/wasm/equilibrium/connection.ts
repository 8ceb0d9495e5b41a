/**
 * What lies between two layers of states: it drives the layer above, lets the layer below hear it, and learns. A
 * narrow layer above is connected by weights in one row per output; wide ones: see wideConnection.ts.
 */
import type { Compute } from '../compute/compute.js';
import { grown } from '../compute/heap.js';
import { PANEL } from '../compute/kernels.js';
import type { Parameters } from '../bricks/parameters.js';
import type { Layer } from './settling.js';

/** What nudges the states above, and what hides them: addresses, 0 for none. */
export interface Influence {
  readonly mask: number;
  readonly target: number;
  readonly beta: number;
}

export interface Connection {
  /** Writes the drive of the layer above. */
  rise(size: number, influence: Influence): void;
  /** Writes the feedback to the layer below. */
  fall(size: number): void;
  /** Both at once. */
  exchange(size: number, influence: Influence): void;
  /** weights += factor delta^T h, bias += factor (sum of delta), for values `delta` above and `h` below. */
  learn(size: number, delta: number, h: number, weights: number, bias: number, factor: number): void;
  reserve(size: number): void;
}

export class RowConnection implements Connection {
  readonly #compute: Compute;
  readonly #parameters: Parameters;
  readonly #below: Layer;
  readonly #above: Layer;
  #lists = 0;
  #counts = 0;
  #room = 0;
  #capacity = 0;

  constructor(compute: Compute, parameters: Parameters, below: Layer, above: Layer) {
    this.#compute = compute;
    this.#parameters = parameters;
    this.#below = below;
    this.#above = above;
  }

  rise(size: number): void {
    const { weights, bias } = this.#parameters;
    const shape = [size, this.#below.stride, this.#above.stride] as const;
    this.#compute.run('forwardDense', this.#below.rho, weights, bias, this.#above.drive, ...shape);
  }

  fall(size: number): void {
    const { feedback, stride: inputStride } = this.#below;
    const { rho, stride } = this.#above;
    const lists = [this.#lists, this.#counts] as const;
    this.#compute.run('listNonZeros', rho, size, stride, stride, ...lists, stride);
    const shape = [size, stride, inputStride] as const;
    this.#compute.run('feedback', ...lists, this.#parameters.weights, feedback, this.#room, ...shape);
  }

  exchange(size: number): void {
    this.rise(size);
    this.fall(size);
  }

  learn(size: number, delta: number, h: number, weights: number, bias: number, factor: number): void {
    const compute = this.#compute;
    const { stride: inputStride } = this.#below;
    const { width, stride } = this.#above;
    if (stride <= PANEL) {
      const shape = [size, width, stride, inputStride] as const;
      compute.run('backwardNarrow', delta, h, weights, weights, bias, 0, 0, ...shape, factor);
      return;
    }
    const lists = [this.#lists, this.#counts] as const;
    compute.run('listItems', delta, size, stride, 4 * inputStride, ...lists);
    const shape = [size, stride, inputStride] as const;
    compute.run('backwardDense', ...lists, h, weights, weights, bias, 0, ...shape, factor);
  }

  reserve(size: number): void {
    if (size <= this.#capacity) return;
    this.#release();
    const capacity = grown(this.#capacity, size);
    this.#capacity = capacity;
    const { stride } = this.#above;
    const take = (length: number) => this.#compute.allocate(4 * length);
    this.#lists = take(2 * capacity * stride);
    this.#counts = take(Math.max(capacity, stride));
    this.#room = take(this.#compute.threads * stride * PANEL);
  }

  #release(): void {
    if (this.#capacity === 0) return;
    for (const address of [this.#lists, this.#counts, this.#room]) this.#compute.free(address);
  }
}
