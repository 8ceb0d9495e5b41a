/** A pooling (kernels/pool.ts): nothing to learn. */
import type { Compute } from '../compute/compute.js';
import { AVERAGE, type Kernels, LINE, MAX } from '../compute/kernels.js';
import type { ShapedBlock } from './convolution.js';
import type { Layer } from './layer.js';
import type { Take } from '../bricks/room.js';
import type { Values } from './values.js';

export class PoolLayer implements Layer {
  readonly #compute: Compute;
  readonly #below: Values;
  readonly #above: Values;
  readonly #geometry: Omit<Kernels['pool'], 'x' | 'y' | 'places' | 'batch'>;
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
    this.#geometry = {
      height: convolved.height,
      width: convolved.width,
      channels: convolved.channels,
      stride: below.stride,
      outHeight: output.height,
      outWidth: output.width,
      outStride: above.stride,
      size: pool.size,
      step: pool.stride,
      padding: pool.padding,
      kind: pool.kind === 'max' ? MAX : AVERAGE,
    };
  }

  reserve(size: number, take: Take): void {
    this.#places = take(4 * (size * this.#above.stride + LINE));
  }

  forward(size: number): void {
    this.#compute.run('pool', {
      x: this.#below.y,
      y: this.#above.y,
      places: this.#places,
      batch: size,
      ...this.#geometry,
    });
  }

  backward(size: number): void {
    const { slope, delta } = this.#below;
    const { delta: from } = this.#above;
    this.#compute.run('poolBackward', {
      delta: from,
      places: this.#places,
      slope,
      below: delta,
      batch: size,
      ...this.#geometry,
    });
  }
}
