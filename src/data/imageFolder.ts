/** Data sets of PNG and JPEG files in one folder a class; see imageLayout.ts for what the folders mean. */
import { bytesDataSet, DataError, type SplitDataSet, subset, UNLABELLED } from './dataSet.js';
import { isImage } from './decodeImage.js';
import { type ImageItem, imageLayout } from './imageLayout.js';
import { doubtfulClasses } from './namesWithoutLabel.js';
import { observations } from './observations.js';
import { headOf, isHidden, type OwnFile } from './ownFile.js';
import { type Picture, type PictureReader, readHere } from './pictures.js';
import type { ImageShape } from './resample.js';
import { complement, heldOut } from './split.js';

/** A file of an image folder. */
export type ImageFile = OwnFile;

/** How far reading is: files done, of all. */
export interface LoadingProgress {
  readonly done: number;
  readonly total: number;
}

export interface ImageFolderOptions {
  readonly name: string;
  readonly files: readonly OwnFile[];
  /** Paths of folders, so that empty ones are noticed. */
  readonly folders?: readonly string[] | undefined;
  /** What every picture is made into; without it all must have one size and be all grey or all coloured. */
  readonly image?: ImageShape | undefined;
  /** Whether files that cannot be read are left out, with a note, instead of ending everything. */
  readonly skipDamaged?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onLoading?: ((progress: LoadingProgress) => void) | undefined;
  /** How files become pictures; one after the other in this thread by default. */
  readonly readPictures?: PictureReader | undefined;
}

/** Pixels are bytes in memory, and one array cannot be longer in every runtime. */
const mostBytes = 2 ** 32 - 1;
/** Files that are named one by one in a note. */
const mostNamed = 5;

/** Pictures by their names, whose content need not be looked at to know. */
const pictureNames = /\.(png|jpe?g)$/i;
/** Pictures that cannot be read: passing over them in silence would train on half of somebody's data. */
const otherPictures = /\.(gif|webp|bmp|tiff?|heic|heif|avif|jp2|jxl|ppm|pgm|pbm|svg|cr2|nef|dng|arw)$/i;
/** What is often found beside pictures and is none. */
const companions =
  /(^|\/)(thumbs\.db|desktop\.ini|readme|licen[cs]e)$|\.(txt|md|html?|xml|json|csv|ya?ml|py|pdf|docx?)$/i;

/**
 * Reads an image folder. Without `test/` in it, a sixth of the labelled items, the same ones each time, is held out.
 * Items are named by their files' paths.
 *
 * @returns items of shape [height, width, channels]
 * @throws DataError for a layout that cannot be meant, a file that cannot be read, and pictures that differ
 */
export async function imageFolder(options: ImageFolderOptions): Promise<SplitDataSet> {
  const { name, folders } = options;
  const { pictures, notes } = await picturesAmong(options);
  const byPath = new Map(pictures.map((file) => [file.path, file]));
  const layout = imageLayout(name, [...byPath.keys()], folders);
  const { classes, train, test = [] } = layout;
  // Before the work: it may be known already that there are too few.
  if (!layout.test) heldOut(labelsOf(train, classes), classes, name);
  const { kept, bytes, shape } = await readAll(options, [...train, ...test], byPath, notes);
  const labels = labelsOf(kept, classes);
  const all = bytesDataSet({
    ...{ name, bytes, shape, labels, classes },
    itemNames: kept.map((item) => item.path.normalize()),
  });
  const forTest = new Set(layout.test);
  const inTest = layout.test
    ? Uint32Array.from(kept.keys()).filter((i) => forTest.has(kept[i]))
    : heldOut(labels, classes, name);
  const data = {
    name,
    train: { ...subset(all, complement(kept.length, inTest)), name: `${name} (train)` },
    test: { ...subset(all, inTest), name: `${name} (test)` },
  };
  const doubtful = doubtfulClasses(classes);
  return { ...data, notes: [...notes, ...(doubtful ? [doubtful] : []), ...observations(data)] };
}

/**
 * The files that are pictures by their name or, where it does not tell, by their content.
 *
 * @throws DataError for pictures of kinds that cannot be read
 */
export async function picturesAmong({
  name,
  files,
}: ImageFolderOptions): Promise<{ pictures: OwnFile[]; notes: string[] }> {
  const pictures: OwnFile[] = [];
  const passedOver: string[] = [];
  for (const file of files) {
    if (isHidden(file.path)) continue;
    if (pictureNames.test(file.path) || isImage(await headOf(file, 16))) pictures.push(file);
    else if (otherPictures.test(file.path)) {
      throw new DataError(
        `${name}: ${file.path} is of a kind that cannot be read; convert it to PNG or JPEG, or remove it`,
      );
    } else if (!companions.test(file.path)) passedOver.push(file.path);
  }
  if (passedOver.length === 0) return { pictures, notes: [] };
  return {
    pictures,
    notes: [
      `${counted(passedOver)} passed over, as they are neither PNG nor JPEG files: ${listed(passedOver)}`,
    ],
  };
}

function counted({ length }: readonly string[]): string {
  return length === 1 ? '1 file was' : `${length} files were`;
}

function listed(paths: readonly string[]): string {
  const more = paths.length - mostNamed;
  return paths.slice(0, mostNamed).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function labelsOf(items: readonly ImageItem[], classes: readonly string[]): Int32Array {
  const index = new Map(classes.map((className, c) => [className, c]));
  return Int32Array.from(items, ({ className }) =>
    className === undefined ? UNLABELLED : (index.get(className) as number),
  );
}

/** Reads the items' files into one array; the first picture of all decides the shape unless it is given. */
export async function readAll(
  options: ImageFolderOptions,
  items: readonly ImageItem[],
  byPath: ReadonlyMap<string, OwnFile>,
  notes: string[],
): Promise<{ kept: ImageItem[]; bytes: Uint8Array; shape: number[] }> {
  const { name, image, skipDamaged, signal, onLoading, readPictures = readHere } = options;
  const files = items.map(({ path }) => byPath.get(path) as OwnFile);
  const total = items.length;
  const kept: ImageItem[] = [];
  const damaged: string[] = [];
  const place = new Place(name, total, image);
  let vanishing = 0;
  let done = 0;
  onLoading?.({ done, total });
  for await (const picture of readPictures({ name, files, image, signal })) {
    const item = items[done++];
    onLoading?.({ done, total });
    if (picture instanceof DataError) {
      if (!skipDamaged) throw picture;
      damaged.push(item.path);
      continue;
    }
    place.put(picture, item.path, kept.length);
    kept.push(item);
    if (picture.vanishes) vanishing++;
  }
  if (kept.length === 0) throw new DataError(`${name}: none of its ${total} pictures can be read`);
  if (damaged.length > 0)
    notes.push(`${counted(damaged)} left out, as they cannot be read: ${listed(damaged)}`);
  if (vanishing > 0) {
    notes.push(
      `${vanishing} of ${total} pictures have dark figures on a transparent ground, which is shown as black: little of them ` +
        'is left to see. Save them on a white ground',
    );
  }
  return { kept, ...place.filled(kept.length) };
}

/** Where pictures are put, which must have one shape. */
class Place {
  readonly #name: string;
  readonly #count: number;
  #shape: ImageShape | undefined;
  #first = '';
  #bytes: Uint8Array | undefined;

  constructor(name: string, count: number, shape: ImageShape | undefined) {
    this.#name = name;
    this.#count = count;
    this.#shape = shape;
    // Before the work, where it is known already that there is no room for it.
    if (shape) this.#bytes = this.#reserve(shape);
  }

  put({ shape, bytes }: Picture, path: string, at: number): void {
    this.#shape ??= shape;
    this.#first ||= path;
    const { width, height, channels } = this.#shape;
    if (shape.width !== width || shape.height !== height || shape.channels !== channels) {
      throw new DataError(
        `${this.#name}: ${path} is ${inWords(shape)}, but ${this.#first} is ${inWords(this.#shape)}. ` +
          `To make all alike, set what they become: ${settings({ ...this.#shape, channels: Math.max(channels, shape.channels) as 1 | 3 })}`,
      );
    }
    this.#bytes ??= this.#reserve(this.#shape);
    this.#bytes.set(bytes, at * bytes.length);
  }

  filled(count: number): { bytes: Uint8Array; shape: number[] } {
    const { width, height, channels } = this.#shape as ImageShape;
    const bytes = (this.#bytes as Uint8Array).subarray(0, count * width * height * channels);
    return { bytes, shape: [height, width, channels] };
  }

  #reserve(shape: ImageShape): Uint8Array {
    const length = this.#count * shape.width * shape.height * shape.channels;
    try {
      if (length <= mostBytes) return new Uint8Array(length);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
    throw new DataError(
      `${this.#name}: ${this.#count} pictures of ${inWords(shape)} need ${(length / 2 ** 30).toFixed(1)} GiB of memory, more ` +
        `than is available; make them smaller, e.g. ${settings({ width: 32, height: 32, channels: shape.channels })}`,
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
