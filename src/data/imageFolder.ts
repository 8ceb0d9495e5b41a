/** Data sets of PNG and JPEG files in one folder a class; see imageLayout.ts for what the folders mean. */
import { bytesDataSet, DataError, type DataSet, type SplitDataSet, UNLABELLED } from './dataSet.js';
import { decodeImage } from './decodeImage.js';
import type { Image } from './image.js';
import { type ImageItem, imageLayout } from './imageLayout.js';
import { type ImageShape, Resampler } from './resample.js';
import { complement, heldOut } from './split.js';

/** A file of an image folder, from a disk, an archive or a browser's file picker. */
export interface ImageFile {
  /** Relative to the data set's folder, parts separated by `/`. */
  readonly path: string;
  read(): Uint8Array | Promise<Uint8Array>;
}

/** How far reading is: files done, of all. */
export interface LoadingProgress {
  readonly done: number;
  readonly total: number;
}

/** Files read at a time; the next ones are on their way while these are decoded. */
const readAtOnce = 64;
/** Pixels are bytes in memory, and one array cannot be longer in every runtime. */
const mostBytes = 2 ** 32 - 1;

/**
 * Reads an image folder. Without `test/` in it, a sixth of the labelled items, the same ones each time, is held out.
 * Items are named by their files' paths.
 *
 * @param options.image what every picture is made into; without it all must have one size and be all grey or all
 *   coloured
 * @param options.folders paths of folders, so that empty ones are noticed
 * @returns items of shape [height, width, channels]
 * @throws DataError for a layout that cannot be meant, a file that cannot be read, and pictures that differ
 */
export async function imageFolder(options: {
  name: string;
  files: readonly ImageFile[];
  folders?: readonly string[] | undefined;
  image?: ImageShape | undefined;
  signal?: AbortSignal | undefined;
}): Promise<SplitDataSet> {
  const { name, files, image, signal } = options;
  const layout = imageLayout(
    name,
    files.map((file) => file.path),
    options.folders,
  );
  const { classes } = layout;
  const parts = layout.test
    ? { train: layout.train, test: layout.test }
    : holdOut(name, layout.train, classes);
  const reader = new Pictures(name, files, image, signal);
  const part = async (which: 'train' | 'test'): Promise<DataSet> => {
    const items = parts[which];
    const { bytes, shape } = await reader.read(items);
    return bytesDataSet({
      name: `${name} (${which})`,
      bytes,
      shape,
      labels: labelsOf(items, classes),
      classes,
      itemNames: items.map((item) => item.path),
    });
  };
  return { name, train: await part('train'), test: await part('test') };
}

function holdOut(name: string, items: readonly ImageItem[], classes: readonly string[]) {
  const test = heldOut(labelsOf(items, classes), classes, name);
  const pick = (indices: Uint32Array): ImageItem[] => Array.from(indices, (i) => items[i]);
  return { train: pick(complement(items.length, test)), test: pick(test) };
}

function labelsOf(items: readonly ImageItem[], classes: readonly string[]): Int32Array {
  const index = new Map(classes.map((className, c) => [className, c]));
  return Int32Array.from(items, ({ className }) =>
    className === undefined ? UNLABELLED : (index.get(className) as number),
  );
}

/** Reads files into one array after the other; the first picture of all decides the shape unless it is given. */
class Pictures {
  readonly #name: string;
  readonly #files: ReadonlyMap<string, ImageFile>;
  readonly #signal: AbortSignal | undefined;
  /** The file that the others are compared with; none when they are made alike. */
  readonly #alike: boolean;
  #shape: ImageShape | undefined;
  #first = '';
  #resampler: Resampler | undefined;

  constructor(
    name: string,
    files: readonly ImageFile[],
    image: ImageShape | undefined,
    signal: AbortSignal | undefined,
  ) {
    this.#name = name;
    this.#files = new Map(files.map((file) => [file.path, file]));
    this.#signal = signal;
    this.#alike = image === undefined;
    this.#shape = image;
  }

  async read(items: readonly ImageItem[]): Promise<{ bytes: Uint8Array; shape: number[] }> {
    let bytes: Uint8Array | undefined;
    for (let from = 0; from < items.length; from += readAtOnce) {
      this.#signal?.throwIfAborted();
      const some = items.slice(from, from + readAtOnce);
      const contents = await Promise.all(some.map(({ path }) => this.#files.get(path)?.read()));
      for (const [i, { path }] of some.entries()) {
        const source = `${this.#name}/${path}`;
        const image = decodeImage({ source, bytes: contents[i] as Uint8Array });
        const shape = this.#expect(image, path);
        bytes ??= this.#reserve(items.length, shape);
        this.#resampler ??= new Resampler(shape);
        this.#resampler.write(image, bytes, (from + i) * shape.width * shape.height * shape.channels);
      }
    }
    const { width, height, channels } = this.#shape as ImageShape;
    return { bytes: bytes ?? new Uint8Array(0), shape: [height, width, channels] };
  }

  /** The shape that `image` gets. */
  #expect(image: Image, path: string): ImageShape {
    this.#shape ??= { width: image.width, height: image.height, channels: image.channels };
    this.#first ||= path;
    const { width, height, channels } = this.#shape;
    if (!this.#alike) return this.#shape;
    if (image.width === width && image.height === height && image.channels === channels) return this.#shape;
    throw new DataError(
      `${this.#name}: ${path} is ${inWords(image)}, but ${this.#first} is ${inWords(this.#shape)}. ` +
        `To make all alike, set what they become: ${settings({ ...this.#shape, channels: Math.max(channels, image.channels) as 1 | 3 })}`,
    );
  }

  #reserve(count: number, shape: ImageShape): Uint8Array {
    const length = count * shape.width * shape.height * shape.channels;
    try {
      if (length <= mostBytes) return new Uint8Array(length);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
    throw new DataError(
      `${this.#name}: ${count} pictures of ${inWords(shape)} need ${(length / 2 ** 30).toFixed(1)} GiB of memory, more ` +
        `than can be had; make them smaller, e.g. ${settings({ width: 32, height: 32, channels: shape.channels })}`,
    );
  }
}

function inWords({ width, height, channels }: ImageShape): string {
  return `${width} x ${height} pixels in ${channels === 1 ? 'grey' : 'colour'}`;
}

/** As one writes it on the command line. */
function settings({ width, height, channels }: ImageShape): string {
  return `--set image.width=${width} --set image.height=${height} --set image.channels=${channels}`;
}
