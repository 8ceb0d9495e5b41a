/**
 * A data set as training sees it: items that can be read one by one, scaled to [0, 1], and labels that may be
 * missing. Where the items are (bytes in memory, sparse features, files) is the implementation's business.
 */
import { SelftargetError } from '../errors.js';

/** The label of an item that has none. */
export const UNLABELLED = -1;

export interface DataSet {
  readonly name: string;
  readonly length: number;
  /**
   * One item's shape: [height, width, channels] for images, row by row from the top, a pixel's channels side by side;
   * [features] otherwise.
   */
  readonly shape: readonly number[];
  /** Values per item: the product of `shape`. */
  readonly width: number;
  /** Class names; a label is an index into them. */
  readonly classes: readonly string[];
  /** One class index per item, {@link UNLABELLED} where there is none. */
  readonly labels: Int32Array;
  /** What each item is called by its source, such as a file's path; absent where items have only their number. */
  readonly itemNames?: readonly string[] | undefined;
  /** Writes item `index` to `out[offset .. offset + width)`, scaled to [0, 1]. */
  read(index: number, out: Float32Array, offset: number): void;
  /** Where items are stored as bytes: the same unscaled, which learners can take four times as fast. */
  readonly bytes?: ByteItems | undefined;
}

export interface ByteItems {
  /** The byte that stands for 1. */
  readonly maximum: number;
  /** Writes item `index` to `out[offset .. offset + width)`. */
  read(index: number, out: Uint8Array, offset: number): void;
}

/** A data set with its two parts. */
export interface SplitDataSet {
  readonly name: string;
  readonly train: DataSet;
  readonly test: DataSet;
  /** Where it came from; set by what loads it from files. */
  readonly provenance?: Provenance | undefined;
  /** What its owner should know about it, a sentence each: files passed over, pictures that are nearly black. */
  readonly notes?: readonly string[] | undefined;
}

/** Where a data set came from, so that one can tell later whether it is still the same. */
export interface Provenance {
  /** The absolute path of the owner's data; the name of a known data set. */
  readonly source: string;
  /**
   * SHA-256 in hexadecimal digits of all that training can see: the shape, the class names and, of each part, the
   * items' values, labels and names in their order. It does not depend on where the data are.
   */
  readonly digest: string;
  readonly items: { readonly train: number; readonly test: number; readonly labelled: number };
  readonly classes: readonly string[];
}

/** A data set whose origin is known. */
export type LoadedDataSet = SplitDataSet & { readonly provenance: Provenance };

/** Bytes and what to call them in errors, as a rule a path. */
export interface NamedBytes {
  readonly source: string;
  readonly bytes: Uint8Array;
}

/** Data that cannot be used, with what was wrong, where, and what would be right. */
export class DataError extends SelftargetError {
  override name = 'DataError';
}

/** Items stored as bytes, 0 to `maximum` (255 by default). */
export function bytesDataSet(options: {
  name: string;
  bytes: Uint8Array;
  shape: readonly number[];
  labels: Int32Array;
  classes: readonly string[];
  itemNames?: readonly string[] | undefined;
  maximum?: number;
}): DataSet {
  const { name, bytes, shape, labels, classes, itemNames, maximum = 255 } = options;
  const width = shape.reduce((a, b) => a * b, 1);
  const length = labels.length;
  if (bytes.length !== length * width) {
    throw new DataError(
      `${name}: ${bytes.length} bytes of items, but ${length} labels of ${width} values each need ${length * width}`,
    );
  }
  const scale = Float32Array.from({ length: 256 }, (_, v) => v / maximum);
  return {
    name,
    length,
    shape,
    width,
    classes,
    labels,
    itemNames,
    read(index, out, offset) {
      const from = index * width;
      for (let i = 0; i < width; i++) out[offset + i] = scale[bytes[from + i]];
    },
    bytes: {
      maximum,
      read: (index, out, offset) => out.set(bytes.subarray(index * width, (index + 1) * width), offset),
    },
  };
}

/** Items stored as numbers from 0 to `maximum`. */
export function floatsDataSet(options: {
  name: string;
  values: Float32Array;
  shape: readonly number[];
  labels: Int32Array;
  classes: readonly string[];
  maximum: number;
}): DataSet {
  const { name, values, shape, labels, classes, maximum } = options;
  const width = shape.reduce((a, b) => a * b, 1);
  return {
    name,
    length: labels.length,
    shape,
    width,
    classes,
    labels,
    read(index, out, offset) {
      const from = index * width;
      for (let i = 0; i < width; i++) out[offset + i] = values[from + i] / maximum;
    },
  };
}

/** The items of `data` at `indices`, in that order; labels can be hidden. */
export function subset(
  data: DataSet,
  indices: ArrayLike<number>,
  options: { hideLabels?: boolean } = {},
): DataSet {
  const labels = Int32Array.from(indices, (i) => (options.hideLabels ? UNLABELLED : data.labels[i]));
  return {
    ...data,
    length: indices.length,
    labels,
    itemNames: data.itemNames && Array.from(indices, (i) => (data.itemNames as readonly string[])[i]),
    read: (index, out, offset) => data.read(indices[index], out, offset),
    bytes: data.bytes && {
      ...data.bytes,
      read: (index, out, offset) => data.bytes?.read(indices[index], out, offset),
    },
  };
}

/** How many items of `data` have a label. Throws {@link DataError} when none has, as nothing can be measured then. */
export function countLabelled(data: DataSet): number {
  const count = data.labels.reduce((sum, label) => sum + (label === UNLABELLED ? 0 : 1), 0);
  if (count === 0) throw new DataError(`${data.name}: no item has a label, so no accuracy can be measured`);
  return count;
}
