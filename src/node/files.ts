/**
 * Files that are there whole or not at all: whatever ends the process, or fills the disk, while one is written,
 * the file that was there before is still there. Errors are the system's; callers say what they mean to their users.
 */
import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { isAlive } from './processes.js';
import { systemCode } from './systemErrors.js';

/** Writes `parts`, one after the other, as the file at `path`, replacing what was there. */
export async function replaceFile(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const folder = dirname(path);
  // In the same folder, because only within one file system is a rename atomic.
  const temporary = join(folder, temporaryName(basename(path)));
  try {
    const file = await open(temporary, 'wx');
    try {
      await writeAll(file, parts);
      // Before the rename: a crash must not leave the final name on an empty file.
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(folder);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

function temporaryName(name: string): string {
  return `.${name}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
}

/** Names that {@link replaceFile} gives, and has given: earlier versions left out the process. */
const leftover = /^\..+?\.(?:(\d+)\.)?[0-9a-f]{8}\.tmp$/;

/**
 * Removes the unfinished files that processes which were killed have left in `folder`. Only for a folder that no other
 * machine writes to at the time: its processes cannot be seen from here.
 */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch((): string[] => [])) {
    const [matches, pid] = leftover.exec(name) ?? [];
    if (matches === undefined || (pid !== undefined && isAlive(Number(pid)))) continue;
    await rm(join(folder, name), { force: true }).catch(() => undefined);
  }
}

/**
 * Writes every byte of every part; a plain write may stop half-way without an error.
 *
 * @param position where in the file; without it, where the last write ended
 */
export async function writeAll(
  file: Pick<FileHandle, 'write'>,
  parts: readonly Uint8Array[],
  position?: number,
): Promise<void> {
  let to = position;
  for (const part of parts) {
    for (let at = 0; at < part.length; ) {
      const { bytesWritten } = await file.write(part, at, part.length - at, to);
      at += bytesWritten;
      if (to !== undefined) to += bytesWritten;
    }
  }
}

/** Makes a rename itself last. Not all systems can sync a folder; those that cannot need no help of ours. */
export async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, 'r');
    await handle.sync();
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOSPC' || code === 'EIO') throw error;
  } finally {
    await handle?.close();
  }
}

/** As mkdir with `recursive`, which never returns in Node where a parent exists but takes no folders (/proc). */
export async function makeFolders(folder: string): Promise<void> {
  for (const parentMade of [false, true]) {
    try {
      await mkdir(folder);
      return;
    } catch (error) {
      const code = systemCode(error);
      if (code === 'EEXIST') return;
      const parent = dirname(resolve(folder));
      if (code !== 'ENOENT' || parentMade || parent === resolve(folder)) throw error;
      await makeFolders(parent);
    }
  }
}
