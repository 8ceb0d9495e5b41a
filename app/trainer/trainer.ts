/** The network of the page: built, trained in steps, named, measured, asked and saved, by the public library. */
import {
  averageAnswer,
  type Compute,
  createCompute,
  type DataSet,
  inputPower,
  NO_CLASS,
  type Position,
  type SplitDataSet,
  stratified,
  survey,
  type Tensor,
  type TrainEvent,
  UNLABELLED,
  unsupervised,
  suitableThreads,
} from 'selftarget';
import type { About, FromTrainer, Measured, ModelBytes } from '../protocol.js';
import { BATCH, decayEpochs, onlyTargetDiffers, type Settings } from '../settings.js';
import { fingerprintOf } from './fingerprint.js';
import { healthOf } from './health.js';
import { answerTo, ceilingOf, FAVOURITES, favouritesOf, percentCorrect } from './measuring.js';
import { decodeModel, encodeModel, type SavedModel } from './modelFile.js';
import { Naming } from './naming.js';
import { buildNetwork, type Network, WatchedTarget } from './network.js';
import { itemsOf, lookOf, pictureShape, pictures } from './pictures.js';
import { chooseQuestion } from './question.js';

const EXAMPLES = 24;
/** At most so many labels for the figure that the visitor's is compared with. */
const CEILING_LABELS = 1000;
/** Classes that a visitor may make up. */
const MOST_CLASSES = 20;

type Post = (message: FromTrainer) => void;

export class Trainer {
  readonly #post: Post;
  readonly #data: SplitDataSet;
  readonly #power: number;
  readonly #labelled: boolean;
  readonly #ceilingItems: Uint32Array;
  readonly #fingerprint: string;
  readonly #naming = new Naming();
  readonly #skipped = new Set<number>();
  #questions = 0;
  /** The words for the classes: the data's until the visitor changes them. */
  #classes: readonly string[];
  #settings: Settings;
  #compute!: Compute;
  #network!: Network;
  #target!: WatchedTarget;
  /** The weights that the network was built with; unknown for one that came from elsewhere. */
  #before: Tensor | undefined;
  #origin: string | undefined;
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
    this.#fingerprint = fingerprintOf(data.train);
    const { labels, classes } = data.train;
    const known = labels.reduce((count, label) => count + (label === UNLABELLED ? 0 : 1), 0);
    this.#labelled = known > 0 && data.test.labels.some((label) => label !== UNLABELLED);
    this.#classes = known > 0 ? classes : ['A', 'B'];
    const count = Math.min(CEILING_LABELS, known);
    this.#ceilingItems = this.#labelled
      ? stratified(labels, { count }, 1, { classes: classes.length })
      : new Uint32Array();
  }

  /**
   * Starts with an untrained network, or with `model`.
   *
   * @throws UnsupportedRuntimeError where no network can run, ModelError for a model that does not fit
   */
  static async open(
    data: SplitDataSet,
    settings: Settings,
    post: Post,
    model?: ModelBytes | undefined,
  ): Promise<Trainer> {
    const trainer = new Trainer(data, settings, post);
    const saved = model && decodeModel(model.name, model.bytes, data.train.width);
    if (saved) trainer.#settings = saved.settings;
    await trainer.#build();
    if (saved) trainer.#adopt(saved, undefined);
    return trainer;
  }

  about(): About {
    const { name, train, test, notes = [] } = this.#data;
    const examples = Array.from({ length: Math.min(EXAMPLES, train.length) }, (_, i) => i);
    return {
      name,
      items: train.length,
      testItems: test.length,
      classes: this.#classes,
      shape: pictureShape(train),
      pictures: train.shape.length === 3,
      labelled: this.#labelled,
      look: lookOf(train),
      examples: pictures(itemsOf(train, examples), train, EXAMPLES / 2),
      notes,
    };
  }

  get settings(): Settings {
    return this.#settings;
  }

  get finished(): boolean {
    return this.#position.epoch >= this.#epochs;
  }

  get position(): Position {
    return this.#position;
  }

  /** Size and colour of the items, for pictures that come later. */
  get itemShape(): readonly number[] {
    return pictureShape(this.#train);
  }

  get itemLook() {
    return lookOf(this.#train);
  }

  get #train(): DataSet {
    return { ...this.#data.train, classes: this.#classes };
  }

  get #test(): DataSet {
    return { ...this.#data.test, classes: this.#classes };
  }

  async #build(): Promise<void> {
    const { train } = this.#data;
    const layers = [train.width, this.#settings.neurons];
    const compute = await createCompute({ threads: suitableThreads(layers, BATCH) });
    this.dispose();
    this.#compute = compute;
    this.#network = buildNetwork(compute, this.#settings, train.width, this.#power);
    this.#before = this.#network.state().get('layer1.weight');
    this.#origin = undefined;
    this.#target = new WatchedTarget(this.#settings);
    this.#naming.dropNeurons();
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
      learner: this.#network,
      target: this.#target,
      data: train,
      batchSize: BATCH,
      epochs: this.#epochs,
      seed: this.#settings.seed,
      from: this.#position,
      schedule: { shape: 'linear', from: 1, to: 0.05, until },
    });
  }

  async reset(settings: Settings): Promise<void> {
    this.#settings = settings;
    await this.#build();
  }

  /** New settings; answers whether the network was reset. */
  async configure(settings: Settings): Promise<boolean> {
    const before = this.#settings;
    this.#settings = settings;
    if (!onlyTargetDiffers(before, settings)) {
      await this.#build();
      return true;
    }
    const state = this.#target.state();
    this.#target = new WatchedTarget(settings);
    // Switched off, homeostasis holds no neuron back any more.
    if (settings.homeostasis) this.#target.load(state);
    this.#continue();
    return false;
  }

  /** One training step; at the end of the run it continues at the rate it has come down to. */
  async step(): Promise<void> {
    if (this.finished) {
      this.#epochs = this.#position.epoch + decayEpochs(this.#data.train.length);
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
    const weights = this.#weights;
    this.#post({
      kind: 'progress',
      progress: {
        running,
        finished: this.finished,
        epoch,
        step,
        steps: this.#steps,
        loss: this.#loss,
        items: this.#items,
        origin: this.#origin,
        itemsPerSecond,
        weights: pictures(
          Array.from({ length: neurons }, (_, i) => wanted(weights, i)),
          train,
          columns,
        ),
        columns,
        winners: [...this.#target.lastWinners],
        recentWins: this.#target.recentWins.slice(),
        recentItems: this.#target.recentItems,
      },
    });
  }

  get #steps(): number {
    return Math.ceil(this.#data.train.length / BATCH);
  }

  get #weights(): Tensor {
    return this.#network.state().get('layer1.weight') as Tensor;
  }

  /** Measures the frozen network on the test images. */
  async measure(because: Measured['because']): Promise<void> {
    const [train, test] = [this.#train, this.#test];
    const association = await this.#naming.association(this.#network, train);
    const { winners } = this.#settings;
    const answer = averageAnswer(association);
    const { activity, wins, confusion } = await survey(this.#network, test, { winners, top: 0, answer });
    const named = this.#labelled && association.classOf.some((c) => c !== NO_CLASS);
    const { labels, byHand, given } = this.#naming.said;
    const items = this.#ceilingItems;
    this.#post({
      kind: 'measured',
      measured: {
        at: this.#position.epoch + this.#position.step / this.#steps,
        accuracy: named ? percentCorrect(confusion) : undefined,
        ceiling: this.#labelled ? await ceilingOf(this.#network, train, test, items) : undefined,
        ceilingLabels: items.length,
        confusion: named ? confusion : undefined,
        classOf: association.classOf,
        classes: this.#classes,
        labels: labels.size,
        handNames: byHand.size,
        givenNames: labels.size === 0 ? given.size : 0,
        undo: this.#naming.undoable,
        redo: this.#naming.redoable,
        health: healthOf(this.#before, this.#weights, activity),
        wins,
        activity,
        testItems: test.length,
        because,
      },
    });
  }

  name(neuron: number, to: number | undefined): void {
    const word = to === undefined || to === NO_CLASS ? 'no name' : this.#classes[to];
    this.#naming.name(neuron, to, `neuron ${neuron + 1}: ${word}`);
  }

  label(item: number, to: number): void {
    this.#naming.label([[item, to]], `label “${this.#classes[to]}”`);
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
    const items = Array.from(chosen, (item): [number, number] => [item, labels[item]]);
    this.#naming.label(items, `${items.length} labels`);
  }

  forget(): void {
    this.#naming.forget('forgetting all');
    this.#skipped.clear();
  }

  /** Answers the image whose label was taken back, if it was one. */
  undo(): number | undefined {
    const before = this.#naming.said.labels;
    this.#naming.undo();
    const after = this.#naming.said.labels;
    const gone = [...before.keys()].filter((item) => !after.has(item));
    return gone.length === 1 ? gone[0] : undefined;
  }

  redo(): void {
    this.#naming.redo();
  }

  /** Another word for a class; a class more where `to` is their number. */
  rename(to: number, word: string): void {
    if (to > this.#classes.length || to >= MOST_CLASSES) return;
    this.#classes = [...this.#classes.slice(0, to), word, ...this.#classes.slice(to + 1)];
  }

  /** Shows an image to label: `again`, or one whose label would name many neurons. */
  async ask(again?: number): Promise<void> {
    const train = this.#train;
    const association = await this.#naming.association(this.#network, train);
    const asked = { labelled: this.#naming.said.labels, skipped: this.#skipped };
    const { seed } = this.#settings;
    const item =
      again ?? (await chooseQuestion(this.#network, train, association, asked, seed, this.#questions++));
    if (item === undefined) return;
    this.#post({ kind: 'question', item, picture: pictures(itemsOf(train, [item]), train, 1) });
  }

  /** Shows what a neuron looks for, and the training images that it responds to most. */
  async look(neuron: number): Promise<void> {
    const train = this.#train;
    const top = itemsOf(train, await favouritesOf(this.#network, train, neuron));
    this.#post({
      kind: 'looked',
      neuron,
      weights: pictures([wanted(this.#weights, neuron)], train, 1),
      top: pictures(top, train, FAVOURITES / 2),
    });
  }

  /** What the network says to an image. */
  async answer(values: Float32Array, truth?: number): Promise<void> {
    const train = this.#train;
    const association = await this.#naming.association(this.#network, train);
    const answer = await answerTo(this.#network, association, values, train, truth);
    this.#post({ kind: 'answer', answer });
  }

  async answerTestImage(number: number): Promise<void> {
    const { test } = this.#data;
    // A stride that is prime to most lengths, so that all come up, in no order.
    const item = (number * 97) % test.length;
    const label = test.labels[item];
    await this.answer(itemsOf(test, [item])[0], label === UNLABELLED ? undefined : label);
  }

  /** The network with all that was said about it. */
  async model(): Promise<ModelBytes> {
    const { name } = this.#data;
    const { classOf } = await this.#naming.association(this.#network, this.#train);
    const bytes = encodeModel(this.#network, {
      settings: this.#settings,
      dataset: name,
      fingerprint: this.#fingerprint,
      classes: this.#classes,
      classOf,
      said: this.#naming.said,
      progress: { ...this.#position, items: this.#items },
      target: this.#target.state(),
    });
    return {
      name: `selftarget-${name.replace(/[^\w-]+/g, '-')}-${this.#settings.neurons}.safetensors`,
      bytes,
    };
  }

  /** Takes a saved network in place of this one. Throws ModelError. */
  async load({ name, bytes }: ModelBytes): Promise<void> {
    const saved = decodeModel(name, bytes, this.#data.train.width);
    this.#settings = saved.settings;
    await this.#build();
    this.#adopt(saved, name);
    this.#post({ kind: 'loaded', name });
  }

  #adopt(saved: SavedModel, origin: string | undefined): void {
    const { weights, target, progress, classes, names, byHand, labels } = saved;
    this.#network.load(weights);
    if (target.size > 0 && this.#settings.homeostasis) this.#target.load(target);
    this.#origin = origin;
    const { length } = this.#data.train;
    if (progress) {
      const step = progress.step < this.#steps ? progress.step : 0;
      this.#position = { epoch: progress.epoch, step };
      this.#items = progress.items ?? progress.epoch * length + step * BATCH;
      this.#epochs = Math.max(this.#epochs, progress.epoch);
      this.#continue();
    }
    const isSame = labels?.fingerprint === this.#fingerprint;
    // The file's words for these classes, which may be the visitor's; or, without labels, the file's classes.
    if (classes && (isSame || !this.#labelled)) this.#classes = classes;
    const inRange = <T>(entries: ReadonlyMap<T, number>) =>
      new Map([...entries].filter(([, c]) => c < this.#classes.length));
    const given = new Map([...names].map(([neuron, name]) => [neuron, this.#classes.indexOf(name)] as const));
    this.#naming.replace({
      labels: isSame ? inRange(labels.classes) : this.#naming.said.labels,
      byHand: isSame ? inRange(byHand) : new Map(),
      given: new Map([...given].filter(([, c]) => c >= 0)),
    });
  }

  dispose(): void {
    this.#network?.dispose();
    this.#compute?.dispose();
  }
}

/** What a neuron wants to see: its positive weights, the weak ones lifted so that they can be made out. */
function wanted({ data, shape: [, width] }: Tensor, neuron: number): Float32Array {
  return Float32Array.from(data.subarray(neuron * width, (neuron + 1) * width), (weight) =>
    Math.sqrt(Math.max(0, weight)),
  );
}
