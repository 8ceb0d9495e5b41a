import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { decodeImage } from '../../src/data/decodeImage.js';
import { messageOf } from './errors.js';
import { pythonWith, runPython } from './python.js';
import { temporaryFolder } from './temporary.js';
import { type PngOptions, writePng } from './writePng.js';

const [width, height] = [13, 11];
const kinds = [
  ...[1, 2, 4, 8, 16].map((depth) => ({ depth, colourType: 0 })),
  ...[8, 16].flatMap((depth) => [2, 4, 6].map((colourType) => ({ depth, colourType }))),
  ...[1, 2, 4, 8].map((depth) => ({ depth, colourType: 3 })),
];
const every = kinds.flatMap((kind) => [false, true].map((interlaced) => ({ ...kind, interlaced })));

/** Spreads over all values of the depth. */
const sampleOf =
  (depth: number) =>
  (x: number, y: number, c: number): number =>
    (x * 41 + y * 17 + c * 101 + x * y * 7) % 2 ** Math.min(depth, 16);

const palette = (depth: number): number[] =>
  Array.from({ length: 3 * 2 ** depth }, (_, i) => (i * 37 + 5) % 256);

function make(
  kind: { depth: number; colourType: number; interlaced: boolean },
  changes: Partial<PngOptions> = {},
) {
  const { depth, colourType } = kind;
  const extra = colourType === 3 ? [['PLTE', palette(depth)] as const] : [];
  return writePng({ width, height, ...kind, sample: sampleOf(depth), extra, ...changes });
}

/** What a viewer shows on black, computed from the samples. */
function expected(kind: { depth: number; colourType: number }): { channels: number; bytes: number[] } {
  const { depth, colourType } = kind;
  const top = 2 ** depth - 1;
  const sample = sampleOf(depth);
  const colours = palette(depth);
  const channels = colourType === 0 || colourType === 4 ? 1 : 3;
  const bytes: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const alpha = colourType >= 4 ? sample(x, y, channels) / top : 1;
      for (let c = 0; c < channels; c++) {
        if (colourType === 3) bytes.push(colours[3 * sample(x, y, 0) + c]);
        else bytes.push(Math.round((255 * alpha * sample(x, y, c)) / top));
      }
    }
  }
  return { channels, bytes };
}

describe('a PNG file', () => {
  test.each(every)('of type $colourType with $depth bits, interlaced $interlaced, is read', (kind) => {
    const image = decodeImage({ source: 'x.png', bytes: make(kind) });
    const { channels, bytes } = expected(kind);
    expect([image.width, image.height, image.channels]).toEqual([width, height, channels]);
    expect([...image.bytes]).toEqual(bytes);
  });

  test.each([2, 6].flatMap((colourType) => [8, 16].map((depth) => ({ colourType, depth }))))(
    'of true colour (type $colourType, $depth bits) may suggest a palette',
    (kind) => {
      const suggested = [
        ['PLTE', [200, 55, 100, 1, 2, 3]],
        ['sPLT', [120, 0, 8, 1, 2, 3, 4, 0, 0]],
        ['hIST', [0, 1, 0, 2]],
      ] as const;
      const plain = { ...kind, interlaced: false };
      expect(decodeImage({ source: 'x', bytes: make(plain, { extra: suggested }) })).toEqual(
        decodeImage({ source: 'x', bytes: make(plain) }),
      );
    },
  );

  test.each([
    { colourType: 0, depth: 1, key: [0, 1], black: [255] },
    { colourType: 0, depth: 4, key: [0, 9], black: [153] },
    { colourType: 0, depth: 16, key: [1, 2], black: [1] },
    { colourType: 2, depth: 8, key: [0, 9, 0, 9, 0, 9], black: [9, 9, 9] },
    { colourType: 2, depth: 16, key: [1, 2, 1, 2, 1, 2], black: [1, 1, 1] },
  ])('of type $colourType with $depth bits may name a transparent colour', ({ colourType, depth, key }) => {
    const value = depth === 1 ? 1 : depth === 16 ? 258 : 9;
    const bytes = writePng({
      ...{ width: 2, height: 1, depth, colourType, extra: [['tRNS', key]] },
      sample: (x) => (x === 0 ? value : 0),
    });
    expect([...decodeImage({ source: 'x', bytes }).bytes].every((v) => v === 0)).toBe(true);
  });

  test('is turned upright as its Exif part says, whatever type its number has', () => {
    const tiff = (type: number, little: boolean, value: number): number[] => {
      const view = new DataView(new ArrayBuffer(26));
      view.setUint16(0, little ? 0x4949 : 0x4d4d);
      view.setUint16(2, 42, little);
      view.setUint32(4, 8, little);
      view.setUint16(8, 1, little);
      view.setUint16(10, 0x0112, little);
      view.setUint16(12, type, little);
      view.setUint32(14, 1, little);
      if (type === 1) view.setUint8(18, value);
      else if (type === 3) view.setUint16(18, value, little);
      else view.setUint32(18, value, little);
      return [...new Uint8Array(view.buffer)];
    };
    const kind = { depth: 8, colourType: 0, interlaced: false };
    const lying = decodeImage({ source: 'x', bytes: make(kind) });
    for (const type of [1, 3, 4]) {
      for (const little of [true, false]) {
        const bytes = make(kind, { extra: [['eXIf', tiff(type, little, 6)]] });
        const turned = decodeImage({ source: 'x', bytes });
        expect([turned.width, turned.height]).toEqual([height, width]);
        // A quarter turn clockwise: the first row is the first column from the bottom up.
        expect(turned.bytes[0]).toBe(lying.bytes[(height - 1) * width]);
        for (const nonsense of [0, 9, 200]) {
          const kept = make(kind, { extra: [['eXIf', tiff(type, little, nonsense)]] });
          expect(decodeImage({ source: 'x', bytes: kept })).toEqual(lying);
        }
      }
    }
    const broken = make(kind, { extra: [['eXIf', [0x49, 0x49, 42]]] });
    expect(decodeImage({ source: 'x', bytes: broken })).toEqual(lying);
  });

  test('says when what is drawn on it vanishes on black', () => {
    const drawing = (ink: number, opaque: number) =>
      writePng({
        ...{ width: 4, height: 4, depth: 8, colourType: 4 },
        sample: (x, _y, c) => (c === 0 ? ink : x === 1 ? opaque : 0),
      });
    const vanishes = (bytes: Uint8Array) => decodeImage({ source: 'x', bytes }).vanishes === true;
    expect(vanishes(drawing(0, 255))).toBe(true);
    expect(vanishes(drawing(40, 255))).toBe(true);
    expect(vanishes(drawing(255, 255))).toBe(false);
    expect(vanishes(drawing(120, 200))).toBe(false);
    const opaque = make({ depth: 8, colourType: 0, interlaced: false }, { sample: () => 3 });
    expect(vanishes(opaque)).toBe(false);
  });

  const python = pythonWith('PIL.Image');
  test.skipIf(!python)(`is read as Pillow reads it${python ? '' : ' (skipped: no Pillow)'}`, async () => {
    const folder = await temporaryFolder();
    // Pillow rounds 16 bits in its own way, and keeps what is transparent.
    const some = every.filter(({ depth, colourType }) => depth <= 8 && colourType < 4);
    for (const [i, kind] of some.entries()) await writeFile(join(folder, `${i}.png`), make(kind));
    runPython(
      python as string,
      `
import sys
from PIL import Image
for i in range(${some.length}):
    image = Image.open(f'{sys.argv[1]}/{i}.png')
    image.convert('L' if image.mode in ('1', 'L') else 'RGB').tobytes()
    open(f'{sys.argv[1]}/{i}.raw', 'wb').write(image.convert('L' if image.mode in ('1', 'L') else 'RGB').tobytes())
`,
      folder,
    );
    for (const [i, kind] of some.entries()) {
      const image = decodeImage({ source: `${i}`, bytes: make(kind) });
      expect(Buffer.from(image.bytes).equals(await readFile(join(folder, `${i}.raw`)))).toBe(true);
    }
  });
});

describe('a PNG file that cannot be meant', () => {
  const kind = { depth: 8, colourType: 0, interlaced: false };
  const refusal = (changes: Partial<PngOptions>, of = kind) =>
    messageOf(() => decodeImage({ source: 'x.png', bytes: make(of, changes) }));

  test('is refused before it takes more memory than its size allows', async () => {
    const bomb = deflateSync(new Uint8Array(200e6));
    const before = process.memoryUsage().arrayBuffers;
    const began = performance.now();
    expect(await refusal({ width: 1, height: 1, data: bomb })).toMatch(/more data than its size allows/);
    expect(performance.now() - began).toBeLessThan(1000);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100e6);
    expect(await refusal({ width: 5000, height: 5000, data: deflateSync(new Uint8Array(10)) })).toMatch(
      /it is cut short/,
    );
    expect(await refusal({ width: 10_000, height: 10_000, data: bomb })).toMatch(
      /^x\.png claims 10000 x 10000 pixels; from 1 to 64 million can be read$/,
    );
  });

  test.each([
    ['a palette picture without a palette', { extra: [] }, 3, /its palette is missing/],
    [
      'a colour that the palette has not',
      { extra: [['PLTE', [1, 2, 3]]] as const },
      3,
      /uses colour \d+ of a palette of 1/,
    ],
    ['a depth that its type has not', { depth: 4 }, 2, /colour type 2 with 4 bits is not in the format/],
    [
      'an unknown filter',
      { data: deflateSync(new Uint8Array(14 * 11).fill(7)) },
      0,
      /filter 7 is not in the format/,
    ],
    ['an unknown part that matters', { extra: [['NEWS', [1]]] as const }, 0, /a part NEWS that is not known/],
  ])('is refused: %s', async (_what, changes, colourType, message) => {
    expect(await refusal(changes, { ...kind, colourType })).toMatch(message);
  });

  test('is refused where it is in the form that Xcode makes', async () => {
    const bytes = make(kind);
    const xcode = Buffer.concat([
      bytes.subarray(0, 8),
      Buffer.from('\0\0\0\x04CgBI\x50\0\x20\x02\0\0\0\0', 'latin1'),
      bytes.subarray(8),
    ]);
    expect(await messageOf(() => decodeImage({ source: 'x.png', bytes: new Uint8Array(xcode) }))).toMatch(
      /Xcode/,
    );
  });
});
