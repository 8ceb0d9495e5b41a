/**
 * Arrays as numpy saves them (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html): a header that is
 * a Python dictionary in text, then the values.
 */
import { DataError, type NamedBytes } from './dataSet.js';

/** An array of numbers or of texts, the last dimension changing fastest. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly values: NpyValues;
}

export type NpyValues =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array
  | string[];

const magic = '\x93NUMPY';

/** How values of a type are read; 64-bit whole numbers become the nearest float. */
const types: Readonly<
  Record<
    string,
    {
      make(length: number): Exclude<NpyValues, string[]>;
      get(view: DataView, at: number, little: boolean): number;
    }
  >
> = {
  b1: { make: (n) => new Uint8Array(n), get: (view, at) => Number(view.getUint8(at) !== 0) },
  u1: { make: (n) => new Uint8Array(n), get: (view, at) => view.getUint8(at) },
  i1: { make: (n) => new Int8Array(n), get: (view, at) => view.getInt8(at) },
  u2: { make: (n) => new Uint16Array(n), get: (view, at, little) => view.getUint16(at, little) },
  i2: { make: (n) => new Int16Array(n), get: (view, at, little) => view.getInt16(at, little) },
  u4: { make: (n) => new Uint32Array(n), get: (view, at, little) => view.getUint32(at, little) },
  i4: { make: (n) => new Int32Array(n), get: (view, at, little) => view.getInt32(at, little) },
  u8: { make: (n) => new Float64Array(n), get: (view, at, little) => Number(view.getBigUint64(at, little)) },
  i8: { make: (n) => new Float64Array(n), get: (view, at, little) => Number(view.getBigInt64(at, little)) },
  f2: { make: (n) => new Float32Array(n), get: (view, at, little) => halfFloat(view.getUint16(at, little)) },
  f4: { make: (n) => new Float32Array(n), get: (view, at, little) => view.getFloat32(at, little) },
  f8: { make: (n) => new Float64Array(n), get: (view, at, little) => view.getFloat64(at, little) },
};

/** Whether `bytes` begin as numpy's files do. */
export function isNpy(bytes: Uint8Array): boolean {
  return String.fromCharCode(...bytes.subarray(0, 6)) === magic;
}

/**
 * Reads a .npy file.
 *
 * @throws DataError when it is none, damaged, or holds other things than numbers and texts
 */
export function readNpy({ source, bytes }: NamedBytes): NpyArray {
  if (!isNpy(bytes) || bytes.length < 12) throw new DataError(`${source} is not a .npy file of numpy's`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [before, length] = bytes[6] === 1 ? [10, view.getUint16(8, true)] : [12, view.getUint32(8, true)];
  const header = new TextDecoder().decode(bytes.subarray(before, before + length));
  const descr = /'descr':\s*'([<>|=]?)([a-zA-Z])(\d*)'/.exec(header);
  const shapeText = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  const isFortran = /'fortran_order':\s*True/.test(header);
  if (shapeText === undefined)
    throw new DataError(`${source} is damaged: its header does not say what it holds`);
  const kind = descr ? `${descr[2]}${descr[3]}` : '';
  const shape = shapeText
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number);
  const count = shape.reduce((a, b) => a * b, 1);
  const little = descr?.[1] !== '>';
  const [letter, width] = [descr?.[2], Number(descr?.[3])];
  const size = letter === 'U' ? 4 * width : letter === 'S' ? width : Number(kind.slice(1));
  if (!types[kind] && letter !== 'U' && letter !== 'S') {
    const found = letter === 'O' || !descr ? 'Python objects or records' : `values of type ${kind}`;
    throw new DataError(
      `${source} holds ${found}; save numbers, e.g. array.astype("float32"), or texts as array.astype("str")`,
    );
  }
  if (
    !shape.every((n) => Number.isSafeInteger(n) && n >= 0) ||
    before + length + count * size > bytes.length
  ) {
    throw new DataError(
      `${source} is cut short: ${shape.join(' x ')} values of ${size} bytes need ${before + length + count * size} bytes, but there are ${bytes.length}`,
    );
  }
  const order = isFortran && shape.length > 1 ? fortranIndex(shape) : undefined;
  const at = (i: number): number => before + length + (order ? order(i) : i) * size;
  if (letter === 'U' || letter === 'S') {
    return {
      shape,
      values: Array.from({ length: count }, (_, i) => textAt(view, at(i), letter, width, little)),
    };
  }
  if (kind === 'u1' && !order)
    return { shape, values: bytes.subarray(before + length, before + length + count) };
  const { make, get } = types[kind];
  const values = make(count);
  for (let i = 0; i < count; i++) values[i] = get(view, at(i), little);
  return { shape, values };
}

/** Where the first dimension changes fastest: the place in the file of value `i` of the usual order. */
function fortranIndex(shape: readonly number[]): (i: number) => number {
  return (i) => {
    let rest = i;
    let place = 0;
    const indices: number[] = [];
    for (let d = shape.length - 1; d >= 0; d--) {
      indices[d] = rest % shape[d];
      rest = Math.floor(rest / shape[d]);
    }
    for (let d = shape.length - 1; d >= 0; d--) place = place * shape[d] + indices[d];
    return place;
  };
}

/** Padded with zeros: code points of 4 bytes (U), or bytes (S). */
function textAt(view: DataView, at: number, letter: 'U' | 'S', width: number, little: boolean): string {
  const codes = Array.from({ length: width }, (_, i) =>
    letter === 'U' ? view.getUint32(at + 4 * i, little) : view.getUint8(at + i),
  );
  const end = codes.indexOf(0);
  const used = end < 0 ? codes : codes.slice(0, end);
  if (letter === 'S') return new TextDecoder().decode(Uint8Array.from(used));
  return used.map((code) => (code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd')).join('');
}

/** IEEE 754 half precision. */
function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
