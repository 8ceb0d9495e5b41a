/** Pictures that no folder gives a class: nothing can be measured, but everything else works. */
import { bytesDataSet, DataError, type SplitDataSet, subset, UNLABELLED } from './dataSet.js';
import { type ImageFolderOptions, picturesAmong, readAll } from './imageFolder.js';
import { complement } from './split.js';

/** So few are too few to learn from. */
const fewest = 20;

/**
 * Reads pictures as items without labels, every sixth of them for the test.
 *
 * @param classes what their owner can call them later
 * @throws DataError for less than 20 pictures, and for files that cannot be read
 */
export async function looseImages(
  options: ImageFolderOptions,
  classes: readonly string[],
): Promise<SplitDataSet> {
  const { name } = options;
  const { pictures, notes } = await picturesAmong(options);
  if (pictures.length < fewest) {
    throw new DataError(
      `${pictures.length} pictures are too few to learn from; at least ${fewest} are needed, some hundreds are better`,
    );
  }
  const byPath = new Map(pictures.map((file) => [file.path, file]));
  const items = pictures.map(({ path }) => ({ path, className: undefined }));
  const { kept, bytes, shape } = await readAll(options, items, byPath, notes);
  const all = bytesDataSet({
    ...{ name, bytes, shape, classes },
    labels: new Int32Array(kept.length).fill(UNLABELLED),
    itemNames: kept.map(({ path }) => path.normalize()),
  });
  const out = Uint32Array.from(kept.keys()).filter((i) => i % 6 === 5);
  return { name, train: subset(all, complement(all.length, out)), test: subset(all, out), notes };
}
