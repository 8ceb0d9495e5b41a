/** The target of supervised learning: the label. */
import type { Outputs, StepContext } from '../learner/learner.js';
import type { RuleDescription, TargetRule } from '../learner/rule.js';

export class LabelTarget implements TargetRule {
  readonly #labels: ArrayLike<number>;
  readonly #classes: number;
  readonly #smoothing: number;

  /**
   * With N outputs, each of `classes` owns N / classes neighbouring outputs, all 1 for its items.
   *
   * @param labels the class index of every item of the data that is trained on
   * @param smoothing s in [0, 1), as that of the self-defined target with one winner
   * @throws RangeError when `classes` or `smoothing` is out of range
   */
  constructor(labels: ArrayLike<number>, classes: number, smoothing = 0) {
    if (!(Number.isInteger(classes) && classes >= 1)) {
      throw new RangeError(`classes must be a whole number of at least 1, not ${classes}`);
    }
    if (!(smoothing >= 0 && smoothing < 1)) {
      throw new RangeError(`smoothing must be in [0, 1), not ${smoothing}`);
    }
    this.#labels = labels;
    this.#classes = classes;
    this.#smoothing = smoothing;
  }

  /** Throws a RangeError when the classes cannot share the outputs evenly. */
  fits(outputs: number): void {
    if (outputs % this.#classes === 0) return;
    throw new RangeError(`${outputs} outputs cannot be shared evenly by ${this.#classes} classes`);
  }

  write(y: Outputs, d: Float32Array, { indices }: StepContext): void {
    this.fits(y.width);
    const owned = y.width / this.#classes;
    if (indices?.length !== y.size) {
      throw new RangeError(
        `a label target needs the indices of the ${y.size} items in the step's context, not ${indices?.length ?? 'none'}`,
      );
    }
    const base = this.#smoothing / y.width;
    d.fill(base);
    for (let b = 0; b < y.size; b++) {
      const label = this.#labels[indices[b]];
      if (!(label >= 0 && label < this.#classes)) {
        throw new RangeError(`item ${indices[b]} has no label, so it has no target`);
      }
      const from = b * y.width + label * owned;
      d.fill(1 - this.#smoothing + base, from, from + owned);
    }
    if (y.mask) for (let j = 0; j < d.length; j++) d[j] *= y.mask[j];
  }

  describe(): RuleDescription {
    return { kind: 'labels', classes: this.#classes, smoothing: this.#smoothing };
  }
}
