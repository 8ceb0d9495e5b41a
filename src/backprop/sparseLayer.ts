/**
 * A fully connected layer on the network's input, which is mostly zeros: it works on lists of the non-zeros and
 * touches only their weights (kernels/sparse.ts). Nothing lies below, so it passes no signal down.
 */
import type { Compute } from '../compute/compute.js';
import { PANEL, padded } from '../compute/kernels.js';
import { adamFactors, type Optimizer, Parameters } from '../learner/parameters.js';
import type { Layer, Update } from './layer.js';
import type { Take, Values } from './values.js';

export class SparseLayer implements Layer {
  readonly parameters: Parameters;
  readonly #compute: Compute;
  readonly #below: Values;
  readonly #above: Values;
  /** The non-zeros of each item. */
  #lists = 0;
  #counts = 0;
  /** The items of each input, and delta by panels. */
  #itemLists = 0;
  #itemCounts = 0;
  #packed = 0;

  constructor(
    compute: Compute,
    name: string,
    below: Values,
    above: Values,
    optimizer: Optimizer,
    optimisers: number,
  ) {
    this.#compute = compute;
    this.#below = below;
    this.#above = above;
    this.parameters = new Parameters(
      ...([compute, name, below.width, above.width, 'panels', optimizer, optimisers] as const),
    );
  }

  reserve(size: number, take: Take): void {
    const below = this.#below;
    this.#lists = take(8 * size * below.width);
    this.#counts = take(4 * size);
    this.#itemLists = take(8 * below.stride * size);
    this.#itemCounts = take(4 * below.stride);
    this.#packed = take(4 * size * padded(this.#above.stride, PANEL));
  }

  forward(size: number): void {
    const { y, width, stride } = this.#below;
    const { weights, bias } = this.parameters;
    const lists = [this.#lists, this.#counts, width] as const;
    this.#compute.run('listNonZeros', y, size, width, stride, ...lists);
    this.#compute.run(
      'forwardSparse',
      ...([...lists, weights, bias, this.#above.y, size, width, this.#above.stride] as const),
    );
  }

  backward(size: number, update: Update): void {
    const below = this.#below;
    this.#compute.run(
      'listItems',
      ...([below.y, size, below.stride, 4 * PANEL, this.#itemLists, this.#itemCounts] as const),
    );
    if (this.parameters.optimizer === 'adam') this.#updateByAdam(size, update);
    else this.#updateBySgd(size, update);
  }

  #updateBySgd(size: number, { rate }: Update): void {
    const { width } = this.#below;
    const { delta, stride } = this.#above;
    const to = this.parameters.destination(rate);
    this.#compute.run(
      'updateSparse',
      ...([this.#lists, this.#counts, width, this.#itemLists, this.#itemCounts] as const),
      ...([delta, this.#packed, to.weights, to.bias, size, width, stride, to.factor] as const),
    );
  }

  #updateByAdam(size: number, { optimiser, rate, updates }: Update): void {
    const { delta, stride } = this.#above;
    const { weights, bias } = this.parameters;
    const { first, second } = this.parameters.moments(optimiser);
    this.#compute.run(
      'adamSparse',
      ...([this.#itemLists, this.#itemCounts, delta, this.#packed, weights] as const),
      ...([first.weights, second.weights, bias, first.bias, second.bias] as const),
      ...([size, this.#below.width, stride] as const),
      ...adamFactors(rate, updates),
    );
  }
}
