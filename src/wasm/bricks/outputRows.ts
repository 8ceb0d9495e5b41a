/** Outputs in compute memory as a rule sees them, and the way of its target or gradient back into memory. */
import type { MaybePromise, Outputs, StepContext } from '../../learner/learner.js';
import { isOutputLoss, type LearningRule } from '../../learner/rule.js';
import type { Compute } from '../compute/compute.js';
import { padded } from '../compute/kernels.js';
import { readRows, writeRows } from './rows.js';
import { LargestSelection } from './selection.js';

/** Addresses of rows: outputs, their dropout mask (0 for none), and where the target or gradient goes. */
export interface AskedRows {
  readonly y: number;
  readonly mask: number;
  readonly size: number;
  readonly target: number;
}

/** What a rule wrote. */
export interface Written {
  /** The loss, where it wrote the gradient of one. */
  readonly loss?: number | undefined;
  /** A weight for every item, where it gave a target with weights. */
  readonly weights?: Float32Array | undefined;
}

export class OutputRows {
  readonly #compute: Compute;
  readonly #width: number;
  readonly #stride: number;
  /** p of the output mask. */
  readonly #maskRate: number;
  readonly #selection: LargestSelection;

  /** Of rows of `width` values, padded to whole cache lines. */
  constructor(compute: Compute, width: number, maskRate: number) {
    this.#compute = compute;
    this.#width = width;
    this.#stride = padded(width);
    this.#maskRate = maskRate;
    this.#selection = new LargestSelection(compute);
  }

  /** The rows at `y`. */
  read(y: number, size: number): Outputs {
    return { size, width: this.#width, values: this.#values(y, size) };
  }

  /** Has `rule` write the target, or the gradient, of these rows. */
  ask(rule: LearningRule, rows: AskedRows, at: StepContext): MaybePromise<Written> {
    const { y, mask, size, target } = rows;
    const [width, stride] = [this.#width, this.#stride];
    const isWhole = width === stride;
    const d = isWhole ? this.#values(target, size) : new Float32Array(size * width);
    const outputs: Outputs = {
      size,
      width,
      values: this.#values(y, size),
      mask: mask ? this.#values(mask, size) : undefined,
      maskRate: mask ? this.#maskRate : undefined,
      offers: {
        selectLargest: (to, selection) => {
          const sums = this.#selection.run({ y, mask, d: target, size, width, stride }, selection);
          if (to !== d || !isWhole) to.set(this.#values(target, size));
          return sums;
        },
      },
    };
    const finish = (written: Written): Written => {
      // Memory may have grown while an asynchronous rule was waited for, which detaches nothing, as it is shared.
      if (!isWhole) writeRows(this.#compute, target, d, size, width, stride);
      return written;
    };
    if (isOutputLoss(rule)) {
      const loss = rule.gradient(outputs, d, at);
      return loss instanceof Promise
        ? loss.then((later) => finish({ loss: expectLoss(later) }))
        : finish({ loss: expectLoss(loss) });
    }
    // An arrow function easily returns the target that it filled.
    const weightsIn = (answer: Float32Array | void) =>
      answer === d ? undefined : expectWeights(answer, size);
    const answer = rule.write(outputs, d, at);
    return answer instanceof Promise
      ? answer.then((later) => finish({ weights: weightsIn(later) }))
      : finish({ weights: weightsIn(answer) });
  }

  #values(address: number, size: number): Float32Array {
    return readRows(this.#compute, address, size, this.#width, this.#stride);
  }
}

/** Not finite is for the regime to see. */
function expectLoss(loss: unknown): number {
  if (typeof loss === 'number') return loss;
  throw new TypeError(`an output loss must return its loss, a number, not ${loss}`);
}

function expectWeights(weights: Float32Array | void, size: number): Float32Array | undefined {
  if (!weights) return undefined;
  if (weights.length !== size) {
    throw new RangeError(
      `a rule must weigh each of the ${size} items, but it returned ${weights.length} weights`,
    );
  }
  const wrong = weights.find((weight) => !(weight >= 0 && weight < Infinity));
  if (wrong !== undefined)
    throw new RangeError(`an item's weight must be a number of at least 0, not ${wrong}`);
  return weights;
}
