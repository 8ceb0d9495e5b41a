/**
 * The values at one place of a network, between two layers: what comes out of the layer below (z), in place the
 * activation times the dropout mask (y), its derivative by z (slope), and dLoss/dz (delta). All are rows, one an
 * item, padded to whole cache lines; the padding is zero.
 */
import { LINE, padded } from '../compute/kernels.js';
import type { Activation } from '../../learner/activation.js';
import type { Take } from '../bricks/room.js';

export class Values {
  readonly stride: number;
  y = 0;
  slope = 0;
  delta = 0;
  /** 0 without dropout. */
  mask = 0;

  /** `dropout` is the probability; `keep` the factor of what is kept. */
  constructor(
    readonly width: number,
    readonly activation: Activation,
    readonly dropout = 0,
    readonly keep = 1,
  ) {
    this.stride = padded(width);
  }

  /** Room for `size` items. */
  reserve(size: number, take: Take): void {
    // Kernels read and write whole panels of 32 of the last row.
    const bytes = 4 * (size * this.stride + LINE);
    this.y = take(bytes);
    this.slope = take(bytes);
    this.delta = take(bytes);
    this.mask = this.dropout > 0 ? take(bytes) : 0;
  }
}
