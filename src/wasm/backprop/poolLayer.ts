/** A pooling (kernels/pool.ts): nothing to learn. */
import type { Compute } from '../compute/compute.js';
import { AVERAGE, LINE, MAX } from '../compute/kernels.js';
import type { ShapedBlock } from './convolution.js';
import type { Layer } from './layer.js';
import type { Take, Values } from './values.js';

export class PoolLayer implements Layer {
  readonly #compute: Compute;
  readonly #below: Values;
  readonly #above: Values;
  readonly #geometry: readonly [
    ...[height: number, width: number, channels: number, stride: number],
    ...[outHeight: number, outWidth: number, outStride: number],
    ...[size: number, step: number, padding: number, kind: number],
  ];
  /** Where in its window each largest value was. */
  #places = 0;

  constructor(
    compute: Compute,
    below: Values,
    above: Values,
    { convolved, output }: ShapedBlock,
    pool: NonNullable<ShapedBlock['pool']>,
  ) {
    this.#compute = compute;
    this.#below = below;
    this.#above = above;
    this.#geometry = [
      ...([convolved.height, convolved.width, convolved.channels, below.stride] as const),
      ...([output.height, output.width, above.stride] as const),
      ...([pool.size, pool.stride, pool.padding, pool.kind === 'max' ? MAX : AVERAGE] as const),
    ];
  }

  reserve(size: number, take: Take): void {
    this.#places = take(4 * (size * this.#above.stride + LINE));
  }

  forward(size: number): void {
    this.#compute.run('pool', this.#below.y, this.#above.y, this.#places, size, ...this.#geometry);
  }

  backward(size: number): void {
    const { slope, delta } = this.#below;
    const { delta: from } = this.#above;
    this.#compute.run('poolBackward', from, this.#places, slope, delta, size, ...this.#geometry);
  }
}
