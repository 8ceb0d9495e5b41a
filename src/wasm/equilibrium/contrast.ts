/**
 * Learning from the difference between two settled states (docs/explanation/equilibrium.md):
 *   W_l += rate / (beta B) (rho(s_{l-1}')^T rho(s_l') - rho(s_{l-1})^T rho(s_l)),
 * where the primed states are those at a nudge beta higher. Kernels take minus this direction as the gradient.
 */
import type { Compute } from '../compute/compute.js';
import { LINE, PANEL, padded } from '../compute/kernels.js';
import type { Parameters } from '../bricks/parameters.js';
import { Room } from '../bricks/room.js';
import type { Layer } from './layer.js';
import type { Settling } from './settling.js';

/** Buffers beside those of a layer of states, for up to `capacity` items. */
interface Memory {
  /** rho(s) of the state that is compared with. */
  from: number;
  /** s of the free state, where it is gone back to. */
  free: number;
  /** A difference, as the gradient by the drive. */
  delta: number;
}

export class Contrast {
  readonly #compute: Compute;
  readonly #settling: Settling;
  readonly #parameters: readonly Parameters[];
  readonly #memory: Memory[];
  /** Where a bias's gradient goes that is counted elsewhere. */
  readonly #noBias: number;
  readonly #room: Room;
  /** Whether the difference of layer 1 is known already. */
  #isKnown = false;

  constructor(compute: Compute, settling: Settling, parameters: readonly Parameters[]) {
    this.#compute = compute;
    this.#room = new Room(compute);
    this.#settling = settling;
    this.#parameters = parameters;
    const { layers } = settling;
    this.#memory = layers.map(() => ({ from: 0, free: 0, delta: 0 }));
    this.#noBias = compute.allocate(4 * padded(Math.max(...layers.map(({ width }) => width)), PANEL));
  }

  /** Keeps the states as they are, to compare with. */
  keep(size: number): void {
    this.#eachState((layer, memory) => this.#copy(layer.rho, memory.from, size, layer));
  }

  /** Keeps the states as they are, to go back to. */
  keepFree(size: number): void {
    this.#eachState((layer, memory) => this.#copy(layer.s, memory.free, size, layer));
  }

  backToFree(size: number): void {
    this.#eachState((layer, memory, l) => {
      this.#copy(memory.free, layer.s, size, layer);
      this.#settling.refresh(l);
    });
  }

  /** rho of the top layer in the states that were kept to compare with. */
  get keptTop(): number {
    return this.#memory[this.#settling.top].from;
  }

  /** {@link Settling.nudge}, to learn from it: answers whether nothing has to settle for that. */
  nudge(size: number, steps: number, beta: number, lineLoss: number): boolean {
    this.#isKnown = this.#settling.nudge(steps, beta, 1 / (beta * size), this.#memory[1].delta, lineLoss);
    return this.#isKnown;
  }

  /** Learns from the step of the states from those that were kept to those of now, a difference of `beta` apart. */
  learn(size: number, beta: number, rates: readonly number[], optimiser: number, updates: number): void {
    const compute = this.#compute;
    const factor = 1 / (beta * size);
    for (let l = this.#settling.top; l > 0; l--) {
      const { rho, stride } = this.#settling.layers[l];
      const { from, delta } = this.#memory[l];
      const rate = rates[l - 1];
      if (l === 1) {
        if (!this.#isKnown)
          compute.run('contrast', { a: from, b: rho, difference: delta, batch: size, stride, factor });
        // The input is the same in both states.
        this.#settling.input.learn(this.#settling.layers[0].s, delta, size, { rate, optimiser, updates });
        continue;
      }
      // rho'^T rho' - rho^T rho in two products: what changed above times what was below, and the reverse.
      const below = this.#settling.layers[l - 1];
      const kept = this.#memory[l - 1];
      const { weights, bias } = this.#parameters[l - 1].destination(rate);
      const sign = this.#parameters[l - 1].destination(rate).factor;
      const connection = this.#settling.connections[l];
      compute.run('contrast', { a: from, b: rho, difference: delta, batch: size, stride, factor });
      connection?.learn(size, delta, kept.from, weights, bias, sign);
      compute.run('contrast', {
        a: kept.from,
        b: below.rho,
        difference: kept.delta,
        batch: size,
        stride: below.stride,
        factor,
      });
      connection?.learn(size, rho, kept.delta, weights, this.#noBias, sign);
      this.#parameters[l - 1].apply(optimiser, rate, updates);
    }
  }

  #eachState(use: (layer: Layer, memory: Memory, l: number) => void): void {
    for (let l = 1; l <= this.#settling.top; l++) use(this.#settling.layers[l], this.#memory[l], l);
  }

  #copy(from: number, to: number, size: number, { stride }: Layer): void {
    this.#compute.run('copyRows', { from, fromStride: stride, to, batch: size, stride });
  }

  /** Makes room for batches of `size`. */
  reserve(size: number): void {
    // An update that waits needs the difference where it is.
    if (!this.#room.fits(size)) this.#parameters[0].flush();
    this.#room.reserve(size, (capacity, take) => {
      this.#settling.layers.forEach(({ stride }, l) => {
        const memory = this.#memory[l];
        for (const field of ['from', 'free', 'delta'] as const)
          memory[field] = take(4 * (capacity * stride + LINE));
      });
    });
  }
}
