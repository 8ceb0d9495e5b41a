/**
 * The cross-entropy readout: y = softmax(rho(s_{L-1}) W_L + b_L) is no state of the network. It nudges the last
 * hidden layer by beta (d - y) W_L^T, and its own weights learn by the gradient of the loss at the nudged state.
 */
import type { Compute } from '../compute/compute.js';
import { PANEL, padded } from '../compute/kernels.js';
import type { Parameters } from '../bricks/parameters.js';
import { Room } from '../bricks/room.js';
import type { ReadoutNudge } from './layer.js';

export class SoftmaxReadout implements ReadoutNudge {
  /** The logits of the last call, items x outputs. */
  logits = 0;
  /** (y - d) times the factor of the last call. */
  delta = 0;
  /** The target d. */
  target = 0;
  readonly #compute: Compute;
  readonly #parameters: Parameters;
  readonly #stride: number;
  readonly #inputStride: number;
  /** The derivative of the logits by themselves. */
  #ones = 0;
  #loss = 0;
  #lists = 0;
  #counts = 0;
  #room = 0;
  readonly #memory: Room;

  constructor(compute: Compute, parameters: Parameters) {
    this.#compute = compute;
    this.#memory = new Room(compute);
    this.#parameters = parameters;
    this.#stride = padded(parameters.outputs);
    this.#inputStride = padded(parameters.inputs);
  }

  /** The logits for the values `rho` of the last hidden layer. */
  read(size: number, rho: number): void {
    const { weights, bias } = this.#parameters;
    this.#compute.run('forwardDense', {
      h: rho,
      weights,
      bias,
      z: this.logits,
      batch: size,
      inputStride: this.#inputStride,
      stride: this.#stride,
    });
  }

  /** Leaves (y - d) times `factor` in `delta` and answers the mean loss of the items, both of the present logits. */
  compare(size: number, factor: number): number {
    const { outputs } = this.#parameters;
    this.#compute.run('crossEntropy', {
      y: this.logits,
      d: this.target,
      slope: this.#ones,
      delta: this.delta,
      itemLoss: this.#loss,
      batch: size,
      outputs,
      stride: this.#stride,
      factor,
    });
    return this.#compute.f64(this.#loss, size).reduce((sum, loss) => sum + loss, 0) / size;
  }

  feedback(size: number, beta: number, rho: number, feedback: number): void {
    const { weights } = this.#parameters;
    this.read(size, rho);
    this.compare(size, -beta);
    const stride = this.#stride;
    this.#compute.run('listNonZeros', {
      x: this.delta,
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
      weights,
      below: feedback,
      room: this.#room,
      batch: size,
      stride,
      inputStride: this.#inputStride,
    });
  }

  /** Makes room for batches of `size`. */
  reserve(size: number): void {
    this.#memory.reserve(size, (capacity, take) => {
      const floats = 4 * capacity * this.#stride;
      this.logits = take(floats);
      this.delta = take(floats);
      this.#ones = take(floats);
      this.#compute.f32(this.#ones, capacity * this.#stride).fill(1);
      this.#loss = take(8 * capacity);
      this.#lists = take(2 * floats);
      this.#counts = take(4 * capacity);
      this.#room = take(4 * this.#compute.threads * this.#stride * PANEL);
    });
  }
}
