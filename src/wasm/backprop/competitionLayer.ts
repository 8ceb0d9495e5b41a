/** The competition within a map that the published networks for CIFAR-10 have as activation (kernels/competition.ts). */
import type { Compute } from '../compute/compute.js';
import { LINE } from '../compute/kernels.js';
import type { MapShape } from './convolution.js';
import type { Layer } from './layer.js';
import type { Take } from '../bricks/room.js';
import type { Values } from './values.js';

export class CompetitionLayer implements Layer {
  readonly #compute: Compute;
  readonly #below: Values;
  readonly #above: Values;
  readonly #shape: { readonly positions: number; readonly channels: number; readonly stride: number };
  /** The values after the competition of positions, before that of channels. */
  #first = 0;

  constructor(compute: Compute, below: Values, above: Values, { height, width, channels }: MapShape) {
    this.#compute = compute;
    this.#below = below;
    this.#above = above;
    this.#shape = { positions: height * width, channels, stride: below.stride };
  }

  reserve(size: number, take: Take): void {
    this.#first = take(4 * (size * this.#below.stride + LINE));
  }

  forward(size: number): void {
    this.#compute.run('compete', {
      x: this.#below.y,
      first: this.#first,
      y: this.#above.y,
      batch: size,
      ...this.#shape,
    });
  }

  backward(size: number): void {
    const { slope, delta } = this.#below;
    const above = this.#above;
    this.#compute.run('competeBackward', {
      delta: above.delta,
      y: above.y,
      first: this.#first,
      slope,
      below: delta,
      batch: size,
      ...this.#shape,
    });
  }
}
