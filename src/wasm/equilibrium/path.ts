/**
 * How far the states of a layer have gone since the drive of the layer above was computed for all of it. Settling
 * states mostly go on as they began, from zero straight to their end, so each item's way is told in two numbers: the
 * share of the way along its first values, and the length of what was done beside it.
 */
import type { Compute } from '../compute/compute.js';
import { grown } from '../compute/heap.js';
import { PANEL } from '../compute/kernels.js';
import type { Layer } from './layer.js';

/** Of squares and products summed in single precision, as a share of them. */
const ROUNDING = 1e-6;

export class Path {
  /** For every item: how far along its direction, in lengths of that, and how far beside it. */
  along = 0;
  aside = 0;
  /** For every item and panel of the layer, of its last move: squares of the changes, their products with `v`. */
  squares = 0;
  products = 0;
  /** The direction of every item, or 0 while there is none. */
  v = 0;
  readonly #compute: Compute;
  readonly #layer: Layer;
  readonly #panels: number;
  #values = 0;
  #lengths = new Float64Array(0);
  #capacity = 0;

  constructor(compute: Compute, layer: Layer) {
    this.#compute = compute;
    this.#layer = layer;
    this.#panels = Math.ceil(layer.stride / PANEL);
  }

  /** Begins here, in the direction of the layer's values. */
  begin(size: number): void {
    const { stride, rho } = this.#layer;
    const compute = this.#compute;
    this.v = this.#values;
    compute.run('copyRows', { from: rho, fromStride: stride, to: this.v, batch: size, stride });
    const values = compute.f32(rho, size * stride);
    for (let b = 0; b < size; b++) {
      let sum = 0;
      for (let j = b * stride; j < (b + 1) * stride; j++) sum += values[j] * values[j];
      this.#lengths[b] = sum;
    }
    compute.f32(this.along, size).fill(0);
    compute.f32(this.aside, size).fill(0);
  }

  /** After a move of the layer. */
  moved(size: number): void {
    if (this.v === 0) return;
    const panels = this.#panels;
    const squares = this.#compute.f32(this.squares, size * panels);
    const products = this.#compute.f32(this.products, size * panels);
    const along = this.#compute.f32(this.along, size);
    const aside = this.#compute.f32(this.aside, size);
    for (let b = 0; b < size; b++) {
      let square = 0;
      let product = 0;
      for (let p = b * panels; p < (b + 1) * panels; p++) {
        square += squares[p];
        product += products[p];
      }
      const length = this.#lengths[b];
      const share = length > 0 ? product / length : 0;
      along[b] += share;
      aside[b] += Math.sqrt(Math.max(0, square - share * product) + ROUNDING * square);
    }
  }

  /** Forgets the direction: new items, or other states. */
  end(): void {
    this.v = 0;
  }

  /** Makes room for batches of `size`. */
  reserve(size: number): void {
    if (size <= this.#capacity) return;
    this.#release();
    const capacity = grown(this.#capacity, size);
    this.#capacity = capacity;
    const take = (length: number) => this.#compute.allocate(4 * length);
    this.#values = take(capacity * this.#layer.stride);
    this.#lengths = new Float64Array(capacity);
    for (const field of ['along', 'aside'] as const) this[field] = take(capacity);
    for (const field of ['squares', 'products'] as const) this[field] = take(capacity * this.#panels);
  }

  #release(): void {
    if (this.#capacity === 0) return;
    const { along, aside, squares, products } = this;
    for (const address of [this.#values, along, aside, squares, products]) this.#compute.free(address);
    this.v = 0;
  }
}
