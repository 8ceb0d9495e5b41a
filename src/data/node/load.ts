/** Data sets by name: found on this machine or downloaded, checked, and read. */
import path from 'node:path';
import { DataError, type LoadedDataSet } from '../dataSet.js';
import type { LoadingProgress } from '../imageFolder.js';
import type { ImageShape } from '../resample.js';
import { readVerified } from './content.js';
import { type DownloadProgress, download } from './download.js';
import {
  cacheFolder,
  type Located,
  locateFile,
  type Place,
  type Surroundings,
  searchPlaces,
} from './locate.js';
import { isPath, loadOwnData } from './ownData.js';
import { withProvenance } from './provenance.js';
import { type DataFile, type DataSetEntry, dataSetEntries, findDataSet } from './registry.js';

export interface LoadOptions {
  /** Searched before all other places. */
  dataDir?: string | undefined;
  /** Whether what is not found is downloaded into the user's cache; true by default. */
  download?: boolean | undefined;
  /** What the pictures of an image folder are made into, or what a row of a CSV file is; not for known names. */
  image?: ImageShape | undefined;
  /** Whether pictures of one's own that cannot be read are left out, with a note. */
  skipDamaged?: boolean | undefined;
  /** Where decoded pictures are kept for the next time; the user's cache by default. */
  cache?: string | undefined;
  /** Called with the progress of a download. */
  onProgress?: ((progress: DownloadProgress) => void) | undefined;
  /** Called with the progress of reading an image folder. */
  onLoading?: ((progress: LoadingProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
  /** For tests: environment, platform and home folder to use instead of this process's. */
  surroundings?: Surroundings | undefined;
}

/** A data set and what of it is on this machine. */
export interface DataSetStatus {
  readonly entry: DataSetEntry;
  /** Found files, in the entry's order. Their content has not been checked. */
  readonly found: readonly (Located & { readonly file: string })[];
  /** Names of the files that were not found. */
  readonly missing: readonly string[];
  /** Whether it can be loaded without a download. */
  readonly available: boolean;
  /** "built in", the folders where its files are, or "not here". */
  readonly where: string;
}

/**
 * Loads the data set of that name, downloading what is not on this machine, or the user's own at that path. Every
 * file of a known data set is checked against its published checksum each time; pixels stay bytes.
 *
 * @throws DataError for an unknown name (with the nearest known one), for files that can neither be found nor
 *   downloaded (which file to put where), and for files with other content than the published; for a path, where
 *   {@link loadOwnData} does
 */
export async function loadDataSet(name: string, options: LoadOptions = {}): Promise<LoadedDataSet> {
  if (isPath(name)) return loadOwnData(name, { ...options, cache: options.cache ?? cacheOf(options) });
  const entry = findDataSet(name);
  if (options.image) {
    throw new DataError(
      `image: ${name} is used as it is published; leave image out, or name data of your own by a path`,
    );
  }
  return loadEntry(entry, options);
}

/** Nothing where there is no home to have a cache in. */
function cacheOf({ surroundings }: LoadOptions): string | undefined {
  try {
    return cacheFolder(surroundings);
  } catch {
    return undefined;
  }
}

/** As {@link loadDataSet}, for an entry that need not be a known one. */
export async function loadEntry(entry: DataSetEntry, options: LoadOptions = {}): Promise<LoadedDataSet> {
  const paths = await provideFiles(entry, options);
  const data = await entry.assemble(async (name) => {
    const file = entry.files.find((candidate) => candidate.file === name);
    const source = paths.get(name);
    if (!file || !source) throw new DataError(`${entry.name} has no file "${name}"`);
    return { source, bytes: await readVerified(source, file, options.signal) };
  });
  return withProvenance(data, entry.name);
}

/**
 * Downloads what is not on this machine of the data set of that name, and tells where it is then.
 *
 * @throws DataError as {@link loadDataSet}
 */
export async function fetchDataSet(name: string, options: LoadOptions = {}): Promise<DataSetStatus> {
  const entry = findDataSet(name);
  await provideFiles(entry, { ...options, download: true });
  return describeDataSet(name, options);
}

/** What of the data set of that name is on this machine. Throws a DataError for an unknown name. */
export async function describeDataSet(
  name: string,
  options: Pick<LoadOptions, 'dataDir' | 'surroundings'> = {},
): Promise<DataSetStatus> {
  return describeEntry(findDataSet(name), options);
}

/** All known data sets and what of them is on this machine. */
export async function listDataSets(
  options: Pick<LoadOptions, 'dataDir' | 'surroundings'> = {},
): Promise<DataSetStatus[]> {
  return Promise.all(dataSetEntries.map((entry) => describeEntry(entry, options)));
}

async function describeEntry(
  entry: DataSetEntry,
  options: Pick<LoadOptions, 'dataDir' | 'surroundings'>,
): Promise<DataSetStatus> {
  const { found, missing } = await locateFiles(entry, searchPlaces(options.dataDir, options.surroundings));
  const folders = [...new Set(found.map((located) => path.dirname(located.path)))];
  const here = folders.length > 0 ? folders.join(', ') : 'not here';
  return {
    entry,
    found,
    missing: missing.map((file) => file.file),
    available: missing.length === 0,
    where: entry.files.length === 0 ? 'built in' : here,
  };
}

async function locateFiles(
  entry: DataSetEntry,
  places: readonly Place[],
): Promise<{ found: (Located & { file: string })[]; missing: DataFile[] }> {
  const found: (Located & { file: string })[] = [];
  const missing: DataFile[] = [];
  for (const file of entry.files) {
    const located = await locateFile(entry.name, file.file, places);
    if (located) found.push({ ...located, file: file.file });
    else missing.push(file);
  }
  return { found, missing };
}

/** The path of each of the entry's files, downloaded where it was not found. */
async function provideFiles(entry: DataSetEntry, options: LoadOptions): Promise<Map<string, string>> {
  const places = searchPlaces(options.dataDir, options.surroundings);
  const { found, missing } = await locateFiles(entry, places);
  const paths = new Map(found.map((located) => [located.file, located.path]));
  if (missing.length > 0 && options.download === false) throw missingError(entry, missing, places);
  const cache = cacheFolder(options.surroundings);
  if (cache === undefined && missing.length > 0) {
    const homeless = 'There is no home folder to keep downloads in; set HOME or XDG_CACHE_HOME to a folder.';
    throw missingError(entry, missing, places, new DataError(homeless));
  }
  const folder = path.join(cache ?? '', entry.name);
  for (const file of missing) {
    try {
      paths.set(file.file, await download(file, entry.mirrors, folder, options));
    } catch (error) {
      // A full disk or an abort is not cured by copying a file.
      if (!(error instanceof DataError) || error.name !== 'DataError') throw error;
      const still = missing.filter((candidate) => !paths.has(candidate.file));
      throw missingError(entry, still, places, error);
    }
  }
  return paths;
}

function missingError(
  entry: DataSetEntry,
  missing: readonly DataFile[],
  places: readonly Place[],
  cause?: DataError,
): DataError {
  const names = missing.map((file) => file.remote);
  const zipped = missing.some((file) => !file.archive && file.remote.endsWith('.gz'));
  const target = path.join(places[0].folder, entry.name);
  const searched = places.map(({ folder, why }) => `${path.join(folder, entry.name)} (${why})`);
  return new DataError(
    [
      `${entry.name}: ${missing.length} of ${entry.files.length} files are not on this machine.`,
      `Put ${names.join(', ')} ${zipped ? '(or the unzipped files) ' : ''}into ${target}, or give the folder that holds them as ` +
        `--data-dir <folder>/${entry.name}.`,
      `Searched: ${searched.join(', ')}.`,
      `Published at ${entry.mirrors.join(' and ')}.`,
      ...(cause ? [cause.message] : ['Downloading is turned off.']),
    ].join('\n'),
    { cause },
  );
}
