import { execFileSync } from 'node:child_process';
import { link, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { loadOwnData } from '../../src/data/node/ownData.js';
import { ownDataSet } from '../../src/data/ownDataSet.js';
import { messageOf } from './errors.js';
import { writeIdx } from './files.js';
import { item, plainPng, writeFiles } from './fixtures.js';
import { pythonWith, runPython } from './python.js';
import { temporaryFolder } from './temporary.js';
import { writePng } from './writePng.js';

type Files = Readonly<Record<string, Uint8Array | string>>;

const pictures = (folder: string, count: number, value: number): Record<string, Uint8Array> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${folder}/${i}.png`, plainPng(value + i)]));
const pets = { ...pictures('cat', 6, 1), ...pictures('dog', 6, 50) };

async function folderOf(files: Files): Promise<string> {
  const folder = await temporaryFolder();
  await writeFiles(folder, files);
  return folder;
}
const load = async (files: Files) => loadOwnData(await folderOf(files));
const refusal = (files: Files) => messageOf(() => load(files));

/** As a page has them. */
const dropped = (files: Files) =>
  ownDataSet({
    name: 'dropped',
    files: Object.entries(files).map(([path, content]) => ({
      path,
      read: () => (typeof content === 'string' ? new TextEncoder().encode(content) : content),
    })),
  });

describe('pictures', () => {
  test.each(['', '.jpeg_large', '.jfif', '.gif', '.png.bak', '.PnG~', '.dat'])(
    'are known by their content where they end in "%s"',
    async (ending) => {
      const files = Object.fromEntries(
        Object.entries(pets).map(([path, bytes]) => [path.replace('.png', ending), bytes]),
      );
      const { train, test: held } = await load(files);
      expect(train.length + held.length).toBe(12);
    },
  );

  test('beside files that are none are counted, and the others named', async () => {
    const { notes } = await load({
      ...pets,
      'cat/list': 'no picture',
      'dog/x.raw': 'none',
      'notes.txt': 'x',
    });
    expect(notes?.[0]).toBe(
      '2 files were passed over, as they are neither PNG nor JPEG files: cat/list, dog/x.raw',
    );
    expect((await load(pets)).notes).not.toContainEqual(expect.stringMatching(/passed over/));
  });

  test.each(['Unlabelled', 'UNLABELED', '_unlabelled', 'un-labeled'])(
    'in %s/ have no label',
    async (name) => {
      const { train } = await load({ ...pets, ...pictures(name, 3, 100) });
      expect([train.classes, train.labels.filter((label) => label < 0).length]).toEqual([['cat', 'dog'], 3]);
    },
  );

  test.each(['unknown', 'None', 'no label'])('in %s/ are a class, which is said', async (name) => {
    const { train, notes } = await load({ ...pets, ...pictures(name, 6, 100) });
    expect(train.classes).toHaveLength(3);
    expect(notes).toContainEqual(
      expect.stringMatching(/taken as a class like any other; call it unlabelled/),
    );
  });

  test('of one class beyond all others are worth a word', async () => {
    const { notes } = await load({ ...pets, ...pictures('stuff', 60, 100) });
    expect(notes).toContainEqual(expect.stringMatching(/class "stuff" has 50 of 60 items/));
  });

  test.each([
    ['Train', 'Test'],
    ['TRAIN', 'test'],
  ])('in %s/ and %s/ are two parts', async (train, held) => {
    const data = await load({
      ...pictures(`${train}/a`, 3, 1),
      ...pictures(`${train}/b`, 3, 9),
      ...pictures(`${held}/a`, 2, 20),
      ...pictures(`${held}/b`, 1, 30),
    });
    expect([data.train.length, data.test.length]).toEqual([6, 3]);
  });

  test('have one class under both ways to write an accent, also within one part', async () => {
    const [composed, apart] = ['caf\u00e9', 'cafe\u0301'];
    const { train, test: held } = await load({
      ...pictures(`train/${composed}`, 2, 1),
      ...pictures(`train/${apart}`, 2, 11),
      ...pictures('train/tea', 2, 21),
      ...pictures(`test/${apart}`, 1, 31),
      ...pictures('test/tea', 1, 41),
    });
    expect([train.classes, held.classes, train.length]).toEqual([[composed, 'tea'], [composed, 'tea'], 6]);
  });

  test('that are damaged stop everything, or are left out and named', async () => {
    const files = { ...pets, 'cat/6.png': plainPng(7).slice(0, 40), 'dog/9.jpg': 'GIF89a' };
    expect(await refusal(files)).toMatch(/(6\.png|9\.jpg) is/);
    const { train, test: held, notes } = await loadOwnData(await folderOf(files), { skipDamaged: true });
    expect(train.length + held.length).toBe(12);
    expect(notes?.[0]).toMatch(
      /^2 files were left out, as they cannot be read: (cat\/6\.png, dog\/9\.jpg|dog\/9\.jpg, cat\/6\.png)$/,
    );
  });

  test('that are nearly black, mostly white, plain or twins are worth a word', async () => {
    const some = (value: (i: number, x: number, y: number) => number) =>
      Object.fromEntries(
        ['a', 'b'].flatMap((name, c) =>
          Array.from({ length: 12 }, (_, i) => [
            `${name}/${i}.png`,
            writePng({
              width: 4,
              height: 4,
              depth: 8,
              colourType: 0,
              sample: (x, y) => value(12 * c + i, x, y),
            }),
          ]),
        ),
      );
    const notes = async (value: (i: number, x: number, y: number) => number) =>
      (await load(some(value))).notes?.join('\n') ?? '';
    const bits = (i: number, x: number, y: number): number => ((i + 1) >> ((x + y) % 4)) & 1;
    expect(await notes((i, x, y) => bits(i, x, y))).toMatch(
      /nearly black: the brightest value is 1 of 255. Multiply the values by 255/,
    );
    expect(await notes((i, x, y) => 15 * bits(i, x, y))).toMatch(
      /the brightest value is 15 of 255. Multiply the values by 17/,
    );
    expect(await notes((i, x, y) => 255 - 40 * bits(i, x, y))).toMatch(/values are high on average/);
    expect(await notes((i) => i)).toMatch(/of one value throughout/);
    expect(await notes((i, x, y) => 200 * ((x + y + (i % 2)) % 2))).toMatch(
      /\d of 4 test items are also in the training part/,
    );
    expect(await notes((i, x, y) => (i * 37 + x * 50 + y * 20) % 250)).toBe('');
  });
});

describe('what cannot be read in a folder is refused by name:', () => {
  test('a link to nowhere, a circle of links, and a named pipe', async () => {
    const folder = await folderOf(pets);
    await symlink('/nowhere/x.png', join(folder, 'cat', 'zz.png'));
    expect(await messageOf(() => loadOwnData(folder))).toMatch(
      /cat\/zz\.png cannot be read: it is a link to nowhere/,
    );
    const circle = await folderOf(pets);
    await symlink('b.png', join(circle, 'cat', 'a.png'));
    await symlink('a.png', join(circle, 'cat', 'b.png'));
    expect(await messageOf(() => loadOwnData(circle))).toMatch(
      /cat\/[ab]\.png cannot be read: its links lead in a circle/,
    );
    const pipe = await folderOf(pets);
    execFileSync('mkfifo', [join(pipe, 'dog', 'pipe.png')]);
    expect(await messageOf(() => loadOwnData(pipe))).toMatch(
      /dog\/pipe\.png is no file but a named pipe; remove it/,
    );
    execFileSync('mkfifo', [join(pipe, 'alone')]);
    expect(await messageOf(() => loadOwnData(join(pipe, 'alone')))).toMatch(/named pipe/);
  });
});

describe('an archive', () => {
  const tar = (folder: string, name: string, ...args: string[]): Promise<string> => {
    execFileSync('tar', ['-C', folder, ...args]);
    return Promise.resolve(join(folder, name));
  };

  test('has the files that its links lead to, hard or symbolic, also whole folders', async () => {
    const folder = await folderOf(
      Object.fromEntries(Object.entries(pets).map(([path, bytes]) => [`set/${path}`, bytes])),
    );
    await link(join(folder, 'set/cat/0.png'), join(folder, 'set/cat/hard.png'));
    await symlink('../dog/1.png', join(folder, 'set/dog/soft.png'));
    await symlink('soft.png', join(folder, 'set/dog/softer.png'));
    await mkdir(join(folder, 'set/real'));
    await writeFiles(join(folder, 'set'), pictures('real', 4, 90));
    await symlink('real', join(folder, 'set/alias'));
    const whole = await loadOwnData(await tar(folder, 'a.tar', '-cf', join(folder, 'a.tar'), 'set'));
    const same = await loadOwnData(join(folder, 'set'));
    expect([...whole.train.classes, whole.provenance.digest]).toEqual([
      ...same.train.classes,
      same.provenance.digest,
    ]);
    await symlink('/etc/nothing.png', join(folder, 'set/cat/out.png'));
    await tar(folder, 'b.tar', '-cf', join(folder, 'b.tar'), 'set');
    expect(await messageOf(() => loadOwnData(join(folder, 'b.tar')))).toMatch(
      /set\/cat\/out\.png is a link to \/etc\/nothing\.png, which is not in the archive; pack it with --dereference/,
    );
  });

  test('counts the last of members with the same name', async () => {
    const folder = await folderOf(pets);
    const file = await tar(folder, 'a.tar', '-cf', join(folder, 'a.tar'), 'cat', 'dog');
    await writeFile(join(folder, 'cat/0.png'), plainPng(222));
    await tar(folder, 'a.tar', '-rf', file, 'cat/0.png');
    expect((await loadOwnData(file)).provenance.digest).not.toBe((await load(pets)).provenance.digest);
    const { train, test: held } = await loadOwnData(file);
    expect(train.length + held.length).toBe(12);
  });

  test('as .zip is read as the folder, in a page and from a disk', async () => {
    const inside = Object.fromEntries(Object.entries(pets).map(([path, bytes]) => [`pets/${path}`, bytes]));
    const bytes = zipSync({ ...inside, '__MACOSX/pets/cat/._0.png': new Uint8Array(3) });
    const folder = await folderOf({ 'pets.zip': bytes, ...pets });
    const { provenance } = await loadOwnData(join(folder, 'pets.zip'));
    await writeFiles(folder, {});
    expect(provenance.digest).toBe((await load(pets)).provenance.digest);
    expect((await dropped({ 'pets.zip': bytes })).train.classes).toEqual(['cat', 'dog']);
    expect(await refusal({ 'x/a.zip': bytes.slice(0, 200) })).toMatch(/a\.zip/);
    const cut = await folderOf({ 'cut.zip': bytes.slice(0, 200) });
    expect(await messageOf(() => loadOwnData(join(cut, 'cut.zip')))).toMatch(
      /zip archive that cannot be read .*unzip it and name the folder/,
    );
  });

  test('that unzips to far more than it should is refused soon', async () => {
    // A header of a member of 6 GB, then zeros that compress to nothing.
    const header = Buffer.alloc(512);
    header.write('a/huge.png', 0);
    header.write(`${(6e9).toString(8).padStart(11, '0')}\0`, 124);
    header.write(' '.repeat(8), 148);
    header.write('0', 156);
    header.write('ustar\x0000', 257);
    header.write(
      `${header
        .reduce((a, b) => a + b, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
    );
    const folder = await folderOf({ 'bomb.tar.gz': gzipSync(Buffer.concat([header, Buffer.alloc(50e6)])) });
    const began = performance.now();
    expect(await messageOf(() => loadOwnData(join(folder, 'bomb.tar.gz')))).toMatch(
      /a\/huge\.png has 6\.0 GB/,
    );
    expect(performance.now() - began).toBeLessThan(2000);
    const zeros = await folderOf({ 'zeros.tar.gz': gzipSync(Buffer.alloc(200e6)) });
    expect(await messageOf(() => loadOwnData(join(zeros, 'zeros.tar.gz')))).toMatch(/holds no files/);
  });

  test('in several gzip members is one archive', async () => {
    const folder = await folderOf(pets);
    const file = await tar(folder, 'a.tar', '-cf', join(folder, 'a.tar'), 'cat', 'dog');
    const bytes = await readFile(file);
    const parts = [bytes.subarray(0, 1000), bytes.subarray(1000, 5000), bytes.subarray(5000)].map((part) =>
      gzipSync(part),
    );
    await writeFile(join(folder, 'b.tgz'), Buffer.concat(parts));
    expect((await loadOwnData(join(folder, 'b.tgz'))).provenance.digest).toBe(
      (await load(pets)).provenance.digest,
    );
    expect((await dropped({ 'b.tgz': new Uint8Array(Buffer.concat(parts)) })).train.length).toBe(10);
  });
});

describe('IDX files', () => {
  const set = (prefix: string, count: number, first = 0): Files => ({
    [`${prefix}images-idx3-ubyte`]: writeIdx(
      [count, 4, 4],
      Array.from({ length: count * 16 }, (_, i) => (i * 31) % 251),
    ),
    [`${prefix}labels-idx1-ubyte`]: writeIdx(
      [count],
      Array.from({ length: count }, (_, i) => first + (i % 3)),
    ),
  });

  test.each([
    ['train-', 't10k-'],
    ['emnist-letters-train-', 'emnist-letters-test-'],
    ['Train_', 'Validation_'],
    ['sub/folder/train-', 'sub/folder/test-'],
  ])('of %s and %s are the two parts', async (train, held) => {
    const files = { ...set(train, 30, 1), ...set(held, 12, 1) };
    for (const data of [await load(files), await dropped(files)]) {
      expect([data.train.length, data.test.length, data.train.classes, data.train.shape]).toEqual([
        ...[30, 12],
        ['1', '2', '3'],
        [4, 4, 1],
      ]);
    }
  });

  test('alone are split, and what does not belong together is refused', async () => {
    expect((await load(set('latest-', 30))).test.length).toBe(5);
    expect(await refusal({ ...set('train-', 6), ...set('letters-train-', 6) })).toMatch(
      /it is not clear which files are for training/,
    );
    const [images] = Object.entries(set('train-', 6));
    expect(await refusal(Object.fromEntries([images]))).toMatch(
      /the labels to train-images-idx3-ubyte are missing/,
    );
  });
});

describe("numpy's files", () => {
  const python = pythonWith('numpy');
  const make = async (script: string): Promise<string> => {
    const folder = await temporaryFolder();
    runPython(python as string, `import numpy as np, sys, os\nos.chdir(sys.argv[1])\n${script}`, folder);
    return folder;
  };

  test.skipIf(!python)(
    `are read as numpy reads them, in every type${python ? '' : ' (skipped: no numpy)'}`,
    async () => {
      const folder = await make(`
base = (np.arange(24 * 4 * 5) * 7 % 101).reshape(24, 4, 5)
y = np.arange(24) % 2
for kind in ['u1', 'i1', '<u2', '>i2', '<i4', '>u4', '<i8', '>u8', '<f2', '<f4', '>f8', '?']:
    name = kind.strip('<>').replace('?', 'bool') + ('big' if '>' in kind else '')
    os.mkdir(name)
    x = (base > 50) if kind == '?' else base.astype(kind)
    np.save(f'{name}/x.npy', np.asfortranarray(x) if kind == '<f4' else x)
    np.save(f'{name}/y.npy', y.astype(np.int64))
`);
      for (const name of [
        'u1',
        'i1',
        'u2',
        'i2big',
        'i4',
        'u4big',
        'i8',
        'u8big',
        'f2',
        'f4',
        'f8big',
        'bool',
      ]) {
        const { train, test: held } = await loadOwnData(join(folder, name));
        expect([name, train.length + held.length, ...train.shape]).toEqual([name, 24, 4, 5, 1]);
        // Item 0 of each class is in one of the parts; compare all by a checksum that numpy's order decides.
        const scale = name === 'u1' ? 255 : name === 'bool' ? 1 : 100;
        const all = [train, held].flatMap((part) =>
          Array.from({ length: part.length }, (_, i) => item(part, i)),
        );
        const written = Array.from({ length: 24 }, (_, n) =>
          Array.from({ length: 20 }, (_v, i) => {
            const value = ((n * 20 + i) * 7) % 101;
            return Math.fround(name === 'bool' ? Number(value > 50) : value / scale);
          }),
        );
        const sorted = (rows: readonly number[][]) =>
          rows.map((row) => row.map((v) => v.toFixed(3)).join()).toSorted();
        expect([name, sorted(all)]).toEqual([name, sorted(written)]);
      }
    },
  );

  test.skipIf(!python)(
    'may be one .npz with both parts, channels first, and texts or columns for labels',
    async () => {
      const folder = await make(`
x = np.zeros((12, 3, 4, 5), np.uint8); x[:, 1] = 9; x[0, 2, 3, 4] = 200
np.savez('a.npz', x_train=x, y_train=np.array(['cat', 'dog'] * 6), x_test=x[:4], y_test=np.array(['dog', 'cat'] * 2))
np.savez_compressed('b.npz', images=x.transpose(0, 2, 3, 1), labels=np.eye(2)[np.arange(12) % 2])
np.savez('c.npz', x=np.arange(160.).reshape(10, 16), y=np.array([0, 1, -1, 0, 1, -1, 0, 1, 0, 1]))
np.savez('d.npz', x=-np.ones((10, 16)), y=np.arange(10) % 2)
np.savez('e.npz', x=np.ones((10, 16)))
np.savez('f.npz', x=np.array([{}, 1] * 8), y=np.arange(16) % 2)
g = np.ones((10, 16)); g[3, 5] = np.nan
np.savez('g.npz', x=g, y=np.arange(10) % 2)
`);
      const a = await loadOwnData(join(folder, 'a.npz'));
      expect([a.train.shape, a.train.classes, a.train.length, a.test.length, a.test.labels[0]]).toEqual([
        ...[[4, 5, 3], ['cat', 'dog'], 12, 4, 1],
      ]);
      const first = item(a.train, 0);
      expect([first[1], first[(3 * 5 + 4) * 3 + 2]]).toEqual([Math.fround(9 / 255), Math.fround(200 / 255)]);
      const b = await loadOwnData(join(folder, 'b.npz'));
      expect([b.train.shape, b.train.classes, b.train.length + b.test.length]).toEqual([
        [4, 5, 3],
        ['0', '1'],
        12,
      ]);
      const c = await loadOwnData(join(folder, 'c.npz'));
      expect([c.train.classes, c.train.shape, c.train.labels.filter((l) => l < 0).length]).toEqual([
        ['0', '1'],
        [4, 4, 1],
        2,
      ]);
      expect(c.notes).toContainEqual('the label "-1" of 2 items is taken as no label');
      expect(await messageOf(() => loadOwnData(join(folder, 'd.npz')))).toMatch(
        /item 0, value 0 \(from 0\) is -1; values must be 0 or more/,
      );
      expect(await messageOf(() => loadOwnData(join(folder, 'e.npz')))).toMatch(
        /items and labels are needed, called x and y/,
      );
      expect(await messageOf(() => loadOwnData(join(folder, 'f.npz')))).toMatch(
        /holds Python objects or records; save numbers, .*, or texts as array\.astype\("str"\)/,
      );
      expect(await messageOf(() => loadOwnData(join(folder, 'g.npz')))).toMatch(
        /item 3, value 5 \(from 0\) is NaN; values must be finite numbers, so replace it/,
      );
    },
  );
});
