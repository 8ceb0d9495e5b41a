/**
 * The safetensors format (https://huggingface.co/docs/safetensors): a JSON header with each tensor's type, shape
 * and place, then the bytes. Any tool can read it, and reading it can run no code.
 *
 *   8 bytes   length n of the header, little endian
 *   n bytes   {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, "__metadata__": {...}}
 *   the rest  the tensors, one after the other without gaps, little endian
 */
import { SelftargetError } from '../errors.js';
import type { Tensor, TensorMap } from './tensors.js';

/** A file that is not safetensors, is cut short, or holds what cannot be read here. */
export class SafetensorsError extends SelftargetError {
  override name = 'SafetensorsError';
}

export interface SafetensorsFile {
  readonly tensors: TensorMap;
  readonly metadata: ReadonlyMap<string, string>;
}

/** The format's own limit, so that a damaged length cannot ask for all memory. */
const MAXIMUM_HEADER = 100_000_000;
const METADATA = '__metadata__';

const types = {
  F64: { bytes: 8, from: (buffer: ArrayBuffer) => new Float64Array(buffer) },
  F32: { bytes: 4, from: (buffer: ArrayBuffer) => new Float32Array(buffer) },
  I32: { bytes: 4, from: (buffer: ArrayBuffer) => new Int32Array(buffer) },
} as const;
type TypeName = keyof typeof types;

/**
 * The file as parts to be written one after the other; the tensors' memory is not copied.
 *
 * @throws SafetensorsError when a tensor's values do not fill its shape, or it has a reserved name
 */
export function encodeSafetensors(
  tensors: TensorMap,
  metadata: Iterable<[string, string]> = [],
): Uint8Array[] {
  // Without a prototype, so that a tensor may have any name.
  const header: Record<string, unknown> = Object.create(null);
  const entries = Object.fromEntries(metadata);
  if (Object.keys(entries).length > 0) header[METADATA] = entries;
  const data: Uint8Array[] = [];
  let at = 0;
  // The widest types first, then by name: every tensor is aligned, and equal content gives equal bytes.
  const order = [...tensors].sort(
    ([nameA, a], [nameB, b]) => width(b) - width(a) || (nameA < nameB ? -1 : nameA > nameB ? 1 : 0),
  );
  for (const [name, tensor] of order) {
    if (name === METADATA) throw new SafetensorsError(`a tensor cannot be called ${METADATA}`);
    const { data: values, shape } = tensor;
    if (elements(shape) !== values.length) {
      throw new SafetensorsError(
        `"${name}" has ${values.length} values, which do not fill [${shape.join(', ')}]`,
      );
    }
    header[name] = { dtype: typeName(tensor), shape: [...shape], data_offsets: [at, at + values.byteLength] };
    data.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    at += values.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  // Spaces after the JSON, so that the data begin at a multiple of 8.
  const start = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20);
  new DataView(start.buffer).setBigUint64(0, BigInt(start.length - 8), true);
  start.set(json, 8);
  return [start, ...data];
}

/**
 * Reads a whole file; the tensors are copies.
 *
 * @throws SafetensorsError when anything about it is not as the format demands
 */
export function decodeSafetensors(file: Uint8Array): SafetensorsFile {
  const { header, dataStart } = readHeader(file);
  const metadata = new Map<string, string>();
  const tensors: TensorMap = new Map();
  const extents: { name: string; begin: number; end: number }[] = [];
  const available = file.length - dataStart;
  for (const [name, entry] of Object.entries(header)) {
    if (name === METADATA) {
      for (const [key, value] of Object.entries(record(entry, METADATA))) {
        if (typeof value !== 'string') throw new SafetensorsError(`the metadata "${key}" is not a string`);
        metadata.set(key, value);
      }
      continue;
    }
    const { type, shape, begin, end } = readEntry(name, entry);
    if (end > available) {
      throw new SafetensorsError(
        `the file is cut short: "${name}" ends at byte ${end} of the data, but there are only ${available}`,
      );
    }
    // Not file.slice: of a Node Buffer that is a view into all of the file.
    const bytes = new Uint8Array(file.subarray(dataStart + begin, dataStart + end));
    tensors.set(name, { shape, data: types[type].from(bytes.buffer) });
    extents.push({ name, begin, end });
  }
  checkNoGaps(extents, available);
  return { tensors, metadata };
}

function readHeader(file: Uint8Array): { header: Record<string, unknown>; dataStart: number } {
  if (file.length < 8)
    throw new SafetensorsError(`the file is cut short: ${file.length} bytes, a header needs 8`);
  const length = new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(MAXIMUM_HEADER)) {
    throw new SafetensorsError(`this is not a safetensors file: its header would be ${length} bytes long`);
  }
  const dataStart = 8 + Number(length);
  if (dataStart > file.length) {
    throw new SafetensorsError(
      `the file is cut short: the header is ${length} bytes long, but only ${file.length - 8} follow`,
    );
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(file.subarray(8, dataStart));
    return { header: record(JSON.parse(text), 'the header'), dataStart };
  } catch (error) {
    if (error instanceof SafetensorsError) throw error;
    throw new SafetensorsError(
      `the header is not valid JSON: ${error instanceof Error ? error.message : error}`,
    );
  }
}

function readEntry(
  name: string,
  entry: unknown,
): { type: TypeName; shape: number[]; begin: number; end: number } {
  const { dtype, shape, data_offsets: offsets } = record(entry, `"${name}"`);
  if (typeof dtype !== 'string' || !Object.hasOwn(types, dtype)) {
    throw new SafetensorsError(
      `"${name}" has type ${String(dtype)}; ${Object.keys(types).join(', ')} can be read`,
    );
  }
  if (!isCounts(shape)) throw new SafetensorsError(`"${name}" has no valid shape`);
  if (!isCounts(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    throw new SafetensorsError(`"${name}" has no valid place in the file`);
  }
  const [begin, end] = offsets;
  const type = dtype as TypeName;
  const needed = elements(shape) * types[type].bytes;
  if (end - begin !== needed) {
    throw new SafetensorsError(
      `"${name}" of shape [${shape.join(', ')}] and type ${type} needs ${needed} bytes, but has ${end - begin}`,
    );
  }
  return { type, shape, begin, end };
}

/** Bytes that belong to two tensors or to none are a sign of damage, or of something hidden. */
function checkNoGaps(extents: { name: string; begin: number; end: number }[], available: number): void {
  let at = 0;
  let before = 'the header';
  for (const { name, begin, end } of extents.sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin < at) throw new SafetensorsError(`"${name}" overlaps ${before}`);
    if (begin > at)
      throw new SafetensorsError(`${begin - at} bytes between ${before} and "${name}" belong to nothing`);
    at = end;
    before = `"${name}"`;
  }
  if (at !== available) throw new SafetensorsError(`${available - at} bytes at the end belong to nothing`);
}

function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SafetensorsError(`${what} is not a JSON object`);
  }
  return value as Record<string, unknown>;
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

function elements(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

function typeName({ data }: Tensor): TypeName {
  if (data instanceof Float64Array) return 'F64';
  return data instanceof Float32Array ? 'F32' : 'I32';
}

function width(tensor: Tensor): number {
  return types[typeName(tensor)].bytes;
}
