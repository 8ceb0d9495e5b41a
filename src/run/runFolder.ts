/** The folder of a run: making a new one, opening one that is there, and what lies where in it. */
import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { checkConfig, type RunConfig } from './config.js';
import { ConfigError, RunError } from './errors.js';
import { makeFolders } from '../node/files.js';
import { systemCode } from '../node/systemErrors.js';
import type { Environment } from './events.js';
import { writeWhole, writingFailed } from './files.js';

const FORMAT = 'selftarget run 1';

/** Where new runs go unless told otherwise. */
export const runsFolder = 'runs';

/** What `config.json` holds: enough to repeat the run. */
export interface RunDescription {
  readonly format: typeof FORMAT;
  /** The preset or file that the settings came from, for people. */
  readonly preset: string;
  readonly config: RunConfig;
  readonly environment: Environment;
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

/**
 * Makes the folder of a new run and writes its `config.json`.
 *
 * @param out the folder asked for; without it, `runs/<preset>-seed<seed>`, with a number where that is taken
 * @throws ConfigError when `out` holds a run already; RunError when it cannot be written
 */
export async function createRunFolder(
  out: string | undefined,
  description: Omit<RunDescription, 'format'>,
): Promise<RunFiles> {
  const { preset, config } = description;
  const folder = out ?? (await makeFreeFolder(join(runsFolder, `${preset}-seed${config.seed}`)));
  const files = runFiles(folder);
  if (out !== undefined) {
    await makeFolder(out);
    if (await exists(files.config)) {
      throw new ConfigError(
        `${out} holds a run already; go on with it (--resume ${out}) or choose another --out`,
      );
    }
  }
  await writeWhole(files.config, `${JSON.stringify({ format: FORMAT, ...description }, undefined, 2)}\n`);
  return files;
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
    text = await readFile(files.config, 'utf8');
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
  if (!(await stat(folder)).isDirectory()) {
    throw new RunError(`cannot write to ${folder}: a file has that name; choose another folder with --out`);
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
