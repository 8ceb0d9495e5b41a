/** The target of supervised learning: the label. */
import type { Outputs, TargetRule } from '../learner/learner.js';

export class LabelTarget implements TargetRule {
  /** Class indices of the batch that comes next, one per item. */
  labels: ArrayLike<number> = [];
  readonly #classes: number;
  readonly #smoothing: number;

  /**
   * With N outputs, each of `classes` owns N / classes neighbouring outputs, all 1 for its items. Smoothing s
   * in [0, 1) is that of the self-defined target with one winner.
   */
  constructor(classes: number, smoothing = 0) {
    this.#classes = classes;
    this.#smoothing = smoothing;
  }

  write(y: Outputs, d: Float32Array): void {
    const owned = y.width / this.#classes;
    if (!Number.isInteger(owned)) {
      throw new RangeError(`${y.width} outputs cannot be shared out evenly among ${this.#classes} classes`);
    }
    const base = this.#smoothing / y.width;
    d.fill(base);
    for (let b = 0; b < y.size; b++) {
      const label = this.labels[b];
      if (!(label >= 0 && label < this.#classes))
        throw new RangeError(`an item without a label cannot be its own target`);
      const from = b * y.width + label * owned;
      d.fill(1 - this.#smoothing + base, from, from + owned);
    }
    if (y.mask) for (let j = 0; j < d.length; j++) d[j] *= y.mask[j];
  }
}
