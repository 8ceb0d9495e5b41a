/** JPEG files (ITU T.81): what their markers say, and their pixels by libjpeg-turbo. */
import type { Image } from './image.js';
import { JpegDataError, JpegTurbo } from './jpegTurbo.js';

/** What the frame header says. */
export interface JpegFrame {
  readonly width: number;
  readonly height: number;
  /** 1 for grey, 3 for colour, 4 for the inks of print. */
  readonly components: 1 | 3 | 4;
  /** The Exif part, a TIFF structure. */
  readonly exif: Uint8Array | undefined;
}

/** Frames that are not read, by their markers (table B.1). */
function kindOfFrame(marker: number): string | undefined {
  if (marker >= 0xc9) return 'compressed arithmetically';
  if (marker === 0xc3) return 'compressed without loss';
  return marker >= 0xc5 ? 'a hierarchy of pictures' : undefined;
}

/**
 * Reads the markers up to the pixels.
 *
 * @throws JpegDataError for a file without pixels, and for kinds that are not read
 */
export function jpegFrame(bytes: Uint8Array): JpegFrame {
  const word = (at: number): number => (bytes[at] << 8) | bytes[at + 1];
  let frame: Omit<JpegFrame, 'exif'> | undefined;
  let exif: Uint8Array | undefined;
  for (let at = 2; at + 4 <= bytes.length; ) {
    if (bytes[at] !== 0xff) throw new JpegDataError('it has bytes between its parts that belong to none');
    const marker = bytes[at + 1];
    // Fill bytes may stand before a marker, and some markers stand alone.
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {
      at += 2;
      continue;
    }
    if (marker === 0xd9) break;
    if (marker === 0xda) {
      if (!frame) throw new JpegDataError('it does not say how large it is');
      return { ...frame, exif };
    }
    const end = at + 2 + word(at + 2);
    if (word(at + 2) < 2 || end > bytes.length) throw new JpegDataError('it is cut short');
    if (isFrame(marker)) frame ??= readFrame(bytes, at, marker);
    if (marker === 0xe1 && startsExif(bytes, at + 4)) exif ??= bytes.subarray(at + 10, end);
    at = end;
  }
  throw new JpegDataError(frame ? 'it ends before its pixels begin' : 'it has no picture in it');
}

function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

function startsExif(bytes: Uint8Array, at: number): boolean {
  return String.fromCharCode(...bytes.subarray(at, at + 6)) === 'Exif\0\0';
}

function readFrame(bytes: Uint8Array, at: number, marker: number): Omit<JpegFrame, 'exif'> {
  const kind = kindOfFrame(marker);
  if (kind) throw new JpegDataError(`it is ${kind}, which is not read; save it as an ordinary JPEG file`);
  const precision = bytes[at + 4];
  if (precision !== 8) throw new JpegDataError(`it has ${precision} bits a value, not 8`);
  const [height, width] = [(bytes[at + 5] << 8) | bytes[at + 6], (bytes[at + 7] << 8) | bytes[at + 8]];
  const components = bytes[at + 9];
  if (components !== 1 && components !== 3 && components !== 4) {
    throw new JpegDataError(`it has ${components} components; 1 (grey), 3 (colour) and 4 (print) are read`);
  }
  return { width, height, components };
}

/**
 * Decodes the pixels of a file whose frame has been found acceptable.
 *
 * @param least width and height below which the picture may not be made smaller; without it, it keeps its size
 * @throws JpegDataError when they are damaged or cut short
 */
export function decodeJpeg(
  library: JpegTurbo,
  bytes: Uint8Array,
  frame: JpegFrame,
  least?: { readonly width: number; readonly height: number },
): Image {
  // What some cameras write after the end marker does not matter.
  if (!hasEnd(bytes)) throw new JpegDataError('it is cut short');
  const format = frame.components === 1 ? 'grey' : frame.components === 3 ? 'rgb' : 'cmyk';
  const decoded = library.decode(bytes, frame, format, least ? greatestShrink(frame, least) : 1);
  const { width, height } = decoded;
  if (format === 'cmyk') return { width, height, channels: 3, bytes: fromInks(decoded.bytes) };
  return { width, height, channels: format === 'grey' ? 1 : 3, bytes: decoded.bytes };
}

function greatestShrink(frame: JpegFrame, least: { readonly width: number; readonly height: number }) {
  const fits = (shrink: number): boolean =>
    frame.width >= shrink * least.width && frame.height >= shrink * least.height;
  return ([8, 4, 2] as const).find(fits) ?? 1;
}

/** Inks are stored inverted, as Adobe's programs write them; red, green and blue are what they leave of the light. */
function fromInks(inks: Uint8Array): Uint8Array {
  const out = new Uint8Array((inks.length / 4) * 3);
  for (let pixel = 0; pixel < inks.length / 4; pixel++) {
    const black = inks[4 * pixel + 3];
    for (let c = 0; c < 3; c++) {
      out[3 * pixel + c] = Math.max(0, black - Math.round(((255 - inks[4 * pixel + c]) * black) / 255));
    }
  }
  return out;
}

function hasEnd(bytes: Uint8Array): boolean {
  for (let at = bytes.length - 2; at > 2; at--) if (bytes[at] === 0xff && bytes[at + 1] === 0xd9) return true;
  return false;
}
