/**
 * Decoded pictures kept for the next time, by the content of their files: `<cache>/pictures/<settings>-<digest>.bin`
 * holds the pictures of one data set, and `<folder>.json` the digests of a folder's files with the size and times they
 * had, so that files which nobody has touched are not read again. What is kept can be deleted at any time.
 */
import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { open, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { makeFolders, replaceFile } from '../../node/files.js';
import { DataError } from '../dataSet.js';
import { decoderVersion } from '../decodeImage.js';
import type { OwnFile } from '../ownFile.js';
import { type Picture, type PictureReader, type PictureRequest, readHere, toPicture } from '../pictures.js';
import { whatFailed } from './whatFailed.js';
import { hasWorkers, NoThreads, type PictureAnswer, picturesByWorkers } from './pictureWorkers.js';

export interface PictureCacheOptions {
  /** The data set's place, under which its files' digests are kept. */
  readonly root: string;
  /** The folder of the cache; nothing is kept without it. */
  readonly cache: string | undefined;
  /** Pictures are kept when decoding them took longer. */
  readonly worthMs?: number;
  /** The oldest are removed when all together have more bytes. */
  readonly mostBytes?: number;
}

/** A file that changed so shortly before it was read may change again without another time. */
const settledMs = 2000;
/** So few and small pictures are decoded sooner than threads start. */
const fewFiles = 24;
const fewBytes = 2 ** 21;
/** So many bytes take no time worth mentioning. */
const quicklyWritten = 2 ** 26;
const magic = 'selftarget pictures 1\n';
/** Of the first two lines of a file of pictures, with blanks after them. */
const headBytes = 128;

/** Reads pictures by what is kept of them, and otherwise on all processors. */
export function cachedPictures(options: PictureCacheOptions): PictureReader {
  return async function* read(request) {
    yield* (await isWorthIt(request)) ? readKeeping(request, options) : readHere(request);
  };
}

/** Whether decoding takes longer than starting threads. */
async function isWorthIt({ files }: PictureRequest): Promise<boolean> {
  if (!hasWorkers || files.length < 2) return false;
  if (files.length >= fewFiles) return true;
  const sizes = files.map(async ({ location }) =>
    location === undefined ? 0 : ((await stat(location).catch(() => undefined))?.size ?? 0),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0) > fewBytes;
}

async function* readKeeping(
  request: PictureRequest,
  { root, cache, worthMs = 1000, mostBytes = 2 ** 32 }: PictureCacheOptions,
): AsyncGenerator<Picture | DataError> {
  const { name, files, image, signal } = request;
  const folder = cache === undefined ? undefined : path.join(cache, 'pictures');
  const settings = digestOf(JSON.stringify([magic, decoderVersion, image ?? null])).slice(0, 16);
  const kept = await KeptPictures.open(folder, settings);
  const list = folder && path.join(folder, `${digestOf(root).slice(0, 32)}.json`);
  const stamps = await stampsOf(files, signal);
  const before = list ? await readDigests(list) : {};
  // The digest of a file that nobody has touched since; what is unknown or not kept is a job.
  const digests = files.map(({ path: called }, i) =>
    stamps[i] !== undefined && before[called]?.stamp === stamps[i] ? before[called].digest : undefined,
  );
  const isJob = digests.map((digest) => digest === undefined || !kept.has(digest));
  const jobs = files.filter((_, i) => isJob[i]);
  const began = performance.now();
  const answers = picturesByWorkers({ name, files: jobs, image, known: kept.digests, signal });
  const pictures: (Picture | undefined)[] = [];
  let decoded = 0;
  let hasThreads = true;
  try {
    for (const [i, file] of files.entries()) {
      const here = async () => toPicture({ source: `${name}/${file.path}`, bytes: await file.read() }, image);
      const answer = isJob[i] && hasThreads ? await answerOf(answers) : undefined;
      if (isJob[i] && !answer) hasThreads = false;
      const refusal = answer && refusalOf(answer, file);
      digests[i] ??= answer?.digest;
      if (answer?.picture) decoded++;
      const digest = digests[i];
      const earlier = digest === undefined || answer?.picture ? undefined : await kept.read(digest);
      const found = refusal ?? answer?.picture ?? earlier ?? (await attempt(here));
      pictures.push(found instanceof DataError ? undefined : found);
      yield found;
    }
  } finally {
    await answers.return(undefined);
    const bytes = pictures.reduce((sum, picture) => sum + (picture?.bytes.length ?? 0), 0);
    const isWorthKeeping = decoded > 0 && performance.now() - began > worthMs;
    // Also when it was stopped or a file cannot be read, but then nobody wants to wait for a large one.
    if (folder && list && isWorthKeeping && (pictures.length === files.length || bytes < quicklyWritten)) {
      try {
        await makeFolders(folder);
        await writePictures(folder, settings, digests, pictures);
        await writeDigests(list, files, stamps, digests);
        await tidy(folder, mostBytes);
      } catch {
        // A full or read-only disk: the pictures are decoded again next time.
      }
    }
  }
}

/** Nothing where there are no threads to answer. */
async function answerOf(answers: AsyncGenerator<PictureAnswer>): Promise<PictureAnswer | undefined> {
  try {
    return (await answers.next()).value;
  } catch (error) {
    if (error instanceof NoThreads) return undefined;
    throw error;
  }
}

async function attempt<T>(work: () => Promise<T>): Promise<T | DataError> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DataError) return error;
    throw error;
  }
}

function refusalOf(
  { refusal, failure }: PictureAnswer,
  { path: called, location }: OwnFile,
): DataError | undefined {
  if (refusal !== undefined) return new DataError(refusal);
  if (!failure) return undefined;
  const error = Object.assign(new Error(failure.message), failure.code ? { code: failure.code } : {});
  return new DataError(`${location ?? called} cannot be read: ${whatFailed(error)}`, { cause: error });
}

/** What tells that a file is still the same: size, times and place on the disk. None for what is not on a disk. */
async function stampsOf(
  files: readonly OwnFile[],
  signal: AbortSignal | undefined,
): Promise<(string | undefined)[]> {
  const stamps: (string | undefined)[] = [];
  const now = BigInt(Date.now());
  const atOnce = 256;
  for (let from = 0; from < files.length; from += atOnce) {
    signal?.throwIfAborted();
    const some = files.slice(from, from + atOnce).map(async ({ location }) => {
      if (location === undefined) return undefined;
      const found = await stat(location, { bigint: true }).catch(() => undefined);
      return found && stampOf(found, now);
    });
    stamps.push(...(await Promise.all(some)));
  }
  return stamps;
}

function stampOf(
  { size, mtimeNs, ctimeNs, ino, ctimeMs, mtimeMs }: BigIntStats,
  now: bigint,
): string | undefined {
  const newest = ctimeMs > mtimeMs ? ctimeMs : mtimeMs;
  return now - newest < BigInt(settledMs) ? undefined : [size, mtimeNs, ctimeNs, ino].join(' ');
}

type Digests = Record<string, { readonly stamp: string; readonly digest: string }>;

async function readDigests(list: string): Promise<Digests> {
  try {
    const found: unknown = JSON.parse(await readFile(list, 'utf8'));
    return typeof found === 'object' && found !== null ? (found as Digests) : {};
  } catch {
    return {};
  }
}

async function writeDigests(
  list: string,
  files: readonly OwnFile[],
  stamps: readonly (string | undefined)[],
  digests: readonly (string | undefined)[],
): Promise<void> {
  const entries = files.flatMap(({ path: called }, i) => {
    const [stamp, digest] = [stamps[i], digests[i]];
    return stamp && digest ? [[called, { stamp, digest }] as const] : [];
  });
  await replaceFile(list, [Buffer.from(JSON.stringify(Object.fromEntries(entries)))]);
}

/** What is said of each picture in a file of them; the pixels follow in the same order. */
type Entry = readonly [digest: string, width: number, height: number, channels: 1 | 3, vanishes: 0 | 1];

async function writePictures(
  folder: string,
  settings: string,
  digests: readonly (string | undefined)[],
  pictures: readonly (Picture | undefined)[],
): Promise<void> {
  const entries = new Map<string, Entry>();
  const parts: Uint8Array[] = [];
  for (const [i, picture] of pictures.entries()) {
    const digest = digests[i];
    if (!picture || !digest || entries.has(digest)) continue;
    const { width, height, channels } = picture.shape;
    entries.set(digest, [digest, width, height, channels, picture.vanishes ? 1 : 0]);
    parts.push(picture.bytes);
  }
  const content = createHash('sha256');
  for (const part of parts) content.update(part);
  const about = Buffer.from(JSON.stringify([...entries.values()]));
  const head = Buffer.from(`${magic}${content.digest('hex')} ${about.length}\n`.padEnd(headBytes));
  const file = path.join(folder, `${settings}-${digestOf([...entries.keys()].join(' ')).slice(0, 32)}.bin`);
  await replaceFile(file, [head, about, ...parts]);
}

/** A file of pictures; its pixels are read when the first of them is wanted. */
class PictureFile {
  readonly entries = new Map<string, { readonly at: number; readonly entry: Entry }>();
  readonly #path: string;
  readonly #from: number;
  readonly #checksum: string;
  #pixels: Promise<Uint8Array | undefined> | undefined;

  private constructor(file: string, from: number, checksum: string, entries: readonly Entry[]) {
    this.#path = file;
    this.#from = from;
    this.#checksum = checksum;
    let at = 0;
    for (const entry of entries) {
      this.entries.set(entry[0], { at, entry });
      at += lengthOf(entry);
    }
  }

  /** Nothing for a file of another version, or a damaged one. */
  static async open(file: string): Promise<PictureFile | undefined> {
    try {
      const handle = await open(file, 'r');
      try {
        const head = (await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0)).buffer.toString('latin1');
        const match = /^([0-9a-f]{64}) (\d+)\n/.exec(head.slice(magic.length));
        if (!head.startsWith(magic) || !match) return undefined;
        const length = Number(match[2]);
        const { buffer } = await handle.read(Buffer.alloc(length), 0, length, headBytes);
        return new PictureFile(file, headBytes + length, match[1], JSON.parse(buffer.toString()) as Entry[]);
      } finally {
        await handle.close();
      }
    } catch {
      return undefined;
    }
  }

  async read(digest: string): Promise<Picture | undefined> {
    const place = this.entries.get(digest);
    this.#pixels ??= this.#readPixels();
    const pixels = await this.#pixels;
    if (!place || !pixels) return undefined;
    const [, width, height, channels, vanishes] = place.entry;
    const bytes = pixels.subarray(place.at, place.at + lengthOf(place.entry));
    return { shape: { width, height, channels }, bytes, vanishes: vanishes === 1 };
  }

  /** A file that is not as it was written is removed. */
  async #readPixels(): Promise<Uint8Array | undefined> {
    try {
      const pixels = (await readFile(this.#path)).subarray(this.#from);
      if (createHash('sha256').update(pixels).digest('hex') === this.#checksum) {
        // What was used last is removed last.
        const now = new Date();
        await utimes(this.#path, now, now).catch(() => undefined);
        return pixels;
      }
      await rm(this.#path, { force: true });
    } catch {
      // It has been removed meanwhile, or cannot be read.
    }
    return undefined;
  }
}

function lengthOf([, width, height, channels]: Entry): number {
  return width * height * channels;
}

/** The pictures in all files that were made with the same settings. */
class KeptPictures {
  readonly #files = new Map<string, PictureFile>();

  static async open(folder: string | undefined, settings: string): Promise<KeptPictures> {
    const kept = new KeptPictures();
    const names = folder === undefined ? [] : await readdir(folder).catch((): string[] => []);
    for (const name of names.filter((other) => other.startsWith(`${settings}-`) && other.endsWith('.bin'))) {
      const file = await PictureFile.open(path.join(folder as string, name));
      for (const digest of file?.entries.keys() ?? []) kept.#files.set(digest, file as PictureFile);
    }
    return kept;
  }

  /** SHA-256 of the files whose pictures are there. */
  get digests(): ReadonlySet<string> {
    return new Set(this.#files.keys());
  }

  has(digest: string): boolean {
    return this.#files.has(digest);
  }

  async read(digest: string): Promise<Picture | undefined> {
    return this.#files.get(digest)?.read(digest);
  }
}

/** Removes what was used longest ago until the rest fits. */
async function tidy(folder: string, mostBytes: number): Promise<void> {
  const files = await Promise.all(
    (await readdir(folder)).map(async (name) => {
      const file = path.join(folder, name);
      const { size, mtimeMs } = await stat(file);
      return { file, size, mtimeMs };
    }),
  );
  let total = files.reduce((sum, { size }) => sum + size, 0);
  for (const { file, size } of files.toSorted((a, b) => a.mtimeMs - b.mtimeMs)) {
    if (total <= mostBytes) return;
    await rm(file, { force: true });
    total -= size;
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
