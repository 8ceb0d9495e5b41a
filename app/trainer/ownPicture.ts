/** One picture of the visitor's, made like those of the data: by the browser's decoder and the data's resampler. */
import { decodeImage, type Image, type ImageShape, Resampler, SelftargetError } from 'selftarget';
import type { Look } from '../protocol.js';
import { likeFigures } from './figure.js';

/** Longer sides than this are reduced by the browser, which is faster and takes less memory. */
const LONGEST = 1024;

/**
 * @param shape [height, width, channels] of the data
 * @param look of the data's figures, where they are figures
 * @throws SelftargetError for a file that is no picture
 */
export async function pictureValues(
  name: string,
  file: Blob,
  shape: readonly number[],
  look: Look | undefined,
): Promise<Float32Array> {
  const image = await decoded(name, file);
  if (look) return likeFigures(image, shape, look);
  const [height, width, channels] = shape;
  return Float32Array.from(
    resampled(image, { height, width, channels: channels === 3 ? 3 : 1 }),
    (byte) => byte / 255,
  );
}

export function resampled(image: Image, shape: ImageShape): Uint8Array {
  const bytes = new Uint8Array(shape.width * shape.height * shape.channels);
  new Resampler(shape).write(image, bytes, 0);
  return bytes;
}

/** PNG, JPEG and whatever else the browser reads; upright. */
export async function decoded(name: string, file: Blob): Promise<Image> {
  if (typeof createImageBitmap === 'undefined' || typeof OffscreenCanvas === 'undefined') {
    return decodeImage({ source: name, bytes: new Uint8Array(await file.arrayBuffer()) });
  }
  const bitmap = await createImageBitmap(file).catch((error) => {
    throw new SelftargetError(
      `${name} cannot be read as a picture; PNG, JPEG and WebP files work in every browser.`,
      { cause: error },
    );
  });
  const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * scale)));
  const context = new OffscreenCanvas(width, height).getContext('2d');
  if (!context) throw new SelftargetError('This browser has no canvas to read pictures with.');
  // What is transparent is black, as in the data.
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  const bytes = new Uint8Array(3 * width * height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let c = 0; c < 3; c++) bytes[3 * pixel + c] = data[4 * pixel + c];
  }
  return { width, height, channels: 3, bytes };
}
