/** The command that gives a run, as one can paste it into a shell. */
import { checkConfig, type RunConfig } from './config.js';
import { ConfigError } from './errors.js';
import { findPreset, listPresets, type Settings } from './presets.js';
import { configKey } from './sameConfig.js';
import { mergeSettings } from './settings.js';

export interface CommandOptions {
  /** Where the settings came from, as the run remembers it; no preset of that name may exist. */
  readonly preset: string;
  /** Path of a file with the configuration, for settings that no preset is close to. */
  readonly file: string;
  /** Epochs after which the run was stopped, where it did not go to its end. */
  readonly stopAfter?: number | undefined;
}

/** More settings than this are better read from a file. */
const MOST_SETTINGS = 12;

/** `selftarget train ...` for a run with exactly this configuration, quoted for a POSIX shell. */
export function trainCommand(config: RunConfig, { preset, file, stopAfter }: CommandOptions): string {
  const words = fromPreset(config, preset) ?? ['--config', file];
  const stop = stopAfter === undefined ? [] : ['--stop-after', String(stopAfter)];
  return ['selftarget', 'train', ...words, ...stop].map(quoted).join(' ');
}

/** What has to be said beside the name of the preset; nothing when that is no way to say it. */
function fromPreset(config: RunConfig, preset: string): string[] | undefined {
  if (!listPresets().some(({ name }) => name === preset)) return undefined;
  const base = findPreset(preset).settings;
  const flags: Settings = { seed: config.seed };
  if (base.epochs !== config.epochs) flags.epochs = config.epochs;
  let changes = differences(checkConfig(mergeSettings(base, flags)), config);
  // A setting that follows from another one (the target's mode from the batch size) need not be said.
  for (const change of changes) {
    const without = changes.filter((other) => other !== change);
    if (gives(base, [...without, ...flagged(flags)], config)) changes = without;
  }
  if (changes.length > MOST_SETTINGS || !gives(base, [...changes, ...flagged(flags)], config))
    return undefined;
  return [
    preset,
    '--seed',
    String(config.seed),
    ...(flags.epochs === undefined ? [] : ['--epochs', String(config.epochs)]),
    ...changes.flatMap(({ path, value }) => ['--set', `${path.join('.')}=${written(value)}`]),
  ];
}

interface Change {
  readonly path: readonly string[];
  /** `null` takes the setting away. */
  readonly value: unknown;
}

function flagged(flags: Settings): Change[] {
  return Object.entries(flags).map(([key, value]) => ({ path: [key], value }));
}

/** The smallest changes that make `from` into `to`: objects are looked into, lists are replaced. */
function differences(from: unknown, to: unknown, path: readonly string[] = []): Change[] {
  if (JSON.stringify(from) === JSON.stringify(to)) return [];
  // A schedule of another shape has other parts.
  if (isObject(from) && isObject(to) && from.shape === to.shape) {
    const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])];
    return keys.flatMap((key) => differences(from[key], to[key], [...path, key]));
  }
  return [{ path, value: to ?? null }];
}

/** Whether `base` with the changes is the configuration. */
function gives(base: Settings, changes: readonly Change[], config: RunConfig): boolean {
  try {
    const settings = changes.reduce(
      (under, { path, value }) =>
        mergeSettings(
          under,
          path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Settings,
        ),
      base,
    );
    return isSame(checkConfig(settings), config);
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
}

/** Whether two configurations are the same run, measured at the same moments. */
function isSame(a: RunConfig, b: RunConfig): boolean {
  const measured = ({ seed, readout }: RunConfig) => JSON.stringify({ seed, readout });
  return configKey(a) === configKey(b) && measured(a) === measured(b);
}

/** As `--set` reads it: text as it is, unless it would be taken for JSON. */
function written(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  try {
    JSON.parse(value);
    return JSON.stringify(value);
  } catch {
    return value;
  }
}

/** As it is where no shell reads anything into it, else in single quotes. */
function quoted(word: string): string {
  return /^[\w%+./:=@,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
