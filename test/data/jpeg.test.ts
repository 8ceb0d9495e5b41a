import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decodeImage } from '../../src/data/decodeImage.js';
import { jpegTurboBase64 } from '../../src/data/jpegTurboBytes.js';
import { messageOf } from './errors.js';
import { fixture } from './fixtures.js';
import { pythonWith, runPython } from './python.js';
import { temporaryFolder } from './temporary.js';

const script = `
import sys, io, struct
from PIL import Image, ImageOps
folder = sys.argv[1]
big = Image.new('RGB', (203, 149))
big.putdata([((x * 3 + y) % 256, (x + y * 2 + x * y // 40) % 256, (255 - x) % 256) for y in range(149) for x in range(203)])
names = []
def keep(name, image, **options):
    image.save(f'{folder}/{name}.jpg', **options)
    names.append(name)
for sampling in (0, 1, 2):
    for progressive in (False, True):
        keep(f'rgb{sampling}{progressive}', big, quality=90, subsampling=sampling, progressive=progressive)
keep('grey', big.convert('L'), quality=85)
keep('greyProgressive', big.convert('L'), quality=60, progressive=True)
keep('inks', big.convert('CMYK'), quality=92)
keep('restart', big, quality=80, restart_marker_blocks=3) if False else keep('optimised', big, quality=80, optimize=True)
keep('tiny', big.crop((0, 0, 1, 1)), quality=90)
keep('narrow', big.crop((0, 0, 3, 100)), quality=90)
# Orientation as a SHORT, a LONG and a BYTE in both byte orders.
data = io.BytesIO(); big.save(data, 'JPEG', quality=95); data = data.getvalue()
for orientation in range(1, 9):
    for kind, form in ((3, 'HH'), (4, 'I'), (1, 'Bxxx')):
        for order in ('<', '>'):
            value = struct.pack(order + form, *((orientation, 0) if form == 'HH' else (orientation,)))
            tiff = (b'II' if order == '<' else b'MM') + struct.pack(order + 'HIHHHI', 42, 8, 1, 0x0112, kind, 1) + value + b'\\0\\0\\0\\0'
            part = b'Exif\\0\\0' + tiff
            name = f'turn{orientation}-{kind}-{"little" if order == "<" else "big"}'
            open(f'{folder}/{name}.jpg', 'wb').write(data[:2] + b'\\xff\\xe1' + struct.pack('>H', len(part) + 2) + part + data[2:])
            names.append(name)
            big.info['exif'] = b''
for name in names:
    image = Image.open(f'{folder}/{name}.jpg')
    if name.startswith('turn'):
        how = int(name[4])
        moves = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
        if how > 1:
            image.load(); image = image.transpose(moves[how])
    image = image.convert('L' if image.mode == 'L' else 'RGB')
    open(f'{folder}/{name}.raw', 'wb').write(image.tobytes())
    open(f'{folder}/{name}.size', 'w').write(f'{image.width} {image.height} {len(image.mode) if image.mode != "L" else 1}')
    small = image.resize((20, 14), Image.BOX)
    open(f'{folder}/{name}.small', 'wb').write(small.tobytes())
open(f'{folder}/names', 'w').write(' '.join(names))
`;

const furthest = (a: Uint8Array, b: Uint8Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), a.length === b.length ? 0 : 256);

describe('a JPEG file', () => {
  const python = pythonWith('PIL.Image');
  test.skipIf(!python)(
    `has the pixels that Pillow gives it${python ? '' : ' (skipped: no Pillow)'}`,
    async () => {
      const folder = await temporaryFolder();
      runPython(python as string, script, folder);
      const names = (await readFile(join(folder, 'names'), 'utf8')).split(' ');
      expect(names.length).toBeGreaterThan(55);
      for (const name of names) {
        const bytes = new Uint8Array(await readFile(join(folder, `${name}.jpg`)));
        const image = decodeImage({ source: name, bytes });
        expect([name, image.width, image.height, image.channels].join(' ')).toBe(
          `${name} ${await readFile(join(folder, `${name}.size`), 'utf8')}`,
        );
        expect([name, furthest(image.bytes, await readFile(join(folder, `${name}.raw`)))]).toEqual([name, 0]);
      }
    },
  );

  test('is decoded smaller where it is wanted small, but not below twice that, turned or not', async () => {
    const { bytes } = await fixture('baseline.jpg');
    const size = (wanted: { width: number; height: number }, file = bytes) => {
      const { width, height } = decodeImage({ source: 'x', bytes: file }, { wanted });
      return [width, height];
    };
    expect(size({ width: 3, height: 2 })).toEqual([6, 5]);
    expect(size({ width: 1, height: 1 })).toEqual([3, 3]);
    expect(size({ width: 7, height: 1 })).toEqual([12, 9]);
    const turned = (await fixture('orientation6.jpg')).bytes;
    expect(size({ width: 2, height: 3 }, turned)).toEqual([5, 6]);
    expect(size({ width: 3, height: 3 }, turned)).toEqual([9, 12]);
  });

  test('of red, green and blue says so by its Adobe marker', async () => {
    const { bytes } = await fixture('rgb.jpg');
    expect([...decodeImage({ source: 'x', bytes }).bytes.subarray(0, 3)]).toEqual([0, 0, 254]);
  });

  test.each([
    ['arithmetic coding', 0xc9, /compressed arithmetically/],
    ['lossless compression', 0xc3, /compressed without loss/],
    ['a hierarchy', 0xc5, /a hierarchy of pictures/],
  ])('with %s is refused in words', async (_what, marker, message) => {
    const bytes = (await fixture('baseline.jpg')).bytes.slice();
    const at = bytes.findIndex((byte, i) => byte === 0xff && bytes[i + 1] === 0xc0);
    bytes[at + 1] = marker;
    expect(await messageOf(() => decodeImage({ source: 'x', bytes }))).toMatch(message);
    bytes[at + 1] = 0xc0;
    bytes[at + 4] = 12;
    expect(await messageOf(() => decodeImage({ source: 'x', bytes }))).toMatch(/12 bits a value/);
  });

  test('is refused without pixels, and without the tables that its pixels need', async () => {
    const { bytes } = await fixture('baseline.jpg');
    const scan = bytes.findIndex((byte, i) => byte === 0xff && bytes[i + 1] === 0xda);
    const ended = Uint8Array.from([...bytes.subarray(0, scan), 0xff, 0xd9]);
    expect(await messageOf(() => decodeImage({ source: 'x', bytes: ended }))).toMatch(
      /ends before its pixels begin/,
    );
    const tables = bytes.findIndex((byte, i) => byte === 0xff && bytes[i + 1] === 0xdb);
    const length = 2 + (bytes[tables + 2] << 8) + bytes[tables + 3];
    const without = Uint8Array.from([...bytes.subarray(0, tables), ...bytes.subarray(tables + length)]);
    expect(await messageOf(() => decodeImage({ source: 'x', bytes: without }))).toMatch(/damaged or missing/);
    // And the next file is read all the same.
    expect(decodeImage({ source: 'x', bytes }).width).toBe(12);
  });
});

test('the embedded decoder is that of the installed package', async () => {
  const file = createRequire(import.meta.url).resolve('@cwasm/jpeg-turbo/jpeg-turbo.wasm');
  expect(jpegTurboBase64).toBe((await readFile(file)).toString('base64'));
});
