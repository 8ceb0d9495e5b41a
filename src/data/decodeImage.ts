/**
 * PNG and JPEG files as bytes of grey or of red, green and blue. The kind of a file is detected from its content, not
 * from its name. Pixels that are not opaque are shown on black, the value of "nothing there" in data such as MNIST.
 */
import { DataError, type NamedBytes } from './dataSet.js';
import type { Image } from './image.js';
import { decodeJpeg, jpegFrame } from './jpeg.js';
import { JpegDataError, JpegTurbo } from './jpegTurbo.js';
import { isTurned, orientationIn, upright } from './orientation.js';
import { decodePng, PngError, pngHeader } from './png.js';

/** Counted up whenever the pixels of any file change, so that what was kept of earlier decoding is not used. */
export const decoderVersion = 1;

/** What files of other kinds begin with, to name them when they are found. */
const otherKinds: readonly (readonly [start: string, kind: string])[] = [
  ['GIF8', 'a GIF file'],
  ['RIFF', 'a WebP file'],
  ['BM', 'a BMP file'],
  ['II*\0', 'a TIFF file'],
  ['MM\0*', 'a TIFF file'],
  ['%PDF', 'a PDF file'],
  ['\0\0\0\x0cjP', 'a JPEG 2000 file'],
  ['\xff\x4f\xff\x51', 'a JPEG 2000 file'],
  ['\xff\x0a', 'a JPEG XL file'],
  ['\x1f\x8b', 'a gzip file'],
  ['PK\x03\x04', 'a zip file'],
  ['<', 'text such as a web page'],
];

/** Larger pictures are refused before their memory is taken. */
const mostPixels = 64e6;
/** Photographs that are wanted small need not be decoded in full. */
const mostPhotographPixels = 256e6;

export interface DecodeOptions {
  /**
   * The size that the picture will be made into. Photographs that are several times as large are then decoded at an
   * eighth, a quarter or a half of their size, but at twice the size that is wanted at least.
   */
  readonly wanted?: { readonly width: number; readonly height: number } | undefined;
}

/**
 * Decodes a PNG file (grey, colour or palette, 1 to 16 bits, interlaced or not, with or without transparency; of an
 * animation the first picture) or a JPEG file (baseline or progressive; grey, colour or the inks of print), turned
 * upright as Exif says. 16 bits are rounded to 8.
 *
 * @throws DataError naming the file when it is of another kind, cut short or damaged
 */
export function decodeImage(file: NamedBytes, options: DecodeOptions = {}): Image {
  const { source, bytes } = file;
  if (startsWith(bytes, '\x89PNG\r\n\x1a\n')) return explaining(source, 'PNG', () => fromPng(file));
  if (startsWith(bytes, '\xff\xd8\xff')) return explaining(source, 'JPEG', () => fromJpeg(file, options));
  const other = isHeif(bytes)
    ? 'an HEIC or AVIF file'
    : otherKinds.find(([start]) => startsWith(bytes, start))?.[1];
  const what = bytes.length === 0 ? 'is empty' : `is ${other ?? 'no picture'}`;
  throw new DataError(`${source} ${what}; PNG and JPEG can be read: convert the file, or remove it`);
}

/** Whether `bytes` begin as a file that {@link decodeImage} reads. */
export function isImage(bytes: Uint8Array): boolean {
  return startsWith(bytes, '\x89PNG\r\n\x1a\n') || startsWith(bytes, '\xff\xd8\xff');
}

function explaining(source: string, kind: string, decode: () => Image): Image {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof PngError || error instanceof JpegDataError || error instanceof RangeError))
      throw error;
    throw new DataError(
      `${source} is a damaged or unusual ${kind} file: ${error.message}. Copy it again, save it again, or remove it`,
      { cause: error },
    );
  }
}

function fromPng({ source, bytes }: NamedBytes): Image {
  expectPossible(source, pngHeader(bytes), mostPixels);
  const { image, exif } = decodePng(bytes);
  return upright(image, orientationIn(exif));
}

/** One for each thread: it keeps its memory from file to file. */
const jpegTurbo = new JpegTurbo();

function fromJpeg({ source, bytes }: NamedBytes, { wanted }: DecodeOptions): Image {
  const frame = jpegFrame(bytes);
  expectPossible(source, frame, wanted ? mostPhotographPixels : mostPixels);
  const orientation = orientationIn(frame.exif);
  const [width, height] = isTurned(orientation)
    ? [wanted?.height, wanted?.width]
    : [wanted?.width, wanted?.height];
  const least = width && height ? { width: 2 * width, height: 2 * height } : undefined;
  return upright(decodeJpeg(jpegTurbo, bytes, frame, least), orientation);
}

function expectPossible(
  source: string,
  { width, height }: { readonly width: number; readonly height: number },
  most: number,
): void {
  if (width * height > 0 && width * height <= most) return;
  throw new DataError(
    `${source} claims ${width} x ${height} pixels; from 1 to ${most / 1e6} million can be read`,
  );
}

function startsWith(bytes: Uint8Array, start: string): boolean {
  return bytes.length >= start.length && [...start].every((letter, i) => bytes[i] === letter.charCodeAt(0));
}

function isHeif(bytes: Uint8Array): boolean {
  return startsWith(bytes.subarray(4), 'ftyp');
}
