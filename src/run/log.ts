/** A run's log: one JSON object a line, appended as things happen. */
import { appendFile, readFile } from 'node:fs/promises';
import { systemCode } from '../node/systemErrors.js';
import type { RunEvent } from './events.js';
import { writeWhole, writingFailed } from './files.js';
import type { Position } from '../regimes/index.js';

/** An event as it stands in the log. */
export type LogEntry = RunEvent & { readonly time: string };

/** Appends `event` with the time. */
export async function appendLog(path: string, event: RunEvent): Promise<void> {
  const { event: name, ...rest } = event;
  const line = JSON.stringify({ event: name, time: new Date().toISOString(), ...rest });
  try {
    await appendFile(path, `${line}\n`);
  } catch (error) {
    throw writingFailed(path, error);
  }
}

/** All entries; a last line that a dying process left unfinished is passed over, a missing file has none. */
export async function readLog(path: string): Promise<LogEntry[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
  return text.split('\n').flatMap((line): LogEntry[] => {
    try {
      return line === '' ? [] : [JSON.parse(line) as LogEntry];
    } catch {
      return [];
    }
  });
}

/**
 * Takes out of the log what happened after `position`, the checkpoint's: those epochs will be trained again.
 *
 * @returns what is left
 */
export async function rewindLog(path: string, position: Position): Promise<LogEntry[]> {
  const entries = await readLog(path);
  const kept = entries.filter((entry) => !isAfter(entry, position));
  await writeWhole(path, kept.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  return kept;
}

function isAfter(entry: LogEntry, { epoch, step }: Position): boolean {
  switch (entry.event) {
    case 'epoch':
    case 'readout':
    case 'failed':
      return entry.epoch > epoch;
    case 'done':
      return entry.epochs > epoch;
    case 'checkpoint':
    case 'interrupted':
      return entry.epoch > epoch || (entry.epoch === epoch && entry.step > step);
    default:
      return false;
  }
}
