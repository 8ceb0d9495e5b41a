/**
 * PNG and JPEG files as bytes of grey or of red, green and blue. What a file is is told by its content, not by its
 * name. Pixels that are not opaque are shown on black, the value of "nothing there" in data such as MNIST.
 */
import { type DecodedPng, decode as decodePng } from 'fast-png';
import jpeg from 'jpeg-js';
import { DataError, type NamedBytes } from './dataSet.js';
import { jpegOrientation, upright } from './orientation.js';

/** A picture: row by row from the top, a pixel's channels side by side. */
export interface Image {
  readonly width: number;
  readonly height: number;
  /** 1 for grey, 3 for red, green, blue. */
  readonly channels: 1 | 3;
  readonly bytes: Uint8Array;
}

/** What files of other kinds begin with, to name them when they are found. */
const otherKinds: readonly (readonly [start: string, kind: string])[] = [
  ['GIF8', 'a GIF file'],
  ['RIFF', 'a WebP file'],
  ['BM', 'a BMP file'],
  ['II*\0', 'a TIFF file'],
  ['MM\0*', 'a TIFF file'],
  ['<', 'text such as a web page'],
];

/** Larger pictures are refused before their memory is taken. */
const mostPixels = 100e6;

/**
 * Decodes a PNG file (grey, colour or palette, 1 to 16 bits, with or without transparency; of an animation the first
 * picture) or a JPEG file (baseline or progressive), turned upright as cameras say. 16 bits are rounded to 8.
 *
 * @throws DataError naming the file when it is of another kind, cut short or damaged
 */
export function decodeImage(file: NamedBytes): Image {
  const { source, bytes } = file;
  if (startsWith(bytes, '\x89PNG\r\n\x1a\n')) return refusingDamage(source, 'PNG', () => fromPng(file));
  if (startsWith(bytes, '\xff\xd8\xff')) return refusingDamage(source, 'JPEG', () => fromJpeg(file));
  const other = otherKinds.find(([start]) => startsWith(bytes, start));
  const what = bytes.length === 0 ? 'is empty' : `is ${other ? other[1] : 'no picture'}`;
  throw new DataError(`${source} ${what}; PNG and JPEG can be read: convert the file, or take it away`);
}

function refusingDamage(source: string, kind: string, decode: () => Image): Image {
  try {
    return decode();
  } catch (error) {
    if (error instanceof DataError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new DataError(
      `${source} is a damaged or unusual ${kind} file (${why}); copy it again, save it anew, or take it away`,
      { cause: error },
    );
  }
}

function fromPng({ source, bytes }: NamedBytes): Image {
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height] = [header.getUint32(16), header.getUint32(20)];
  expectPossible(source, width, height);
  const interlaced = header.getUint8(28) !== 0;
  const png = decodePng(bytes, { checkCrc: true });
  if (interlaced && png.depth < 8) {
    throw new DataError(
      `${source} is an interlaced PNG file of ${png.depth} bits a value, which cannot be read; save it without interlacing`,
    );
  }
  const samples = png.depth < 8 ? unpackBits(png) : png.data;
  if (png.palette) return fromPalette(png, samples);
  const { channels: stored, transparency: key } = png;
  const channels = stored <= 2 ? 1 : 3;
  const hasAlpha = stored === 2 || stored === 4;
  const top = 2 ** png.depth - 1;
  const out = new Uint8Array(width * height * channels);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const from = pixel * stored;
    let alpha = hasAlpha ? samples[from + stored - 1] / top : 1;
    // A file without alpha may name one value that is not there.
    if (key && samples[from] === key[0]) {
      if (channels === 1 || (samples[from + 1] === key[1] && samples[from + 2] === key[2])) alpha = 0;
    }
    const scale = (255 / top) * alpha;
    for (let c = 0; c < channels; c++) out[pixel * channels + c] = Math.round(samples[from + c] * scale);
  }
  return { width, height, channels, bytes: out };
}

/** Values of 1, 2 or 4 bits, packed into bytes row by row, the leftmost in the high bits. */
function unpackBits({ width, height, depth, data }: DecodedPng): Uint8Array {
  const out = new Uint8Array(width * height);
  const bytesPerRow = Math.ceil((width * depth) / 8);
  const mask = 2 ** depth - 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      out[y * width + x] = (data[y * bytesPerRow + (bit >> 3)] >> (8 - depth - (bit & 7))) & mask;
    }
  }
  return out;
}

/** Grey where all of the palette is grey. */
function fromPalette({ width, height, palette = [] }: DecodedPng, samples: ArrayLike<number>): Image {
  const onBlack = palette.map(([r, g, b, alpha = 255]) =>
    [r, g, b].map((v) => Math.round((v * alpha) / 255)),
  );
  const channels = onBlack.every(([r, g, b]) => r === g && g === b) ? 1 : 3;
  const bytes = new Uint8Array(width * height * channels);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const colour = onBlack[samples[pixel]];
    if (!colour) throw new Error(`colour ${samples[pixel]} of a palette of ${palette.length}`);
    for (let c = 0; c < channels; c++) bytes[pixel * channels + c] = colour[c];
  }
  return { width, height, channels, bytes };
}

function fromJpeg({ source, bytes }: NamedBytes): Image {
  const frame = jpegFrame(bytes);
  if (!frame) throw new Error('it has no picture in it');
  expectPossible(source, frame.width, frame.height);
  if (!hasEnd(bytes)) throw new Error('it is cut short');
  const { width, height, data } = jpeg.decode(bytes, {
    useTArray: true,
    formatAsRGBA: false,
    tolerantDecoding: false,
    maxMemoryUsageInMB: 4096,
  });
  const image: Image =
    frame.components === 1
      ? { width, height, channels: 1, bytes: data.filter((_, i) => i % 3 === 0) }
      : { width, height, channels: 3, bytes: data };
  return upright(image, jpegOrientation(bytes));
}

/** Size and number of components, from the first frame header (SOF, ITU T.81, B.2.2). */
function jpegFrame(bytes: Uint8Array): { width: number; height: number; components: number } | undefined {
  const word = (at: number): number => (bytes[at] << 8) | bytes[at + 1];
  for (let at = 2; at + 9 < bytes.length; ) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1];
    // Fill bytes may stand before a marker.
    if (marker === 0xff) at++;
    else if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      return { height: word(at + 5), width: word(at + 7), components: bytes[at + 9] };
    } else at += 2 + word(at + 2);
  }
  return undefined;
}

/** Whether an end-of-image marker is there; what some cameras write after it does not matter. */
function hasEnd(bytes: Uint8Array): boolean {
  for (let at = bytes.length - 2; at > 2; at--) if (bytes[at] === 0xff && bytes[at + 1] === 0xd9) return true;
  return false;
}

function expectPossible(source: string, width: number, height: number): void {
  if (width * height > 0 && width * height <= mostPixels) return;
  throw new DataError(
    `${source} claims ${width} x ${height} pixels; from 1 to ${mostPixels / 1e6} million can be read`,
  );
}

function startsWith(bytes: Uint8Array, start: string): boolean {
  return bytes.length >= start.length && [...start].every((letter, i) => bytes[i] === letter.charCodeAt(0));
}
