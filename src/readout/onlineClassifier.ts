/**
 * The linear readout, trained beside the network on the outputs of the very steps that train the network: elsewhere called an
 * online linear probe. It takes no pass over the data of its own, and nothing of it goes back into the network.
 */
import { BackpropNetwork } from '../wasm/backprop/network.js';
import type { Compute } from '../wasm/compute/compute.js';
import { UNLABELLED } from '../data/dataSet.js';
import { expectTensor, type Outputs, type TargetRule, type TensorMap } from '../learner/learner.js';
import { scheduleFactor } from '../learner/schedule.js';
import type { Pass } from '../regimes/training.js';
import { LabelTarget } from '../target/labelTarget.js';
import { type ClassifierOptions, classifierSpec } from './linearClassifier.js';
import type { Predictor } from './outputs.js';

export interface OnlineClassifierOptions extends ClassifierOptions {
  /** Outputs of the network (N). */
  readonly outputs: number;
  readonly classes: number;
  /** The network's output dropout, in [0, 1), which here serves as the classifier's. */
  readonly outputDropout: number;
  readonly seed: number;
}

/** What the names of its tensors begin with in a saved state. */
const PREFIX = 'classifier.';

export class OnlineClassifier {
  readonly #options: OnlineClassifierOptions;
  readonly #classifier: BackpropNetwork;
  readonly #rule: LabelTarget;
  readonly #batchSize: number;
  #steps = 0;
  /** Outputs that wait for their batch to fill, row after row, and their labels. */
  #waiting = new Float32Array(0);
  #labels: number[] = [];

  constructor(compute: Compute, options: OnlineClassifierOptions) {
    const { outputs, classes, seed, batchSize = 256 } = options;
    this.#options = options;
    this.#batchSize = batchSize;
    this.#classifier = new BackpropNetwork(
      compute,
      classifierSpec(outputs, classes, { ...options, dropout: 0 }),
      seed,
    );
    this.#rule = new LabelTarget(classes, options.labelSmoothing);
  }

  /**
   * Training with `rule`, watched: after every step the classifier has seen the step's outputs.
   *
   * @param labels one per item of the data; of those marked {@link UNLABELLED} nothing is learnt
   */
  watch(rule: TargetRule, labels: Int32Array): Pick<Pass, 'rule' | 'beforeStep' | 'afterStep'> {
    let batch: number[] = [];
    let seen: Outputs | undefined;
    return {
      rule: {
        write(y, d) {
          rule.write(y, d);
          seen = y;
        },
      },
      beforeStep: (indices) => {
        batch = Array.from(indices, (i) => labels[i]);
      },
      afterStep: (epoch, epochs) => {
        if (seen) this.#learn(seen, batch, scheduleFactor(this.#options.schedule, epoch, epochs));
      },
    };
  }

  #learn(y: Outputs, labels: readonly number[], rate: number): void {
    const { width } = y;
    const size = this.#batchSize;
    const most = (size + y.size) * width;
    if (this.#waiting.length < most) {
      const longer = new Float32Array(most);
      longer.set(this.#waiting);
      this.#waiting = longer;
    }
    // Dropped outputs are 0; the others grow as in any dropout, so that the sum is as large without it.
    const scale = y.mask ? 1 / (1 - this.#options.outputDropout) : 1;
    labels.forEach((label, b) => {
      if (label === UNLABELLED) return;
      let to = this.#labels.length * width;
      for (let from = b * width; from < (b + 1) * width; from++) this.#waiting[to++] = scale * y.values[from];
      this.#labels.push(label);
    });
    while (this.#labels.length >= size) {
      this.#rule.labels = this.#labels.splice(0, size);
      const values = this.#waiting.subarray(0, size * width);
      this.#classifier.step({ size, width, values }, this.#rule, { step: this.#steps++, rate });
      this.#waiting.copyWithin(0, size * width);
    }
  }

  /** `learner` with the classifier on top, whose outputs stand for the classes. */
  on(learner: Predictor): Predictor {
    return {
      outputs: this.#classifier.outputs,
      predict: async (x) => this.#classifier.predict(await learner.predict(x)),
    };
  }

  state(): TensorMap {
    const { outputs } = this.#options;
    const { length } = this.#labels;
    const state: TensorMap = new Map();
    for (const [name, tensor] of this.#classifier.state()) state.set(PREFIX + name, tensor);
    state.set(`${PREFIX}steps`, { shape: [1], data: Int32Array.of(this.#steps) });
    if (length === 0) return state;
    const data = this.#waiting.slice(0, length * outputs);
    state.set(`${PREFIX}waiting`, { shape: [length, outputs], data });
    state.set(`${PREFIX}labels`, { shape: [length], data: Int32Array.from(this.#labels) });
    return state;
  }

  /** Throws a StateError when names or shapes do not fit. */
  load(state: TensorMap): void {
    const { outputs } = this.#options;
    const [steps] = expectTensor(state, `${PREFIX}steps`, [1]).data;
    const labels = Array.from(state.get(`${PREFIX}labels`)?.data ?? []);
    const waiting =
      labels.length === 0
        ? undefined
        : expectTensor(state, `${PREFIX}waiting`, [labels.length, outputs]).data;
    const own = [...state].filter(([name]) => name.startsWith(PREFIX));
    this.#classifier.load(new Map(own.map(([name, tensor]) => [name.slice(PREFIX.length), tensor])));
    this.#steps = steps;
    this.#labels = labels;
    this.#waiting = Float32Array.from(waiting ?? []);
  }

  /** Gives its memory back. */
  dispose(): void {
    this.#classifier.dispose();
  }
}
