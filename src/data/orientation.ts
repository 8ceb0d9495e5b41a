/** How a camera was held: JPEG files say in their Exif part how their pixels must be turned to be upright. */
import type { Image } from './decodeImage.js';

/** The tag's number, and the type of its value, a 16-bit number (Exif 2.3, 4.6.4). */
const orientationTag = 0x0112;
const short = 3;

/** 1 to 8 as Exif counts, 1 (upright) where a file says nothing that can be understood. */
export function jpegOrientation(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 2; at + 4 < bytes.length && bytes[at] === 0xff; at += 2 + view.getUint16(at + 2)) {
    const marker = bytes[at + 1];
    // The pixels begin.
    if (marker === 0xda) return 1;
    if (marker === 0xe1 && String.fromCharCode(...bytes.subarray(at + 4, at + 10)) === 'Exif\0\0') {
      const end = Math.min(bytes.length, at + 2 + view.getUint16(at + 2));
      return inTiff(new DataView(bytes.buffer, bytes.byteOffset + at + 10, Math.max(0, end - at - 10)));
    }
  }
  return 1;
}

/** From the first directory of the TIFF structure that Exif is. */
function inTiff(tiff: DataView): number {
  try {
    const littleEndian = tiff.getUint16(0) === 0x4949;
    const directory = tiff.getUint32(4, littleEndian);
    const entries = tiff.getUint16(directory, littleEndian);
    for (let e = 0; e < entries; e++) {
      const at = directory + 2 + 12 * e;
      if (tiff.getUint16(at, littleEndian) !== orientationTag) continue;
      const value = tiff.getUint16(at + 8, littleEndian);
      return tiff.getUint16(at + 2, littleEndian) === short && value >= 1 && value <= 8 ? value : 1;
    }
  } catch (error) {
    // A broken note about a picture does not break the picture.
    if (!(error instanceof RangeError)) throw error;
  }
  return 1;
}

/** The picture as it is to be seen, given its orientation. */
export function upright(image: Image, orientation: number): Image {
  if (orientation === 1) return image;
  const { width, height, channels, bytes } = image;
  // From 5 on, rows of the file are columns of the picture.
  const turned = orientation >= 5;
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
  return { width: outWidth, height: outHeight, channels, bytes: out };
}
