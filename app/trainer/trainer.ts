/** The network of the page: built, trained in slices, measured and asked, by the public library. */
import {
  associate,
  associationAccuracy,
  averageAnswer,
  type Compute,
  createCompute,
  inputPower,
  NO_CLASS,
  type Position,
  type SplitDataSet,
  stratified,
  subset,
  survey,
  type TrainEvent,
  UNLABELLED,
  unsupervised,
  suitableThreads,
} from 'selftarget';
import { inputWeights, type Pixels } from 'selftarget/view';
import type { About, Answer, FromTrainer, Measured } from '../protocol.js';
import { BATCH, decayEpochs, onlyTargetDiffers, type Settings } from '../settings.js';
import { decodeModel, encodeModel } from './modelFile.js';
import { Naming } from './naming.js';
import { buildNetwork, type Network, WatchedTarget } from './network.js';
import { itemsOf, lookOf, pictureShape, pictures } from './pictures.js';
import { chooseQuestion } from './question.js';

const EXAMPLES = 24;
/** Labels that the figure to compare the visitor's with is measured by. */
const CEILING_LABELS = 1000;
/** Of a neuron's favourite images. */
const FAVOURITES = 12;
const FAVOURITES_FROM = 2000;
const FIRING = 6;

type Post = (message: FromTrainer) => void;

export class Trainer {
  readonly #post: Post;
  readonly #data: SplitDataSet;
  readonly #power: number;
  readonly #labelled: boolean;
  readonly #ceilingItems: Uint32Array;
  readonly #naming = new Naming();
  readonly #skipped = new Set<number>();
  #questions = 0;
  #settings: Settings;
  #compute!: Compute;
  #network!: Network;
  #target!: WatchedTarget;
  #events!: AsyncGenerator<TrainEvent>;
  #position: Position = { epoch: 0, step: 0 };
  /** The run's length so far: at its end it can be made longer. */
  #epochs = 0;
  #loss = Number.NaN;
  #items = 0;

  private constructor(data: SplitDataSet, settings: Settings, post: Post) {
    this.#data = data;
    this.#settings = settings;
    this.#post = post;
    this.#power = inputPower(data.train);
    const { labels, classes } = data.train;
    const known = labels.reduce((count, label) => count + (label === UNLABELLED ? 0 : 1), 0);
    this.#labelled = known > 0 && data.test.labels.some((label) => label !== UNLABELLED);
    const count = Math.min(CEILING_LABELS, known);
    this.#ceilingItems = this.#labelled
      ? stratified(labels, { count }, 1, { classes: classes.length })
      : new Uint32Array();
  }

  /** Starts with an untrained network. Throws UnsupportedRuntimeError where there can be none. */
  static async open(data: SplitDataSet, settings: Settings, post: Post): Promise<Trainer> {
    const trainer = new Trainer(data, settings, post);
    await trainer.#build();
    return trainer;
  }

  about(): About {
    const { name, train, test } = this.#data;
    const examples = Array.from({ length: Math.min(EXAMPLES, train.length) }, (_, i) => i);
    return {
      ...{ name, items: train.length, testItems: test.length, classes: train.classes },
      shape: pictureShape(train),
      labelled: this.#labelled,
      look: lookOf(train),
      examples: pictures(itemsOf(train, examples), train, EXAMPLES / 2),
    };
  }

  get settings(): Settings {
    return this.#settings;
  }

  get finished(): boolean {
    return this.#position.epoch >= this.#epochs;
  }

  async #build(): Promise<void> {
    const { train } = this.#data;
    const layers = [train.width, this.#settings.neurons];
    const compute = await createCompute({ threads: suitableThreads(layers, BATCH) });
    this.dispose();
    this.#compute = compute;
    this.#network = buildNetwork(compute, this.#settings, train.width, this.#power);
    this.#target = new WatchedTarget(this.#settings);
    this.#naming.byHand.clear();
    this.#position = { epoch: 0, step: 0 };
    this.#epochs = 2 * decayEpochs(train.length);
    this.#loss = Number.NaN;
    this.#items = 0;
    this.#continue();
    const { threads, kernel } = compute;
    this.#post({ kind: 'built', settings: this.#settings, threads, kernel });
  }

  /** Training from the present position on, with the present target. */
  #continue(): void {
    const { train } = this.#data;
    const until = decayEpochs(train.length) / this.#epochs;
    this.#events = unsupervised({
      ...{ learner: this.#network, target: this.#target, data: train, batchSize: BATCH },
      ...{ epochs: this.#epochs, seed: this.#settings.seed, from: this.#position },
      schedule: { shape: 'linear', from: 1, to: 0.05, until },
    });
  }

  async reset(): Promise<void> {
    await this.#build();
  }

  /** New settings; answers whether the network began anew. */
  async configure(settings: Settings): Promise<boolean> {
    const before = this.#settings;
    this.#settings = settings;
    if (!onlyTargetDiffers(before, settings)) {
      await this.#build();
      return true;
    }
    const state = this.#target.state();
    this.#target = new WatchedTarget(settings);
    // Switched off, homeostasis holds nobody back any more.
    if (settings.homeostasis) this.#target.load(state);
    this.#continue();
    return false;
  }

  /** One training step; at the end of the run it goes on with the rate it has come down to. */
  async step(): Promise<void> {
    if (this.finished) {
      this.#epochs += decayEpochs(this.#data.train.length);
      this.#continue();
    }
    const { value: event } = await this.#events.next();
    if (!event || event.kind !== 'step') return;
    const { epoch, step, steps, loss, items } = event;
    this.#position = step === steps ? { epoch, step: 0 } : { epoch: epoch - 1, step };
    this.#loss = loss;
    this.#items += items;
    // The regime says once more that the epoch is over.
    if (step === steps) await this.#events.next();
  }

  /** Tells how training stands. */
  progress(running: boolean, itemsPerSecond: number): void {
    const { neurons } = this.#settings;
    const { train } = this.#data;
    const columns = Math.ceil(Math.sqrt(neurons));
    const { epoch, step } = this.#position;
    this.#post({
      kind: 'progress',
      progress: {
        ...{ running, finished: this.finished, epoch, step, itemsPerSecond, columns },
        ...{ loss: this.#loss, items: this.#items, steps: Math.ceil(train.length / BATCH) },
        weights: pictures(this.#weights().map(wanted), train, columns),
        winners: [...this.#target.lastWinners],
        recentWins: this.#target.recentWins.slice(),
        recentItems: this.#target.recentItems,
      },
    });
  }

  #weights(): readonly Float32Array[] {
    const none = new Int32Array(this.#network.outputs);
    return inputWeights(this.#network.state(), this.#network.inputs, none, 0)?.rows ?? [];
  }

  /** Measures the frozen network on the test images. */
  async measure(byVisitor: boolean): Promise<void> {
    const { train, test } = this.#data;
    const association = await this.#naming.association(this.#network, train);
    const { winners } = this.#settings;
    const answer = averageAnswer(association);
    const { activity, wins, confusion } = await survey(this.#network, test, { winners, top: 0, answer });
    const named = this.#labelled && association.classOf.some((c) => c !== NO_CLASS);
    const measured: Measured = {
      at: this.#position.epoch + this.#position.step / Math.ceil(train.length / BATCH),
      accuracy: named ? percentRight(confusion) : undefined,
      ceiling: this.#labelled ? await this.#ceiling() : undefined,
      confusion: named ? confusion : undefined,
      classOf: association.classOf,
      labels: this.#naming.labels.size,
      handNames: this.#naming.byHand.size,
      ...{ wins, activity, testItems: test.length, byVisitor },
    };
    this.#post({ kind: 'measured', measured });
  }

  async #ceiling(): Promise<number> {
    const { train, test } = this.#data;
    const association = await associate(this.#network, subset(train, this.#ceilingItems));
    return (await associationAccuracy(this.#network, association, test)).average;
  }

  name(neuron: number, to: number | undefined): void {
    if (to === undefined) this.#naming.byHand.delete(neuron);
    else this.#naming.byHand.set(neuron, to);
  }

  label(item: number, to: number): void {
    this.#naming.labels.set(item, to);
    this.#skipped.delete(item);
  }

  skip(item: number): void {
    this.#skipped.add(item);
  }

  /** Takes that many labels, of each class in proportion, from the data set itself. */
  labelForMe(count: number | 'all'): void {
    const { labels, classes } = this.#data.train;
    const all = Array.from(labels.keys()).filter((item) => labels[item] !== UNLABELLED);
    const chosen =
      count === 'all' || count >= all.length
        ? all
        : stratified(labels, { count: Math.max(count, classes.length) }, this.#settings.seed, {
            classes: classes.length,
          });
    for (const item of chosen) this.#naming.labels.set(item, labels[item]);
  }

  forget(): void {
    this.#naming.labels.clear();
    this.#naming.byHand.clear();
    this.#skipped.clear();
  }

  /** Shows the next image to label. */
  async ask(): Promise<void> {
    const { train } = this.#data;
    const association = await this.#naming.association(this.#network, train);
    const asked = { labelled: this.#naming.labels, skipped: this.#skipped };
    const { seed } = this.#settings;
    const item = await chooseQuestion(this.#network, train, association, asked, seed, this.#questions++);
    if (item === undefined) return;
    this.#post({ kind: 'question', item, picture: pictures(itemsOf(train, [item]), train, 1) });
  }

  /** Shows what a neuron looks for, and the training images that it answers to most. */
  async look(neuron: number): Promise<void> {
    const { train } = this.#data;
    const some = subset(
      train,
      Array.from({ length: Math.min(FAVOURITES_FROM, train.length) }, (_, i) => i),
    );
    const { winners } = this.#settings;
    const { top } = await survey(
      this.#network,
      { ...some, labels: some.labels.map(() => UNLABELLED) },
      {
        ...{ winners, top: FAVOURITES, answer: () => 0 },
      },
    );
    const weights = pictures([wanted(this.#weights()[neuron])], train, 1);
    this.#post({
      kind: 'looked',
      neuron,
      weights,
      top: pictures(itemsOf(some, top[neuron]), train, FAVOURITES / 2),
    });
  }

  /** What the network says to an image. */
  async answer(values: Float32Array, truth?: number): Promise<void> {
    const { train } = this.#data;
    const { classes, classOf } = await this.#naming.association(this.#network, train);
    const batch = { size: 1, width: values.length, values };
    const outputs = Float32Array.from((await this.#network.predict(batch)).values);
    const sums = new Float64Array(classes);
    const members = new Float64Array(classes);
    for (const [i, c] of classOf.entries()) {
      if (c === NO_CLASS) continue;
      sums[c] += outputs[i];
      members[c]++;
    }
    const scores = sums.map((sum, c) => (members[c] === 0 ? 0 : sum / members[c]));
    const firing = [...outputs.entries()].filter(([, y]) => y > 0);
    firing.sort(([, a], [, b]) => b - a);
    const answer: Answer = {
      picture: pictures([values], train, 1),
      class: scores.some((score) => score > 0) ? averageAnswer({ classes, classOf })(outputs, 0) : NO_CLASS,
      ...{ scores, firing: firing.slice(0, FIRING), truth },
    };
    this.#post({ kind: 'answer', answer });
  }

  async answerTestImage(number: number): Promise<void> {
    const { test } = this.#data;
    // A stride that is prime to most lengths, so that all come up, in no order.
    const item = (number * 97) % test.length;
    const label = test.labels[item];
    await this.answer(itemsOf(test, [item])[0], label === UNLABELLED ? undefined : label);
  }

  save(): void {
    const { name, train } = this.#data;
    const names = new Map<number, string>();
    for (const [neuron, c] of this.#naming.byHand) if (c !== NO_CLASS) names.set(neuron, train.classes[c]);
    const about = { dataset: name, ...this.#position };
    const bytes = encodeModel(this.#network, this.#settings, names, about);
    const file = `selftarget-${name.replace(/[^\w-]+/g, '-')}-${this.#settings.neurons}.safetensors`;
    this.#post({ kind: 'saved', bytes, name: file });
  }

  /** Takes a saved network in place of this one. Throws ModelError. */
  async load(name: string, bytes: Uint8Array): Promise<void> {
    const { train } = this.#data;
    const { settings, weights, names } = decodeModel(name, bytes, train.width);
    this.#settings = settings;
    await this.#build();
    this.#network.load(weights);
    for (const [neuron, className] of names) {
      const c = train.classes.indexOf(className);
      if (c >= 0) this.#naming.byHand.set(neuron, c);
    }
    this.#post({ kind: 'loaded', name });
  }

  dispose(): void {
    this.#network?.dispose();
    this.#compute?.dispose();
  }
}

/** What a neuron wants to see: its positive weights, the weak ones lifted so that they can be made out. */
function wanted(weights: Float32Array): Float32Array {
  return weights.map((weight) => Math.sqrt(Math.max(0, weight)));
}

function percentRight(confusion: readonly Uint32Array[]): number {
  let [right, all] = [0, 0];
  for (const [c, row] of confusion.entries()) {
    right += row[c];
    for (const count of row) all += count;
  }
  return (100 * right) / all;
}

export function transferables(message: FromTrainer): Transferable[] {
  const own = ({ data }: Pixels) => data.buffer;
  switch (message.kind) {
    case 'progress':
      return [own(message.progress.weights)];
    case 'looked':
      return [own(message.weights), own(message.top)];
    case 'saved':
      return [message.bytes.buffer as ArrayBuffer];
    default:
      return [];
  }
}
