/**
 * The IDX format of MNIST and its relatives (http://yann.lecun.com/exdb/mnist/): two zero bytes, the type of the
 * values, the number of dimensions, each dimension as a 32-bit big-endian number, then the values. Unsigned bytes
 * with 1 dimension (labels) or 3 (images) are read, gzipped or not.
 */
import { bytesDataSet, DataError, type DataSet, type NamedBytes } from './dataSet.js';
import { gunzip, isGzip } from './gzip.js';

/** An IDX file's content. `values` is a view of the given bytes where these were not gzipped. */
export interface Idx {
  readonly dimensions: readonly number[];
  readonly values: Uint8Array;
}

const types = new Map([
  [0x09, 'signed bytes'],
  [0x0b, '16-bit numbers'],
  [0x0c, '32-bit numbers'],
  [0x0d, '32-bit floats'],
  [0x0e, '64-bit floats'],
]);

/**
 * Reads an IDX file of unsigned bytes with 1 or 3 dimensions.
 *
 * @throws DataError when the gzip file is damaged, the header is another one, or the length does not fit it
 */
export function readIdx({ source, bytes: given }: NamedBytes): Idx {
  const bytes = isGzip(given) ? gunzip(given, source) : given;
  if (bytes.length < 4) throw new DataError(`${source} has ${bytes.length} bytes, too few for an IDX file`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [zero0, zero1, type, rank] = bytes;
  if (zero0 !== 0 || zero1 !== 0 || (type !== 0x08 && !types.has(type))) {
    throw new DataError(
      `${source} is not an IDX file: it starts with ${hex(view)}, not with 0x00000803 (images) or 0x00000801 (labels)`,
    );
  }
  if (type !== 0x08) {
    throw new DataError(
      `${source} is an IDX file of ${types.get(type)} (${hex(view)}); only unsigned bytes (type 0x08) can be read`,
    );
  }
  if (rank !== 1 && rank !== 3) {
    throw new DataError(
      `${source} is an IDX file with ${rank} dimensions (${hex(view)}); images have 3 (0x00000803), labels 1 (0x00000801)`,
    );
  }
  const header = 4 + 4 * rank;
  if (bytes.length < header) {
    throw new DataError(
      `${source} is cut short: its header needs ${header} bytes, but there are ${bytes.length}`,
    );
  }
  const dimensions = Array.from({ length: rank }, (_, d) => view.getUint32(4 + 4 * d));
  const expected = header + dimensions.reduce((a, b) => a * b, 1);
  if (bytes.length !== expected) {
    const what =
      bytes.length < expected ? 'is cut short' : `has ${bytes.length - expected} bytes too many at its end`;
    throw new DataError(
      `${source} ${what}: ${dimensions.join(' x ')} values need ${expected} bytes with the header, ` +
        `but there are ${bytes.length}; fetch or copy it again`,
    );
  }
  return { dimensions, values: bytes.subarray(header) };
}

/** Reads an IDX file of images: [items, height, width]. Throws a DataError where {@link readIdx} does. */
export function readIdxImages(file: NamedBytes): Idx {
  const idx = readIdx(file);
  if (idx.dimensions.length !== 3) {
    throw new DataError(
      `${file.source} holds labels, but images are wanted here (magic 0x00000803, a name such as train-images-idx3-ubyte)`,
    );
  }
  if (idx.dimensions[1] * idx.dimensions[2] === 0) {
    throw new DataError(
      `${file.source} holds images without pixels: ${idx.dimensions[1]} x ${idx.dimensions[2]}`,
    );
  }
  return idx;
}

/**
 * Reads an IDX file of labels as class indices below `classes`.
 *
 * @throws DataError where {@link readIdx} does, for images, and for a label that is out of range
 */
export function readIdxLabels(file: NamedBytes, classes: number): Int32Array {
  const { dimensions, values } = readIdx(file);
  if (dimensions.length !== 1) {
    throw new DataError(
      `${file.source} holds images, but labels are wanted here (magic 0x00000801, a name such as train-labels-idx1-ubyte)`,
    );
  }
  const wrong = values.findIndex((label) => label >= classes);
  if (wrong >= 0) {
    throw new DataError(
      `${file.source}: label ${values[wrong]} at item ${wrong} is out of range; there are ${classes} classes, 0 to ${classes - 1}`,
    );
  }
  return Int32Array.from(values);
}

/**
 * A data set of grey images, shape [height, width, 1], from a file of images and one of labels. The pixels stay
 * bytes, in the given memory where it was not gzipped.
 *
 * @throws DataError where the readers do, and when the two files have different numbers of items
 */
export function idxDataSet(options: {
  name: string;
  images: NamedBytes;
  labels: NamedBytes;
  classes: readonly string[];
}): DataSet {
  const { name, classes } = options;
  const { dimensions, values } = readIdxImages(options.images);
  const labels = readIdxLabels(options.labels, classes.length);
  const [items, height, width] = dimensions;
  if (items !== labels.length) {
    throw new DataError(
      `${options.labels.source} has ${labels.length} labels, but ${options.images.source} has ${items} images; ` +
        'these files do not belong together',
    );
  }
  return bytesDataSet({ name, bytes: values, shape: [height, width, 1], labels, classes });
}

function hex(view: DataView): string {
  return `0x${view.getUint32(0).toString(16).padStart(8, '0')}`;
}
