/**
 * The weights from a network's input, which is mostly zeros, to its first layer: products and updates go by lists of the
 * non-zeros and touch only their weights (kernels/sparse.ts). An update by SGD waits for the product of the next items:
 * made together, weights come into a near cache once for both.
 */
import type { Compute } from '../compute/compute.js';
import { PANEL, padded, type Kernels } from '../compute/kernels.js';
import { adamFactors, type Parameters, type Update } from './parameters.js';

/** The non-zeros of each item. */
interface Lists {
  lists: number;
  counts: number;
}

export class InputConnection {
  readonly #compute: Compute;
  /** In panels. */
  readonly #parameters: Parameters;
  /** Of the items of the last product, and of those before them, whose update may still wait. */
  #now: Lists = { lists: 0, counts: 0 };
  #before: Lists = { lists: 0, counts: 0 };
  /** The items of each input that is not zero, and delta by panels. */
  #itemLists = 0;
  #itemCounts = 0;
  #packed = 0;
  /** Of every thread, how many panels of the last update had a delta that was mostly not zero. */
  #full = 0;
  #waiting: Kernels['updateSparse'] | undefined;
  /** Changes from one product to the next. */
  #backwards = false;

  constructor(compute: Compute, parameters: Parameters) {
    this.#compute = compute;
    this.#parameters = parameters;
  }

  get #stride(): number {
    return padded(this.#parameters.outputs);
  }

  /** z = x W^T + b for `size` items at `x`; rows of z are padded as everywhere. */
  forward(x: number, z: number, size: number): void {
    const compute = this.#compute;
    const { inputs, weights, bias } = this.#parameters;
    [this.#now, this.#before] = [this.#before, this.#now];
    const { lists, counts } = this.#now;
    compute.run('listNonZeros', {
      x,
      batch: size,
      width: inputs,
      stride: padded(inputs),
      lists,
      counts,
      capacity: inputs,
    });
    const waiting = this.#waiting;
    if (waiting) {
      const { destination, biasDestination, ...update } = waiting;
      this.#wait(undefined);
      this.#backwards = !this.#backwards;
      compute.run('updateAndForwardSparse', {
        ...update,
        weights: destination,
        bias: biasDestination,
        nextLists: lists,
        nextCounts: counts,
        z,
        nextBatch: size,
        backwards: this.#backwards,
      });
      return;
    }
    compute.run('forwardSparse', {
      lists,
      counts,
      capacity: inputs,
      weights,
      bias,
      z,
      batch: size,
      inputs,
      stride: this.#stride,
    });
  }

  /**
   * Learns from `delta`, dLoss/dz of the items of the last product, which are still at `x`. With SGD the update waits: `delta`
   * must stay as it is until the next product, or until {@link Parameters.settle}.
   */
  learn(x: number, delta: number, size: number, { rate, optimiser, updates }: Update): void {
    const compute = this.#compute;
    const parameters = this.#parameters;
    const { inputs } = parameters;
    const stride = this.#stride;
    const isAdam = parameters.optimizer === 'adam';
    // A single item has nothing to sum up.
    const isListed =
      isAdam || (size > 1 && compute.i32(this.#full, compute.threads).some((panels) => panels > 0));
    if (isListed) {
      compute.run('listItems', {
        values: x,
        batch: size,
        stride: padded(inputs),
        unit: 4 * PANEL,
        lists: this.#itemLists,
        counts: this.#itemCounts,
      });
    }
    if (isAdam) {
      const { weights, bias } = parameters;
      const { first, second } = parameters.moments(optimiser);
      compute.run('adamSparse', {
        lists: this.#itemLists,
        counts: this.#itemCounts,
        delta,
        packed: this.#packed,
        weights,
        first: first.weights,
        second: second.weights,
        bias,
        biasFirst: first.bias,
        biasSecond: second.bias,
        batch: size,
        inputs,
        stride,
        ...adamFactors(rate, updates),
      });
      return;
    }
    const { lists, counts } = this.#now;
    const to = parameters.destination(rate);
    this.#wait({
      lists,
      counts,
      capacity: inputs,
      itemLists: isListed ? this.#itemLists : 0,
      itemCounts: this.#itemCounts,
      delta,
      packed: this.#packed,
      full: this.#full,
      destination: to.weights,
      biasDestination: to.bias,
      batch: size,
      inputs,
      stride,
      factor: to.factor,
    });
  }

  #wait(update: Kernels['updateSparse'] | undefined): void {
    this.#waiting = update;
    this.#parameters.defer(
      update &&
        (() => {
          this.#waiting = undefined;
          this.#compute.run('updateSparse', update);
        }),
    );
  }

  /** Room for batches of up to `size` items, instead of what there was; nothing must be waiting. */
  reserve(size: number, take: (bytes: number) => number): void {
    const { inputs } = this.#parameters;
    for (const of of [this.#now, this.#before]) {
      of.lists = take(8 * size * inputs);
      of.counts = take(4 * size);
    }
    this.#itemLists = take(8 * size * padded(inputs));
    this.#itemCounts = take(4 * padded(inputs));
    this.#packed = take(4 * size * padded(this.#stride, PANEL));
    this.#full = take(4 * this.#compute.threads);
    // As it is before anything is known of it.
    this.#compute.i32(this.#full, 1).fill(1);
  }
}
