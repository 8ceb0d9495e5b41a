/** The files of a run: whole or not at all, with errors that say what to do. */
import { replaceFile } from '../node/files.js';
import { systemCode } from '../node/systemErrors.js';
import { RunError } from './errors.js';

/**
 * Writes `parts`, one after the other, as the file at `path`, replacing what was there.
 *
 * @throws RunError when it cannot be written, with what to do; the old file is then untouched
 */
export async function writeWhole(path: string, parts: readonly Uint8Array[] | string): Promise<void> {
  try {
    await replaceFile(path, typeof parts === 'string' ? [new TextEncoder().encode(parts)] : parts);
  } catch (error) {
    throw writingFailed(path, error);
  }
}

/** The error to show for a failed write of `path`. */
export function writingFailed(path: string, error: unknown): RunError {
  if (error instanceof RunError) return error;
  const because: Record<string, string> = {
    ENOSPC: 'the disk is full; free some space, then continue with --resume',
    EDQUOT: 'your disk quota is used up; free some space, then continue with --resume',
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
