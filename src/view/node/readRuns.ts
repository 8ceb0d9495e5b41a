/** Run folders as records. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { RunError } from '../../run/errors.js';
import { systemCode } from '../../node/systemErrors.js';
import type { LogEntry } from '../../run/log.js';
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
  const { files, preset, config, environment } = await readRun(folder);
  const { log, unreadable } = await readEvents(files.log);
  return { run: { name: basename(resolve(folder)), preset, config, environment, log }, files, unreadable };
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

async function readEvents(path: string): Promise<{ log: LogEntry[]; unreadable: number }> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') throw new RunError(`${path} is not there: the run has not begun yet`);
    throw new RunError(`cannot read ${path}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
  const lines = text.split('\n').filter((line) => line !== '');
  const log = lines.map(parseEvent).filter((entry) => entry !== undefined);
  if (log.length === 0 && lines.length > 0) {
    throw new RunError(`${path} is damaged: none of its ${lines.length} lines is an event; put back a copy`);
  }
  return { log, unreadable: lines.length - log.length };
}

function parseEvent(line: string): LogEntry | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    const named = typeof entry === 'object' && entry !== null && 'event' in entry;
    return named && typeof entry.event === 'string' && hasNumbers(entry) ? (entry as LogEntry) : undefined;
  } catch {
    return undefined;
  }
}

/** What charts are drawn from must be numbers, whoever has edited the log. */
function hasNumbers(entry: object): boolean {
  const { event, epoch, trainSeconds, accuracy, labels } = entry as Record<string, unknown>;
  const accuracies =
    accuracy === undefined ||
    (typeof accuracy === 'object' &&
      accuracy !== null &&
      Object.values(accuracy).every((value) => Number.isFinite(value)));
  if (event === 'epoch') return Number.isFinite(epoch) && Number.isFinite(trainSeconds) && accuracies;
  if (event === 'readout') return Number.isFinite(epoch) && typeof labels === 'string' && accuracies;
  return accuracies;
}
