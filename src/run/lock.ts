/**
 * A run is trained by one process at a time. The process that trains it keeps a file `run.lock` in its folder that
 * names the process; one that a dead process has left does not count.
 */
import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRunning, type ProcessIdentity, thisProcess } from '../node/processes.js';
import { systemCode } from '../node/systemErrors.js';
import { RunError } from './errors.js';
import { writingFailed } from './files.js';

export interface RunLock {
  release(): Promise<void>;
}

/** The holder touches its lock this often. Where its process cannot be seen, one not touched for longer is dead. */
const BEAT_MS = 20_000;
const DEAD_MS = 120_000;

interface Holder {
  readonly text: string;
  readonly touchedMs: number;
  /** Nothing where the file says nothing, as for a moment after it was made. */
  readonly process: (ProcessIdentity & { readonly since: string }) | undefined;
}

/**
 * Locks the run in `folder` until released, or until this process ends.
 *
 * @throws RunError while another process trains it, or when the lock cannot be written
 */
export async function lockRun(folder: string): Promise<RunLock> {
  const path = lockPath(folder);
  const mine = `${JSON.stringify({ ...thisProcess(), since: new Date().toISOString() })}\n`;
  for (;;) {
    try {
      await writeFile(path, mine, { flag: 'wx' });
      return keep(path, mine);
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw writingFailed(path, error);
    }
    const holder = await readHolder(path);
    if (!holder) continue;
    if (isLive(holder)) throw new RunError(heldMessage(folder, path, holder));
    await takeAway(path, holder);
  }
}

/** Whether a live process trains the run in `folder`. */
export async function isLocked(folder: string): Promise<boolean> {
  const holder = await readHolder(lockPath(folder));
  return holder !== undefined && isLive(holder);
}

function lockPath(folder: string): string {
  return join(folder, 'run.lock');
}

function keep(path: string, mine: string): RunLock {
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {});
  }, BEAT_MS);
  beat.unref();
  return {
    async release() {
      clearInterval(beat);
      const holder = await readHolder(path).catch(() => undefined);
      if (holder?.text === mine) await rm(path, { force: true }).catch(() => undefined);
    },
  };
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const text = await readFile(path, 'utf8');
    const { mtimeMs } = await stat(path);
    return { text, touchedMs: mtimeMs, process: parse(text) };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw new RunError(`cannot read ${path}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}

function parse(text: string): Holder['process'] {
  try {
    const holder = JSON.parse(text) as Partial<NonNullable<Holder['process']>>;
    const { pid, host, machine, born, since } = holder;
    if (typeof pid !== 'number' || typeof host !== 'string') return undefined;
    return { pid, host, machine: String(machine), born: String(born), since: String(since) };
  } catch {
    return undefined;
  }
}

function isLive({ process, touchedMs }: Holder): boolean {
  const running = process && isRunning(process);
  return running ?? Date.now() - touchedMs < DEAD_MS;
}

/** Removes a dead lock, and no other: two processes may have found it dead, and one of them is faster. */
async function takeAway(path: string, dead: Holder): Promise<void> {
  const aside = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw writingFailed(path, error);
  }
  if ((await readFile(aside, 'utf8')) !== dead.text) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

function heldMessage(folder: string, path: string, { process }: Holder): string {
  if (!process) return `${folder} is being trained by another process; wait until it has ended`;
  const { pid, host, since } = process;
  const where = isRunning(process) === undefined ? ` on ${host}` : '';
  const unseen = where ? `; if that process is gone, delete ${path}` : '';
  return `${folder} is being trained by process ${pid}${where}, since ${since}; wait until it has ended${unseen}`;
}
