/**
 * A fully connected layer on the network's input, which is mostly zeros. There is nothing below, so it passes no signal
 * down.
 */
import type { Compute } from '../compute/compute.js';
import { InputConnection } from '../bricks/inputConnection.js';
import { type Optimizer, Parameters, type Update } from '../bricks/parameters.js';
import type { Layer } from './layer.js';
import type { Take } from '../bricks/room.js';
import type { Values } from './values.js';

export class SparseLayer implements Layer {
  readonly parameters: Parameters;
  readonly #connection: InputConnection;
  readonly #below: Values;
  readonly #above: Values;

  constructor(
    compute: Compute,
    name: string,
    below: Values,
    above: Values,
    optimizer: Optimizer,
    optimisers: number,
  ) {
    this.#below = below;
    this.#above = above;
    this.parameters = new Parameters(
      ...([compute, name, below.width, above.width, 'panels', optimizer, optimisers] as const),
    );
    this.#connection = new InputConnection(compute, this.parameters);
  }

  reserve(size: number, take: Take): void {
    this.#connection.reserve(size, take);
  }

  forward(size: number): void {
    this.#connection.forward(this.#below.y, this.#above.y, size);
  }

  backward(size: number, update: Update): void {
    this.#connection.learn(this.#below.y, this.#above.delta, size, update);
  }
}
