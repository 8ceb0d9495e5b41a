/**
 * What is in a file, unzipped where it is gzipped, read as a stream: neither the zipped file nor a second copy of
 * the content is ever in memory. Gzip is told by the first bytes, not by the name, because servers and browsers
 * unzip on the way and keep the name.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { DataError } from '../dataSet.js';
import { isGzip } from '../gzip.js';

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
 * @param keep receives the content from its start, as much as fits
 * @throws DataError when it is gzipped and damaged; the system's error when it cannot be read
 */
export async function digestContent(
  path: string,
  algorithm: Checksum['algorithm'],
  options: { keep?: Uint8Array; signal?: AbortSignal | undefined } = {},
): Promise<ContentDigest> {
  const { keep, signal } = options;
  const gzipped = await startsAsGzip(path);
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
    if (!isZlibError(error)) throw error;
    throw new DataError(
      `${path} is a damaged gzip file (${error.message}); delete it, then fetch or copy it again`,
    );
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
  expected: { file: string; checksum: Checksum; bytes: number },
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const { algorithm, hex } = expected.checksum;
  const keep = new Uint8Array(expected.bytes);
  const found = await digestContent(path, algorithm, { keep, signal });
  if (found.hex !== hex) {
    throw new DataError(
      `${path} is not the published ${expected.file}: its unzipped content has ${algorithm} ${found.hex} ` +
        `(${found.bytes} bytes), expected ${hex} (${expected.bytes} bytes). Delete it or put the right file there.`,
    );
  }
  return keep;
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

function isZlibError(error: unknown): error is Error & { code: string } {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_')
  );
}
