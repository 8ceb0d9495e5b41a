/** A network at the end of its run, looked at with the test items. */
import { type DataSet, subset } from '../../data/dataSet.js';
import { Purpose, RandomStream } from '../../learner/random.js';
import type { Learner } from '../../learner/learner.js';
import type { TensorMap } from '../../learner/tensors.js';
import {
  associate,
  associationConfidence,
  averageAnswer,
  labelAnswer,
  outputConfidence,
  type ReadoutOptions,
  type Survey,
  survey,
} from '../../readout/index.js';
import type { ScatterPoint } from '../charts/scatter.js';
import { embed } from '../embedding/umap.js';
import { imageGrid, type Pixels } from '../images/imageGrid.js';
import { inputWeights } from '../images/inputWeights.js';
import { meanImage } from '../images/meanImage.js';
import { neuronsByClass, type NeuronRow } from '../images/neuronsByClass.js';

/** One line of pictures, of neurons that have a class in common. */
export interface PictureRow {
  readonly name: string;
  readonly alt: string;
  readonly pixels: Pixels;
}

export interface Pictures {
  readonly title: string;
  readonly caption: string;
  readonly rows: readonly PictureRow[];
}

/** A test item that was answered wrongly, and with confidence. */
export interface ShownMistake {
  /** Its place among the test items, or what its source calls it. */
  readonly name: string;
  readonly label: string;
  readonly answer: string;
  /** In percent. */
  readonly confidence: number;
  /** Absent where items are no pictures. */
  readonly pixels?: Pixels | undefined;
}

export interface Portrait {
  readonly classes: readonly string[];
  readonly items: number;
  readonly activity: Float64Array;
  readonly wins: Uint32Array;
  /** Of the random network that the run began with, where it was looked at. */
  readonly untrainedWins?: Uint32Array | undefined;
  readonly winners: number;
  readonly confusion: readonly Uint32Array[];
  readonly mistakes: readonly ShownMistake[];
  readonly pictures: readonly Pictures[];
  readonly places: readonly ScatterPoint[];
}

export interface PortraitOptions extends ReadoutOptions {
  readonly learner: Learner;
  /** Its weights by name. */
  readonly model: TensorMap;
  readonly test: DataSet;
  /** What neurons get their class from; without it the outputs stand for classes by construction. */
  readonly labelled?: DataSet | undefined;
  /** Whether the outputs are trained as the logits of a softmax. */
  readonly softmax: boolean;
  /** k of the target; the neurons of a class where there is none. */
  readonly winners?: number | undefined;
  readonly seed: number;
  /** Called before each part of the work. */
  readonly onPart?: ((part: string) => void) | undefined;
}

/** More items would tell no more. */
const ITEMS = 10_000;
const COLUMNS = 10;
/** Items averaged into one picture. */
const TOP = 16;
/** Mistakes shown. */
const MISTAKES = 12;
/** Items in the plane, and rounds to lay them out. */
const PLACES = 700;
const ROUNDS = 200;

/** What the random network does with the test items, before the trained weights are put in. */
export async function untrainedWins(
  learner: Learner,
  test: DataSet,
  options: ReadoutOptions & { winners: number },
) {
  const { wins } = await survey(learner, firstItems(test), { ...options, top: 0, answer: () => 0 });
  return wins;
}

export async function takePortrait(options: PortraitOptions): Promise<Omit<Portrait, 'untrainedWins'>> {
  const { learner, labelled, seed, signal } = options;
  const test = firstItems(options.test);
  const { classes } = test;
  const owned = learner.outputs / classes.length;
  const association = labelled && (await associate(learner, labelled, { signal }));
  const classOf =
    association?.classOf ?? Int32Array.from({ length: learner.outputs }, (_, i) => Math.floor(i / owned));
  const winners = options.winners ?? Math.max(1, Math.floor(owned));
  const random = new RandomStream(seed, Purpose.view);
  const sample = random.permutation(test.length).slice(0, PLACES);
  const seen = await survey(learner, test, {
    ...{ winners, top: TOP, sample, signal },
    answer: association ? averageAnswer(association) : labelAnswer(learner.outputs, classes.length),
    mistakes: {
      most: MISTAKES,
      confidence: association
        ? associationConfidence(association)
        : outputConfidence(learner.outputs, classes.length, options.softmax),
    },
  });
  signal?.throwIfAborted();
  const pictured = isPicture(test.shape);
  return {
    ...{ classes, items: test.length, winners },
    ...{ activity: seen.activity, wins: seen.wins, confusion: seen.confusion },
    mistakes: seen.mistakes.map(({ item, label, answer, confidence }) => ({
      name: test.itemNames?.[item] ?? `test item ${item + 1}`,
      label: classes[label],
      answer: classes[answer],
      confidence: 100 * confidence,
      pixels: pictured ? imageGrid([meanImage(test, [item])], { shape: test.shape, columns: 1 }) : undefined,
    })),
    pictures: pictured ? picturesOf(options.model, test, classOf, seen) : [],
    places: placesOf(test, seen, sample, random),
  };
}

function firstItems(test: DataSet): DataSet {
  if (test.length <= ITEMS) return test;
  return subset(
    test,
    Uint32Array.from({ length: ITEMS }, (_, i) => i),
  );
}

function isPicture(shape: readonly number[]): boolean {
  const [height = 1, width = 1, channels = 1] = shape;
  return shape.length >= 2 && height > 1 && width > 1 && (channels === 1 || channels === 3);
}

function picturesOf(model: TensorMap, test: DataSet, classOf: Int32Array, seen: Survey): Pictures[] {
  const { classes } = test;
  const name = (c: number) => (c < 0 ? 'no class' : classes[c]);
  const rows = neuronsByClass(classOf, seen.activity, classes.length, COLUMNS);
  const pictures: Pictures[] = [];
  const weights = inputWeights(model, test.width, classOf, classes.length);
  if (weights) {
    const shown = weights.outermost ? rows : strongestTowards(weights.towards, COLUMNS);
    pictures.push({
      title: 'Learned input weights',
      caption:
        (weights.outermost
          ? 'Each square is one output neuron, the most active of each class first. '
          : 'Each square is one neuron of the first hidden layer, those that help a class most. ') +
        (test.shape[2] === 3
          ? 'A colour is what adds to its output: red, green and blue are the weights of their channels, grey is no weight.'
          : 'Orange adds to its output, blue subtracts.'),
      rows: shown.map((row) => ({
        name: name(row.class),
        alt: `Input weights of ${row.neurons.length} neurons for ${name(row.class)}`,
        pixels: imageGrid(
          row.neurons.map((i) => weights.rows[i]),
          { shape: test.shape, columns: COLUMNS, signed: true },
        ),
      })),
    });
  }
  // With one or two neurons a class, their items one by one tell more than a mean.
  const few = classOf.length <= 2 * classes.length;
  pictures.push({
    title: 'What the neurons respond to',
    caption: few
      ? 'Each row is one output neuron: the test items that activate it most, the strongest first.'
      : `Each square is one output neuron: the mean of the ${TOP} test items that activate it most. In brackets: the number ` +
        'of neurons that stand for the class.',
    rows: few
      ? rows.flatMap(({ class: c, neurons }) =>
          neurons.map((i) => ({
            name: name(c),
            alt: `Test items that activate a neuron for ${name(c)} most`,
            pixels: imageGrid(
              seen.top[i].slice(0, COLUMNS).map((item) => meanImage(test, [item])),
              { shape: test.shape, columns: COLUMNS },
            ),
          })),
        )
      : rows.map((row) => ({
          name: `${name(row.class)} (${row.of})`,
          alt: `What activates ${row.neurons.length} neurons for ${name(row.class)} most`,
          pixels: imageGrid(
            row.neurons.map((i) => meanImage(test, seen.top[i])),
            { shape: test.shape, columns: COLUMNS },
          ),
        })),
  });
  return pictures;
}

/** Of each class, the hidden neurons with the largest weights on their ways to its outputs, beyond what they give others. */
function strongestTowards(towards: readonly Float64Array[], most: number): NeuronRow[] {
  const neurons = towards[0]?.length ?? 0;
  const mean = Float64Array.from({ length: neurons }, (_, i) =>
    towards.reduce((sum, to) => sum + to[i] / towards.length, 0),
  );
  return towards.map((to, c) => {
    const order = Array.from({ length: neurons }, (_, i) => i);
    order.sort((a, b) => to[b] - mean[b] - (to[a] - mean[a]) || a - b);
    return { class: c, neurons: order.slice(0, most), of: neurons };
  });
}

function placesOf(test: DataSet, seen: Survey, sample: Uint32Array, random: RandomStream): ScatterPoint[] {
  // A neuron for every class is a plane already, and a handful of items is no cloud.
  if (sample.length < 50) return [];
  const rows = Array.from(sample, (item) => seen.outputs.get(item) ?? new Float32Array(0));
  const places = embed(rows, { random: () => random.uniform(), epochs: ROUNDS });
  return places.map((place, i) => ({ ...place, label: test.labels[sample[i]] }));
}
