/** The competition within a map that the published networks for CIFAR-10 have as activation (kernels/competition.ts). */
import type { Compute } from '../compute/compute.js';
import { LINE } from '../compute/kernels.js';
import type { MapShape } from './convolution.js';
import type { Layer } from './layer.js';
import type { Take, Values } from './values.js';

export class CompetitionLayer implements Layer {
  readonly #compute: Compute;
  readonly #below: Values;
  readonly #above: Values;
  readonly #shape: readonly [positions: number, channels: number, stride: number];
  /** The values after the competition of positions, before that of channels. */
  #first = 0;

  constructor(compute: Compute, below: Values, above: Values, { height, width, channels }: MapShape) {
    this.#compute = compute;
    this.#below = below;
    this.#above = above;
    this.#shape = [height * width, channels, below.stride];
  }

  reserve(size: number, take: Take): void {
    this.#first = take(4 * (size * this.#below.stride + LINE));
  }

  forward(size: number): void {
    this.#compute.run('compete', this.#below.y, this.#first, this.#above.y, size, ...this.#shape);
  }

  backward(size: number): void {
    const { slope, delta } = this.#below;
    const above = this.#above;
    this.#compute.run(
      'competeBackward',
      above.delta,
      above.y,
      this.#first,
      slope,
      delta,
      size,
      ...this.#shape,
    );
  }
}
