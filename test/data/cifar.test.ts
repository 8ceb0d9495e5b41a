import { describe, expect, test } from 'vitest';
import { cifar10, cifar10Classes, cifar10FromTar } from '../../src/data/cifar.js';
import { DataError } from '../../src/data/dataSet.js';
import { readTar } from '../../src/data/tar.js';
import { messageOf } from './errors.js';
import { item } from './fixtures.js';
import { writeTar } from './writeTar.js';

/** Two items, as the publishers describe them: the class, then red, green and blue, each row by row. */
function batch(first: number): Uint8Array {
  const one = (label: number, start: number): number[] => [
    label,
    ...Array.from({ length: 3072 }, (_, i) => (start + i * 7) % 256),
  ];
  return Uint8Array.from([...one(first % 10, first), ...one((first + 1) % 10, first + 50)]);
}

const folder = 'cifar-10-batches-bin';
const published = (): Record<string, Uint8Array> => ({
  [`${folder}/`]: new Uint8Array(0),
  ...Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`${folder}/data_batch_${n}.bin`, batch(n)])),
  [`${folder}/batches.meta.txt`]: Buffer.from(cifar10Classes.join('\n')),
  [`${folder}/readme.html`]: Buffer.from('<html>'),
  [`${folder}/test_batch.bin`]: batch(8),
});

describe('CIFAR-10', () => {
  test('is read from an archive laid out as the published one', () => {
    const { train, test: held } = cifar10FromTar({ source: 'c.tar', bytes: writeTar(published()) });
    expect([train.length, held.length, train.shape]).toEqual([10, 2, [32, 32, 3]]);
    expect([...train.labels]).toEqual([1, 2, 2, 3, 3, 4, 4, 5, 5, 6]);
    expect([...held.labels]).toEqual([8, 9]);
    expect([train.classes[0], train.classes[9]]).toEqual(['airplane', 'truck']);
    const values = item(train, 1);
    const at = (row: number, column: number, channel: number): number =>
      values[(row * 32 + column) * 3 + channel];
    for (const [row, column, channel] of [
      [0, 0, 0],
      [0, 1, 0],
      [1, 0, 0],
      [5, 9, 1],
      [31, 31, 2],
    ]) {
      const place = channel * 1024 + row * 32 + column;
      expect(at(row, column, channel)).toBe(Math.fround(((51 + place * 7) % 256) / 255));
    }
  });

  test('is refused without a batch, with a broken one, and with a class out of range', async () => {
    const { [`${folder}/data_batch_3.bin`]: _, ...others } = published();
    expect(await messageOf(() => cifar10FromTar({ source: 'c.tar', bytes: writeTar(others) }))).toBe(
      "c.tar has no data_batch_3.bin in it; it is not CIFAR-10's binary version",
    );
    expect(await messageOf(() => cifar10('c', [{ source: 'b.bin', bytes: batch(1).subarray(1) }]))).toMatch(
      /^b\.bin has 6145 bytes, not a multiple of 3073 /,
    );
    expect(await messageOf(() => cifar10('c', [{ source: 'b.bin', bytes: batch(1).with(3073, 10) }]))).toBe(
      'b.bin: class 10 at item 1 is out of range; there are 0 to 9',
    );
  });
});

describe('a tar archive', () => {
  test('gives its files and folders', () => {
    const entries = readTar({
      source: 'x',
      bytes: writeTar({ 'a/': new Uint8Array(0), './a/b': Buffer.from('hello') }),
    });
    expect(entries.map(({ path, kind, bytes }) => [path, kind, Buffer.from(bytes).toString()])).toEqual([
      ['a', 'folder', ''],
      ['a/b', 'file', 'hello'],
    ]);
  });

  test('is refused when it is none, damaged or cut short', async () => {
    const whole = writeTar(published());
    expect(await messageOf(() => readTar({ source: 'x', bytes: new Uint8Array(1024).fill(65) }))).toMatch(
      /^x is not an archive that can be read: the header at byte 0 does not match its checksum/,
    );
    expect(await messageOf(() => readTar({ source: 'x', bytes: whole.with(512 + 3, 0x41) }))).toMatch(
      /^x is a damaged tar archive: the header at byte 512/,
    );
    for (const length of [0, 100, 512, 1000, 2000, 7000, whole.length - 1024]) {
      const cut = (): unknown => readTar({ source: 'x', bytes: whole.subarray(0, length) });
      expect(await messageOf(cut)).toMatch(/^x is cut short/);
      expect(cut).toThrow(DataError);
    }
  });
});
