/** Data sets of the user's own, named by a path: what is there is listed here, and read by ownDataSet.ts. */
import { existsSync } from 'node:fs';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { systemCode } from '../../node/systemErrors.js';
import { DataError, type LoadedDataSet, type SplitDataSet } from '../dataSet.js';
import type { LoadingProgress } from '../imageFolder.js';
import { isDataFile, ownDataSet, withoutTop } from '../ownDataSet.js';
import type { OwnFile } from '../ownFile.js';
import type { ImageShape } from '../resample.js';
import { TarReader } from '../tar.js';
import { contentPieces, explained, openText } from './content.js';
import { cachedPictures } from './pictureCache.js';
import { withProvenance } from './provenance.js';
import { dataSetEntries, findDataSet } from './registry.js';
import { whatFailed } from './whatFailed.js';

const tarFile = /\.(tar|tgz|tar\.gz)$/i;

/**
 * Whether `dataset` means a path: it is not the name of a known data set, and has a separator in it, ends as a file
 * of data does, or is there. A folder with a known data set's name is named `./mnist`.
 */
export function isPath(dataset: string): boolean {
  if (dataSetEntries.some(({ name }) => name === dataset)) return false;
  return /[/\\]/.test(dataset) || isDataFile(dataset) || existsSync(dataset);
}

/**
 * Checks what can be told of a data set from what it is called.
 *
 * @throws DataError when it is neither a path nor a known name
 */
export function checkDataSetName(dataset: string): void {
  if (!isPath(dataset)) findDataSet(dataset);
}

/** How data of the user's own are read. */
export interface OwnDataLoadOptions {
  /** What the pictures of an image folder are made into, or what a row of a table is. */
  readonly image?: ImageShape | undefined;
  /** Whether pictures that cannot be read are left out, with a note. */
  readonly skipDamaged?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onLoading?: ((progress: LoadingProgress) => void) | undefined;
  /** Where decoded pictures are kept for the next time; nowhere without it. */
  readonly cache?: string | undefined;
}

/**
 * Loads the data set at a path, relative to the working folder unless it begins with `/` or `~/`.
 *
 * @throws DataError when nothing is there, or nothing that can be read, and where the readers do
 */
export async function loadOwnData(given: string, options: OwnDataLoadOptions = {}): Promise<LoadedDataSet> {
  const place = given.startsWith('~/') ? path.join(homedir(), given.slice(2)) : given;
  const name = place.length > 1 ? place.replace(/[/\\]+$/, '') : place;
  const data = await readOwnData(place, name, options);
  return withProvenance(data, path.resolve(place));
}

async function readOwnData(place: string, name: string, options: OwnDataLoadOptions): Promise<SplitDataSet> {
  const { signal, cache, ...others } = options;
  const found = await about(place);
  if (!found.isDirectory() && !found.isFile()) {
    throw new DataError(`${place} is no file but ${kindOf(found)}; copy its content into a file`);
  }
  const listed = found.isDirectory()
    ? await listFolder(place, signal)
    : tarFile.test(name)
      ? await listTar(name, signal)
      : { files: [fileAt(path.basename(name), place, signal)], folders: [] };
  try {
    const readPictures = cachedPictures({ root: path.resolve(place), cache });
    return await ownDataSet({ ...others, name, ...listed, signal, readPictures });
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw explained(error, name);
  }
}

interface Listed {
  readonly files: readonly OwnFile[];
  readonly folders: readonly string[];
}

/** Everything in a folder and down to four levels below, more than any layout has. */
async function listFolder(root: string, signal: AbortSignal | undefined): Promise<Listed> {
  const files: OwnFile[] = [];
  const folders: string[] = [];
  const list = async (inside: string): Promise<void> => {
    signal?.throwIfAborted();
    const folder = path.join(root, inside);
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
      throw new DataError(`${folder} cannot be read: ${whatFailed(error)}`, { cause: error });
    });
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue;
      const relative = inside === '' ? entry.name : `${inside}/${entry.name}`;
      const full = path.join(root, relative);
      // Links count as what they lead to.
      const kind = entry.isSymbolicLink() ? await behindLink(full) : entry;
      if (kind.isDirectory()) {
        folders.push(relative);
        if (relative.split('/').length < 4) await list(relative);
      } else if (kind.isFile()) files.push(fileAt(relative, full, signal));
      else {
        // Reading a named pipe would wait for ever.
        throw new DataError(`${full} is no file but ${kindOf(kind)}; remove it`);
      }
    }
  };
  await list('');
  return { files, folders };
}

/** What is at a path; a DataError that names it where that cannot be told. */
async function about(place: string) {
  return reading(place, () => stat(place));
}

async function behindLink(place: string) {
  try {
    return await stat(place);
  } catch (error) {
    const why = systemCode(error) === 'ENOENT' ? 'it is a link to nowhere' : whatFailed(error);
    throw new DataError(`${place} cannot be read: ${why}`, { cause: error });
  }
}

function kindOf(kind: { isFIFO(): boolean; isSocket(): boolean }): string {
  if (kind.isFIFO()) return 'a named pipe';
  return kind.isSocket() ? 'a socket' : 'a device';
}

function fileAt(relative: string, full: string, signal: AbortSignal | undefined): OwnFile {
  return {
    path: relative,
    location: full,
    read: () => reading(full, async () => new Uint8Array(await readFile(full, { signal }))),
    head: (length) =>
      reading(full, async () => {
        const file = await open(full, 'r');
        try {
          const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, 0);
          return buffer.subarray(0, bytesRead);
        } finally {
          await file.close();
        }
      }),
    text: async () => openText(full, signal),
  };
}

async function reading<T>(full: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (systemCode(error) === undefined || systemCode(error) === 'ABORT_ERR') throw error;
    throw new DataError(`${full} cannot be read: ${whatFailed(error)}`, { cause: error });
  }
}

/** As if unpacked; never more of it in memory than the files in it. */
async function listTar(file: string, signal: AbortSignal | undefined): Promise<Listed> {
  const reader = new TarReader(file);
  try {
    for await (const piece of contentPieces(file, signal)) {
      reader.push(piece);
      if (reader.isEnded) break;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw explained(error, file);
  }
  return withoutTop(reader.entries());
}
