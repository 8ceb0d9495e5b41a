/** The folder of a run: making a new one, opening one that is there, and what is where in it. */
import { mkdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import type { Provenance } from '../data/dataSet.js';
import { decodeText } from '../data/textEncoding.js';
import { checkConfig, type RunConfig } from './config.js';
import { ConfigError, RunError } from './errors.js';
import { makeFolders, removeLeftovers } from '../node/files.js';
import { systemCode } from '../node/systemErrors.js';
import type { Environment } from './events.js';
import { writeWhole, writingFailed } from './files.js';
import { isLocked, lockRun, type RunLock } from './lock.js';

const FORMAT = 'selftarget run 1';

/** Where new runs go by default. */
export const runsFolder = 'runs';

/** What `config.json` holds: enough to repeat the run. */
export interface RunDescription {
  readonly format: typeof FORMAT;
  /** The preset or file that the settings came from, for people. */
  readonly preset: string;
  readonly config: RunConfig;
  readonly environment: Environment;
  /** Of the data that it saw; absent in what earlier versions wrote. */
  readonly provenance?: Provenance | undefined;
}

export interface RunFiles {
  readonly folder: string;
  readonly config: string;
  readonly log: string;
  readonly model: string;
  readonly checkpoint: string;
}

export function runFiles(folder: string): RunFiles {
  return {
    folder,
    config: join(folder, 'config.json'),
    log: join(folder, 'log.jsonl'),
    model: join(folder, 'model.safetensors'),
    checkpoint: join(folder, 'checkpoint.safetensors'),
  };
}

/** A run's folder while this process trains it. */
export interface HeldRun {
  readonly files: RunFiles;
  readonly lock: RunLock;
}

/**
 * Makes the folder of a new run, locks it and writes its `config.json`.
 *
 * @param out the folder asked for; without it, `runs/<name>-seed<seed>`, with a number where that is taken; the name
 *   is that of the user's own data, or the preset's
 * @throws ConfigError when `out` holds a run already; RunError when it cannot be written
 */
export async function createRunFolder(
  out: string | undefined,
  description: Omit<RunDescription, 'format'>,
): Promise<HeldRun> {
  const folder = out ?? (await makeFreeFolder(join(runsFolder, nameOf(description))));
  if (out !== undefined) await makeFolder(out);
  const files = runFiles(folder);
  const lock = await lockRun(folder);
  try {
    await expectNoRun(files);
    await removeLeftovers(folder);
    await writeDescription(files, description);
  } catch (error) {
    await lock.release();
    throw error;
  }
  return { files, lock };
}

/** Writes a run's `config.json`. */
export async function writeDescription(
  files: RunFiles,
  { preset, config, environment, provenance }: Omit<RunDescription, 'format'>,
): Promise<void> {
  const description: RunDescription = { format: FORMAT, preset, config, environment, provenance };
  await writeWhole(files.config, `${JSON.stringify(description, undefined, 2)}\n`);
}

function nameOf({ preset, config, provenance }: Omit<RunDescription, 'format'>): string {
  const own = provenance && isAbsolute(provenance.source);
  const name = own ? basename(provenance.source).replace(/\.(csv|npz|tar|tgz|zip)?(\.gz)?$/i, '') : preset;
  return `${name || 'data'}-seed${config.seed}`;
}

/** Nothing that a run would write may be there, whether a run has written it or somebody else. */
async function expectNoRun({ folder, config, log, model, checkpoint }: RunFiles): Promise<void> {
  if (await exists(config)) {
    throw new ConfigError(
      `${folder} holds a run already; continue it with --resume ${folder}, or choose another folder with --out`,
    );
  }
  for (const file of [log, model, checkpoint]) {
    if (!(await exists(file))) continue;
    throw new ConfigError(`${file} is there already; choose another folder with --out`);
  }
}

/** Removes what processes that were killed have left in a run's folder, unless a live one is at work there. */
export async function tidyRun({ folder }: RunFiles): Promise<void> {
  if (!(await isLocked(folder).catch(() => true))) await removeLeftovers(folder);
}

/**
 * Reads the `config.json` of a run.
 *
 * @throws ConfigError when there is no run, or one that cannot be read
 */
export async function readRun(folder: string): Promise<RunDescription & { files: RunFiles }> {
  const files = runFiles(folder);
  let text: string;
  try {
    text = decodeText(await readFile(files.config));
  } catch (error) {
    const code = systemCode(error);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
    throw new ConfigError(`${folder} is not a run: there is no ${files.config}`, { cause: error });
  }
  let description: Partial<RunDescription> | null;
  try {
    description = JSON.parse(text);
  } catch (error) {
    throw new ConfigError(
      `${files.config} is not valid JSON: ${error instanceof Error ? error.message : error}`,
    );
  }
  if (description?.format !== FORMAT) {
    throw new ConfigError(
      `${files.config} was not written by this version of selftarget (it should say "${FORMAT}")`,
    );
  }
  return { ...(description as RunDescription), config: checkConfig(description.config, files.config), files };
}

async function makeFreeFolder(wanted: string): Promise<string> {
  await makeFolder(dirname(resolve(wanted)));
  for (let number = 1; ; number++) {
    const folder = number === 1 ? wanted : `${wanted}-${number}`;
    try {
      // Not recursive: it must fail where another run, perhaps just started, has taken the name.
      await mkdir(folder);
      return folder;
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw writingFailed(folder, error);
    }
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await makeFolders(folder);
  } catch (error) {
    throw writingFailed(folder, error);
  }
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory()) return;
  const why = found
    ? 'a file has that name'
    : 'it is a link to a folder that is not there (a disk that is not mounted?)';
  throw new RunError(`cannot write to ${folder}: ${why}; choose another folder with --out`);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
