/** Pictures of one data set, read one after the other and made into one shape. */
import { DataError, type NamedBytes } from './dataSet.js';
import { decodeImage } from './decodeImage.js';
import type { OwnFile } from './ownFile.js';
import { type ImageShape, Resampler } from './resample.js';

/** A picture as it becomes an item. */
export interface Picture {
  readonly shape: ImageShape;
  readonly bytes: Uint8Array;
  /** See {@link Image.vanishes}. */
  readonly vanishes: boolean;
}

export interface PictureRequest {
  /** Of the data set, for errors. */
  readonly name: string;
  readonly files: readonly OwnFile[];
  /** What every picture is made into; each keeps its own shape without it. */
  readonly image: ImageShape | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Reads pictures and yields them in the order of the files; a file that cannot be read as an error. */
export type PictureReader = (request: PictureRequest) => AsyncIterable<Picture | DataError>;

/** Makes a file's picture into an item of `image`'s shape, or of its own. Throws a DataError where it cannot be read. */
export function toPicture(file: NamedBytes, image: ImageShape | undefined, resampler?: Resampler): Picture {
  const decoded = decodeImage(file, { wanted: image });
  const { width, height, channels, bytes, vanishes = false } = decoded;
  if (!image) return { shape: { width, height, channels }, bytes, vanishes };
  const out = new Uint8Array(image.width * image.height * image.channels);
  (resampler ?? new Resampler(image)).write(decoded, out, 0);
  return { shape: image, bytes: out, vanishes };
}

/** Milliseconds. */
const longestTurn = 50;

/** Reads in the thread that it is called in; between two pictures others have their turn. */
export async function* readHere({ name, files, image, signal }: PictureRequest) {
  const resampler = image && new Resampler(image);
  let began = performance.now();
  for (const file of files) {
    if (performance.now() - began > longestTurn) {
      // Not a resolved promise, which would keep timers and signals waiting.
      await new Promise((resolve) => setTimeout(resolve));
      began = performance.now();
    }
    signal?.throwIfAborted();
    try {
      yield toPicture({ source: `${name}/${file.path}`, bytes: await file.read() }, image, resampler);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      yield error;
    }
  }
}
