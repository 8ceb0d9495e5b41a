/**
 * Data sets: what training reads. This folder knows formats, splits and the order of items. It knows nothing of
 * learners, targets or regimes (it shares only the `Batch` and the seeded generator with them), and, outside
 * `node/`, nothing of files, so that it runs unchanged in a browser.
 */
export { batchOrder, readBatch } from './batches.js';
export { bytesDataSet, DataError, type DataSet, type SplitDataSet, subset, UNLABELLED } from './dataSet.js';
export { allDigits, digits, digitsAttribution } from './digits.js';
export { gunzip, isGzip } from './gzip.js';
export { type Idx, idxDataSet, type NamedBytes, readIdx, readIdxImages, readIdxLabels } from './idx.js';
export { nearestName } from './nearestName.js';
export { type Amount, complement, parseAmount, stratified, trainValidation } from './split.js';
