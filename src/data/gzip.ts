/** Unzips bytes in memory, in a browser as in Node, and notices when they are damaged. */
import { gunzipSync } from 'fflate';
import { crc32 } from './crc32.js';
import { DataError } from './dataSet.js';

/** Deflate cannot shrink by more than this factor; a length that claims more is damage. */
const greatestRatio = 1032;

/** Whether `bytes` begin as a gzip file does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The content of a gzip file of one member.
 *
 * @param source names the bytes in errors
 * @throws DataError when they are cut short or damaged
 */
export function gunzip(bytes: Uint8Array, source: string): Uint8Array {
  const damaged = (why: string): DataError =>
    new DataError(`${source} is a damaged gzip file (${why}); fetch or copy it again`);
  // The smallest file is a header of 10 bytes, an empty block of 2, and the content's CRC-32 and length.
  if (bytes.length < 20) throw damaged(`${bytes.length} bytes are too few`);
  const trailer = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 8, 8);
  const checksum = trailer.getUint32(0, true);
  const length = trailer.getUint32(4, true);
  // The length decides how much memory is taken, so a nonsensical one must not get that far.
  if (length > bytes.length * greatestRatio) throw damaged('it is cut short or its end is overwritten');
  let content: Uint8Array;
  try {
    content = gunzipSync(bytes);
  } catch (error) {
    throw damaged(error instanceof Error ? error.message : String(error));
  }
  // fflate does not compare these.
  if (content.length !== length) throw damaged(`${content.length} bytes unzipped, ${length} expected`);
  if (crc32(content) !== checksum) throw damaged('its content does not match its checksum');
  return content;
}
