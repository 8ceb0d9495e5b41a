import { existsSync } from 'node:fs';
import { cp, readdir, readFile, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { OwnFile } from '../../src/data/ownFile.js';
import type { Picture, PictureReader } from '../../src/data/pictures.js';
import { writeFiles } from './fixtures.js';
import { temporaryFolder } from './temporary.js';
import { writePng } from './writePng.js';

// Threads take only what is compiled; "npm test" builds it before.
const compiled = join(import.meta.dirname, '../../dist/data/node/pictureCache.js');
const isBuilt = existsSync(compiled);

interface Compiled {
  cachedPictures(options: {
    root: string;
    cache?: string;
    worthMs?: number;
    mostBytes?: number;
  }): PictureReader;
}

const noise = (seed: number): Uint8Array =>
  writePng({
    width: 40,
    height: 30,
    depth: 8,
    colourType: 0,
    sample: (x, y) => (x * 7 + y * y * seed + seed * 31) % 256,
  });

async function photographs(count: number): Promise<{ root: string; files: OwnFile[] }> {
  const root = await temporaryFolder();
  await writeFiles(root, Object.fromEntries(Array.from({ length: count }, (_, i) => [`${i}.png`, noise(i)])));
  // Long ago, as times of the last moments are not trusted; the change itself is what waiting is for.
  for (let i = 0; i < count; i++) await utimes(join(root, `${i}.png`), 1e9, 1e9);
  return { root, files: filesIn(root, count) };
}

const filesIn = (root: string, count: number): OwnFile[] =>
  Array.from({ length: count }, (_, i) => {
    const location = join(root, `${i}.png`);
    return { path: `${i}.png`, location, read: async () => new Uint8Array(await readFile(location)) };
  });

describe.skipIf(!isBuilt)(`pictures decoded by threads${isBuilt ? '' : ' (skipped: not built)'}`, () => {
  const image = { width: 5, height: 4, channels: 1 } as const;
  const all = async (reader: PictureReader, files: readonly OwnFile[], signal?: AbortSignal) => {
    const found: (Picture | Error)[] = [];
    for await (const picture of reader({ name: 'x', files, image, signal })) found.push(picture);
    return found.map((one) => (one instanceof Error ? one.message : Buffer.from(one.bytes).toString('hex')));
  };
  const readers = async (options: { root: string; cache?: string; worthMs?: number; mostBytes?: number }) => {
    const { cachedPictures } = (await import(pathToFileURL(compiled).href)) as Compiled;
    return cachedPictures(options);
  };

  test('are those decoded in one thread, in order, with and without what is kept of them', async () => {
    const { root, files } = await photographs(40);
    const cache = await temporaryFolder();
    const here = await all((await import('../../src/data/pictures.js')).readHere, files);
    expect(new Set(here).size).toBe(40);
    const options = { root, cache, worthMs: 0 };
    expect(await all(await readers({ root }), files)).toEqual(here);
    expect(await all(await readers(options), files)).toEqual(here);
    const kept = (await readdir(join(cache, 'pictures'))).filter((name) => name.endsWith('.bin'));
    expect(kept).toHaveLength(1);
    expect(await all(await readers(options), files)).toEqual(here);
    // Another folder with the same content needs no other file of pictures.
    const copy = await temporaryFolder();
    await cp(root, copy, { recursive: true });
    expect(await all(await readers({ ...options, root: copy }), filesIn(copy, 40))).toEqual(here);
    expect((await readdir(join(cache, 'pictures'))).filter((name) => name.endsWith('.bin'))).toEqual(kept);
    // What is kept is used: pictures that nobody could have decoded now.
    const bin = join(cache, 'pictures', kept[0]);
    const before = await stat(bin);
    await all(await readers(options), files);
    expect((await stat(bin)).mtimeMs).toBeGreaterThanOrEqual(before.mtimeMs);
  });

  test('are those of the new content when a file has changed, of the same size and at the same time', async () => {
    const { root, files } = await photographs(30);
    const options = { root, cache: await temporaryFolder(), worthMs: 0 };
    const before = await all(await readers(options), files);
    const changed = noise(3).slice();
    const [a, b] = [noise(3), noise(4)];
    await writeFile(join(root, '3.png'), b);
    await writeFile(join(root, '4.png'), a);
    for (const name of ['3.png', '4.png']) await utimes(join(root, name), 1e9, 1e9);
    const after = await all(await readers(options), files);
    expect([after[3], after[4]]).toEqual([before[4], before[3]]);
    expect(after.toSpliced(3, 2)).toEqual(before.toSpliced(3, 2));
    expect(changed).toEqual(a);
  });

  test('are decoded again when what was kept is cut short, damaged or gone', async () => {
    const { root, files } = await photographs(30);
    const options = { root, cache: await temporaryFolder(), worthMs: 0 };
    const right = await all(await readers(options), files);
    const folder = join(options.cache, 'pictures');
    const bin = async () =>
      join(folder, (await readdir(folder)).find((name) => name.endsWith('.bin')) as string);
    await truncate(await bin(), (await stat(await bin())).size - 10);
    expect(await all(await readers(options), files)).toEqual(right);
    await all(await readers(options), files);
    const bytes = await readFile(await bin());
    bytes[bytes.length - 1] ^= 1;
    await writeFile(await bin(), bytes);
    expect(await all(await readers(options), files)).toEqual(right);
    await writeFile(join(folder, 'nonsense.bin'), 'x');
    expect(await all(await readers(options), files)).toEqual(right);
  });

  test('are kept up to a limit, the last used ones longest', async () => {
    const cache = await temporaryFolder();
    const [one, two] = [await photographs(30), await photographs(31)];
    await all(await readers({ root: one.root, cache, worthMs: 0, mostBytes: 9000 }), one.files);
    await all(await readers({ root: two.root, cache, worthMs: 0, mostBytes: 9000 }), two.files);
    const names = await readdir(join(cache, 'pictures'));
    const sizes = await Promise.all(
      names.map(async (name) => (await stat(join(cache, 'pictures', name))).size),
    );
    expect(sizes.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(9000);
  });

  test('that cannot be read are told in their turn', async () => {
    const { root, files } = await photographs(30);
    await writeFile(join(root, '7.png'), 'GIF89a');
    const found = await all(await readers({ root }), [
      ...files,
      { ...files[0], path: 'gone.png', location: join(root, 'gone.png') },
    ]);
    expect(found[7]).toMatch(/^x\/7\.png is a GIF file/);
    expect(found[30]).toMatch(/gone\.png cannot be read: there is no such file/);
    expect(found[8]).toMatch(/^[0-9a-f]+$/);
  });

  test('stop at once when they are told to', async () => {
    const { root, files } = await photographs(200);
    const controller = new AbortController();
    const reading = all(await readers({ root }), files, controller.signal);
    const began = performance.now();
    controller.abort();
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
    expect(performance.now() - began).toBeLessThan(1000);
  });
});
