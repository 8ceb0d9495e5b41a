/**
 * Fetches a published file once and keeps it. A file under its final name is whole and has the published content:
 * it is written as `<file>.gz.part`, checked, synced and only then renamed.
 */
import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolders, syncFolder } from '../../node/files.js';
import { systemCode } from '../../node/systemErrors.js';
import { DataError } from '../dataSet.js';
import { digestContent } from './content.js';
import { isFile } from './locate.js';
import type { DataFile } from './registry.js';
import { DiskError, onDisk, type Received, transfer } from './transfer.js';

/** How far a download is. */
export interface DownloadProgress extends Received {
  readonly file: string;
  readonly url: string;
}

export interface DownloadOptions {
  onProgress?: ((progress: DownloadProgress) => void) | undefined;
  /** Aborting keeps what has arrived; the next download resumes there. */
  signal?: AbortSignal | undefined;
  /** A mirror is given up after so many milliseconds without a byte; 30 seconds by default. */
  stallMs?: number;
}

/** How often a mirror whose connection was cut is asked for the rest. */
const mostContinuations = 3;

/**
 * Downloads `file` into `folder` from the first mirror that has it.
 *
 * @param mirrors addresses that end in `/`
 * @returns the path of the whole, checked file: `<file>.gz`, or `<file>` from a server that unzips on the way
 * @throws DataError with each mirror's failure when none had it; {@link DiskError} when it cannot be kept; the
 *   signal's reason when aborted
 */
export async function download(
  file: DataFile,
  mirrors: readonly string[],
  folder: string,
  options: DownloadOptions = {},
): Promise<string> {
  const part = join(folder, `${file.file}.gz.part`);
  await onDisk('create', folder, () => makeFolders(folder));
  const failures: string[] = [];
  for (const mirror of mirrors) {
    const url = mirror + file.remote;
    try {
      return await fromMirror(file, url, part, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (error instanceof DiskError) {
        // What cannot be completed only keeps a full disk full.
        await rm(part, { force: true }).catch(() => {});
        throw error;
      }
      failures.push(`${url}: ${error instanceof Error ? error.message : error}`);
    }
  }
  throw new DataError(`could not download ${file.file}:\n  ${failures.join('\n  ')}`);
}

async function fromMirror(
  file: DataFile,
  url: string,
  part: string,
  options: DownloadOptions,
): Promise<string> {
  let resume = true;
  let continuations = 0;
  for (;;) {
    let arrived = 0;
    try {
      const { resumed } = await transfer(url, part, {
        resume,
        // Gzip adds a few bytes to what it cannot shrink.
        limit: file.bytes * 1.01 + 1024,
        stallMs: options.stallMs ?? 30_000,
        signal: options.signal,
        onReceived: (progress) => {
          arrived++;
          options.onProgress?.({ file: file.file, url, ...progress });
        },
      });
      const wrong = await verifyAndKeep(file, part, options.signal);
      if (typeof wrong !== 'string') return wrong.path;
      await rm(part, { force: true });
      // Two mirrors' files may differ as gzip files, and then their halves do not fit together.
      if (!resumed) throw new Unusable(`${wrong}; what arrived was removed`);
      resume = false;
    } catch (error) {
      options.signal?.throwIfAborted();
      if (error instanceof DataError || arrived === 0 || continuations++ >= mostContinuations) throw error;
      resume = true;
    }
  }
}

/** The right connection but the wrong content: asking the same mirror for more does not help. */
class Unusable extends DataError {}

/** Renames a part whose content is the published one; otherwise says what is wrong with it. */
async function verifyAndKeep(
  file: DataFile,
  part: string,
  signal: AbortSignal | undefined,
): Promise<{ path: string } | string> {
  const { algorithm, hex } = file.checksum;
  const [zipped, plain] = [join(dirname(part), `${file.file}.gz`), join(dirname(part), file.file)];
  // Where another download of the same was faster, the part is gone, or a third one's that has just begun.
  const faster = async () => {
    for (const path of [zipped, plain]) if (await isFile(path)) return { path };
    return undefined;
  };
  try {
    const found = await digestContent(part, algorithm, { signal, asItIs: file.archive });
    if (found.hex !== hex) {
      return (await faster()) ?? `its content has ${algorithm} ${found.hex}, expected ${hex}`;
    }
    const path = found.gzipped ? zipped : plain;
    await onDisk('create', path, () => rename(part, path));
    await syncFolder(dirname(path));
    return { path };
  } catch (error) {
    const isDamaged = error instanceof DataError && !(error instanceof DiskError);
    const kept = isDamaged || systemCode(error) === 'ENOENT' ? await faster() : undefined;
    if (kept) return kept;
    if (isDamaged) return 'it is a damaged gzip file';
    throw error;
  }
}
