import { spawnSync } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type SplitDataSet, UNLABELLED } from '../../src/data/dataSet.js';
import { imageLayout } from '../../src/data/imageLayout.js';
import { naturalOrder } from '../../src/data/naturalOrder.js';
import { loadOwnData } from '../../src/data/node/ownData.js';
import type { ImageShape } from '../../src/data/resample.js';
import { messageOf } from './errors.js';
import { sharedData } from './files.js';
import { fixture, item, plainPng, writeFiles } from './fixtures.js';
import { temporaryFolder } from './temporary.js';

/** A class folder's files, `count` plain pictures. */
function pictures(folder: string, count: number, value: number): Record<string, Uint8Array> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`${folder}/${i}.png`, plainPng(value + i)]),
  );
}

async function load(
  files: Readonly<Record<string, Uint8Array | string>>,
  image?: ImageShape,
): Promise<SplitDataSet> {
  const folder = await temporaryFolder();
  await writeFiles(folder, files);
  return loadOwnData(folder, { image });
}

const refusal = (files: Readonly<Record<string, Uint8Array | string>>, image?: ImageShape): Promise<string> =>
  messageOf(() => load(files, image));

const cats = pictures('cat', 6, 10);
const dogs = pictures('dog', 12, 100);

describe('an image folder', () => {
  test('with train/, test/ and unlabelled/ is read as it is laid out', async () => {
    const { train, test: held } = await load({
      ...pictures('train/9', 2, 1),
      ...pictures('train/10', 2, 51),
      ...pictures('train/unlabelled', 1, 200),
      ...pictures('unlabelled', 1, 250),
      ...pictures('test/9', 1, 3),
      ...pictures('test/10', 1, 4),
    });
    expect(train.classes).toEqual(['9', '10']);
    expect(held.classes).toEqual(['9', '10']);
    expect(train.shape).toEqual([2, 2, 1]);
    const called = new Map(train.itemNames?.map((name, i) => [name, i]));
    expect([...called.keys()].toSorted()).toEqual([
      ...['train/10/0.png', 'train/10/1.png', 'train/9/0.png', 'train/9/1.png'],
      ...['train/unlabelled/0.png', 'unlabelled/0.png'],
    ]);
    const labelOf = (name: string): number => train.labels[called.get(name) as number];
    expect(labelOf('train/9/1.png')).toBe(0);
    expect(labelOf('train/10/0.png')).toBe(1);
    expect(labelOf('train/unlabelled/0.png')).toBe(UNLABELLED);
    expect(labelOf('unlabelled/0.png')).toBe(UNLABELLED);
    expect(item(train, called.get('train/10/1.png') as number)).toEqual(
      Array.from({ length: 4 }, () => Math.fround(52 / 255)),
    );
    expect([held.itemNames, [...held.labels]]).toEqual([
      ['test/9/0.png', 'test/10/0.png'],
      [0, 1],
    ]);
  });

  test('without them holds out a sixth, the same one each time, class by class, and trains on the rest', async () => {
    const files = { ...cats, ...dogs, ...pictures('unlabelled', 5, 200) };
    const { train, test: held } = await load(files);
    expect([train.length, held.length]).toEqual([20, 3]);
    const perClass = (labels: Int32Array): number[] =>
      [UNLABELLED, 0, 1].map((label) => labels.filter((l) => l === label).length);
    expect(perClass(train.labels)).toEqual([5, 5, 10]);
    expect(perClass(held.labels)).toEqual([0, 1, 2]);
    const names = [...(train.itemNames ?? []), ...(held.itemNames ?? [])];
    expect(names.toSorted()).toEqual(Object.keys(files).toSorted());
    expect((await load(files)).test.itemNames).toEqual(held.itemNames);
  });

  test('has every class in any first part of it in proportion', async () => {
    const { train } = await load({
      ...pictures('train/a', 8, 0),
      ...pictures('train/b', 4, 0),
      ...pictures('train/unlabelled', 4, 0),
      ...pictures('test/a', 1, 0),
      ...pictures('test/b', 1, 0),
    });
    for (const length of [4, 8, 12]) {
      const first = train.labels.slice(0, length);
      expect([0, 1, UNLABELLED].map((label) => first.filter((l) => l === label).length)).toEqual([
        length / 2,
        length / 4,
        length / 4,
      ]);
    }
  });

  test('passes over hidden files, other files and resource forks', async () => {
    const { train, test: held } = await load({
      ...cats,
      ...dogs,
      '.DS_Store': 'x',
      'cat/.hidden.png': 'x',
      '.git/config': 'x',
      '__MACOSX/cat/._0.png': 'x',
      'README.txt': 'about',
      'dog/Thumbs.db': 'x',
    });
    expect([train.length + held.length, train.classes]).toEqual([18, ['cat', 'dog']]);
  });

  test('takes JPEG files beside PNG files, whatever case their names end in and whatever they are', async () => {
    const { bytes } = await fixture('grey.jpg');
    const png = plainPng(5, 12, 9);
    const { train, test: held } = await load({
      ...{ 'a/1.JPG': bytes, 'a/2.jpeg': png, 'b/1.png': bytes, 'b/2.PNG': png },
    });
    expect([train.length, held.length, ...train.shape]).toEqual([2, 2, 9, 12, 1]);
  });

  test('is made of one shape where that is asked for', async () => {
    const image = { width: 2, height: 1, channels: 3 } as const;
    const { train } = await load(
      {
        'train/a/1.png': plainPng(51, 4, 4),
        'train/b/1.png': plainPng(102, 1, 3, 3),
        ...{ 'test/a/1.png': plainPng(0), 'test/b/1.png': plainPng(0) },
      },
      image,
    );
    expect(train.shape).toEqual([1, 2, 3]);
    expect(item(train, 0)).toEqual(Array.from({ length: 6 }, () => Math.fround(51 / 255)));
    expect(item(train, 1)).toEqual(Array.from({ length: 6 }, () => Math.fround(102 / 255)));
  });

  test('may be full of links', async () => {
    const folder = await temporaryFolder();
    await writeFiles(folder, { ...pictures('real/a', 2, 0), ...pictures('real/b', 2, 0), 'data/': '' });
    await symlink(join(folder, 'real', 'a'), join(folder, 'data', 'a'));
    await symlink(join(folder, 'real', 'b'), join(folder, 'data', 'b'));
    const { train } = await loadOwnData(join(folder, 'data/'));
    expect(train.itemNames).toHaveLength(2);
  });

  test('stops when it is told to', async () => {
    const folder = await temporaryFolder();
    await writeFiles(folder, { ...cats, ...dogs });
    await expect(loadOwnData(folder, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  const tar = spawnSync('tar', ['--version']).status === 0;
  test.skipIf(!tar)(
    `is read from a .tar.gz as from the folder${tar ? '' : ' (skipped: no tar)'}`,
    async () => {
      const folder = await temporaryFolder();
      const long = `${'n'.repeat(99)}/${'m'.repeat(120)}.png`;
      await writeFiles(join(folder, 'pets'), {
        ...cats,
        ...dogs,
        [long]: plainPng(1),
        [`${long}.png`]: plainPng(2),
      });
      const unpacked = await loadOwnData(join(folder, 'pets'));
      const archives = [
        ['gnu.tar.gz', '--format=gnu', 'pets'],
        ['pax.tgz', '--format=posix', 'pets'],
        ['inside.tar', '--format=gnu', '-C', 'pets', '.'],
      ];
      for (const [name, ...args] of archives) {
        const flags = name === 'inside.tar' ? '-cf' : '-czf';
        const { status, stderr } = spawnSync('tar', ['-C', folder, flags, join(folder, name), ...args], {
          encoding: 'utf8',
        });
        expect(status, stderr).toBe(0);
        const { train, test: held } = await loadOwnData(join(folder, name));
        expect([train.itemNames, held.itemNames]).toEqual([
          unpacked.train.itemNames,
          unpacked.test.itemNames,
        ]);
        expect(item(held, 2)).toEqual(item(unpacked.test, 2));
      }
    },
  );
});

describe('an image folder that cannot be meant is refused:', () => {
  test('one without class folders', async () => {
    expect(await refusal({ '1.png': plainPng(1) })).toMatch(
      /selftarget-\w+ has no class folders; put the PNG or JPEG files of each class into a folder/,
    );
    expect(await refusal({ 'README.txt': 'nothing' })).toMatch(
      /README\.txt is not a data set; what can be read is/,
    );
    expect(await refusal({ ...pictures('unlabelled', 3, 0) })).toMatch(/has no class folders/);
  });

  test('an empty class folder', async () => {
    expect(await refusal({ ...cats, 'dog/': '' })).toMatch(/the class folder dog\/ has no PNG or JPEG files/);
    expect(await refusal({ ...cats, 'dog/notes.txt': 'x' })).toMatch(/the class folder dog\/ has no/);
  });

  test('pictures beside the class folders, or further in', async () => {
    expect(await refusal({ ...cats, ...dogs, 'stray.png': plainPng(1) })).toMatch(
      /: stray\.png is beside the class folders; move it into its class's folder, or into unlabelled\//,
    );
    expect(await refusal({ ...cats, 'dog/big/1.png': plainPng(1) })).toMatch(
      /: dog\/big\/1\.png is in a folder inside dog\/; .*name the folder that holds them/,
    );
  });

  test('a single class', async () => {
    expect(await refusal(cats)).toMatch(/has one class only, "cat"; there must be at least two/);
  });

  test('a class too small to be in both parts', async () => {
    expect(await refusal({ ...cats, ...pictures('dog', 1, 0) })).toMatch(
      /class "dog" has 1 labelled items, but a sixth is held out for the test/,
    );
  });

  test('parts that do not fit each other', async () => {
    const train = { ...pictures('train/a', 1, 0), ...pictures('train/b', 1, 0) };
    expect(await refusal(train)).toMatch(/has train\/ but no test\/ beside it; add test\//);
    expect(await refusal({ ...train, ...pictures('Val/a', 1, 0), ...pictures('Val/b', 1, 0) })).toMatch(
      /no test\/ beside it; rename Val\/ to test\//,
    );
    expect(await refusal({ ...train, ...pictures('test/a', 1, 0), ...pictures('test/c', 1, 0) })).toMatch(
      /: test\/ has no folder for the class "b"; both parts need the same/,
    );
    const both = { ...train, ...pictures('test/a', 1, 0), ...pictures('test/b', 1, 0) };
    expect(await refusal({ ...both, ...pictures('test/c', 1, 0) })).toMatch(/: train\/ has no folder .*"c"/);
    expect(await refusal({ ...both, ...pictures('c', 1, 0) })).toMatch(/the folder c\/ is neither train\//);
    expect(await refusal({ ...both, 's.png': plainPng(0) })).toMatch(/s\.png is beside train\/ and test\//);
    expect(await refusal({ ...both, 'test/s.png': plainPng(0) })).toMatch(
      /test\/s\.png is beside the class folders/,
    );
  });

  test('pictures of different size or kind, with what to set', async () => {
    const files = { 'a/1.png': plainPng(0), 'a/2.png': plainPng(0), 'b/1.png': plainPng(0) };
    expect(await refusal({ ...files, 'b/2.png': plainPng(0, 3, 2) })).toMatch(
      /b\/2\.png is 3 x 2 pixels in grey, but .*\.png is 2 x 2 pixels in grey\. To make all alike, set what they become: --set image\.width=2 --set image\.height=2 --set image\.channels=1$/,
    );
    expect(await refusal({ ...files, 'b/2.png': plainPng(0, 2, 2, 3) })).toMatch(
      /is 2 x 2 pixels in colour, but .*--set image\.channels=3$/,
    );
  });

  test('files that are not what they are called, or damaged, by name', async () => {
    const files = { ...cats, ...dogs };
    expect(await refusal({ ...files, 'dog/7.png': plainPng(0).subarray(0, 40) })).toMatch(
      /selftarget-\w+\/dog\/7\.png is a damaged or unusual PNG file/,
    );
    expect(await refusal({ ...files, 'dog/7.png': '<html>' })).toMatch(
      /dog\/7\.png is text such as a web page/,
    );
    expect(await refusal({ ...files, 'dog/x.webp': 'x' })).toMatch(
      /: dog\/x\.webp is of a kind that cannot be read; convert it to PNG or JPEG/,
    );
  });

  test('more pixels than memory', async () => {
    expect(await refusal({ ...cats, ...dogs }, { width: 60_000, height: 30_000, channels: 3 })).toMatch(
      /pictures of 60000 x 30000 pixels in colour need .* GiB of memory, .*--set image\.width=32/,
    );
  });

  test('a file that is no data set, and a path where nothing is', async () => {
    const folder = await temporaryFolder();
    await writeFiles(folder, {
      'notes.txt': 'x',
      'no.tar.gz': 'not an archive'.repeat(99),
      'no.zip': '<html>',
      'empty.tar': '',
    });
    expect(await messageOf(() => loadOwnData(join(folder, 'notes.txt')))).toMatch(
      /notes\.txt is not a data set; what can be read is a folder with a folder of PNG or JPEG files/,
    );
    for (const name of ['no.tar.gz', 'no.zip', 'empty.tar']) {
      expect(await messageOf(() => loadOwnData(join(folder, name)))).toMatch(
        new RegExp(`${name} is (cut short or )?not an archive.*: .*; fetch or copy it again$`),
      );
    }
    expect(await messageOf(() => loadOwnData(join(folder, 'nowhere')))).toMatch(
      /nowhere cannot be read: there is no such file or folder \(looked from /,
    );
  });
});

describe('names', () => {
  test('are in natural order', () => {
    expect(
      naturalOrder(['b', 'a10', 'a9', 'a', 'a09', 'B', 'a9b', '10', '9', 'a99999999999999999999']),
    ).toEqual([...['9', '10', 'B', 'a', 'a09', 'a9', 'a9b', 'a10', 'a99999999999999999999', 'b']]);
  });

  test('are in the same order wherever they begin, and so are the items of a layout', () => {
    const name = fc.string({
      unit: fc.constantFrom('a', 'B', '0', '1', '9', ' '),
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 4, maxLength: 12 }), (names) => {
        const sorted = naturalOrder(names);
        expect(naturalOrder(names.toReversed())).toEqual(sorted);
        expect(new Set(sorted)).toEqual(new Set(names));
        const paths = names.flatMap((n) => [`a/${n}.png`, `b/${n}.png`]);
        expect(imageLayout('x', paths.toReversed())).toEqual(imageLayout('x', paths));
      }),
    );
  });
});

const archive = sharedData('cifar10-jpeg.tar.gz');
const skipped = archive ? '' : ' (skipped: no cifar10-jpeg.tar.gz in SELFTARGET_DATA or ../shared/data)';
test.skipIf(!archive)(
  `CIFAR-10 as JPEG files is read from its archive${skipped}`,
  async () => {
    const { train, test: held } = await loadOwnData(archive as string);
    expect([train.length, held.length, ...train.shape]).toEqual([50_000, 10_000, 32, 32, 3]);
    expect(train.classes).toHaveLength(10);
    for (let c = 0; c < 10; c++) {
      expect(train.labels.filter((label) => label === c)).toHaveLength(5000);
      expect(held.labels.filter((label) => label === c)).toHaveLength(1000);
    }
    expect(train.itemNames?.[0]).toBe('train/airplane/0000.jpg');
  },
  300_000,
);
