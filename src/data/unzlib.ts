/** Unzips the zlib streams inside other formats, in a browser as in Node, and notices when they are damaged. */
import { inflateSync, Unzlib } from 'fflate';
import { adler32 } from './adler32.js';
import { DataError } from './dataSet.js';

/** Deflate cannot shrink by more than this factor; a length that claims more is damage. */
const greatestRatio = 1032;

/**
 * The content of a zlib stream.
 *
 * @param source names the bytes in errors
 * @param lengthOf tells the content's length from its first bytes, so that its memory is taken once; the content may
 *   have up to 8 bytes more
 * @throws DataError when they are cut short or damaged
 */
export function unzlib(
  bytes: Uint8Array,
  source: string,
  lengthOf: (start: Uint8Array) => number | undefined,
): Uint8Array {
  const damaged = (why: string): DataError =>
    new DataError(`${source} is damaged inside (${why}); fetch or copy it again`);
  try {
    const length = lengthOf(firstBytes(bytes));
    if (length === undefined || length > bytes.length * greatestRatio)
      throw damaged('its length makes no sense');
    // Room for the padding that some programs add.
    const content = inflateSync(bytes.subarray(2, -4), { out: new Uint8Array(length + 8) });
    if (content.length < length) throw damaged(`${content.length} bytes unzipped, ${length} expected`);
    const trailer = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 4, 4);
    // fflate does not compare it.
    if (adler32(content) !== trailer.getUint32(0)) throw damaged('its content does not match its checksum');
    return content;
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw damaged(error instanceof Error ? error.message : String(error));
  }
}

function firstBytes(bytes: Uint8Array): Uint8Array {
  let first = new Uint8Array(0);
  const stream = new Unzlib((chunk) => {
    if (first.length === 0) first = chunk;
  });
  stream.push(bytes.subarray(0, 4096));
  return first;
}
