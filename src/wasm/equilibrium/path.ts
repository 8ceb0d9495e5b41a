/**
 * How far the states of a layer have gone since the drive of the layer above was computed for all of it. Settling
 * states mostly go on as they began, from zero straight to their end, so each item's way is told in two numbers: the
 * share of the way along its first values, and the length of what was done beside it.
 */
import type { Compute } from '../compute/compute.js';
import { PANEL } from '../compute/kernels.js';
import { Room } from '../bricks/room.js';
import type { Layer } from './layer.js';

/** What squares less products, both summed over a panel in single precision, may be wrong by, as a share of the squares. */
const ROUNDING = 3e-6;

/**
 * What rounding may hide when a drive is bounded from one that was computed before (kernels/connection.ts), in shares of |W| times
 * the furthest from zero that the values have been. With g the share of |a| |b| by which a product of two rows rounds at most: g for
 * each of both drives, 2 g for `rateAlong` on a way that is twice as long, g for the norms; along, aside and the test itself round some
 * sixteen times by 2^-24, which is less than g.
 */
const SLACK = 8;

/** g for rows of so many numbers, which are added up in at least four sums. */
function roundingOf(length: number): number {
  return length * 2e-8 + 1e-6;
}

export class Path {
  /** For every item: how far along its direction, in lengths of that, and how far beside it. */
  along = 0;
  aside = 0;
  /** For every item how far beside it may be, with what rounding may hide. */
  reach = 0;
  /** For every item and panel of the layer, of its last move: squares of the changes, their products with `v`. */
  squares = 0;
  products = 0;
  /** The direction of every item, or 0 while there is none. */
  v = 0;
  readonly #compute: Compute;
  readonly #layer: Layer;
  readonly #panels: number;
  #values = 0;
  readonly #slack: number;
  /** Of every item: |v|^2, `along` and `aside` in double precision, and the furthest from zero that it has been. */
  #lengths = new Float64Array(0);
  #along = new Float64Array(0);
  #aside = new Float64Array(0);
  #furthest = new Float64Array(0);
  readonly #room: Room;

  constructor(compute: Compute, layer: Layer) {
    this.#compute = compute;
    this.#room = new Room(compute);
    this.#layer = layer;
    this.#panels = Math.ceil(layer.stride / PANEL);
    this.#slack = SLACK * roundingOf(layer.stride);
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
      this.#along[b] = 0;
      this.#aside[b] = 0;
      this.#furthest[b] = Math.sqrt(sum);
    }
    this.#write(size);
  }

  /** For the kernels. */
  #write(size: number): void {
    const [along, aside, reach] = [this.along, this.aside, this.reach].map((to) =>
      this.#compute.f32(to, size),
    );
    for (let b = 0; b < size; b++) {
      along[b] = this.#along[b];
      aside[b] = this.#aside[b];
      reach[b] = this.#aside[b] + this.#slack * this.#furthest[b];
    }
  }

  /** After a move of the layer. */
  moved(size: number): void {
    if (this.v === 0) return;
    const panels = this.#panels;
    const squares = this.#compute.f32(this.squares, size * panels);
    const products = this.#compute.f32(this.products, size * panels);
    for (let b = 0; b < size; b++) {
      let square = 0;
      let product = 0;
      for (let p = b * panels; p < (b + 1) * panels; p++) {
        square += squares[p];
        product += products[p];
      }
      const length = this.#lengths[b];
      const share = length > 0 ? product / length : 0;
      this.#along[b] += share;
      this.#aside[b] += Math.sqrt(Math.max(0, square - share * product) + ROUNDING * square);
      const distance = (1 + Math.abs(this.#along[b])) * Math.sqrt(length) + this.#aside[b];
      // What is not a number stays one, and with it nothing rests.
      this.#furthest[b] = Math.max(this.#furthest[b], distance);
    }
    this.#write(size);
  }

  /** Forgets the direction: new items, or other states. */
  end(): void {
    this.v = 0;
  }

  /** Makes room for batches of `size`. */
  reserve(size: number): void {
    this.#room.reserve(size, (capacity, take) => {
      this.v = 0;
      this.#values = take(4 * capacity * this.#layer.stride);
      [this.#lengths, this.#along, this.#aside, this.#furthest] = Array.from(
        { length: 4 },
        () => new Float64Array(capacity),
      );
      for (const field of ['along', 'aside', 'reach'] as const) this[field] = take(4 * capacity);
      for (const field of ['squares', 'products'] as const) this[field] = take(4 * capacity * this.#panels);
    });
  }
}
