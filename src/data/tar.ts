/** The files of a tar archive: POSIX ustar, with the long names of GNU tar and of pax, and links inside the archive. */
import { DataError, type NamedBytes } from './dataSet.js';

export interface TarEntry {
  /** Parts separated by `/`, without a leading `./`. */
  readonly path: string;
  readonly kind: 'file' | 'folder';
  readonly bytes: Uint8Array;
}

const block = 512;
/** Larger members are refused by name. */
const mostMemberBytes = 2 ** 29;
/** More in all is refused: it would have to be in memory. */
const mostBytes = 2 ** 32;

/**
 * Lists an archive as unpacking it would leave it: of members with the same name the last one counts, links are the
 * files that they lead to.
 *
 * @param file an unzipped archive
 * @throws DataError when it is no tar archive, damaged or cut short, and for a link that leads nowhere inside it
 */
export function readTar({ source, bytes }: NamedBytes): TarEntry[] {
  const reader = new TarReader(source);
  reader.push(bytes);
  return reader.entries();
}

/** Takes an archive in pieces of any length. Errors are those of {@link readTar}. */
export class TarReader {
  readonly #source: string;
  readonly #found = new Map<string, TarEntry | Link>();
  #pieces: Uint8Array[] = [];
  #waiting = 0;
  /** The member whose content is awaited. */
  #member: Header | undefined;
  #extended: Extended = {};
  #at = 0;
  #kept = 0;
  #isEnded = false;

  constructor(source: string) {
    this.#source = source;
  }

  /** Whether the archive's end has been seen; what follows does not belong to it. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  push(bytes: Uint8Array): void {
    if (this.#isEnded) return;
    this.#pieces.push(bytes);
    this.#waiting += bytes.length;
    while (!this.#isEnded) {
      const length = this.#member ? Math.ceil(this.#member.size / block) * block : block;
      // The padding of the last member may be missing from an archive that is cut, but then so is its end.
      if (this.#waiting < length) return;
      const content = this.#take(length);
      if (this.#member) this.#endMember(this.#member, content.subarray(0, this.#member.size));
      else this.#readHeader(content);
      this.#at += length;
    }
  }

  /** All members, once everything has been pushed. */
  entries(): TarEntry[] {
    if (!this.#isEnded) {
      if (this.#at === 0 && !this.#member) {
        throw new DataError(
          `${this.#source} is cut short or not an archive: it is too small for one; fetch or copy it again`,
        );
      }
      const inside = this.#member ? ` in ${this.#member.path}` : '';
      throw new DataError(
        `${this.#source} is cut short${inside}: its end is missing; fetch or copy it again`,
      );
    }
    const entries: TarEntry[] = [];
    for (const [path, entry] of this.#found) {
      if (entry.kind === 'link') entries.push(...this.#follow(path, entry));
      else entries.push(entry);
    }
    return entries;
  }

  /** Bytes that have been pushed, without a copy where they came in one piece. */
  #take(length: number): Uint8Array {
    this.#waiting -= length;
    const [first] = this.#pieces;
    if (first.length >= length) {
      if (first.length === length) this.#pieces.shift();
      else this.#pieces[0] = first.subarray(length);
      return first.subarray(0, length);
    }
    const out = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      const [piece] = this.#pieces;
      const part = piece.subarray(0, length - at);
      out.set(part, at);
      at += part.length;
      if (part.length === piece.length) this.#pieces.shift();
      else this.#pieces[0] = piece.subarray(part.length);
    }
    return out;
  }

  #readHeader(header: Uint8Array): void {
    // Two empty blocks end an archive; one is enough to know.
    if (header.every((byte) => byte === 0)) {
      this.#isEnded = true;
      return;
    }
    if (checksum(header) !== octal(header, 148, 8)) {
      throw new DataError(
        `${this.#source} is ${this.#at === 0 ? 'not an archive that can be read' : 'a damaged tar archive'}: the header at byte ${this.#at} ` +
          'does not match its checksum; fetch or copy it again',
      );
    }
    const type = String.fromCharCode(header[156]);
    const isAbout = type === 'x' || type === 'g' || type === 'L' || type === 'K';
    const path = cleaned((isAbout ? undefined : this.#extended.path) ?? nameOf(header));
    const size = (isAbout ? undefined : this.#extended.size) ?? octal(header, 124, 12);
    const target = this.#extended.target ?? text(header, 157, 100);
    // Links have no content, whatever size they claim.
    const member = { type, path, target, size: /[1-6]/.test(type) ? 0 : size };
    if (member.size > mostMemberBytes) {
      throw new DataError(
        `${this.#source}: ${path} has ${(size / 1e9).toFixed(1)} GB; members of up to ${mostMemberBytes / 2 ** 20} MiB are read`,
      );
    }
    if (member.size > 0) this.#member = member;
    else this.#endMember(member, new Uint8Array(0));
  }

  #endMember(member: Header, content: Uint8Array): void {
    this.#member = undefined;
    const { type, path, target } = member;
    if (type === 'L') this.#extended.path = text(content, 0, content.length);
    else if (type === 'K') this.#extended.target = text(content, 0, content.length);
    else if (type === 'x') this.#extended = { ...this.#extended, ...paxRecords(content) };
    else if (type !== 'g') {
      const { sparse } = this.#extended;
      this.#extended = {};
      if (sparse || type === 'S') {
        throw new DataError(
          `${this.#source}: ${path} is stored with its gaps left out (a sparse file), which is not read; pack it without --sparse`,
        );
      }
      this.#keep(type, path, target, content);
    }
  }

  #keep(type: string, path: string, target: string, bytes: Uint8Array): void {
    if (path === '') return;
    const entry: TarEntry | Link | undefined =
      type === '5'
        ? { path, kind: 'folder', bytes }
        : type === '1'
          ? { kind: 'link', target: cleaned(target), written: target }
          : type === '2'
            ? { kind: 'link', target: cleaned(`${parentOf(path)}${target}`), written: target }
            : type === '0' || type === '\0' || type === '7'
              ? { path, kind: 'file', bytes }
              : undefined;
    if (!entry) return;
    this.#kept += bytes.length;
    if (this.#kept > mostBytes) {
      throw new DataError(
        `${this.#source} holds more than ${mostBytes / 2 ** 30} GiB; unpack it and name the folder`,
      );
    }
    // At the place of the last one, as the order of the members counts for nothing else.
    this.#found.delete(path);
    this.#found.set(path, entry);
  }

  /** What a link leads to, under the link's name. */
  #follow(path: string, link: Link): TarEntry[] {
    let target = link.target;
    // Links to links, but not for ever.
    for (let steps = 0; steps < 40; steps++) {
      const found = this.#found.get(target);
      if (found?.kind === 'file') return [{ ...found, path }];
      if (found?.kind === 'link') {
        target = found.target;
        continue;
      }
      const inside: TarEntry[] = [{ path, kind: 'folder', bytes: new Uint8Array(0) }];
      for (const [name, entry] of this.#found) {
        if (entry.kind === 'file' && name.startsWith(`${target}/`)) {
          inside.push({ ...entry, path: path + name.slice(target.length) });
        }
      }
      if (found?.kind === 'folder' || inside.length > 1) return inside;
      break;
    }
    throw new DataError(
      `${this.#source}: ${path} is a link to ${link.written}, which is not in the archive; pack it with --dereference`,
    );
  }
}

interface Header {
  readonly type: string;
  readonly path: string;
  readonly target: string;
  readonly size: number;
}

interface Link {
  readonly kind: 'link';
  readonly target: string;
  /** As the archive has it. */
  readonly written: string;
}

/** What members before a member say of it, because it does not fit into its header. */
interface Extended {
  path?: string;
  target?: string;
  size?: number;
  sparse?: boolean;
}

function nameOf(header: Uint8Array): string {
  const name = text(header, 0, 100);
  // GNU's own format has other things where POSIX has the beginning of long names.
  const prefix =
    String.fromCharCode(...header.subarray(257, 263)) === 'ustar\0' ? text(header, 345, 155) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** Without empty parts, `.` and `..`; a path cannot lead out of the archive. */
function cleaned(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/** `a/b/` of `a/b/c`. */
function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

/** Lines of the form `<length> <key>=<value>`, the length in bytes. */
function paxRecords(content: Uint8Array): Extended {
  const found: Extended = {};
  for (let at = 0; at < content.length; ) {
    const blank = content.indexOf(0x20, at);
    const length = Number(text(content, at, blank - at));
    if (!(blank > at && length > blank - at)) return found;
    const [key, value = ''] = text(content, blank + 1, at + length - blank - 2).split(/=(.*)/s);
    if (key === 'path') found.path = value;
    else if (key === 'linkpath') found.target = value;
    else if (key === 'size') found.size = Number(value);
    else if (key.startsWith('GNU.sparse.')) found.sparse = true;
    at += length;
  }
  return found;
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

const utf8 = new TextDecoder('utf-8', { fatal: true });
const latin1 = new TextDecoder('latin1');

/** As UTF-8 or, where it is none, as Latin-1, so that different names stay different. */
function text(bytes: Uint8Array, from: number, length: number): string {
  const part = bytes.subarray(from, from + length);
  const end = part.indexOf(0);
  const used = end < 0 ? part : part.subarray(0, end);
  try {
    return utf8.decode(used);
  } catch {
    return latin1.decode(used);
  }
}
