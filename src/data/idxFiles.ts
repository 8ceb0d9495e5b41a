/** IDX files of somebody's own, matched by their names as MNIST's and EMNIST's are: train-images-idx3-ubyte. */
import { bytesDataSet, DataError, type DataSet, type SplitDataSet, subset } from './dataSet.js';
import { readIdx, readIdxImages } from './idx.js';
import type { OwnFile } from './ownFile.js';
import { complement, heldOut } from './split.js';

const idxName = /(images|labels)?[-_.]?idx([13])[-_.]?ubyte(\.gz)?$/i;
/** How the test part is called in the name before "images" or "labels". */
const testName = /(^|[^a-z])(t10k|test|testing|val|valid|validation)([^a-z]|$)/i;

/** Whether a file is an IDX file by its name. */
export function isIdxName(path: string): boolean {
  return idxName.test(path);
}

interface Pair {
  images?: OwnFile;
  labels?: OwnFile;
}

/**
 * The data set of two or four files. Without files for the test, a sixth of the items is held out.
 *
 * @throws DataError naming the file that is missing, or what does not fit
 */
export async function idxFiles(name: string, files: readonly OwnFile[]): Promise<SplitDataSet> {
  const pairs = new Map<string, Pair>();
  for (const file of files) {
    const match = idxName.exec(file.path);
    if (!match) continue;
    const prefix = file.path.slice(0, match.index).replace(/[-_.]$/, '');
    const pair = pairs.get(prefix) ?? {};
    pairs.set(prefix, pair);
    const kind = match[2] === '3' ? 'images' : 'labels';
    if (pair[kind])
      throw new DataError(`${name}: ${pair[kind].path} and ${file.path} are the same; keep one of them`);
    pair[kind] = file;
  }
  for (const [prefix, { images, labels }] of pairs) {
    if (images && labels) continue;
    throw new DataError(
      `${name}: the ${images ? 'labels' : 'images'} to ${(images ?? labels)?.path} are missing; both files are needed, such as ` +
        `${prefix || 'train'}-images-idx3-ubyte and ${prefix || 'train'}-labels-idx1-ubyte`,
    );
  }
  const [train, second] = [false, true].map((isTest) =>
    [...pairs.entries()].filter(([prefix]) => testName.test(prefix) === isTest),
  );
  if (train.length !== 1 || second.length > 1) {
    throw new DataError(
      `${name}: of ${[...pairs.keys()].join(', ')} it is not clear which files are for training and which for the test; ` +
        'take one data set: train-... and test-... (or t10k-...), images and labels of each',
    );
  }
  return assemble(name, train[0][1], second[0]?.[1]);
}

async function assemble(name: string, train: Pair, test: Pair | undefined): Promise<SplitDataSet> {
  const parts = await Promise.all([train, ...(test ? [test] : [])].map((pair) => readPair(pair)));
  // Only labels that occur: EMNIST's letters count from 1.
  const values = [...new Set(parts.flatMap(({ labels }) => [...labels]))].sort((a, b) => a - b);
  const classes = values.map(String);
  const [all, held] = parts.map(({ images, labels }, i) => {
    const index = Int32Array.from(labels, (label) => values.indexOf(label));
    const [, height, width] = images.dimensions;
    const title = `${name} (${i === 0 ? 'train' : 'test'})`;
    return bytesDataSet({
      name: title,
      bytes: images.values,
      shape: [height, width, 1],
      labels: index,
      classes,
    });
  });
  return held ? { name, train: all, test: held } : { name, ...withHeldOut(all, name) };
}

async function readPair({ images, labels }: Pair) {
  const [imageFile, labelFile] = [images as OwnFile, labels as OwnFile];
  const read = {
    images: readIdxImages({ source: imageFile.path, bytes: await imageFile.read() }),
    labels: readIdx({ source: labelFile.path, bytes: await labelFile.read() }),
  };
  if (read.labels.dimensions.length !== 1)
    throw new DataError(`${labelFile.path} holds images, but labels are wanted here`);
  const [items] = read.images.dimensions;
  if (read.labels.values.length !== items) {
    throw new DataError(
      `${labelFile.path} has ${read.labels.values.length} labels, but ${imageFile.path} has ${items} images; these files do not belong together`,
    );
  }
  return { images: read.images, labels: read.labels.values };
}

/** `all` in two parts, a sixth of the labelled items for the test. */
export function withHeldOut(all: DataSet, name: string): { train: DataSet; test: DataSet } {
  const out = heldOut(all.labels, all.classes, name);
  return {
    train: { ...subset(all, complement(all.length, out)), name: `${name} (train)` },
    test: { ...subset(all, out), name: `${name} (test)` },
  };
}
