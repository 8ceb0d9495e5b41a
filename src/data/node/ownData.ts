/** Data sets of the user's own, named by a path: an image folder, one in a tar archive, or a CSV file. */
import { type Dirent, existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { homeFolder } from '../../node/home.js';
import { systemCode } from '../../node/systemErrors.js';
import { csvDataSet } from '../csvDataSet.js';
import { DataError, type LoadedDataSet, type SplitDataSet } from '../dataSet.js';
import { type ImageFile, imageFolder } from '../imageFolder.js';
import type { ImageShape } from '../resample.js';
import { readTar } from '../tar.js';
import { explained, openText, unzipped } from './content.js';
import { withProvenance } from './provenance.js';
import { dataSetEntries, findDataSet } from './registry.js';

const csvFile = /\.csv(\.gz)?$/i;
const tarFile = /\.(tar|tgz|tar\.gz)$/i;

/**
 * Whether `dataset` means a path: it is not the name of a known data set, and has a separator in it, ends as a file
 * of data does, or is there. A folder with a known data set's name is named `./mnist`.
 */
export function isPath(dataset: string): boolean {
  if (dataSetEntries.some(({ name }) => name === dataset)) return false;
  return /[/\\]/.test(dataset) || csvFile.test(dataset) || tarFile.test(dataset) || existsSync(dataset);
}

/**
 * Checks what can be told of a data set from what it is called.
 *
 * @throws DataError when it is neither a path nor a known name
 */
export function checkDataSetName(dataset: string): void {
  if (!isPath(dataset)) findDataSet(dataset);
}

/**
 * Loads the data set at a path, relative to the working folder unless it begins with `/` or `~/`.
 *
 * @param options.image see {@link imageFolder} and {@link csvDataSet}
 * @throws DataError when nothing is there, or nothing that can be read, and where the readers do
 */
export async function loadOwnData(
  given: string,
  options: { image?: ImageShape | undefined; signal?: AbortSignal | undefined } = {},
): Promise<LoadedDataSet> {
  return withProvenance(await readOwnData(given, options), path.resolve(expandHome(given)));
}

/** `~/` is the home folder also where no shell has replaced it, as in a configuration. */
function expandHome(given: string): string {
  if (!given.startsWith('~/')) return given;
  const home = homeFolder();
  if (home === undefined) throw new DataError(`${given}: there is no home folder; write the whole path`);
  return path.join(home, given.slice(2));
}

async function readOwnData(
  given: string,
  options: { image?: ImageShape | undefined; signal?: AbortSignal | undefined },
): Promise<SplitDataSet> {
  const place = expandHome(given);
  const name = place.length > 1 ? place.replace(/[/\\]+$/, '') : place;
  const { image, signal } = options;
  try {
    const found = await stat(place);
    if (found.isDirectory()) return await imageFolder({ name, ...(await listFolder(place)), image, signal });
    if (csvFile.test(name)) return await loadCsv(name, image, signal);
    if (tarFile.test(name)) return await imageFolder({ name, ...(await listArchive(name)), image, signal });
  } catch (error) {
    if (error instanceof DataError || signal?.aborted) throw error;
    throw new DataError(`${place} cannot be read: ${whatFailed(error)}`, { cause: error });
  }
  throw new DataError(
    `${place} is no data set: name a folder with a folder of images for each class, such a folder as .tar.gz, or a .csv file`,
  );
}

interface Listed {
  readonly files: readonly ImageFile[];
  readonly folders: readonly string[];
}

/** Everything in a folder and down to four levels below, more than any layout has. */
async function listFolder(root: string): Promise<Listed> {
  const files: ImageFile[] = [];
  const folders: string[] = [];
  const list = async (inside: string): Promise<void> => {
    for (const entry of await readdir(path.join(root, inside), { withFileTypes: true })) {
      if (entry.name.startsWith('.')) continue;
      const relative = inside === '' ? entry.name : `${inside}/${entry.name}`;
      const full = path.join(root, relative);
      if (!(await isFolder(entry, full))) files.push({ path: relative, read: () => readFile(full) });
      else {
        folders.push(relative);
        if (relative.split('/').length < 4) await list(relative);
      }
    }
  };
  await list('');
  return { files, folders };
}

/** Links count as what they lead to; those that lead nowhere, as files, whose reading will say so. */
async function isFolder(entry: Dirent, full: string): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  return (await stat(full).catch(() => undefined))?.isDirectory() ?? false;
}

/** As if unpacked; a single folder around everything is left out. */
async function listArchive(file: string): Promise<Listed> {
  const bytes = unzipped({ source: file, bytes: await readFile(file) });
  const entries = readTar({ source: file, bytes });
  const tops = new Set(entries.map((entry) => entry.path.split('/')[0]));
  const [top] = tops;
  const skip =
    tops.size === 1 && entries.some((entry) => entry.path.split('/').length > 2) ? top.length + 1 : 0;
  const inside = entries.map((entry) => ({ ...entry, path: entry.path.slice(skip) }));
  return {
    files: inside
      .filter((entry) => entry.kind === 'file')
      .map((entry) => ({ path: entry.path, read: () => entry.bytes })),
    folders: inside
      .filter((entry) => entry.kind === 'folder' && entry.path !== '')
      .map((entry) => entry.path),
  };
}

async function loadCsv(
  file: string,
  image: ImageShape | undefined,
  signal: AbortSignal | undefined,
): Promise<SplitDataSet> {
  const stream = await openText(file);
  const stop = (): void => {
    stream.destroy(signal?.reason);
  };
  signal?.addEventListener('abort', stop, { once: true });
  try {
    signal?.throwIfAborted();
    return await csvDataSet({ name: file, source: stream, image });
  } catch (error) {
    throw explained(error, file);
  } finally {
    signal?.removeEventListener('abort', stop);
    stream.destroy();
  }
}

function whatFailed(error: unknown): string {
  if (systemCode(error) === 'ENOENT') return `there is no such file or folder (looked from ${process.cwd()})`;
  return error instanceof Error ? error.message : String(error);
}
