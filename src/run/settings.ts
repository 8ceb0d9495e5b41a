/** From preset, file, --set and flags to one configuration; what comes later in this order wins. */
import { readFile } from 'node:fs/promises';
import { whatFailed } from '../data/node/whatFailed.js';
import { decodeText } from '../data/textEncoding.js';
import { checkConfig, type RunConfig } from './config.js';
import { ConfigError } from './errors.js';
import { findPreset, type Settings } from './presets.js';

export interface SettingsSources {
  readonly preset?: string | undefined;
  /** Path of a JSON file with settings, or of a run's config.json. */
  readonly file?: string | undefined;
  /** `key=value`, in the order given. */
  readonly set?: readonly string[] | undefined;
  /** Settings that have flags of their own. */
  readonly flags?: Settings | undefined;
  /** What to start from instead of a preset: the configuration of the run to resume. */
  readonly base?: RunConfig | Settings | undefined;
}

/** The preset that is meant when nothing is named. */
export const defaultPreset = 'digits';

/** Resolves and checks. Throws {@link ConfigError} for anything a user can get wrong. */
export async function resolveConfig(sources: SettingsSources): Promise<RunConfig> {
  const { preset, file, set = [], flags = {}, base } = sources;
  let settings: Settings = base ? { ...structuredClone(base) } : {};
  if (preset !== undefined) settings = mergeSettings(settings, findPreset(preset).settings);
  else if (file === undefined && base === undefined)
    settings = structuredClone(findPreset(defaultPreset).settings);
  if (file !== undefined) settings = mergeSettings(settings, await readSettings(file));
  for (const assignment of set) {
    const { path, value } = parseAssignment(assignment);
    settings = mergeSettings(settings, nested(path, value, settings));
  }
  settings = mergeSettings(settings, flags);
  return checkConfig(settings, file ?? 'the configuration');
}

/**
 * Reads `a.b=value`. The value is JSON where it is valid JSON, else the text itself, so that `loss=mse` needs no
 * quotes for the shell to eat.
 *
 * @throws ConfigError without `=`, or with an empty part in the key
 */
export function parseAssignment(text: string): { path: string[]; value: unknown } {
  const at = text.indexOf('=');
  const path = text.slice(0, Math.max(0, at)).trim().split('.');
  if (at < 0 || path.some((part) => part === '')) {
    throw new ConfigError(`--set ${text}: write it as key=value, e.g. --set target.winners=5`);
  }
  const written = text.slice(at + 1);
  let value: unknown = written;
  try {
    value = JSON.parse(written);
  } catch {
    // Text that needs no quotes.
  }
  // A path may look like a number: 2024, 007, 1e3.
  const isText = pathSettings.includes(path.join('.'));
  return { path, value: isText && typeof value !== 'string' && value !== null ? written : value };
}

/** The data set that the last of `set` names, if one does: where the data of a run are now. */
export function datasetIn(set: readonly string[]): string | undefined {
  const named = set.map(parseAssignment).findLast(({ path }) => path.join('.') === 'dataset');
  return named && String(named.value);
}

/** Settings that are paths. */
const pathSettings = ['dataset', 'semi.labelFile'];

/** The object that sets `value` at `path`. A number in the path is an index into the list that is there. */
function nested(path: readonly string[], value: unknown, current: unknown): Settings {
  const [key, ...rest] = path;
  const there = isSettings(current) && Object.hasOwn(current, key) ? current[key] : undefined;
  if (rest.length === 0) return ownProperty(key, value);
  if (Array.isArray(there)) {
    const index = Number(rest[0]);
    if (rest.length > 1 || !(Number.isInteger(index) && index >= 0 && index < there.length)) {
      throw new ConfigError(
        `--set ${path.join('.')}: "${key}" is a list of ${there.length}; use 0 to ${there.length - 1}`,
      );
    }
    return ownProperty(key, there.with(index, value));
  }
  if (there !== undefined && !isSettings(there)) {
    throw new ConfigError(`--set ${path.join('.')}: "${key}" is ${JSON.stringify(there)} and has no parts`);
  }
  return ownProperty(key, nested(rest, value, there));
}

/**
 * `over` on top of `under`: objects are merged, lists and values replaced, `null` takes a setting away. A schedule
 * of another shape replaces the old one, whose parts mean nothing to it.
 */
export function mergeSettings(under: Settings, over: Settings): Settings {
  const sameKind = over.shape === undefined || over.shape === under.shape;
  let merged: Settings = sameKind ? { ...under } : {};
  for (const [key, value] of Object.entries(over)) {
    const { [key]: before, ...others } = merged;
    if (value === null) merged = others;
    else if (isSettings(value)) {
      merged = { ...merged, ...ownProperty(key, mergeSettings(isSettings(before) ? before : {}, value)) };
    } else merged = { ...merged, ...ownProperty(key, value) };
  }
  return merged;
}

/** `{[key]: value}` where even `__proto__` is a key like any other, to be refused as unknown. */
function ownProperty(key: string, value: unknown): Settings {
  return Object.fromEntries([[key, value]]);
}

function isSettings(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function readSettings(path: string): Promise<Settings> {
  let text: Uint8Array;
  try {
    text = await readFile(path);
  } catch (error) {
    throw new ConfigError(`--config ${path}: ${whatFailed(error)}`, { cause: error });
  }
  let settings: unknown;
  try {
    settings = JSON.parse(decodeText(text));
  } catch (error) {
    throw new ConfigError(
      `--config ${path}: not valid JSON: ${error instanceof Error ? error.message : error}`,
    );
  }
  if (!isSettings(settings)) throw new ConfigError(`--config ${path}: must hold a JSON object of settings`);
  // A run's config.json repeats that run.
  return isSettings(settings.config) ? settings.config : settings;
}
