/**
 * The built-in data set: 1,797 handwritten digits of 8x8 pixels, small enough to come with the package, so that the
 * first run needs no download and the browser page no server.
 *
 * Optical Recognition of Handwritten Digits, test part. E. Alpaydin, C. Kaynak, UCI Machine Learning Repository,
 * 1998, CC BY 4.0.
 */
import { inflateSync } from 'fflate';
import { bytesDataSet, type DataSet, type SplitDataSet } from './dataSet.js';
import { digitsBase64, digitsCount } from './digitsBytes.js';
import { complement, stratified } from './split.js';

/** What has to be said where the data set is shown or passed on. */
export const digitsAttribution =
  'Optical Recognition of Handwritten Digits, test part. ' +
  'E. Alpaydin, C. Kaynak, UCI Machine Learning Repository, 1998, CC BY 4.0';

const pixels = 64;
/** Pixel values run from 0 to 16. */
const maximum = 16;
const testItems = 360;
/** Any number would do; a fixed one makes everybody's test part the same. */
const splitSeed = 1998;

/** All 1,797 digits in the published order, shape [8, 8, 1], values 0 to 16 scaled to [0, 1], classes '0' to '9'. */
export function allDigits(): DataSet {
  const { bytes, labels } = unpack();
  return digitsOf('digits', bytes, labels);
}

/**
 * The digits as 1,437 items to train on and 360 to test on. The published set has no such parts; this split is
 * fixed and keeps the class proportions. Each call unpacks again (milliseconds); keep the result.
 */
export function digits(): SplitDataSet {
  const { bytes, labels } = unpack();
  const test = stratified(labels, { count: testItems }, splitSeed);
  const train = complement(digitsCount, test);
  const part = (name: string, indices: Uint32Array): DataSet => {
    const chosen = new Uint8Array(indices.length * pixels);
    indices.forEach((from, to) => {
      chosen.set(bytes.subarray(from * pixels, (from + 1) * pixels), to * pixels);
    });
    return digitsOf(
      name,
      chosen,
      Int32Array.from(indices, (i) => labels[i]),
    );
  };
  return { name: 'digits', train: part('digits (train)', train), test: part('digits (test)', test) };
}

function digitsOf(name: string, bytes: Uint8Array, labels: Int32Array): DataSet {
  const classes = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
  return bytesDataSet({ name, bytes, labels, classes, shape: [8, 8, 1], maximum });
}

/** Undoes the layout of scripts/embedDigits.mjs. */
function unpack(): { bytes: Uint8Array; labels: Int32Array } {
  const deflated = Uint8Array.from(atob(digitsBase64), (c) => c.charCodeAt(0));
  const packed = inflateSync(deflated);
  const labels = Int32Array.from(packed.subarray(0, digitsCount));
  const byClass = Uint32Array.from(labels.keys()).toSorted((a, b) => labels[a] - labels[b] || a - b);
  const bytes = new Uint8Array(digitsCount * pixels);
  let at = digitsCount;
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (const item of byClass) bytes[item * pixels + pixel] = packed[at++];
  }
  return { bytes, labels };
}
