/**
 * Files that are there whole or not at all: whatever ends the process, or fills the disk, while one is written,
 * the file that was there before is still there.
 */
import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { RunError, systemCode } from './errors.js';

/**
 * Writes `parts`, one after the other, as the file at `path`, replacing what was there.
 *
 * @throws RunError when it cannot be written, with what to do; the old file is then untouched
 */
export async function writeWhole(path: string, parts: readonly Uint8Array[] | string): Promise<void> {
  const folder = dirname(path);
  // In the same folder, because only within one file system is a rename atomic.
  const temporary = join(folder, `.${basename(path)}.${randomBytes(4).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx');
    try {
      await writeAll(file, typeof parts === 'string' ? [new TextEncoder().encode(parts)] : parts);
      // Before the rename: a crash must not leave the final name on an empty file.
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(folder);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw writingFailed(path, error);
  }
}

/** Writes every byte of every part; a plain write may stop half-way without an error. */
export async function writeAll(file: Pick<FileHandle, 'write'>, parts: readonly Uint8Array[]): Promise<void> {
  for (const part of parts) {
    for (let at = 0; at < part.length; ) {
      const { bytesWritten } = await file.write(part, at, part.length - at);
      at += bytesWritten;
    }
  }
}

/** Makes the rename itself last. Not all systems can sync a folder; those that cannot need no help of ours. */
async function syncFolder(folder: string): Promise<void> {
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

/** The error to show for a failed write of `path`. */
export function writingFailed(path: string, error: unknown): RunError {
  if (error instanceof RunError) return error;
  const because: Record<string, string> = {
    ENOSPC: 'the disk is full; free some space, then go on with --resume',
    EDQUOT: 'your disk quota is used up; free some space, then go on with --resume',
    EACCES: 'you may not write there; choose another folder with --out, or change its permissions',
    EPERM: 'you may not write there; choose another folder with --out, or change its permissions',
    EROFS: 'that file system is read-only; choose another folder with --out',
    ENOTDIR: 'a part of that path is a file, not a folder; choose another folder with --out',
    ENOENT: 'its folder is not there or takes no files; choose another folder with --out',
    EISDIR: 'a folder has that name; move it out of the way',
  };
  const reason = because[systemCode(error) ?? ''] ?? (error instanceof Error ? error.message : String(error));
  return new RunError(`cannot write ${path}: ${reason}`, { cause: error });
}
