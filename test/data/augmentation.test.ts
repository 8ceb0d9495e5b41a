import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readBatch } from '../../src/data/batches.js';
import { bytesDataSet } from '../../src/data/dataSet.js';
import { type AugmentationContext, mirror } from '../../src/data/augmentation.js';
import { RandomStream } from '../../src/learner/random.js';

const sides = fc.integer({ min: 1, max: 6 });

function imagesOf(size: number, [height, width, channels]: readonly number[]) {
  const length = height * width * channels;
  return { size, width: length, values: Float32Array.from({ length: size * length }, (_, i) => i) };
}

function contextOf(shape: readonly number[], random: RandomStream): AugmentationContext {
  return { shape, random, indices: new Uint32Array(), step: 0 };
}

describe('mirror', () => {
  test('mirrors whole images, rows and channels staying where they are, or leaves them as they are', () => {
    fc.assert(
      fc.property(sides, sides, fc.constantFrom(1, 3), fc.nat(), (height, width, channels, seed) => {
        const batch = imagesOf(4, [height, width, channels]);
        const before = [...batch.values];
        void mirror(batch, contextOf([height, width, channels], new RandomStream(seed, 5)));
        for (let b = 0; b < 4; b++) {
          const own = before.slice(b * batch.width, (b + 1) * batch.width);
          const mirrored = own.map((_, i) => {
            const [pixel, c] = [Math.floor(i / channels), i % channels];
            const [y, x] = [Math.floor(pixel / width), pixel % width];
            return own[(y * width + (width - 1 - x)) * channels + c];
          });
          const now = [...batch.values.subarray(b * batch.width, (b + 1) * batch.width)];
          expect([own, mirrored]).toContainEqual(now);
        }
      }),
    );
  });

  test('mirrors about half of them, by the stream alone', () => {
    const mirrored = (seed: number) => {
      const batch = imagesOf(1000, [1, 2, 1]);
      void mirror(batch, contextOf([1, 2, 1], new RandomStream(seed, 5)));
      return Array.from({ length: 1000 }, (_, b) => batch.values[2 * b] !== 2 * b);
    };
    const first = mirrored(1);
    expect(Math.abs(first.filter(Boolean).length - 500)).toBeLessThan(64);
    expect(mirrored(1)).toEqual(first);
    expect(mirrored(2)).not.toEqual(first);
  });

  test('mirrors the bytes of items that are stored so, and with them their values', () => {
    const pictures = bytesDataSet({
      name: 'pictures',
      bytes: Uint8Array.from({ length: 40 }, (_, i) => i),
      shape: [1, 4, 1],
      labels: new Int32Array(10),
      classes: ['only'],
    });
    const read = () => readBatch(pictures, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 0, 10);
    const batch = read();
    const decoded = read();
    const values = { size: 10, width: 4, values: decoded.values.slice() };
    for (const one of [batch, decoded, values])
      void mirror(one, contextOf([1, 4, 1], new RandomStream(1, 5)));
    expect(batch.bytes).toBeDefined();
    expect(decoded.bytes, 'values that were read may have been changed').toBeUndefined();
    expect(batch.values).toEqual(values.values);
    expect(decoded.values).toEqual(values.values);
    expect([...batch.values]).not.toEqual(Array.from({ length: 40 }, (_, i) => Math.fround(i / 255)));
  });
});

test('items that are no images cannot be mirrored', () => {
  const batch = { size: 1, width: 64, values: new Float32Array(64) };
  expect(() => mirror(batch, contextOf([64], new RandomStream(1, 5)))).toThrow(/only images .* 64 values/);
});
