import { createHash } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { DataError, type DataSet } from '../../src/data/dataSet.js';
import { idxDataSet } from '../../src/data/idx.js';
import {
  describeDataSet,
  type LoadOptions,
  listDataSets,
  loadDataSet,
  loadEntry,
} from '../../src/data/node/load.js';
import { checkDataSetName, isPath } from '../../src/data/node/ownData.js';
import {
  type DataFile,
  type DataSetEntry,
  dataSetEntries,
  findDataSet,
} from '../../src/data/node/registry.js';
import { sharedData, writeIdx } from './files.js';
import { fixture, plainPng, writeFiles } from './fixtures.js';
import { mirror, serve } from './mirror.js';
import { temporaryFolder } from './temporary.js';
import { writeTar } from './writeTar.js';

const images = writeIdx([2, 1, 2], [0, 51, 102, 255]);
const labels = writeIdx([2], [1, 0]);

function dataFile(name: string, content: Uint8Array): DataFile {
  const hex = createHash('sha256').update(content).digest('hex');
  return { file: name, bytes: content.length, checksum: { algorithm: 'sha256', hex }, remote: `${name}.gz` };
}

/** A data set of two files that a mirror has. */
async function toy(): Promise<DataSetEntry> {
  const published = { 'images.gz': gzipSync(images), 'labels.gz': gzipSync(labels) };
  const server = await mirror((request, response) => {
    serve(published[request.url?.slice(1) as keyof typeof published])(request, response);
  });
  return {
    ...findDataSet('mnist'),
    name: 'toy',
    files: [dataFile('images', images), dataFile('labels', labels)],
    mirrors: [server.address],
    async assemble(read) {
      const options = { images: await read('images'), labels: await read('labels'), classes: ['a', 'b'] };
      const data = idxDataSet({ name: 'toy', ...options });
      return { name: 'toy', train: data, test: data };
    },
  };
}

/** Options that see nothing of the machine the test runs on. */
async function alone(): Promise<{ cache: string; options: LoadOptions }> {
  const home = await temporaryFolder();
  const surroundings = { env: { XDG_CACHE_HOME: home }, platform: 'linux', home };
  return { cache: join(home, 'selftarget'), options: { surroundings } };
}

function row(data: DataSet, index: number): number[] {
  const out = new Float32Array(data.width);
  data.read(index, out, 0);
  return [...out];
}

describe('loading by name', () => {
  test('downloads into the cache once, and reads from there afterwards', async () => {
    const { cache, options } = await alone();
    const entry = await toy();
    const files: string[] = [];
    const first = await loadEntry(entry, { ...options, onProgress: ({ file }) => files.push(file) });
    expect(new Set(files)).toEqual(new Set(['images', 'labels']));
    expect((await readdir(join(cache, 'toy'))).toSorted()).toEqual(['images.gz', 'labels.gz']);
    expect([...first.train.labels]).toEqual([1, 0]);
    expect(row(first.train, 1)).toEqual([Math.fround(102 / 255), 1]);
    const offline = await loadEntry({ ...entry, mirrors: [] }, { ...options, download: false });
    expect(row(offline.train, 1)).toEqual(row(first.train, 1));
  });

  test('takes files from several places, gzipped or not whatever their names', async () => {
    const { options } = await alone();
    const [given, data] = [await temporaryFolder(), await temporaryFolder()];
    for (const folder of [given, data]) await mkdir(join(folder, 'toy'));
    await writeFile(join(given, 'toy', 'images.gz'), images);
    await writeFile(join(data, 'toy', 'labels'), gzipSync(labels));
    const surroundings = { ...options.surroundings, env: { SELFTARGET_DATA: data } };
    const loaded = await loadEntry(
      { ...(await toy()), mirrors: [] },
      { dataDir: given, download: false, surroundings },
    );
    expect([...loaded.test.labels]).toEqual([1, 0]);
  });

  test('says offline which files to put where', async () => {
    const { cache, options } = await alone();
    const entry = { ...(await toy()), mirrors: ['http://127.0.0.1:1/'] };
    await mkdir(join(cache, 'toy'), { recursive: true });
    await writeFile(join(cache, 'toy', 'images'), images);
    const failure = await loadEntry(entry, options).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DataError);
    const message = (failure as Error).message;
    expect(message).toContain('toy: 1 of 2 files are not on this machine.');
    expect(message).toContain(`Put labels.gz (or the unzipped files) into ${join(cache, 'toy')}`);
    expect(message).toContain('http://127.0.0.1:1/labels.gz: ');
    await expect(loadEntry(entry, { ...options, download: false, dataDir: '/given' })).rejects.toThrow(
      /into \/given\/toy, .*\n.*\n.*\nDownloading is turned off\.$/,
    );
  });

  test('refuses a file with other content, and names it, the expected and the found checksum', async () => {
    const { cache, options } = await alone();
    const entry = await toy();
    await mkdir(join(cache, 'toy'), { recursive: true });
    const changed = images.slice();
    changed[16] ^= 1;
    const path = join(cache, 'toy', 'images.gz');
    await writeFile(path, gzipSync(changed));
    const failure = await loadEntry(entry, options).catch((error: Error) => error.message);
    expect(failure).toContain(`${path} is not the published images`);
    expect(failure).toContain(`expected ${entry.files[0].checksum.hex}`);
    expect(failure).toContain(createHash('sha256').update(changed).digest('hex'));
    for (const damaged of [
      gzipSync(images).subarray(0, 25),
      images.subarray(0, 17),
      Buffer.alloc(0),
      Buffer.alloc(99),
    ]) {
      await writeFile(path, damaged);
      await expect(loadEntry(entry, options)).rejects.toThrow(path);
    }
  });

  test('gives the abort as the reason, not advice about files', async () => {
    const { options } = await alone();
    const loading = loadEntry(await toy(), { ...options, signal: AbortSignal.abort() });
    await expect(loading).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('downloads an archive once and keeps it as it is published', async () => {
    const { cache, options } = await alone();
    const batch = new Uint8Array(3073).fill(7);
    const names = [...[1, 2, 3, 4, 5].map((n) => `data_batch_${n}.bin`), 'test_batch.bin'];
    const content = writeTar(
      Object.fromEntries(names.map((name) => [`cifar-10-batches-bin/${name}`, batch])),
    );
    const archive = gzipSync(content);
    const server = await mirror(serve(archive));
    const cifar10 = findDataSet('cifar10');
    const hex = createHash('md5').update(archive).digest('hex');
    const file = { ...cifar10.files[0], bytes: archive.length, checksum: { algorithm: 'md5', hex } as const };
    const entry = { ...cifar10, files: [file], mirrors: [server.address] };
    const { train, test: held } = await loadEntry(entry, options);
    expect([train.length, held.length, ...train.labels]).toEqual([5, 1, 7, 7, 7, 7, 7]);
    expect(await readdir(join(cache, 'cifar10'))).toEqual(['cifar-10-binary.tar.gz']);
    await loadEntry({ ...entry, mirrors: [] }, { ...options, download: false });
    // The same content zipped in another way is another file.
    const path = join(cache, 'cifar10', 'cifar-10-binary.tar.gz');
    await writeFile(path, gzipSync(content, { level: 1 }));
    await expect(loadEntry(entry, options)).rejects.toThrow(
      /cifar-10-binary\.tar\.gz is not the published .*: its content has md5 /,
    );
    await expect(
      loadEntry(entry, { ...options, ...(await alone()).options, download: false }),
    ).rejects.toThrow(/Put cifar-10-binary\.tar\.gz into /);
  });

  test('reads SVHN from files that are not zipped', async () => {
    const { options } = await alone();
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'svhn'));
    const { bytes } = await fixture('svhn.mat');
    const entry = findDataSet('svhn');
    const hex = createHash('md5').update(bytes).digest('hex');
    for (const { file } of entry.files) await writeFile(join(folder, 'svhn', file), bytes);
    const files = entry.files.map((file) => ({
      ...file,
      bytes: bytes.length,
      checksum: { algorithm: 'md5', hex } as const,
    }));
    const { train } = await loadEntry({ ...entry, files }, { ...options, dataDir: folder, download: false });
    expect([...train.labels]).toEqual([0, 3]);
  });

  test('loads data of ones own from their path, and gives images a shape', async () => {
    const folder = await temporaryFolder();
    await writeFiles(folder, { 'mnist/a/1.png': plainPng(1), 'mnist/a/2.png': plainPng(1, 3) });
    await writeFiles(folder, { 'mnist/b/1.png': plainPng(255), 'mnist/b/2.png': plainPng(255) });
    const image = { width: 1, height: 1, channels: 1 } as const;
    const { train } = await loadDataSet(join(folder, 'mnist'), { image });
    expect([train.shape, train.classes]).toEqual([
      [1, 1, 1],
      ['a', 'b'],
    ]);
    await expect(loadDataSet('mnist', { image })).rejects.toThrow(/^image: mnist is used as it is published/);
  });

  test('tells paths from names', async () => {
    const folder = await temporaryFolder();
    expect(['a/b', './mnist', 'x.csv', 'x.csv.gz', 'pets.tar.gz', 'C:\\pets', folder].map(isPath)).toEqual(
      Array.from({ length: 7 }, () => true),
    );
    expect(['mnist', 'digits', 'minst', 'x.json'].map(isPath)).toEqual([false, false, false, false]);
    // The tests run in the checkout.
    expect(isPath('docs')).toBe(true);
    expect(() => checkDataSetName('minst')).toThrow(/did you mean "mnist"/);
    expect(() => checkDataSetName('not/there')).not.toThrow();
  });

  test('loads the built-in digits from nowhere', async () => {
    const { options } = await alone();
    const { train, test: held } = await loadDataSet('digits', { ...options, download: false });
    expect([train.length, held.length]).toEqual([1437, 360]);
  });

  test.each([
    ['minst', 'did you mean "mnist"?'],
    ['MNIST', 'did you mean "mnist"?'],
    ['fashion_mnist', 'did you mean "fashion-mnist"?'],
    ['digit', 'did you mean "digits"?'],
    [
      'imagenet',
      'there is no data set "imagenet". Known are digits, mnist, fashion-mnist, svhn, cifar10; data of your own',
    ],
  ])('does not know "%s" and says what it knows', async (name, message) => {
    await expect(loadDataSet(name)).rejects.toThrow(message);
  });
});

describe('the list of data sets', () => {
  test('tells where each was found and what is missing', async () => {
    const { options } = await alone();
    const given = await temporaryFolder();
    await mkdir(join(given, 'mnist'));
    for (const { file } of findDataSet('mnist').files.slice(1))
      await writeFile(join(given, 'mnist', `${file}.gz`), '');
    const [digits, mnist] = await listDataSets({ ...options, dataDir: given });
    expect(digits).toMatchObject({ where: 'built in', available: true, missing: [] });
    expect(mnist).toMatchObject({
      where: join(given, 'mnist'),
      available: false,
      missing: ['train-images-idx3-ubyte'],
    });
    expect(mnist.found[0]).toMatchObject({ file: 'train-labels-idx1-ubyte', place: { why: '--data-dir' } });
    expect(await describeDataSet('mnist', options)).toMatchObject({ where: 'not here', found: [] });
  });

  test('names for each its licence, its makers, ten classes and, where it has files, a mirror', () => {
    for (const entry of dataSetEntries) {
      expect(entry.licence && entry.attribution).toBeTruthy();
      expect(new Set(entry.classes).size).toBe(10);
      expect(entry.mirrors.filter((address) => !/^https?:.*\/$/.test(address))).toEqual([]);
      expect(entry.mirrors.length > 0).toBe(entry.files.length > 0);
      for (const { checksum } of entry.files) {
        expect(checksum.hex).toMatch(checksum.algorithm === 'md5' ? /^[0-9a-f]{32}$/ : /^[0-9a-f]{64}$/);
      }
    }
  });

  const published: [name: string, sizes: number[], firstLabel: number][] = [
    ['mnist', [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949], 5],
    ['fashion-mnist', Array.from<number>({ length: 10 }).fill(6000), 9],
  ];
  for (const [name, sizes, firstLabel] of published) {
    const folder = sharedData(name);
    const skipped = folder ? '' : ` (skipped: no folder ${name} in SELFTARGET_DATA or ../shared/data)`;
    test.skipIf(!folder)(`${name} is read from its published files${skipped}`, async () => {
      const { options } = await alone();
      const { train, test: held } = await loadDataSet(name, { ...options, dataDir: folder, download: false });
      expect([train.length, held.length, ...train.shape]).toEqual([60_000, 10_000, 28, 28, 1]);
      expect(sizes.map((_, c) => train.labels.filter((label) => label === c).length)).toEqual(sizes);
      expect(train.labels[0]).toBe(firstLabel);
      const values = row(train, 0);
      expect(Math.max(...values)).toBe(1);
      expect(Math.min(...values)).toBe(0);
    });
  }
});
