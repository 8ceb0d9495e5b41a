/** How a camera was held: Exif says how the pixels of a file must be turned to be upright. */
import type { Image } from './image.js';

/** The tag's number (Exif 2.3, 4.6.4). */
const orientationTag = 0x0112;
/** How values of whole-number types are read (TIFF 6.0, section 2). The tag should be a SHORT; some write others. */
const wholeNumbers: Readonly<Record<number, (tiff: DataView, at: number, littleEndian: boolean) => number>> =
  {
    1: (tiff, at) => tiff.getUint8(at),
    3: (tiff, at, littleEndian) => tiff.getUint16(at, littleEndian),
    4: (tiff, at, littleEndian) => tiff.getUint32(at, littleEndian),
    6: (tiff, at) => tiff.getInt8(at),
    8: (tiff, at, littleEndian) => tiff.getInt16(at, littleEndian),
    9: (tiff, at, littleEndian) => tiff.getInt32(at, littleEndian),
  };

/**
 * 1 to 8 as Exif counts, 1 (upright) where it says nothing that can be understood.
 *
 * @param exif the TIFF structure of an Exif part, with or without `Exif` before it
 */
export function orientationIn(exif: Uint8Array | undefined): number {
  if (!exif) return 1;
  const named = String.fromCharCode(...exif.subarray(0, 6)) === 'Exif\0\0';
  const from = exif.byteOffset + (named ? 6 : 0);
  const tiff = new DataView(exif.buffer, from, exif.byteOffset + exif.byteLength - from);
  try {
    const order = tiff.getUint16(0);
    if (order !== 0x4949 && order !== 0x4d4d) return 1;
    const littleEndian = order === 0x4949;
    const directory = tiff.getUint32(4, littleEndian);
    const entries = tiff.getUint16(directory, littleEndian);
    for (let e = 0; e < entries; e++) {
      const at = directory + 2 + 12 * e;
      if (tiff.getUint16(at, littleEndian) !== orientationTag) continue;
      const value = wholeNumbers[tiff.getUint16(at + 2, littleEndian)]?.(tiff, at + 8, littleEndian) ?? 1;
      return value >= 1 && value <= 8 ? value : 1;
    }
  } catch (error) {
    // A broken note about a picture does not break the picture.
    if (!(error instanceof RangeError)) throw error;
  }
  return 1;
}

/** Whether rows of the file are columns of the picture. */
export function isTurned(orientation: number): boolean {
  return orientation >= 5;
}

/** The picture as it is to be seen, given its orientation. */
export function upright(image: Image, orientation: number): Image {
  if (orientation === 1) return image;
  const { width, height, channels, bytes } = image;
  const turned = isTurned(orientation);
  const [outWidth, outHeight] = turned ? [height, width] : [width, height];
  const fromRight = [2, 3, 7, 8].includes(orientation);
  const fromBottom = [3, 4, 6, 7].includes(orientation);
  const out = new Uint8Array(bytes.length);
  for (let y = 0; y < outHeight; y++) {
    for (let x = 0; x < outWidth; x++) {
      const [column, row] = turned ? [y, x] : [x, y];
      const from = (fromBottom ? height - 1 - row : row) * width + (fromRight ? width - 1 - column : column);
      for (let c = 0; c < channels; c++) out[(y * outWidth + x) * channels + c] = bytes[from * channels + c];
    }
  }
  return { ...image, width: outWidth, height: outHeight, bytes: out };
}
