/**
 * The drive of a wide output layer of hard sigmoids, computed only where it can matter: not for outputs that the mask
 * drops, and not for those at rest, at zero on a drive so far below that it cannot have come up since it was
 * computed (kernels/resting.ts). A network that settles soon leaves one output in ten. The states are the same.
 */
import type { Compute } from '../compute/compute.js';
import { PANEL } from '../compute/kernels.js';
import type { Parameters } from '../learner/parameters.js';
import type { Layer } from './settling.js';

/** Share of live outputs above which all are computed: the dense product is that much faster a number. */
const DENSE = 0.5;

export class LiveOutputs {
  readonly #compute: Compute;
  readonly #parameters: Parameters;
  readonly #below: Layer;
  readonly #output: Layer;
  /** |W[i]|; stale after the weights change. */
  readonly #norms: number;
  #stale = true;
  /** Of the layer below, for each item: how far it has gone, and in the last move the square of that by panels. */
  #path = 0;
  travel = 0;
  /** For each output, where on the path its drive was computed, and whether any was. */
  #since = 0;
  #begun = false;
  /** Share of the outputs whose drive was computed last. */
  share = 1;
  #lists = 0;
  readonly #counts: number;
  #capacity = 0;

  constructor(compute: Compute, parameters: Parameters, below: Layer, output: Layer) {
    this.#compute = compute;
    this.#parameters = parameters;
    this.#below = below;
    this.#output = output;
    this.#norms = compute.allocate(4 * output.stride);
    this.#counts = compute.allocate(4 * output.stride);
  }

  /** New items, all states at zero. */
  begin(): void {
    this.#begun = false;
  }

  /** The weights have changed. */
  forget(): void {
    this.#stale = true;
  }

  /** After a move of the layer below. */
  moved(size: number): void {
    const panels = Math.ceil(this.#below.stride / PANEL);
    const travel = this.#compute.f32(this.travel, size * panels);
    const path = this.#compute.f32(this.#path, size);
    for (let b = 0; b < size; b++) {
      let sum = 0;
      for (let p = b * panels; p < (b + 1) * panels; p++) sum += travel[p];
      path[b] += Math.sqrt(sum);
    }
  }

  /** The drive from below, where the outputs may be nudged by `beta` towards the target `d` (0 for none). */
  drive(size: number, mask: number, d: number, beta: number): void {
    const compute = this.#compute;
    const { rho, stride: inputStride } = this.#below;
    const { s, drive, stride } = this.#output;
    const { weights, bias } = this.#parameters;
    const lists = [this.#lists, this.#counts] as const;
    const paths = [this.#path, this.#since] as const;
    if (this.#stale) compute.run('rowNorms', weights, this.#norms, inputStride, stride);
    this.#stale = false;
    if (this.#begun) {
      const shape = [size, stride, beta] as const;
      compute.run('listLive', s, drive, d, mask, this.#norms, ...paths, ...lists, ...shape);
    }
    this.share = this.#begun ? this.#countLive() / (size * stride) : 1;
    if (this.share > DENSE) {
      this.share = 1;
      compute.run('forwardDense', rho, weights, bias, drive, size, inputStride, stride);
      // All were computed here: the path begins anew.
      compute.f32(this.#path, size).fill(0);
      compute.f32(this.#since, size * stride).fill(0);
      this.#begun = true;
      return;
    }
    const shape = [size, inputStride, stride] as const;
    compute.run('forwardLive', ...lists, rho, weights, bias, drive, ...paths, ...shape);
  }

  #countLive(): number {
    const counts = this.#compute.i32(this.#counts, this.#output.stride);
    let sum = 0;
    for (const count of counts) sum += count;
    return sum;
  }

  /** Makes room for batches of `size`. */
  reserve(size: number): void {
    if (size <= this.#capacity) return;
    this.#release();
    this.#capacity = size;
    const take = (length: number) => this.#compute.allocate(4 * length);
    this.#path = take(size);
    this.travel = take(size * Math.ceil(this.#below.stride / PANEL));
    this.#since = take(size * this.#output.stride);
    this.#lists = take(size * this.#output.stride);
  }

  #release(): void {
    if (this.#capacity === 0) return;
    for (const address of [this.#path, this.travel, this.#since, this.#lists]) this.#compute.free(address);
    this.#capacity = 0;
  }

  dispose(): void {
    this.#release();
    this.#compute.free(this.#norms);
    this.#compute.free(this.#counts);
  }
}
