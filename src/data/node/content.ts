/**
 * What is in a file, unzipped where it is gzipped, read as a stream: neither the zipped file nor a second copy of
 * the content is ever in memory. Gzip is detected from the first bytes, not from the name, because servers and browsers
 * unzip on the way and keep the name.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable, type Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, gunzipSync } from 'node:zlib';
import { DataError, type NamedBytes } from '../dataSet.js';
import { isGzip } from '../gzip.js';
import { encodingOf, newlineOf } from '../textEncoding.js';

/** A published checksum of a file's content, in lower-case hexadecimal digits. */
export interface Checksum {
  readonly algorithm: 'sha256' | 'md5';
  readonly hex: string;
}

/** What a file was found to hold. */
export interface ContentDigest {
  /** The content's checksum in hexadecimal digits. */
  readonly hex: string;
  /** Bytes of content. */
  readonly bytes: number;
  /** Whether the file itself is gzipped. */
  readonly gzipped: boolean;
}

const chunkSize = 1 << 18;

/**
 * The checksum and length of a file's unzipped content.
 *
 * @param options.keep receives the content from its start, as much as fits
 * @param options.asItIs has a gzipped file's own bytes taken instead
 * @throws DataError when it is gzipped and damaged; the system's error when it cannot be read
 */
export async function digestContent(
  path: string,
  algorithm: Checksum['algorithm'],
  options: { keep?: Uint8Array; signal?: AbortSignal | undefined; asItIs?: boolean | undefined } = {},
): Promise<ContentDigest> {
  const { keep, signal, asItIs = false } = options;
  const gzipped = !asItIs && (await startsAsGzip(path));
  const hash = createHash(algorithm);
  let bytes = 0;
  const sink = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      hash.update(chunk);
      if (keep && bytes < keep.length) keep.set(chunk.subarray(0, keep.length - bytes), bytes);
      bytes += chunk.length;
      done();
    },
  });
  const file = createReadStream(path, { highWaterMark: chunkSize });
  try {
    if (gzipped) await pipeline(file, createGunzip({ chunkSize }), sink, { signal });
    else await pipeline(file, sink, { signal });
  } catch (error) {
    throw explained(error, path);
  }
  return { hex: hash.digest('hex'), bytes, gzipped };
}

/**
 * A file's unzipped content, checked against what was published.
 *
 * @param expected the checksum and the number of bytes that the content must have
 * @throws DataError naming the file, what was expected and what was found
 */
export async function readVerified(
  path: string,
  expected: { file: string; checksum: Checksum; bytes: number; archive?: boolean | undefined },
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const { algorithm, hex } = expected.checksum;
  const keep = new Uint8Array(expected.bytes);
  const found = await digestContent(path, algorithm, { keep, signal, asItIs: expected.archive });
  if (found.hex !== hex) {
    throw new DataError(
      `${path} is not the published ${expected.file}: its ${expected.archive ? '' : 'unzipped '}content has ${algorithm} ${found.hex} ` +
        `(${found.bytes} bytes), expected ${hex} (${expected.bytes} bytes). Delete it or put the right file there.`,
    );
  }
  return keep;
}

/** Bytes unzipped where they are gzipped. Throws a DataError naming the source when they are damaged. */
export function unzipped({ source, bytes }: NamedBytes): Uint8Array {
  if (!isGzip(bytes)) return bytes;
  try {
    return gunzipSync(bytes);
  } catch (error) {
    throw explained(error, source);
  }
}

/** A file's unzipped content in pieces. Errors are the system's and zlib's; see {@link explained}. */
export async function* contentPieces(path: string, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const gzipped = await startsAsGzip(path);
  const file = createReadStream(path, { highWaterMark: chunkSize, signal });
  const content = gzipped ? createGunzip({ chunkSize }) : file;
  if (gzipped) file.on('error', (error) => content.destroy(error)).pipe(content as Transform);
  try {
    yield* content as AsyncIterable<Uint8Array>;
  } finally {
    file.destroy();
    content.destroy();
  }
}

/** A file's unzipped content as a stream of text, in UTF-8 or UTF-16, its lines ending in LF or CRLF. */
export async function openText(path: string, signal?: AbortSignal): Promise<Readable> {
  return Readable.from(texts(contentPieces(path, signal)));
}

async function* texts(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined;
  let newline: '\n' | '\r' | undefined;
  for await (const piece of pieces) {
    decoder ??= new TextDecoder(encodingOf(piece));
    const text = decoder.decode(piece, { stream: true });
    newline ??= newlineOf(text);
    if (text !== '') yield newline === '\r' ? text.replaceAll('\r', '\n') : text;
  }
  const rest = decoder?.decode();
  if (rest) yield rest;
}

async function startsAsGzip(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(2), 0, 2, 0);
    return isGzip(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

/** What a failed unzipping means for the user; other errors as they are. */
export function explained(error: unknown, path: string): unknown {
  if (!isZlibError(error)) return error;
  return new DataError(
    `${path} is a damaged gzip file (${error.message}); delete it, then fetch or copy it again`,
    {
      cause: error,
    },
  );
}

function isZlibError(error: unknown): error is Error & { code: string } {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_')
  );
}
