/**
 * The product of a layer whose outputs count only above zero, by way of whole numbers that prove most of them negative
 * (kernels/screen.ts), where that is faster: it depends on the processor, and on how many outputs are above zero. z is what the
 * dense product makes of it but where it is finite and negative or hidden by the mask, so that the values above are the same, to
 * the bit, and training that diverges is seen to diverge in the same step.
 */
import type { Compute } from '../compute/compute.js';
import { ITEM_TERMS, MOVED, PANEL, padded, ROW_TERMS, TOGETHER } from '../compute/kernels.js';
import { Race } from '../compute/race.js';
import type { Activation } from '../../learner/activation.js';
import type { Parameters } from '../bricks/parameters.js';
import type { Take } from '../bricks/room.js';
import type { Values } from './values.js';

/** Activations that are 0, with slope 0, wherever z is negative; and those that are never negative. */
const cutAtZero: readonly Activation[] = ['relu', 'hard-sigmoid'];
const neverNegative: readonly Activation[] = ['relu', 'hard-sigmoid', 'sigmoid'];

/** As many products of whole numbers of 8 bits fit a sum of 32. */
const WIDEST = 2 ** 16;

export class Screening {
  readonly #compute: Compute;
  readonly #parameters: Parameters;
  readonly #below: Values;
  readonly #above: Values;
  readonly #race: Pick<Race, 'way' | 'took'>;
  /** Bytes of a rounded row. */
  readonly #bytes: number;
  #rounded = 0;
  #terms = 0;
  #roundedItems = 0;
  #items = 0;
  #room = 0;
  /** Whether the last product was screened, so that `#items` describes its items. */
  #isScreened = false;
  /** The version of the parameters that rounded rows are of, or were before updates that they have followed; -1 for none. */
  #version = -1;

  constructor(
    compute: Compute,
    parameters: Parameters,
    below: Values,
    above: Values,
    race: Pick<Race, 'way' | 'took'> = new Race(),
  ) {
    this.#race = race;
    this.#compute = compute;
    this.#parameters = parameters;
    this.#below = below;
    this.#above = above;
    this.#bytes = padded(below.width, 32);
  }

  /** Whether a layer between these values can have it. */
  static fits(compute: Compute, { optimizer }: Parameters, below: Values, above: Values): boolean {
    return (
      compute.screenLevels > 0 &&
      optimizer === 'sgd' &&
      above.stride > PANEL &&
      below.width < WIDEST &&
      cutAtZero.includes(above.activation) &&
      neverNegative.includes(below.activation)
    );
  }

  /** Room for batches of up to `size` items, instead of what there was. */
  reserve(size: number, take: Take): void {
    const { stride } = this.#above;
    this.#rounded = take(this.#bytes * stride);
    this.#terms = take(4 * ROW_TERMS * stride);
    this.#roundedItems = take(this.#bytes * size);
    this.#items = take(4 * ITEM_TERMS * size);
    this.#room = take(4 * this.#compute.threads * (1 + TOGETHER) * size);
    this.#version = -1;
  }

  /** Writes z of the values above, itself or by `dense`. What `mask` hides (0 for no mask) need not be right if it is finite. */
  forward(size: number, mask: number, dense: () => void): void {
    const began = performance.now();
    this.#isScreened = this.#race.way === 1;
    if (this.#isScreened) this.#screen(size, mask);
    else dense();
    this.#race.took((performance.now() - began) / size);
  }

  #screen(size: number, mask: number): void {
    const compute = this.#compute;
    const { weights, bias, version } = this.#parameters;
    const { y, stride: inputStride } = this.#below;
    const { stride } = this.#above;
    if (this.#version !== version) {
      this.#version = version;
      compute.f32(this.#terms, ROW_TERMS * stride).fill(Infinity, MOVED * stride, (MOVED + 1) * stride);
    }
    compute.run('roundItems', {
      h: y,
      rounded: this.#roundedItems,
      items: this.#items,
      batch: size,
      inputStride,
      bytes: this.#bytes,
      levels: compute.screenLevels,
    });
    compute.run('forwardScreened', {
      h: y,
      items: this.#items,
      roundedItems: this.#roundedItems,
      weights,
      rounded: this.#rounded,
      terms: this.#terms,
      bias,
      mask,
      z: this.#above.y,
      room: this.#room,
      batch: size,
      inputStride,
      stride,
      bytes: this.#bytes,
    });
  }

  /** After an update by `factor` times the deltas of the last product's items, which are listed. */
  follow(lists: number, counts: number, size: number, factor: number): void {
    if (!this.#isScreened) {
      this.#version = -1;
      return;
    }
    this.#compute.run('loosenBounds', {
      lists,
      counts,
      items: this.#items,
      terms: this.#terms,
      batch: size,
      stride: this.#above.stride,
      inputStride: this.#below.stride,
      factor,
    });
  }
}
