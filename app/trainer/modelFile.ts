/**
 * The network as a file: safetensors, with everything the visitor would miss. The metadata are
 *
 *   format, config, progress   as in the command's `model.safetensors`
 *   classes, classOf           the words for the classes, and each neuron's class (-1: none)
 *   names                      the same by name, for people: { "7": "3", ... }
 *   labels, byHand             what the visitor said, and which data the labels belong to
 *   page                       the settings of the page
 *
 * The command's file of a one-layer run is read as well.
 */
import {
  decodeSafetensors,
  encodeSafetensors,
  NO_CLASS,
  type Position,
  SafetensorsError,
  SelftargetError,
  type TensorMap,
} from 'selftarget';
import { accepted, initialSettings, mostNeurons, type Settings } from '../settings.js';
import type { Said } from './naming.js';

/** As the command marks its own. */
const FORMAT = 'selftarget model 1';

/** A file that is no model, or none that this page can show. */
export class ModelError extends SelftargetError {
  override name = 'ModelError';
}

/** How far training had come. */
export interface ModelProgress extends Position {
  /** Images seen; absent where the file does not say. */
  readonly items: number | undefined;
}

export interface ModelToSave {
  readonly settings: Settings;
  readonly dataset: string;
  /** Tells whether labels belong to some data; see fingerprint.ts. */
  readonly fingerprint: string;
  readonly classes: readonly string[];
  readonly classOf: Int32Array;
  readonly said: Said;
  readonly progress: ModelProgress;
  /** The state of homeostasis. */
  readonly target: TensorMap;
}

export interface SavedModel {
  readonly settings: Settings;
  readonly weights: TensorMap;
  readonly target: TensorMap;
  /** Absent where the file does not say. */
  readonly progress: ModelProgress | undefined;
  /** Absent where the file names none. */
  readonly classes: readonly string[] | undefined;
  /** Class names by neuron. */
  readonly names: ReadonlyMap<number, string>;
  readonly byHand: ReadonlyMap<number, number>;
  readonly labels:
    | { readonly fingerprint: string; readonly classes: ReadonlyMap<number, number> }
    | undefined;
}

export function encodeModel(
  learner: { readonly inputs: number; state(): TensorMap },
  model: ModelToSave,
): Uint8Array {
  const { settings, dataset, fingerprint, classes, classOf, said, progress, target } = model;
  const { rule, neurons, winners, homeostasis, gamma, seed } = settings;
  const config = {
    regime: 'unsupervised',
    learner: rule,
    dataset,
    layers: [learner.inputs, neurons],
    seed,
    target: { winners, gamma: homeostasis ? gamma : 0 },
  };
  const names = Array.from(classOf.entries()).filter(([, c]) => c !== NO_CLASS);
  const labels = { fingerprint, items: [...said.labels.keys()], classes: [...said.labels.values()] };
  const metadata: [string, unknown][] = [
    ['config', config],
    ['progress', progress],
    ['classes', classes],
    ['classOf', Array.from(classOf)],
    ['names', Object.fromEntries(names.map(([neuron, c]) => [neuron, classes[c]]))],
    ['byHand', Object.fromEntries(said.byHand)],
    ['labels', labels],
    ['page', settings],
  ];
  const parts = encodeSafetensors(new Map([...learner.state(), ...target]), [
    ['format', FORMAT],
    ...metadata.map(([name, value]): [string, string] => [name, JSON.stringify(value)]),
  ]);
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** @throws ModelError that says why the file cannot be used with items of `inputs` values */
export function decodeModel(name: string, bytes: Uint8Array, inputs: number): SavedModel {
  const { tensors, metadata } = read(name, bytes);
  const weight = tensors.get('layer1.weight');
  const bias = tensors.get('layer1.bias');
  if (!weight || !bias || weight.shape.length !== 2) {
    throw new ModelError(`${name} has no selftarget network with a layer of neurons on the input.`);
  }
  if (tensors.has('layer2.weight')) {
    throw new ModelError(`${name} has several layers; this page shows networks with one.`);
  }
  const [neurons, width] = weight.shape;
  if (width !== inputs) {
    throw new ModelError(
      `${name} takes ${width} values per image, but these images have ${inputs}. First choose the images it was trained on.`,
    );
  }
  if (neurons < 1 || neurons > mostNeurons) {
    throw new ModelError(`${name} has ${neurons} neurons; this page shows up to ${mostNeurons}.`);
  }
  for (const { data } of [weight, bias]) {
    if (!data.every(Number.isFinite))
      throw new ModelError(`${name} has weights that are not finite numbers.`);
  }
  const field = (key: string) => parsed(metadata.get(key));
  return {
    weights: new Map([
      ['layer1.weight', weight],
      ['layer1.bias', bias],
    ]),
    target: new Map(
      [...tensors].filter(
        ([key, { shape }]) => key.startsWith('target.') && shape.join() === String(neurons),
      ),
    ),
    settings: settingsIn(object(field('page')), object(field('config')), neurons),
    progress: progressIn(object(field('progress'))),
    classes: classesIn(field('classes')),
    names: entriesBelow(neurons, field('names'), (value) => typeof value === 'string') as Map<number, string>,
    byHand: entriesBelow(neurons, field('byHand'), (value) => isWhole(value, NO_CLASS)) as Map<
      number,
      number
    >,
    labels: labelsIn(object(field('labels'))),
  };
}

function read(name: string, bytes: Uint8Array) {
  try {
    return decodeSafetensors(bytes);
  } catch (error) {
    if (!(error instanceof SafetensorsError)) throw error;
    throw new ModelError(`${name} cannot be read: ${error.message}.`, { cause: error });
  }
}

/** The page's own settings where the file has them, else those of the run; what is missing or odd stays as it is at first. */
function settingsIn(
  page: Record<string, unknown>,
  config: Record<string, unknown>,
  neurons: number,
): Settings {
  const { winners, gamma } = object(config.target);
  const ofRun: Record<string, unknown> = {
    rule: config.learner,
    winners: isWhole(winners, 1) ? Math.min(winners, neurons) : undefined,
    homeostasis: gamma === undefined ? undefined : gamma !== 0,
    gamma,
    seed: config.seed,
  };
  const settings: Record<string, unknown> = { ...initialSettings };
  for (const name of Object.keys(initialSettings) as (keyof Settings)[]) {
    const value = [page[name], ofRun[name]].find((each) => accepted[name].test(each));
    if (value !== undefined) settings[name] = value;
  }
  const described = settings as unknown as Settings;
  return { ...described, neurons, winners: Math.min(described.winners, neurons) };
}

function progressIn({ epoch, step, items }: Record<string, unknown>): ModelProgress | undefined {
  if (!isWhole(epoch, 0) || !isWhole(step, 0)) return undefined;
  return { epoch, step, items: isWhole(items, 0) ? items : undefined };
}

function classesIn(value: unknown): readonly string[] | undefined {
  const isNames = Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string');
  return isNames ? (value as string[]) : undefined;
}

function labelsIn({ fingerprint, items, classes }: Record<string, unknown>): SavedModel['labels'] {
  if (typeof fingerprint !== 'string' || !Array.isArray(items) || !Array.isArray(classes)) return undefined;
  if (items.length !== classes.length || ![...items, ...classes].every((value) => isWhole(value, 0))) {
    return undefined;
  }
  return { fingerprint, classes: new Map(items.map((item, i) => [item, classes[i]])) };
}

/** What is said about neurons that there are. */
function entriesBelow(
  neurons: number,
  value: unknown,
  test: (value: unknown) => boolean,
): Map<number, unknown> {
  const entries = Object.entries(object(value)).map(([key, each]) => [Number(key), each] as const);
  return new Map(entries.filter(([neuron, each]) => isWhole(neuron, 0) && neuron < neurons && test(each)));
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

function object(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function isWhole(value: unknown, least: number): value is number {
  return Number.isSafeInteger(value) && Number(value) >= least;
}
