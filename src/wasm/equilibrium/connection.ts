/**
 * What is between two layers of states: it drives the layer above, lets the layer below hear it, and learns. A
 * narrow layer above is connected by weights in one row per output; wide ones: see wideConnection.ts.
 */
import type { Compute } from '../compute/compute.js';
import { PANEL } from '../compute/kernels.js';
import type { Parameters } from '../bricks/parameters.js';
import { Room } from '../bricks/room.js';
import type { Layer } from './layer.js';

/** What nudges the states above, and what hides them: addresses, 0 for none. */
export interface Influence {
  readonly mask: number;
  readonly target: number;
  readonly beta: number;
}

export interface Connection {
  /** Writes the drive of the layer above. */
  driveUp(size: number, influence: Influence): void;
  /** Writes the feedback to the layer below. */
  driveDown(size: number): void;
  /** Both at once. */
  driveBoth(size: number, influence: Influence): void;
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
  readonly #memory: Room;

  constructor(compute: Compute, parameters: Parameters, below: Layer, above: Layer) {
    this.#compute = compute;
    this.#memory = new Room(compute);
    this.#parameters = parameters;
    this.#below = below;
    this.#above = above;
  }

  driveUp(size: number): void {
    const { weights, bias } = this.#parameters;
    this.#compute.run('forwardDense', {
      h: this.#below.rho,
      weights,
      bias,
      z: this.#above.drive,
      batch: size,
      inputStride: this.#below.stride,
      stride: this.#above.stride,
    });
  }

  driveDown(size: number): void {
    const { feedback, stride: inputStride } = this.#below;
    const { rho, stride } = this.#above;
    this.#compute.run('listNonZeros', {
      x: rho,
      batch: size,
      width: stride,
      stride,
      lists: this.#lists,
      counts: this.#counts,
      capacity: stride,
    });
    this.#compute.run('feedback', {
      lists: this.#lists,
      counts: this.#counts,
      weights: this.#parameters.weights,
      below: feedback,
      room: this.#room,
      batch: size,
      stride,
      inputStride,
    });
  }

  driveBoth(size: number): void {
    this.driveUp(size);
    this.driveDown(size);
  }

  learn(size: number, delta: number, h: number, weights: number, bias: number, factor: number): void {
    const compute = this.#compute;
    const { stride: inputStride } = this.#below;
    const { width, stride } = this.#above;
    if (stride <= PANEL) {
      compute.run('backwardNarrow', {
        delta,
        h,
        weights,
        destination: weights,
        biasDestination: bias,
        slope: 0,
        below: 0,
        batch: size,
        outputs: width,
        stride,
        inputStride,
        factor,
      });
      return;
    }
    compute.run('listItems', {
      values: delta,
      batch: size,
      stride,
      unit: 4 * inputStride,
      lists: this.#lists,
      counts: this.#counts,
    });
    compute.run('backwardDense', {
      lists: this.#lists,
      counts: this.#counts,
      h,
      weights,
      destination: weights,
      biasDestination: bias,
      dh: 0,
      batch: size,
      stride,
      inputStride,
      factor,
    });
  }

  reserve(size: number): void {
    const { stride } = this.#above;
    this.#memory.reserve(size, (capacity, take) => {
      this.#lists = take(8 * capacity * stride);
      this.#counts = take(4 * Math.max(capacity, stride));
      this.#room = take(4 * this.#compute.threads * stride * PANEL);
    });
  }
}
