/**
 * Data sets: what training reads. This folder knows formats, splits and the order of items. It knows nothing of
 * learners, targets or regimes (it shares only the `Batch` and the seeded generator with them), and, outside
 * `node/`, nothing of files, so that it runs unchanged in a browser.
 */
export { BatchReader, batchOrder, readBatch } from './batches.js';
export { cifar10, cifar10Classes, cifar10FromTar } from './cifar.js';
export type { CsvSource, TextStream } from './csv.js';
export { csvDataSet } from './csvDataSet.js';
export {
  bytesDataSet,
  DataError,
  type DataSet,
  floatsDataSet,
  type LoadedDataSet,
  type NamedBytes,
  type Provenance,
  type SplitDataSet,
  subset,
  UNLABELLED,
} from './dataSet.js';
export { type DecodeOptions, decodeImage } from './decodeImage.js';
export type { Image } from './image.js';
export { allDigits, digits, digitsAttribution } from './digits.js';
export { gunzip, isGzip } from './gzip.js';
export { type Idx, idxDataSet, readIdx, readIdxImages, readIdxLabels } from './idx.js';
export { type ImageFile, imageFolder } from './imageFolder.js';
export { inputPower } from './inputPower.js';
export { type OwnDataOptions, ownDataSet } from './ownDataSet.js';
export type { OwnFile } from './ownFile.js';
export { applyLabelFile } from './labelFile.js';
export { nearestName } from './nearestName.js';
export { type ImageShape, Resampler } from './resample.js';
export { type Amount, complement, heldOut, parseAmount, stratified, trainValidation } from './split.js';
export { svhn, svhnClasses } from './svhn.js';
