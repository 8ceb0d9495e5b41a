/** The files of a tar archive: POSIX ustar, with the long names of GNU tar and of pax. */
import { DataError, type NamedBytes } from './dataSet.js';

export interface TarEntry {
  /** Parts separated by `/`, without a leading `./`. */
  readonly path: string;
  readonly kind: 'file' | 'folder';
  /** A view of the archive's bytes. */
  readonly bytes: Uint8Array;
}

const block = 512;

/**
 * Lists an archive. Links and devices are passed over.
 *
 * @param file an unzipped archive
 * @throws DataError when it is no tar archive, damaged or cut short
 */
export function readTar({ source, bytes }: NamedBytes): TarEntry[] {
  const entries: TarEntry[] = [];
  let longName: string | undefined;
  for (let at = 0; ; ) {
    const header = bytes.subarray(at, at + block);
    if (header.length < block)
      throw new DataError(`${source} is cut short: it ends without an end; copy it again`);
    // Two empty blocks end an archive; one is enough to know.
    if (header.every((byte) => byte === 0)) return entries;
    if (checksum(header) !== octal(header, 148, 8)) {
      throw new DataError(
        `${source} is ${at === 0 ? 'no tar archive' : 'a damaged tar archive'}: the header at byte ${at} does not match ` +
          'its checksum; fetch or copy it again',
      );
    }
    const size = octal(header, 124, 12);
    const content = bytes.subarray(at + block, at + block + size);
    if (content.length < size) {
      throw new DataError(
        `${source} is cut short: ${content.length} of ${size} bytes of ${nameOf(header)} are there`,
      );
    }
    const type = String.fromCharCode(header[156]);
    if (type === 'L') longName = text(content, 0, size);
    else if (type === 'x') longName = paxPath(content) ?? longName;
    else {
      const path = (longName ?? nameOf(header)).replace(/^(\.\/)+/, '').replace(/\/+$/, '');
      longName = undefined;
      const kind =
        type === '5' ? 'folder' : type === '0' || type === '\0' || type === '7' ? 'file' : undefined;
      if (kind && path !== '' && path !== '.') entries.push({ path, kind, bytes: content });
    }
    at += block + Math.ceil(size / block) * block;
  }
}

function nameOf(header: Uint8Array): string {
  const name = text(header, 0, 100);
  // GNU's own format has other things where POSIX has the beginning of long names.
  const prefix = text(header, 257, 6) === 'ustar' ? text(header, 345, 155) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** `path` in lines of the form `<length> <key>=<value>`. */
function paxPath(content: Uint8Array): string | undefined {
  for (let at = 0; at < content.length; ) {
    const blank = content.indexOf(0x20, at);
    const length = Number(text(content, at, blank - at));
    if (!(blank > at && length > blank - at)) return undefined;
    const [key, value] = text(content, blank + 1, at + length - blank - 2).split(/=(.*)/s);
    if (key === 'path') return value;
    at += length;
  }
  return undefined;
}

/** The sum of a header's bytes, its own field counting as blanks. */
function checksum(header: Uint8Array): number {
  let sum = 8 * 0x20;
  for (let i = 0; i < block; i++) if (i < 148 || i >= 156) sum += header[i];
  return sum;
}

function octal(header: Uint8Array, from: number, length: number): number {
  // Numbers that do not fit in digits are binary, marked by the highest bit.
  if (header[from] & 0x80) {
    return header.subarray(from + 1, from + length).reduce((value, byte) => value * 256 + byte, 0);
  }
  return Number.parseInt(text(header, from, length).trim() || '0', 8);
}

function text(bytes: Uint8Array, from: number, length: number): string {
  const part = bytes.subarray(from, from + length);
  const end = part.indexOf(0);
  return new TextDecoder().decode(end < 0 ? part : part.subarray(0, end));
}
