/** A run's log: one JSON object a line, appended as things happen. */
import { open, readFile } from 'node:fs/promises';
import { writeAll } from '../node/files.js';
import { systemCode } from '../node/systemErrors.js';
import type { Position } from '../regimes/index.js';
import { RunError } from './errors.js';
import type { RunEvent } from './events.js';
import { writeWhole, writingFailed } from './files.js';

/** An event as it stands in the log. */
export type LogEntry = RunEvent & { readonly time: string };

export interface ReadLog {
  readonly entries: readonly LogEntry[];
  /** Lines that are no events: torn by a power cut, or edited by hand. */
  readonly unreadable: number;
}

const NEWLINE = 10;

/** Appends `event` with the time. */
export async function appendLog(path: string, event: RunEvent): Promise<void> {
  const { event: name, ...rest } = event;
  const line = JSON.stringify({ event: name, time: new Date().toISOString(), ...rest });
  try {
    const file = await open(path, 'a+');
    try {
      // After a line that a dying process, or a full disk, left unfinished, a new one begins.
      const { size } = await file.stat();
      const { buffer, bytesRead } = await file.read(new Uint8Array(1), 0, 1, Math.max(0, size - 1));
      const torn = bytesRead === 1 && buffer[0] !== NEWLINE;
      await writeAll(file, [new TextEncoder().encode(`${torn ? '\n' : ''}${line}\n`)]);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw writingFailed(path, error);
  }
}

/** All entries that can be read; a missing file has none. Throws RunError when the file cannot be read. */
export async function readLog(path: string): Promise<ReadLog> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return { entries: [], unreadable: 0 };
    throw new RunError(`cannot read ${path}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const entries = lines.map(parseEntry).filter((entry) => entry !== undefined);
  return { entries, unreadable: lines.length - entries.length };
}

function parseEntry(line: string): LogEntry | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    const named = typeof entry === 'object' && entry !== null && 'event' in entry;
    return named && typeof entry.event === 'string' && hasNumbers(entry) ? (entry as LogEntry) : undefined;
  } catch {
    return undefined;
  }
}

/** What charts are drawn from must be numbers, even if the log has been edited. */
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

/**
 * Takes out of the log what happened after `position`, the checkpoint's: those epochs will be trained again.
 *
 * @returns what is left
 */
export async function rewindLog(path: string, position: Position): Promise<readonly LogEntry[]> {
  const { entries } = await readLog(path);
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
