/** What a data set is known by: a digest over everything that training can see of it. */
import { createHash, type Hash } from 'node:crypto';
import { type DataSet, type LoadedDataSet, type SplitDataSet, UNLABELLED } from '../dataSet.js';

/** Values are hashed in portions of about so many bytes. */
const portion = 1 << 20;

/** `data` with its origin. What an earlier load found out about it is kept. */
export function withProvenance(data: SplitDataSet, source: string): LoadedDataSet {
  const { train, test } = data;
  const labelled = [train, test].reduce(
    (sum, part) => sum + part.labels.reduce((count, label) => count + (label === UNLABELLED ? 0 : 1), 0),
    0,
  );
  return {
    ...data,
    provenance: {
      source,
      digest: data.provenance?.digest ?? contentDigest(data),
      items: { train: train.length, test: test.length, labelled },
      classes: train.classes,
    },
  };
}

/** SHA-256 of all that training can see; see {@link Provenance}. */
export function contentDigest({ train, test }: SplitDataSet): string {
  const hash = createHash('sha256');
  for (const part of [train, test]) {
    const { length, shape, classes, itemNames, bytes } = part;
    // As JSON, so that no two different lists run together into the same text.
    hash.update(JSON.stringify({ length, shape, classes, itemNames, maximum: bytes?.maximum }));
    hash.update(littleEndian(part.labels));
    hashValues(hash, part);
  }
  return hash.digest('hex');
}

function hashValues(hash: Hash, { length, width, bytes, read }: DataSet): void {
  const atOnce = Math.max(1, Math.floor(portion / Math.max(1, width)));
  const values = bytes ? new Uint8Array(atOnce * width) : new Float32Array(atOnce * width);
  for (let from = 0; from < length; from += atOnce) {
    const count = Math.min(atOnce, length - from);
    for (let i = 0; i < count; i++) {
      if (values instanceof Uint8Array) bytes?.read(from + i, values, i * width);
      else read(from + i, values, i * width);
    }
    hash.update(littleEndian(values.subarray(0, count * width)));
  }
}

/** The bytes of numbers, in the same order on every machine. */
function littleEndian(values: Uint8Array | Int32Array | Float32Array): Buffer {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  const isBigEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 0;
  return isBigEndian && values.BYTES_PER_ELEMENT === 4 ? Buffer.from(bytes).swap32() : bytes;
}
