import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Image } from '../../src/data/image.js';
import { type ImageShape, Resampler } from '../../src/data/resample.js';

function resample(image: Image, to: ImageShape): number[] {
  const out = new Uint8Array(to.width * to.height * to.channels);
  new Resampler(to).write(image, out, 0);
  return [...out];
}

const grey = (width: number, height: number, values: readonly number[]): Image => ({
  ...{ width, height, channels: 1 },
  bytes: Uint8Array.from(values),
});

describe('resampling', () => {
  test('averages the area that a pixel covers, in whole and in broken parts', () => {
    expect(
      resample(grey(4, 2, [0, 10, 20, 30, 40, 50, 60, 70]), { width: 2, height: 1, channels: 1 }),
    ).toEqual([25, 45]);
    // Three pixels into two: the middle one is shared.
    expect(resample(grey(3, 1, [0, 90, 240]), { width: 2, height: 1, channels: 1 })).toEqual([30, 190]);
  });

  test('interpolates between the centres of pixels, and keeps the edges', () => {
    expect(resample(grey(2, 1, [0, 100]), { width: 4, height: 1, channels: 1 })).toEqual([0, 25, 75, 100]);
    expect(resample(grey(1, 1, [7]), { width: 2, height: 3, channels: 1 })).toEqual([7, 7, 7, 7, 7, 7]);
  });

  test('shrinks in one direction while it grows in the other, each channel for itself', () => {
    const image: Image = {
      ...{ width: 2, height: 2, channels: 3 },
      bytes: Uint8Array.of(0, 10, 200, 100, 10, 100, 20, 30, 200, 120, 30, 100),
    };
    expect(resample(image, { width: 1, height: 4, channels: 3 })).toEqual([
      ...[50, 10, 150],
      ...[55, 15, 150],
      ...[65, 25, 150],
      ...[70, 30, 150],
    ]);
  });

  test('agrees with the area computed value by value', () => {
    const sides = fc.integer({ min: 1, max: 12 });
    fc.assert(
      fc.property(sides, sides, fc.nat(1000), (from, to, seed) => {
        fc.pre(to <= from);
        const values = Array.from({ length: from * from }, (_, i) => (i * i * 31 + seed * 7) % 256);
        const result = resample(grey(from, from, values), { width: to, height: to, channels: 1 });
        // Each old pixel as to x to small ones: then areas are whole numbers of these.
        for (let y = 0; y < to; y++) {
          for (let x = 0; x < to; x++) {
            let sum = 0;
            for (let v = y * from; v < (y + 1) * from; v++) {
              for (let u = x * from; u < (x + 1) * from; u++)
                sum += values[Math.floor(v / to) * from + Math.floor(u / to)];
            }
            expect(Math.abs(result[y * to + x] - sum / from ** 2)).toBeLessThan(0.5 + 1e-3);
          }
        }
      }),
    );
  });

  test('turns colour into brightness and grey into colour', () => {
    const image: Image = { width: 2, height: 1, channels: 3, bytes: Uint8Array.of(255, 0, 0, 10, 200, 30) };
    expect(resample(image, { width: 2, height: 1, channels: 1 })).toEqual([
      76,
      Math.round(0.299 * 10 + 0.587 * 200 + 0.114 * 30),
    ]);
    expect(resample(grey(1, 1, [9]), { width: 1, height: 1, channels: 3 })).toEqual([9, 9, 9]);
  });

  test('refuses sizes that are none', () => {
    expect(() => new Resampler({ width: 0, height: 1, channels: 1 })).toThrow(/image\.width: 0 pixels/);
    expect(() => new Resampler({ width: 1, height: 1.5, channels: 1 })).toThrow(/image\.height: 1\.5 pixels/);
  });
});
