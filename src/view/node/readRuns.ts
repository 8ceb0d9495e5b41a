/** Run folders as records. */
import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { RunError } from '../../run/errors.js';
import { systemCode } from '../../node/systemErrors.js';
import { type LogEntry, readLog } from '../../run/log.js';
import { readRun, type RunFiles } from '../../run/runFolder.js';
import type { RunRecord } from '../report/runRecord.js';

export interface ReadRun {
  readonly run: RunRecord;
  readonly files: RunFiles;
  /** Lines of the log that are no events; the last one may be one that a dying process left unfinished. */
  readonly unreadable: number;
}

/**
 * Reads the run in `folder`.
 *
 * @throws ConfigError when there is none; RunError when its log cannot be read, or holds nothing that can
 */
export async function readRunRecord(folder: string): Promise<ReadRun> {
  const { files, preset, config, environment, provenance } = await readRun(folder);
  const { log, unreadable } = await readEvents(files.log);
  const name = basename(resolve(folder));
  return {
    run: { name, file: files.config, preset, config, environment, provenance, log },
    files,
    unreadable,
  };
}

/**
 * All runs in the folders of `folder`, by name; none where there is no such folder.
 *
 * @param onUnreadable told of a run that cannot be read, which is then passed over; without it, it is an error
 */
export async function readRunFolders(
  folder: string,
  onUnreadable?: (message: string) => void,
): Promise<ReadRun[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw new RunError(`cannot read ${folder}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
  const runs: ReadRun[] = [];
  for (const name of names.sort()) {
    const inside = await readdir(join(folder, name)).catch((): string[] => []);
    if (!inside.includes('config.json')) continue;
    try {
      runs.push(await readRunRecord(join(folder, name)));
    } catch (error) {
      if (!onUnreadable || !(error instanceof RunError)) throw error;
      onUnreadable(error.message);
    }
  }
  return runs;
}

async function readEvents(path: string): Promise<{ log: readonly LogEntry[]; unreadable: number }> {
  const { entries, unreadable } = await readLog(path);
  if (entries.length > 0) return { log: entries, unreadable };
  if (unreadable === 0) throw new RunError(`${path} holds no event: the run has not begun yet`);
  throw new RunError(`${path} is damaged: none of its ${unreadable} lines is an event; put back a copy`);
}
