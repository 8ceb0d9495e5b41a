/**
 * Data for the commands in the documents: `images/` and `photographs/`, folders with pictures of two classes and of none, and
 * `items.csv`, a table. The classes differ in colour and shape, so a network can learn them.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';

export function writeExamples(folder) {
  const random = generator(1);
  const parts = [
    ['cat', 60],
    ['dog', 60],
    ['unlabelled', 30],
  ];
  for (const [name, width, height] of [
    ['images', 32, 32],
    ['photographs', 96, 64],
  ]) {
    for (const [part, count] of parts) {
      for (let i = 0; i < count; i++) {
        const kind = part === 'unlabelled' ? i % 2 : part === 'cat' ? 0 : 1;
        write(
          `${folder}/${name}/${part}/${i + 1}.png`,
          png(width, height, picture(kind, width, height, random)),
        );
      }
    }
  }
  const columns = Array.from({ length: 20 }, (_, i) => `value${i}`);
  const rows = Array.from({ length: 300 }, (_row, i) => {
    const kind = i % 2;
    const values = columns.map((_column, c) =>
      Math.round(255 * ((c < 10 ? kind : 1 - kind) * 0.6 + 0.4 * random())),
    );
    return [i % 3 === 2 ? '' : kind === 0 ? 'cat' : 'dog', ...values].join(',');
  });
  write(`${folder}/items.csv`, `${['label', ...columns].join(',')}\n${rows.join('\n')}\n`);
}

/** A disc or a bar of its colour somewhere on noise, three bytes a pixel. */
function picture(kind, width, height, random) {
  const size = Math.min(width, height);
  const [x0, y0] = [width * (0.35 + 0.3 * random()), height * (0.35 + 0.3 * random())];
  const pixels = Buffer.alloc(3 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const inside = kind === 0 ? Math.hypot(x - x0, y - y0) < size / 4 : Math.abs(x - x0) < size / 8;
      for (let c = 0; c < 3; c++) {
        const value = 40 * random() + (inside ? (c === 2 * kind ? 200 : 90) : 20);
        pixels[3 * (y * width + x) + c] = value;
      }
    }
  }
  return pixels;
}

function png(width, height, pixels) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const rows = Array.from({ length: height }, (_, y) =>
    Buffer.concat([Buffer.of(0), pixels.subarray(3 * width * y, 3 * width * (y + 1))]),
  );
  const chunks = [
    ['IHDR', header],
    ['IDAT', deflateSync(Buffer.concat(rows))],
    ['IEND', Buffer.alloc(0)],
  ];
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    ...chunks.map(([type, data]) => chunk(type, data)),
  ]);
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(8 + body.length);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), 4 + body.length);
  return out;
}

function write(path, content) {
  if (existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** Numbers in [0, 1): Park and Miller's generator. */
function generator(seed) {
  let state = seed;
  return () => (state = (state * 16807) % 2147483647) / 2147483647;
}
