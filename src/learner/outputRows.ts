/** Outputs in compute memory as a target rule sees them, and the way of its target back into memory. */
import type { Compute } from '../compute/compute.js';
import { padded } from '../compute/kernels.js';
import type { Outputs, TargetRule } from './learner.js';
import { readRows, writeRows } from './rows.js';
import { WinnerSearch } from './winnerSearch.js';

export class OutputRows {
  readonly #compute: Compute;
  readonly #width: number;
  readonly #stride: number;
  readonly #winners: WinnerSearch;

  /** Of rows of `width` values, padded to whole cache lines. */
  constructor(compute: Compute, width: number) {
    this.#compute = compute;
    this.#width = width;
    this.#stride = padded(width);
    this.#winners = new WinnerSearch(compute);
  }

  /** The rows at `y`, and their dropout mask at `mask` unless that is 0. */
  read(y: number, size: number, mask = 0): Outputs {
    const [width, stride] = [this.#width, this.#stride];
    return {
      size,
      width,
      values: readRows(this.#compute, y, size, width, stride),
      mask: mask ? readRows(this.#compute, mask, size, width, stride) : undefined,
      winners: (count, homeostasis) => this.#winners.find(y, size, width, stride, count, homeostasis),
    };
  }

  /** Has `rule` write the target of `outputs` to rows at `target`. */
  writeTarget(rule: TargetRule, outputs: Outputs, target: number): void {
    const { size, width } = outputs;
    if (width === this.#stride) {
      rule.write(outputs, this.#compute.f32(target, size * width));
      return;
    }
    const values = new Float32Array(size * width);
    rule.write(outputs, values);
    writeRows(this.#compute, target, values, size, width, this.#stride);
  }

  /** Gives all memory back. */
  dispose(): void {
    this.#winners.dispose();
  }
}
