/** A learner that is none of ours: asynchronous, and all it knows is written down by the test. */
import type { DataSet } from '../../src/data/dataSet.js';
import type { Batch, Learner, Outputs, StepContext, StepReport } from '../../src/learner/learner.js';
import type { TensorMap } from '../../src/learner/tensors.js';
import { isOutputLoss, type LearningRule } from '../../src/learner/rule.js';

/** Answers every item with `answer(item)`, where an item is its first value times 256. */
export class TableLearner implements Learner {
  readonly inputs: number = 1;
  readonly outputs: number;
  readonly #rows: readonly (readonly number[])[];
  readonly steps: { items: number[]; at: StepContext; target: number[] }[] = [];
  /** The losses that steps report, the last one for ever. */
  losses: number[] = [0.5];

  constructor(rows: readonly (readonly number[])[]) {
    this.#rows = rows;
    this.outputs = rows[0].length;
  }

  async predict(x: Batch): Promise<Outputs> {
    await new Promise((resolve) => setTimeout(resolve, 0));
    return this.#answer(x);
  }

  async step(x: Batch, rule: LearningRule, at: StepContext): Promise<StepReport> {
    await new Promise((resolve) => setTimeout(resolve, 0));
    const target = new Float32Array(x.size * this.outputs);
    if (isOutputLoss(rule)) throw new Error('targets only');
    await rule.write(this.#answer(x), target, at);
    this.steps.push({ items: [...itemsOf(x)], at, target: [...target] });
    return { loss: this.losses[Math.min(this.steps.length, this.losses.length) - 1] };
  }

  state(): TensorMap {
    return new Map();
  }

  load(): void {}

  #answer(x: Batch): Outputs {
    const values = Float32Array.from([...itemsOf(x)].flatMap((item) => [...this.#rows[item]]));
    return { size: x.size, width: this.outputs, values };
  }
}

function itemsOf(x: Batch): Float32Array {
  return x.values.slice(0, x.size).map((v) => Math.round(v * 256));
}

/** As many items as labels; item i's only value is i / 256. */
export function numbered(labels: readonly number[], classes: number): DataSet {
  return {
    name: 'numbered',
    length: labels.length,
    shape: [1],
    width: 1,
    classes: Array.from({ length: classes }, (_, c) => `class ${c}`),
    labels: Int32Array.from(labels),
    read(index, out, offset) {
      out[offset] = index / 256;
    },
  };
}
