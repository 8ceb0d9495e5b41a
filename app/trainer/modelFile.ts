/**
 * The network as a file to keep: safetensors, with the settings and names it was left with. The command's
 * `model.safetensors` of a one-layer run is read as well.
 */
import { decodeSafetensors, encodeSafetensors, SafetensorsError, type TensorMap } from 'selftarget';
import { initialSettings, type Rule, type Settings } from '../settings.js';

/** As the command marks its own. */
const FORMAT = 'selftarget model 1';
/** More neurons than this cannot be told apart on a screen. */
const MOST_NEURONS = 1024;

/** A file that is no model, or none that this page can show. */
export class ModelError extends Error {
  override name = 'ModelError';
}

export interface SavedModel {
  readonly settings: Settings;
  readonly weights: TensorMap;
  /** Class names by neuron. */
  readonly names: ReadonlyMap<number, string>;
}

export function encodeModel(
  learner: { readonly inputs: number; state(): TensorMap },
  settings: Settings,
  names: ReadonlyMap<number, string>,
  about: { readonly dataset: string; readonly epoch: number; readonly step: number },
): Uint8Array {
  const { rule, neurons, winners, homeostasis, gamma, seed } = settings;
  const { dataset, ...progress } = about;
  const config = {
    ...{ regime: 'unsupervised', learner: rule, dataset, layers: [learner.inputs, neurons], seed },
    target: { winners, gamma: homeostasis ? gamma : 0 },
  };
  const parts = encodeSafetensors(learner.state(), [
    ['format', FORMAT],
    ['config', JSON.stringify(config)],
    ['progress', JSON.stringify(progress)],
    ['names', JSON.stringify(Object.fromEntries(names))],
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
    throw new ModelError(`${name} holds no network of selftarget with a layer of neurons on the input.`);
  }
  if (tensors.has('layer2.weight')) {
    throw new ModelError(`${name} has several layers; this page shows networks of one.`);
  }
  const [neurons, width] = weight.shape;
  if (width !== inputs) {
    throw new ModelError(
      `${name} takes ${width} values an image, but these data have ${inputs}; choose the data that it was trained on first.`,
    );
  }
  if (neurons < 1 || neurons > MOST_NEURONS) {
    throw new ModelError(`${name} has ${neurons} neurons; this page shows up to ${MOST_NEURONS}.`);
  }
  const weights: TensorMap = new Map([
    ['layer1.weight', weight],
    ['layer1.bias', bias],
  ]);
  const { settings, names } = described(metadata, neurons);
  return { settings, weights, names };
}

function read(name: string, bytes: Uint8Array) {
  try {
    return decodeSafetensors(bytes);
  } catch (error) {
    if (!(error instanceof SafetensorsError)) throw error;
    throw new ModelError(`${name} cannot be read: ${error.message}.`, { cause: error });
  }
}

/** What the file says about itself; whatever is missing or odd is left as it is at first. */
function described(metadata: ReadonlyMap<string, string>, neurons: number) {
  const config = object(parsed(metadata.get('config')));
  const target = object(config.target);
  const { winners, gamma } = target;
  const rule: Rule = config.learner === 'equilibrium' ? 'equilibrium' : 'backprop';
  const names = new Map<number, string>();
  for (const [neuron, name] of Object.entries(object(parsed(metadata.get('names'))))) {
    if (Number(neuron) < neurons && typeof name === 'string') names.set(Number(neuron), name);
  }
  const settings: Settings = {
    ...initialSettings,
    ...{ rule, neurons },
    winners: isWhole(winners) && winners >= 1 ? Math.min(winners, neurons) : initialSettings.winners,
    homeostasis: gamma !== 0,
    gamma: typeof gamma === 'number' && gamma > 0 && Number.isFinite(gamma) ? gamma : initialSettings.gamma,
    seed: isWhole(config.seed) && config.seed >= 0 ? config.seed : initialSettings.seed,
  };
  return { settings, names };
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

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
