/**
 * A wide fully connected layer above another layer, trained by Adam: signal, gradient and update are one pass over
 * the weights, which no gradient is ever stored for (kernels/tiles.ts).
 */
import type { Compute } from '../compute/compute.js';
import { TILE } from '../compute/kernels.js';
import { adamFactors, Parameters, type Update } from '../bricks/parameters.js';
import type { Layer } from './layer.js';
import type { Take } from '../bricks/room.js';
import type { Values } from './values.js';

export class TiledLayer implements Layer {
  readonly parameters: Parameters;
  readonly #compute: Compute;
  readonly #below: Values;
  readonly #above: Values;
  /** Tiles of the items' values and signals, a place for every thread. */
  #scratch = 0;
  /** The delta, with the items of four outputs together. */
  #packed = 0;

  constructor(compute: Compute, name: string, below: Values, above: Values, optimisers: number) {
    this.#compute = compute;
    this.#below = below;
    this.#above = above;
    this.parameters = new Parameters(compute, name, below.width, above.width, 'tiles', 'adam', optimisers);
  }

  reserve(size: number, take: Take): void {
    this.#scratch = take(4 * this.#compute.threads * size * 2 * TILE);
    this.#packed = take(4 * size * this.#above.stride);
  }

  forward(size: number): void {
    const { weights, bias } = this.parameters;
    const [below, above] = [this.#below, this.#above];
    this.#compute.run('forwardTiles', {
      x: below.y,
      weights,
      bias,
      z: above.y,
      scratch: this.#scratch,
      batch: size,
      inputStride: below.stride,
      stride: above.stride,
    });
  }

  backward(size: number, { optimiser, rate, updates }: Update): void {
    const { y, slope, delta, stride: inputStride } = this.#below;
    const { delta: from, stride } = this.#above;
    const { weights, bias } = this.parameters;
    const { first, second } = this.parameters.moments(optimiser);
    this.#compute.run('packQuads', { delta: from, packed: this.#packed, batch: size, stride });
    this.#compute.run('adamTiles', {
      packed: this.#packed,
      x: y,
      weights,
      first: first.weights,
      second: second.weights,
      bias,
      biasFirst: first.bias,
      biasSecond: second.bias,
      slope,
      below: delta,
      scratch: this.#scratch,
      batch: size,
      inputStride,
      stride,
      ...adamFactors(rate, updates),
    });
  }
}
