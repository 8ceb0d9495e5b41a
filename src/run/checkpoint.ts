/** Saved states: a checkpoint to resume from, and the model alone to use. */
import { readFile } from 'node:fs/promises';
import { StateError, type TensorMap } from '../learner/tensors.js';
import type { MaybePromise } from '../learner/learner.js';
import type { Position } from '../regimes/index.js';
import type { RunConfig } from './config.js';
import { RunError } from './errors.js';
import { systemCode } from '../node/systemErrors.js';
import type { Accuracy } from './events.js';
import { writeWhole } from './files.js';
import { decodeSafetensors, encodeSafetensors, SafetensorsError } from '../learner/safetensors.js';

/** How far a run is and what it has cost. */
export interface Progress extends Position {
  /** All time spent, readouts included. */
  readonly seconds: number;
  /** Of the epoch in progress, or of the one just completed: time, sum of the losses and number of steps. */
  readonly epochSeconds: number;
  readonly lossSum: number;
  readonly lossSteps: number;
  /** Of the epoch in progress, or just completed; in percent. */
  readonly afterUnlabelled?: Accuracy | undefined;
}

export interface Saved<P extends Position = Progress> {
  readonly config: RunConfig;
  readonly progress: P;
  readonly tensors: TensorMap;
}

const CHECKPOINT = 'selftarget checkpoint 1';
const MODEL = 'selftarget model 1';

/** Writes everything that is needed to resume with the same bits as if nothing had happened. */
export async function writeCheckpoint(path: string, { config, progress, tensors }: Saved): Promise<void> {
  const parts = encodeSafetensors(tensors, [
    ['format', CHECKPOINT],
    ['config', JSON.stringify(config)],
    ['progress', JSON.stringify(progress)],
  ]);
  await writeWhole(path, parts);
}

/** Writes what the network needs to be used; the file's bytes depend on nothing but configuration, seed and position. */
export async function writeModel(
  path: string,
  config: RunConfig,
  at: Position,
  tensors: TensorMap,
): Promise<void> {
  const parts = encodeSafetensors(tensors, [
    ['format', MODEL],
    ['config', JSON.stringify(config)],
    ['progress', JSON.stringify({ epoch: at.epoch, step: at.step })],
  ]);
  await writeWhole(path, parts);
}

/**
 * Reads a checkpoint; nothing when there is none.
 *
 * @throws RunError when it is damaged or something else
 */
export async function readCheckpoint(path: string): Promise<Saved | undefined> {
  return readSaved<Progress>(path, CHECKPOINT);
}

/** Reads a model, likewise. */
export async function readModel(path: string): Promise<Saved<Position> | undefined> {
  return readSaved<Position>(path, MODEL);
}

async function readSaved<P extends Position>(path: string, format: string): Promise<Saved<P> | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw new RunError(`cannot read ${path}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
  try {
    const { tensors, metadata } = decodeSafetensors(bytes);
    if (metadata.get('format') !== format) throw new SafetensorsError(`it does not say "${format}"`);
    const broken = [...tensors].find(([, { data }]) => !isFinite(data));
    if (broken) throw new SafetensorsError(`"${broken[0]}" holds values that are not finite numbers`);
    return {
      config: JSON.parse(metadata.get('config') ?? ''),
      progress: JSON.parse(metadata.get('progress') ?? ''),
      tensors,
    };
  } catch (error) {
    throw new RunError(
      `${path} cannot be used: ${error instanceof Error ? error.message : error}; ` +
        'put back a copy that is whole, or start a new run',
      { cause: error },
    );
  }
}

/**
 * Makes sure that a checkpoint belongs to this configuration.
 *
 * @throws RunError naming the settings that differ
 */
export function expectSameConfig(path: string, saved: RunConfig, wanted: RunConfig): void {
  const differing = differences(saved, wanted);
  if (differing.length === 0) return;
  throw new RunError(
    `${path} belongs to another configuration:\n  ${differing.join('\n  ')}\n` +
      'A run keeps the settings it began with; start a new run for others.',
  );
}

/** Runs `load`; when it fails, the error names the file. */
export async function loadFrom(path: string, load: () => MaybePromise<void>): Promise<void> {
  try {
    await load();
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    throw new RunError(`${path} does not fit this network: ${error.message}`, { cause: error });
  }
}

/** `epochs: 200 there, 100 here` for every setting with another value. */
function differences(there: unknown, here: unknown, at = ''): string[] {
  if (isObject(there) && isObject(here)) {
    const keys = new Set([...Object.keys(there), ...Object.keys(here)]);
    return [...keys].flatMap((key) => differences(there[key], here[key], at ? `${at}.${key}` : key));
  }
  const [a, b] = [JSON.stringify(there), JSON.stringify(here)];
  return a === b ? [] : [`${at}: ${a ?? 'nothing'} there, ${b ?? 'nothing'} here`];
}

/** Whether all of them are finite. */
export function isFinite(values: ArrayLike<number>): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
