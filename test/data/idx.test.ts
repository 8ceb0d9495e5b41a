import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DataError } from '../../src/data/dataSet.js';
import { idxDataSet, readIdx, readIdxImages, readIdxLabels } from '../../src/data/idx.js';
import { writeIdx } from './files.js';

const file = (bytes: Uint8Array, source = 'a file') => ({ source, bytes });
const images = writeIdx([2, 2, 3], [0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255]);
const labels = writeIdx([2], [1, 0]);
const classes = ['zero', 'one'];

/** The error that `act` must throw. */
function errorOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(DataError);
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
}

describe('readIdx', () => {
  test('reads back what was written, gzipped or not, from anywhere in a buffer', () => {
    const dimensions = fc.oneof(
      fc.tuple(fc.nat(300)),
      fc.tuple(fc.nat(8), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })),
    );
    fc.assert(
      fc.property(dimensions, fc.nat(255), fc.boolean(), fc.nat(7), (dims, first, zipped, offset) => {
        const length = dims.reduce((a: number, b) => a * b, 1);
        const values = Uint8Array.from({ length }, (_, i) => first + i * 7);
        const written = writeIdx(dims, values);
        const bytes = zipped ? gzipSync(written) : written;
        const shifted = new Uint8Array(bytes.length + offset).subarray(offset);
        shifted.set(bytes);
        const idx = readIdx(file(shifted));
        expect(idx.dimensions).toEqual(dims);
        expect([...idx.values]).toEqual([...values]);
      }),
    );
  });

  test('does not copy what was not gzipped', () => {
    expect(readIdx(file(images)).values.buffer).toBe(images.buffer);
  });

  test('refuses what is no IDX file, and says what it starts with', () => {
    expect(errorOf(() => readIdx(file(Buffer.from('<html>'), 'page.idx')))).toMatch(
      /^page\.idx is not an IDX file: it starts with 0x3c68746d, not with 0x00000803 \(images\)/,
    );
    expect(errorOf(() => readIdx(file(new Uint8Array(3))))).toContain('has 3 bytes, too few');
    expect(errorOf(() => readIdx(file(new Uint8Array(0))))).toContain('has 0 bytes, too few');
  });

  test('refuses other value types and numbers of dimensions', () => {
    expect(errorOf(() => readIdx(file(writeIdx([1], [0, 0, 0, 0], 0x0d))))).toContain(
      '32-bit floats (0x00000d01)',
    );
    expect(errorOf(() => readIdx(file(writeIdx([2, 2], [1, 2, 3, 4]))))).toContain(
      '2 dimensions (0x00000802)',
    );
  });

  test('refuses every shorter and every longer version of a file', () => {
    for (let length = 4; length < images.length; length++) {
      expect(errorOf(() => readIdx(file(images.subarray(0, length), 'cut')))).toContain('cut is cut short');
    }
    const longer = new Uint8Array(images.length + 2);
    longer.set(images);
    expect(errorOf(() => readIdx(file(longer)))).toContain(
      'has 2 bytes too many at its end: 2 x 2 x 3 values need 28 bytes with the header, but there are 30',
    );
  });

  test('refuses dimensions that no memory could hold without trying', () => {
    expect(errorOf(() => readIdx(file(writeIdx([0xffffffff, 0xffffffff, 0xffffffff], []))))).toContain(
      'is cut short',
    );
  });

  test('refuses every cut of a gzip file', () => {
    const zipped = new Uint8Array(gzipSync(images));
    for (let length = 2; length < zipped.length; length++) {
      expect(errorOf(() => readIdx(file(zipped.slice(0, length), 'z.gz')))).toContain(
        'z.gz is a damaged gzip file',
      );
    }
  });

  test('never takes a damaged gzip file for other content', () => {
    const zipped = new Uint8Array(gzipSync(images));
    let refused = 0;
    // Bytes 2 to 9 say how and where the file was written; the content does not depend on them.
    for (let at = 10; at < zipped.length; at++) {
      for (let bit = 1; bit < 256; bit *= 2) {
        const damaged = zipped.slice();
        damaged[at] ^= bit;
        try {
          // A bit of padding between the content and its checksum may be either.
          expect(readIdx(file(damaged)).values).toEqual(images.subarray(16));
        } catch (error) {
          expect(error).toBeInstanceOf(DataError);
          refused++;
        }
      }
    }
    expect(refused).toBeGreaterThan(8 * (zipped.length - 10) - 8);
  });
});

describe('images and labels', () => {
  test('make a data set', () => {
    const data = idxDataSet({ name: 'two', images: file(images), labels: file(labels), classes });
    expect([data.length, ...data.shape, data.width]).toEqual([2, 2, 3, 1, 6]);
    expect([...data.labels]).toEqual([1, 0]);
    const row = new Float32Array(6);
    data.read(1, row, 0);
    expect([...row]).toEqual([250, 251, 252, 253, 254, 255].map((v) => Math.fround(v / 255)));
  });

  test('are told apart', () => {
    expect(errorOf(() => readIdxImages(file(labels, 'l')))).toMatch(/^l holds labels, but images are wanted/);
    expect(errorOf(() => readIdxLabels(file(images, 'i'), 2))).toMatch(
      /^i holds images, but labels are wanted/,
    );
  });

  test('must be as many', () => {
    const three = file(writeIdx([3], [0, 1, 0]), 'three');
    expect(
      errorOf(() => idxDataSet({ name: 'x', images: file(images, 'two'), labels: three, classes })),
    ).toContain('three has 3 labels, but two has 2 images');
  });

  test('must have labels in range and pixels to see', () => {
    expect(errorOf(() => readIdxLabels(file(writeIdx([3], [0, 1, 2]), 'l'), 2))).toBe(
      'l: label 2 at item 2 is out of range; there are 2 classes, 0 to 1',
    );
    expect(errorOf(() => readIdxImages(file(writeIdx([2, 0, 3], []))))).toContain(
      'images without pixels: 0 x 3',
    );
  });
});
