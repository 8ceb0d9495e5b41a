/** Outputs in compute memory as a target rule sees them, and the way of its target back into memory. */
import type { Compute } from '../compute/compute.js';
import { padded } from '../compute/kernels.js';
import type { Outputs, TargetRule } from '../../learner/learner.js';
import { readRows, writeRows } from './rows.js';
import { WinnersTakeAll } from './winnersTakeAll.js';

export class OutputRows {
  readonly #compute: Compute;
  readonly #width: number;
  readonly #stride: number;
  readonly #contest: WinnersTakeAll;

  /** Of rows of `width` values, padded to whole cache lines. */
  constructor(compute: Compute, width: number) {
    this.#compute = compute;
    this.#width = width;
    this.#stride = padded(width);
    this.#contest = new WinnersTakeAll(compute);
  }

  /** The rows at `y`. */
  read(y: number, size: number): Outputs {
    return { size, width: this.#width, values: this.#values(y, size) };
  }

  /** Has `rule` write the target of the rows at `y`, dropped by the mask at `mask` unless that is 0, to rows at `target`. */
  writeTarget(rule: TargetRule, y: number, mask: number, size: number, target: number): void {
    const [width, stride] = [this.#width, this.#stride];
    const isWhole = width === stride;
    const d = isWhole ? this.#values(target, size) : new Float32Array(size * width);
    rule.write(
      {
        ...this.read(y, size),
        mask: mask ? this.#values(mask, size) : undefined,
        winnersTakeAll: (to, contest) => {
          const sums = this.#contest.run({ y, mask, d: target, size, width, stride }, contest);
          if (to !== d || !isWhole) to.set(this.#values(target, size));
          return sums;
        },
      },
      d,
    );
    if (!isWhole) writeRows(this.#compute, target, d, size, width, stride);
  }

  #values(address: number, size: number): Float32Array {
    return readRows(this.#compute, address, size, this.#width, this.#stride);
  }
}
