/**
 * Somebody's own files as a data set: one place that decides what they are, whether they come from a folder, an
 * archive or a page that they were dropped on.
 */
import { csvDataSet } from './csvDataSet.js';
import { DataError, type SplitDataSet } from './dataSet.js';
import { isImage } from './decodeImage.js';
import { gunzip, isGzip } from './gzip.js';
import { idxFiles, isIdxName } from './idxFiles.js';
import { imageFolder, type ImageFolderOptions } from './imageFolder.js';
import { looseImages } from './looseImages.js';
import { isNpy, type NpyArray, readNpy } from './npy.js';
import { npyDataSet } from './npyDataSet.js';
import { observations } from './observations.js';
import { headOf, isHidden, type OwnFile } from './ownFile.js';
import { readTar } from './tar.js';
import { decodeText } from './textEncoding.js';
import { isZip, readZip } from './zip.js';

export interface OwnDataOptions extends ImageFolderOptions {
  /**
   * Class names for pictures in no folder, so that nothing says what they show; they are refused without it.
   */
  readonly looseClasses?: readonly string[] | undefined;
}

const tables = /\.csv(\.gz)?$/i;
const arrays = /\.np[yz]$/i;
const archives = /\.(tar|tgz|tar\.gz|zip)$/i;

const whatIsRead =
  'a folder with a folder of PNG or JPEG files for each class, such a folder as .zip, .tar or .tar.gz, a CSV file with the ' +
  "column label, IDX files of images and labels, or numpy's .npy and .npz files";

/** Whether a file can be a data set by itself, by its name. */
export function isDataFile(path: string): boolean {
  return tables.test(path) || arrays.test(path) || archives.test(path) || isIdxName(path);
}

/**
 * Reads files as a data set.
 *
 * @throws DataError that says what was found and what would be right, and where the readers do
 */
export async function ownDataSet(options: OwnDataOptions): Promise<SplitDataSet> {
  const { name, image } = options;
  const files = options.files.filter(({ path }) => !isHidden(path));
  if (files.length === 0) throw new DataError(`${name} holds no files; what can be read is ${whatIsRead}`);
  if (files.length === 1 && archives.test(files[0].path)) {
    const called = isNamed(name, files[0]) ? name : `${name}/${files[0].path}`;
    return ownDataSet({ ...options, ...(await unpacked(called, files[0])) });
  }
  // A table may be beside the pictures that it describes.
  if (!files.some(({ path }) => /\.(png|jpe?g)$/i.test(path))) {
    const found = files.filter(({ path }) => tables.test(path));
    if (found.length > 1) {
      throw new DataError(
        `${name} holds ${found.length} CSV files, ${found[0].path} among them; name one of them`,
      );
    }
    if (found.length === 1)
      return table(isNamed(name, found[0]) ? name : `${name}/${found[0].path}`, found[0], options);
    if (files.some(({ path }) => isIdxName(path))) return noted(await idxFiles(name, files));
    const numpy = files.filter(({ path }) => arrays.test(path));
    if (numpy.length > 0) return noted(npyDataSet(name, await arraysIn(numpy), image));
  }
  if (options.looseClasses && files.every(({ path }) => !path.includes('/')) && !options.folders?.length) {
    return looseImages(options, options.looseClasses);
  }
  if (files.length === 1 && !files[0].path.includes('/') && !isImage(await headOf(files[0], 16))) {
    const called = isNamed(name, files[0]) ? name : `${name}/${files[0].path}`;
    throw new DataError(`${called} is not a data set; what can be read is ${whatIsRead}`);
  }
  return imageFolder(options);
}

/** Whether the data set is called like its only file. */
function isNamed(name: string, { path }: OwnFile): boolean {
  return name === path || name.endsWith(`/${path}`);
}

async function table(name: string, file: OwnFile, { image }: OwnDataOptions): Promise<SplitDataSet> {
  if (file.text) return csvDataSet({ name, source: await file.text(), image });
  const bytes = await file.read();
  return csvDataSet({ name, source: decodeText(isGzip(bytes) ? gunzip(bytes, name) : bytes), image });
}

/** With what is to be noticed about the data. */
function noted(data: SplitDataSet): SplitDataSet {
  return { ...data, notes: [...(data.notes ?? []), ...observations(data)] };
}

/** All arrays, by the names that they have in the files. */
async function arraysIn(files: readonly OwnFile[]): Promise<Map<string, NpyArray>> {
  const found = new Map<string, NpyArray>();
  for (const { path, read } of files) {
    const bytes = await read();
    if (isNpy(bytes)) {
      found.set(lastPart(path), readNpy({ source: path, bytes }));
      continue;
    }
    if (!isZip(bytes))
      throw new DataError(`${path} is not a file of numpy's; save it with numpy.save or numpy.savez`);
    for (const member of readZip({ source: path, bytes })) {
      if (member.path.endsWith('.npy'))
        found.set(member.path, readNpy({ source: `${path}:${member.path}`, bytes: member.bytes }));
    }
  }
  return found;
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The files in an archive, as if it were unpacked; a single folder around everything is left out. */
async function unpacked(name: string, file: OwnFile): Promise<{ files: OwnFile[]; folders: string[] }> {
  const bytes = await file.read();
  if (isZip(bytes))
    return withoutTop(
      readZip({ source: name, bytes }).map((entry) => ({
        ...entry,
        kind: entry.path.endsWith('/') ? 'folder' : 'file',
      })),
    );
  return withoutTop(readTar({ source: name, bytes: isGzip(bytes) ? gunzip(bytes, name) : bytes }));
}

/** Members of an archive as files; a single folder around everything is left out. */
export function withoutTop(
  entries: readonly { readonly path: string; readonly kind: 'file' | 'folder'; readonly bytes: Uint8Array }[],
): { files: OwnFile[]; folders: string[] } {
  const seen = entries.filter(({ path }) => !isHidden(path));
  const [top] = (seen[0]?.path ?? '').split('/');
  const isInTop = seen.every(({ path }) => path === top || path.startsWith(`${top}/`));
  // A class folder alone would be taken for it.
  const skip = isInTop && seen.some(({ path }) => path.split('/').length > 2) ? top.length + 1 : 0;
  const inside = seen.map((entry) => ({ ...entry, path: entry.path.slice(skip).replace(/\/$/, '') }));
  return {
    files: inside
      .filter(({ kind }) => kind === 'file')
      .map(({ path, bytes }) => ({ path, read: () => bytes, head: (length) => bytes.subarray(0, length) })),
    folders: inside.filter(({ kind, path }) => kind === 'folder' && path !== '').map(({ path }) => path),
  };
}
