/** Unzips bytes in memory, in a browser as in Node, and notices when they are damaged. */
import { Gunzip } from 'fflate';
import { crc32 } from './crc32.js';
import { DataError } from './dataSet.js';

/** More content than this is refused while it comes. */
const mostBytes = 2 ** 31;
/** Zipped bytes that are taken at a time. */
const portion = 1 << 16;

/** Whether `bytes` begin as a gzip file does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The content of a gzip file, of all its members where it has several (RFC 1952, section 2.2). Zeros after the last
 * one count for nothing, as in gunzip.
 *
 * @param source names the bytes in errors
 * @throws DataError when they are cut short or damaged, or hold more than 2 GiB
 */
export function gunzip(bytes: Uint8Array, source: string): Uint8Array {
  const damaged = (why: string): DataError =>
    new DataError(`${source} is a damaged gzip file (${why}); fetch or copy it again`);
  let end = bytes.length;
  // The last four bytes are a length, whose highest byte may be zero: at most so many belong to the file.
  while (end > 4 && bytes.subarray(end - 5, end).every((byte) => byte === 0)) end--;
  // The smallest file is a header of 10 bytes, an empty block of 2, and the content's CRC-32 and length.
  if (end < 20) throw damaged(`${bytes.length} bytes are too few`);
  const chunks: Uint8Array[] = [];
  let member = { crc: 0, length: 0 };
  let total = 0;
  const endMember = (at: number): void => {
    const trailer = new DataView(bytes.buffer, bytes.byteOffset + at - 8, 8);
    // fflate compares neither.
    if (member.length % 2 ** 32 !== trailer.getUint32(4, true)) {
      throw damaged(`${member.length} bytes unzipped, ${trailer.getUint32(4, true)} expected`);
    }
    if (member.crc !== trailer.getUint32(0, true)) throw damaged('its content does not match its checksum');
    member = { crc: 0, length: 0 };
  };
  const stream = new Gunzip((chunk) => {
    total += chunk.length;
    if (total > mostBytes) throw new DataError(`${source} holds more than 2 GiB; unzip it first`);
    member = { crc: crc32(chunk, member.crc), length: member.length + chunk.length };
    chunks.push(chunk);
  });
  stream.onmember = endMember;
  try {
    for (let at = 0; at < end; at += portion) {
      stream.push(bytes.subarray(at, Math.min(end, at + portion)), at + portion >= end);
    }
    endMember(end);
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw damaged(error instanceof Error ? error.message : String(error));
  }
  return chunks.length === 1 ? chunks[0] : joined(chunks, total);
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
