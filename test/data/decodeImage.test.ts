import { encode } from 'fast-png';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DataError } from '../../src/data/dataSet.js';
import { crc32 } from '../../src/data/crc32.js';
import { decodeImage } from '../../src/data/decodeImage.js';
import type { Image } from '../../src/data/image.js';
import { messageOf } from './errors.js';
import { fixture } from './fixtures.js';

const read = async (name: string): Promise<Image> => decodeImage(await fixture(name));

/** The pictures of fixtures/make.py, computed here. */
const slope = Array.from({ length: 9 * 12 }, (_, i) => ({ x: i % 12, y: Math.floor(i / 12) }));
const colour = slope.flatMap(({ x, y }) => [20 * x, 25 * y, 10 * (x + y)]);
const grey = slope.map(({ x, y }) => 20 * x + y);

const furthest = (a: Uint8Array, b: readonly number[]): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

describe('a PNG file', () => {
  test('is read in grey and in colour, interlaced or not', async () => {
    expect(await read('grey.png')).toEqual({
      width: 12,
      height: 9,
      channels: 1,
      bytes: Uint8Array.from(grey),
    });
    const plain = await read('colour.png');
    expect(plain).toEqual({ width: 12, height: 9, channels: 3, bytes: Uint8Array.from(colour) });
    const png = { width: 12, height: 9, channels: 3, data: Uint8Array.from(colour) };
    expect(decodeImage({ source: 'x', bytes: encode(png, { interlace: 'Adam7' }) })).toEqual(plain);
  });

  test('is read with 1 bit and with 16 bits a value', async () => {
    expect([...(await read('oneBit.png')).bytes]).toEqual(grey.map((value) => (value > 100 ? 255 : 0)));
    expect([...(await read('sixteenBits.png')).bytes]).toEqual(
      slope.map(({ x, y }) => Math.round((5000 * x + 257 * y) / 257)),
    );
  });

  test('is read with a palette, and is grey when the palette is', async () => {
    const colours = [
      [255, 0, 0],
      [0, 200, 0],
      [0, 0, 100],
    ];
    const { width, height, channels, bytes } = await read('palette.png');
    expect([width, height, channels]).toEqual([3, 2, 3]);
    expect([...bytes]).toEqual([0, 1, 2, 2, 1, 0].flatMap((index) => colours[index]));
    const halves = [[0, 0, 0], [0, 100, 0], colours[2]];
    expect([...(await read('paletteTransparent.png')).bytes]).toEqual(
      [0, 1, 2, 2, 1, 0].flatMap((index) => halves[index]),
    );
  });

  test('is shown on black where it is transparent', async () => {
    const { channels, bytes } = await read('alpha.png');
    expect([channels, ...bytes]).toEqual([3, 200, 100, 50, 40, 20, 10, 0, 0, 0]);
    expect(await read('greyAlpha.png')).toEqual({
      width: 2,
      height: 1,
      channels: 1,
      bytes: Uint8Array.of(200, 80),
    });
    // (20, 25, 20) is the colour at x = 1, y = 1, and stands for nothing.
    const keyed = colour.with(39, 0).with(40, 0).with(41, 0);
    expect([...(await read('keyed.png')).bytes]).toEqual(keyed);
  });

  test('of any size and kind is read back as it was written', () => {
    const sizes = fc.tuple(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom(1, 3),
    );
    fc.assert(
      fc.property(sizes, fc.nat(255), fc.boolean(), ([width, height, channels], first, interlaced) => {
        const data = Uint8Array.from({ length: width * height * channels }, (_, i) => first + i * 37);
        const bytes = encode({ width, height, channels, data }, { interlace: interlaced ? 'Adam7' : 'null' });
        expect(decodeImage({ source: 'x', bytes })).toEqual({ width, height, channels, bytes: data });
      }),
    );
  });
});

describe('a JPEG file', () => {
  test.each([
    ['baseline.jpg', 3, 4],
    ['progressive.jpg', 3, 4],
    ['subsampled.jpg', 3, 24],
    ['grey.jpg', 1, 4],
  ])('is read: %s', async (name, channels, tolerance) => {
    const image = await read(name);
    expect([image.width, image.height, image.channels]).toEqual([12, 9, channels]);
    expect(furthest(image.bytes, channels === 1 ? grey : colour)).toBeLessThanOrEqual(tolerance);
  });

  test('is turned upright as its camera says', async () => {
    const corners = async (orientation: number): Promise<number[]> => {
      const { width, height, bytes } = await read(`orientation${orientation}.jpg`);
      const at = (x: number, y: number): number => bytes[y * width + x];
      return [width, height, at(0, 0), at(width - 1, 0), at(0, height - 1), at(width - 1, height - 1)];
    };
    // As Pillow's ImageOps.exif_transpose shows them.
    expect(await corners(1)).toEqual([12, 9, 0, 220, 8, 228]);
    expect(await corners(2)).toEqual([12, 9, 220, 0, 228, 8]);
    expect(await corners(3)).toEqual([12, 9, 228, 8, 220, 0]);
    expect(await corners(4)).toEqual([12, 9, 8, 228, 0, 220]);
    expect(await corners(5)).toEqual([9, 12, 0, 8, 220, 228]);
    expect(await corners(6)).toEqual([9, 12, 8, 0, 228, 220]);
    expect(await corners(7)).toEqual([9, 12, 228, 220, 8, 0]);
    expect(await corners(8)).toEqual([9, 12, 220, 228, 0, 8]);
  });
});

describe('what cannot be read', () => {
  test.each([
    ['picture.webp', /^picture\.webp is a WebP file; PNG and JPEG can be read: convert/],
    ['picture.gif', /is a GIF file/],
    ['picture.bmp', /is a BMP file/],
    ['svhn.mat', /is no picture/],
  ])('%s is refused by its content', async (name, message) => {
    const { bytes } = await fixture(name);
    expect(await messageOf(() => decodeImage({ source: name, bytes }))).toMatch(message);
  });

  test('an empty file is refused, and so are impossible sizes before memory is taken', async () => {
    expect(await messageOf(() => decodeImage({ source: 'e.png', bytes: new Uint8Array(0) }))).toMatch(
      /^e\.png is empty/,
    );
    const { bytes } = await fixture('grey.png');
    const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    header.setUint32(16, 2 ** 31);
    expect(await messageOf(() => decodeImage({ source: 'g.png', bytes }))).toMatch(/its header is damaged/);
    header.setUint32(29, crc32(bytes.subarray(12, 29)));
    expect(await messageOf(() => decodeImage({ source: 'g.png', bytes }))).toBe(
      'g.png claims 2147483648 x 9 pixels; from 1 to 64 million can be read',
    );
  });

  test.each(['colour.png', 'oneBit.png', 'baseline.jpg', 'progressive.jpg', 'grey.jpg', 'orientation6.jpg'])(
    'every cut of %s is refused by name',
    async (name) => {
      const { bytes } = await fixture(name);
      for (let length = 0; length < bytes.length; length++) {
        expect(await messageOf(() => decodeImage({ source: 'cut', bytes: bytes.slice(0, length) }))).toMatch(
          /^cut (is|claims)/,
        );
      }
    },
  );

  test('a damaged file is read or refused, never anything else', async () => {
    for (const name of ['colour.png', 'baseline.jpg', 'progressive.jpg', 'orientation6.jpg']) {
      const { bytes } = await fixture(name);
      for (let at = 0; at < bytes.length; at++) {
        const damaged = bytes.slice();
        damaged[at] ^= 1 << (at % 8);
        try {
          const image = decodeImage({ source: 'x', bytes: damaged });
          expect(image.bytes).toHaveLength(image.width * image.height * image.channels);
        } catch (error) {
          expect(error).toBeInstanceOf(DataError);
        }
      }
    }
  });
});
