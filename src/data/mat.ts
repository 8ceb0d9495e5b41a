/**
 * MATLAB 5.0 MAT-files ("MAT-File Format", The MathWorks): a header of 128 bytes, then elements, each a type, a length
 * and its data; an array is an element made of elements, and may lie compressed by zlib inside another. Arrays of
 * plain numbers are read; MATLAB keeps them column by column, the first dimension changing fastest.
 */
import { DataError, type NamedBytes } from './dataSet.js';
import { unzlib } from './unzlib.js';

/** An array of numbers. `values` are of the type in which the file stores them, which may be smaller than MATLAB's. */
export interface MatArray {
  readonly name: string;
  readonly dimensions: readonly number[];
  readonly values: MatValues;
}

export type MatValues =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** Data types of elements (table 1-1). */
const miMATRIX = 14;
const miCOMPRESSED = 15;
const numbers: Readonly<Record<number, { bytes: number; make(length: number): MatValues; get: Getter }>> = {
  1: { bytes: 1, make: (n) => new Int8Array(n), get: (view, at) => view.getInt8(at) },
  2: { bytes: 1, make: (n) => new Uint8Array(n), get: (view, at) => view.getUint8(at) },
  3: { bytes: 2, make: (n) => new Int16Array(n), get: (view, at, little) => view.getInt16(at, little) },
  4: { bytes: 2, make: (n) => new Uint16Array(n), get: (view, at, little) => view.getUint16(at, little) },
  5: { bytes: 4, make: (n) => new Int32Array(n), get: (view, at, little) => view.getInt32(at, little) },
  6: { bytes: 4, make: (n) => new Uint32Array(n), get: (view, at, little) => view.getUint32(at, little) },
  7: { bytes: 4, make: (n) => new Float32Array(n), get: (view, at, little) => view.getFloat32(at, little) },
  9: { bytes: 8, make: (n) => new Float64Array(n), get: (view, at, little) => view.getFloat64(at, little) },
  12: {
    bytes: 8,
    make: (n) => new Float64Array(n),
    get: (view, at, little) => Number(view.getBigInt64(at, little)),
  },
  13: {
    bytes: 8,
    make: (n) => new Float64Array(n),
    get: (view, at, little) => Number(view.getBigUint64(at, little)),
  },
};
type Getter = (view: DataView, at: number, littleEndian: boolean) => number;

/** Classes of arrays (table 1-3) that hold plain numbers: from double to 64-bit. */
const isNumeric = (arrayClass: number): boolean => arrayClass >= 6 && arrayClass <= 15;
/** The flag of complex numbers. */
const complex = 0x0800;

/**
 * The arrays of numbers in a MAT-file; cells, structures, text and sparse arrays are passed over.
 * 64-bit numbers become the nearest floating-point numbers.
 *
 * @throws DataError when the file is no MAT-file of version 5, cut short or damaged
 */
export function readMat({ source, bytes }: NamedBytes): MatArray[] {
  const order = bytes.length >= 128 ? String.fromCharCode(bytes[126], bytes[127]) : '';
  // Version 7.3 has the header of version 5, and HDF5 after it.
  const isHdf5 = startsLikeHdf5(bytes);
  if (isHdf5 || (order !== 'IM' && order !== 'MI')) {
    const hint = isHdf5
      ? 'it is of version 7.3; save it with -v7 or -v6'
      : `it has no header of one (${bytes.length} bytes)`;
    throw new DataError(`${source} is not a MAT-file of version 5: ${hint}`);
  }
  const littleEndian = order === 'IM';
  const arrays: MatArray[] = [];
  for (let at = 128; at < bytes.length; ) {
    const element = readElement(bytes, at, littleEndian, source);
    at = element.end;
    const matrix = element.type === miCOMPRESSED ? inflate(element.data, littleEndian, source) : element;
    if (matrix.type !== miMATRIX) continue;
    const array = readArray(matrix.data, littleEndian, source);
    if (array) arrays.push(array);
  }
  return arrays;
}

interface Element {
  readonly type: number;
  readonly data: Uint8Array;
  /** Where the next one begins. */
  readonly end: number;
}

function readElement(bytes: Uint8Array, at: number, littleEndian: boolean, source: string): Element {
  const damaged = (): DataError =>
    new DataError(
      `${source} is cut short or damaged at byte ${at} of ${bytes.length}; fetch or copy it again`,
    );
  if (at + 8 > bytes.length) throw damaged();
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 8);
  const first = view.getUint32(0, littleEndian);
  // A small element has its length beside its type and its data in the tag.
  const small = first >>> 16;
  if (small > 0) {
    if (small > 4) throw damaged();
    return { type: first & 0xffff, data: bytes.subarray(at + 4, at + 4 + small), end: at + 8 };
  }
  const length = view.getUint32(4, littleEndian);
  const end = at + 8 + length;
  if (end > bytes.length) throw damaged();
  // Compressed elements are not padded.
  const padded = first === miCOMPRESSED ? end : at + 8 + Math.ceil(length / 8) * 8;
  return { type: first, data: bytes.subarray(at + 8, end), end: padded };
}

/** The element that is compressed in `data`. */
function inflate(data: Uint8Array, littleEndian: boolean, source: string): Element {
  const content = unzlib(data, source, (start) => {
    // Its tag says how long it is.
    return start.length < 8
      ? undefined
      : 8 + new DataView(start.buffer, start.byteOffset).getUint32(4, littleEndian);
  });
  return readElement(content, 0, littleEndian, source);
}

function readArray(data: Uint8Array, littleEndian: boolean, source: string): MatArray | undefined {
  const flags = readElement(data, 0, littleEndian, source);
  const flagged = toNumbers(flags, littleEndian, source)[0] ?? 0;
  if (!isNumeric(flagged & 0xff)) return undefined;
  const dimensions = readElement(data, flags.end, littleEndian, source);
  const name = readElement(data, dimensions.end, littleEndian, source);
  const title = new TextDecoder().decode(name.data);
  if (flagged & complex) throw new DataError(`${source}: ${title} has complex numbers, which are not read`);
  const real = readElement(data, name.end, littleEndian, source);
  const array: MatArray = {
    name: title,
    dimensions: Array.from(toNumbers(dimensions, littleEndian, source)),
    values: toNumbers(real, littleEndian, source),
  };
  const expected = array.dimensions.reduce((a, b) => a * b, 1);
  if (array.values.length !== expected) {
    throw new DataError(
      `${source} is damaged: ${title} is ${array.dimensions.join(' x ')}, but has ${array.values.length} values`,
    );
  }
  return array;
}

function toNumbers({ type, data }: Element, littleEndian: boolean, source: string): MatValues {
  const kind = numbers[type];
  if (!kind || data.length % kind.bytes !== 0) {
    throw new DataError(`${source} has an array of a type that cannot be read (${type}), or is damaged`);
  }
  // Large arrays are bytes, and these need no copy.
  if (type === 2) return data;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const values = kind.make(data.length / kind.bytes);
  for (let i = 0; i < values.length; i++) values[i] = kind.get(view, i * kind.bytes, littleEndian);
  return values;
}

function startsLikeHdf5(bytes: Uint8Array): boolean {
  return String.fromCharCode(...bytes.subarray(0, 19)) === 'MATLAB 7.3 MAT-file';
}
