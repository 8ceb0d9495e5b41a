/**
 * The connection to a wide layer (kernels/connection.ts). To outputs of hard sigmoids it drives only those that may
 * move: not those that the mask drops, and not those at rest, at zero on a drive that must still be below it. A
 * network that settles leaves one output in ten. The states are the same.
 */
import type { Compute } from '../compute/compute.js';
import { BLOCKS, PANEL, padded, DRIVE_ROOM, ROWS } from '../compute/kernels.js';
import type { Parameters } from '../bricks/parameters.js';
import { Room } from '../bricks/room.js';
import type { Connection, Influence } from './connection.js';
import { Path } from './path.js';
import type { Layer } from './layer.js';

/** Up to this share of outputs that move, both ways are one pass over the weights. */
const FEW = 0.25;

/** What the `driveUp` kernel does with outputs at rest. */
const rest = { unknown: 0, first: 1, known: 2 };

export class WideConnection implements Connection {
  /** How far the layer below has gone, where outputs can be at rest. */
  readonly path: Path | undefined;
  readonly #compute: Compute;
  readonly #parameters: Parameters;
  readonly #below: Layer;
  readonly #above: Layer;
  /** |W[i]|, and for which outputs it is not known since the weights changed. */
  readonly #norms: number;
  readonly #changed: number;
  #stale = true;
  /** All values below are zero. */
  #silent = false;
  /** See the `driveUp` kernel. */
  #rateAlong = 0;
  #key = 0;
  #lists = 0;
  #counts = 0;
  /** For every ROWS outputs and item, how many were computed last. */
  #computed = 0;
  #room = 0;
  /** For the `driveBoth` kernel: every item's outputs that move, and sums for them. */
  #moving = 0;
  #movingCounts = 0;
  #blocks = 0;
  /** Whether that was used last. */
  #droveBoth = false;
  readonly #memory: Room;

  constructor(compute: Compute, parameters: Parameters, below: Layer, above: Layer, canRest: boolean) {
    this.#compute = compute;
    this.#memory = new Room(compute);
    this.#parameters = parameters;
    this.#below = below;
    this.#above = above;
    this.path = canRest ? new Path(compute, below) : undefined;
    this.#norms = compute.allocate(4 * above.stride);
    this.#changed = compute.allocate(4 * above.stride);
    this.forget();
  }

  /** The states were put where they are, all at zero if `silent`. */
  begin(silent: boolean): void {
    this.#silent = silent;
    this.path?.end();
  }

  /** After a move of the layer below. */
  moved(size: number): void {
    this.#silent = false;
    this.path?.moved(size);
  }

  /** Share of the outputs of these items whose drive was computed last; the others are at rest. */
  computedShare(size: number): number {
    if (this.#silent) return 0;
    const { stride } = this.#above;
    const computed = this.#droveBoth
      ? this.#compute.i32(this.#movingCounts, size)
      : this.#compute.i32(this.#computed, (size * padded(stride, ROWS)) / ROWS);
    return computed.reduce((sum, count) => sum + count, 0) / (size * stride);
  }

  /** All weights may have changed. */
  forget(): void {
    this.#compute.i32(this.#changed, this.#above.stride).fill(1);
    this.#stale = true;
  }

  driveUp(size: number, { mask, target, beta }: Influence): void {
    const compute = this.#compute;
    const { path } = this;
    const { rho, stride: inputStride } = this.#below;
    const { s, drive, stride } = this.#above;
    const { weights, bias } = this.#parameters;
    if (this.#silent) {
      compute.run('copyRows', { from: bias, fromStride: 0, to: drive, batch: size, stride });
      return;
    }
    if (path && this.#stale) {
      compute.run('connectionNorms', {
        weights,
        norms: this.#norms,
        changed: this.#changed,
        inputStride,
        stride,
      });
      compute.i32(this.#changed, stride).fill(0);
      this.#stale = false;
    }
    const isFirst = path?.v === 0;
    if (isFirst) path.begin(size);
    const { along = 0, aside = 0, reach = 0 } = path ?? {};
    compute.run('driveUp', {
      h: rho,
      weights,
      bias,
      z: drive,
      y: s,
      mask,
      d: target,
      norms: this.#norms,
      rateAlong: this.#rateAlong,
      key: this.#key,
      along,
      aside,
      reach,
      counts: this.#computed,
      room: this.#room,
      batch: size,
      inputStride,
      stride,
      beta,
      rest: path ? (isFirst ? rest.first : rest.known) : rest.unknown,
    });
  }

  driveBoth(size: number, influence: Influence): void {
    const total = this.path?.v ? this.#listMoving(size, influence) : Infinity;
    this.#droveBoth = total <= FEW * size * this.#above.stride;
    if (!this.#droveBoth) {
      this.driveUp(size, influence);
      this.driveDown(size);
      return;
    }
    const compute = this.#compute;
    const { rho: h, feedback, stride: inputStride } = this.#below;
    const { rho: y, drive, stride } = this.#above;
    const { weights, bias } = this.#parameters;
    const { along, aside } = this.path as Path;
    compute.run('driveBoth', {
      moving: this.#moving,
      counts: this.#movingCounts,
      y,
      h,
      weights,
      below: feedback,
      blocks: this.#blocks,
      room: this.#room,
      batch: size,
      inputStride,
      stride,
      total,
    });
    compute.run('driveUpFromBlocks', {
      moving: this.#moving,
      movingCounts: this.#movingCounts,
      blocks: this.#blocks,
      bias,
      z: drive,
      norms: this.#norms,
      rateAlong: this.#rateAlong,
      key: this.#key,
      along,
      aside,
      batch: size,
      stride,
      total,
    });
  }

  /** Lists the outputs that may move, and answers how many they are. */
  #listMoving(size: number, { mask, target, beta }: Influence): number {
    const compute = this.#compute;
    const { s, stride } = this.#above;
    const { along, reach } = this.path as Path;
    compute.run('listMoving', {
      y: s,
      mask,
      d: target,
      norms: this.#norms,
      rateAlong: this.#rateAlong,
      key: this.#key,
      along,
      reach,
      lists: this.#moving,
      counts: this.#movingCounts,
      batch: size,
      stride,
      beta,
    });
    return compute.i32(this.#movingCounts, size).reduce((sum, count) => sum + count, 0);
  }

  /** The outputs that are not zero. */
  #listNonZeros(size: number): { lists: number; counts: number } {
    const { rho, stride } = this.#above;
    this.#compute.run('listNonZeros', {
      x: rho,
      batch: size,
      width: stride,
      stride,
      lists: this.#lists,
      counts: this.#counts,
      capacity: stride,
    });
    return { lists: this.#lists, counts: this.#counts };
  }

  driveDown(size: number): void {
    const { feedback, stride: inputStride } = this.#below;
    const { stride } = this.#above;
    this.#compute.run('driveDown', {
      ...this.#listNonZeros(size),
      weights: this.#parameters.weights,
      below: feedback,
      batch: size,
      inputStride,
      stride,
    });
  }

  learn(size: number, delta: number, h: number, weights: number, bias: number, factor: number): void {
    const { stride: inputStride } = this.#below;
    const { stride } = this.#above;
    this.#compute.run('listItems', {
      values: delta,
      batch: size,
      stride,
      unit: 4 * PANEL,
      lists: this.#lists,
      counts: this.#counts,
    });
    this.#compute.run('connect', {
      lists: this.#lists,
      counts: this.#counts,
      h,
      weights,
      bias,
      room: this.#room,
      batch: size,
      inputStride,
      stride,
      factor,
    });
    if (weights !== this.#parameters.weights) {
      // A gradient, with which the optimiser is going to change all.
      this.forget();
      return;
    }
    const changed = this.#compute.i32(this.#changed, stride);
    const counts = this.#compute.i32(this.#counts, stride);
    for (let i = 0; i < stride; i++) changed[i] |= counts[i];
    this.#stale = true;
  }

  reserve(size: number): void {
    this.path?.reserve(size);
    const { stride } = this.#above;
    this.#memory.reserve(size, (capacity, take) => {
      const few = Math.ceil(FEW * capacity * stride);
      this.#rateAlong = take(4 * capacity * stride);
      this.#key = take(4 * capacity * stride);
      this.#lists = take(8 * capacity * stride);
      this.#counts = take(4 * Math.max(capacity, stride));
      this.#computed = take((4 * capacity * padded(stride, ROWS)) / ROWS);
      this.#room = take(4 * this.#compute.threads * Math.max(capacity * DRIVE_ROOM, 8 * few));
      this.#moving = take(4 * capacity * stride);
      this.#movingCounts = take(4 * capacity);
      this.#blocks = take(4 * BLOCKS * few);
    });
  }
}
