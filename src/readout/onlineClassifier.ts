/**
 * The linear readout, trained beside the network on the outputs of the very steps that train the network: elsewhere called an
 * online linear probe. It takes no pass over the data of its own, and nothing of it goes back into the network.
 */
import { UNLABELLED } from '../data/dataSet.js';
import type { Learner, MaybePromise, Outputs, StepContext } from '../learner/learner.js';
import { expectTensor, type TensorMap } from '../learner/tensors.js';
import type { TargetRule } from '../learner/rule.js';
import { scheduleFactor } from '../learner/schedule.js';
import type { Pass } from '../regimes/phases.js';
import { LabelTarget } from '../target/labelTarget.js';
import type { ClassifierOptions, MakeClassifier } from './linearClassifier.js';
import type { Predictor } from './outputs.js';

export interface OnlineClassifierOptions extends ClassifierOptions {
  /** Outputs of the network (N). */
  readonly outputs: number;
  readonly classes: number;
  readonly seed: number;
}

/** What the names of its tensors begin with in a saved state. */
const PREFIX = 'classifier.';

export class OnlineClassifier {
  readonly #options: OnlineClassifierOptions;
  readonly #classifier: Learner;
  readonly #rule: LabelTarget;
  readonly #batchSize: number;
  #steps = 0;
  /** Outputs that wait for their batch to fill, row after row, and their labels. */
  #waiting = new Float32Array(0);
  #labels: number[] = [];
  /** The labels of a full batch, and its items' places in it. */
  readonly #batchLabels: Int32Array;
  readonly #places: Uint32Array;

  constructor(makeClassifier: MakeClassifier, options: OnlineClassifierOptions) {
    const { outputs, classes, seed, batchSize = 256 } = options;
    this.#options = options;
    this.#batchSize = batchSize;
    // The network's own output dropout serves as the classifier's.
    this.#classifier = makeClassifier(outputs, classes, { ...options, dropout: 0 }, seed);
    this.#batchLabels = new Int32Array(batchSize);
    this.#places = Uint32Array.from({ length: batchSize }, (_, i) => i);
    this.#rule = new LabelTarget(this.#batchLabels, classes, options.labelSmoothing);
  }

  /**
   * Training with `rule`, observed: after every step the classifier has seen the step's outputs.
   *
   * @param labels one per item of the data; of those marked {@link UNLABELLED} nothing is learned
   */
  watch(rule: TargetRule, labels: Int32Array): Pick<Pass, 'rule' | 'afterStep'> {
    let seen: readonly number[] = [];
    let during: StepContext | undefined;
    // Outputs are read here, before the step is over: what they are afterwards is the learner's own affair.
    const take = (y: Outputs, at: StepContext) => {
      seen = this.#take(
        y,
        Array.from(at.indices ?? [], (i) => labels[i]),
      );
      during = at;
    };
    return {
      rule: {
        fits: (outputs, batchSize) => rule.fits?.(outputs, batchSize),
        write(y, d, at) {
          take(y, at);
          return rule.write(y, d, at);
        },
      },
      afterStep: (epoch, epochs) => {
        const known = seen;
        seen = [];
        if (!during || known.length === 0) return;
        const rate = scheduleFactor(this.#options.schedule, epoch, epochs);
        return this.#learn(known, { rate, epoch: during.epoch, signal: during.signal });
      },
    };
  }

  /** Puts the outputs of labelled items behind those that wait, where they count for nothing yet; returns their labels. */
  #take(y: Outputs, labels: readonly number[]): number[] {
    const { width } = y;
    const most = (this.#batchSize + y.size) * width;
    if (this.#waiting.length < most) {
      const longer = new Float32Array(most);
      longer.set(this.#waiting);
      this.#waiting = longer;
    }
    // Dropped outputs are 0; the others grow as in any dropout, so that the sum is as large without it.
    const scale = y.mask ? 1 / (1 - (y.maskRate ?? 0)) : 1;
    let to = this.#labels.length * width;
    return labels.filter((label, b) => {
      if (label === UNLABELLED) return false;
      for (let from = b * width; from < (b + 1) * width; from++) this.#waiting[to++] = scale * y.values[from];
      return true;
    });
  }

  /** Counts what was taken, with its labels, and learns from every batch that is full. */
  async #learn(labels: readonly number[], during: Omit<StepContext, 'step'>): Promise<void> {
    const { outputs: width } = this.#options;
    const size = this.#batchSize;
    this.#labels.push(...labels);
    while (this.#labels.length >= size) {
      this.#batchLabels.set(this.#labels.splice(0, size));
      const values = this.#waiting.subarray(0, size * width);
      const at = { ...during, step: this.#steps++, indices: this.#places };
      await this.#classifier.step({ size, width, values }, this.#rule, at);
      this.#waiting.copyWithin(0, size * width);
    }
  }

  /** `learner` with the classifier on top, whose outputs stand for the classes. */
  on(learner: Predictor): Predictor {
    return {
      outputs: this.#classifier.outputs,
      predict: async (x, options) => this.#classifier.predict(await learner.predict(x, options)),
    };
  }

  async state(): Promise<TensorMap> {
    const { outputs } = this.#options;
    const { length } = this.#labels;
    const state: TensorMap = new Map();
    for (const [name, tensor] of await this.#classifier.state()) state.set(PREFIX + name, tensor);
    state.set(`${PREFIX}steps`, { shape: [1], data: Int32Array.of(this.#steps) });
    if (length === 0) return state;
    const data = this.#waiting.slice(0, length * outputs);
    state.set(`${PREFIX}waiting`, { shape: [length, outputs], data });
    state.set(`${PREFIX}labels`, { shape: [length], data: Int32Array.from(this.#labels) });
    return state;
  }

  /** Throws a StateError when names or shapes do not fit. */
  async load(state: TensorMap): Promise<void> {
    const { outputs } = this.#options;
    const [steps] = expectTensor(state, `${PREFIX}steps`, [1]).data;
    const labels = Array.from(state.get(`${PREFIX}labels`)?.data ?? []);
    const waiting =
      labels.length === 0
        ? undefined
        : expectTensor(state, `${PREFIX}waiting`, [labels.length, outputs]).data;
    const own = [...state].filter(([name]) => name.startsWith(PREFIX));
    await this.#classifier.load(new Map(own.map(([name, tensor]) => [name.slice(PREFIX.length), tensor])));
    this.#steps = steps;
    this.#labels = labels;
    this.#waiting = Float32Array.from(waiting ?? []);
  }

  /** Gives its memory back. */
  dispose(): MaybePromise<void> {
    return this.#classifier.dispose?.();
  }
}
