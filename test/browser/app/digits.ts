/** The built-in digits, to look up what the page shows and to make files of. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { encode } from 'fast-png';
import type { Locator } from 'playwright-core';
import { allDigits } from '../../../src/data/digits.js';

/** What an image on the page shows, by comparing its pixels with those of the built-in digits. */
export async function classOfPicture(picture: Locator): Promise<string> {
  const shown = await picture.evaluate((element) => {
    const canvas = element as HTMLCanvasElement;
    const { data } = (canvas.getContext('2d') as CanvasRenderingContext2D).getImageData(0, 0, 8, 8);
    return Array.from({ length: 64 }, (_, i) => data[4 * i]);
  });
  const digits = allDigits();
  const values = new Float32Array(64);
  for (let item = 0; item < digits.length; item++) {
    digits.read(item, values, 0);
    const most = Math.max(...values);
    if (shown.every((value, i) => Math.abs(value - (255 * values[i]) / most) <= 1)) {
      return digits.classes[digits.labels[item]];
    }
  }
  throw new Error('the image is none of the digits');
}

/** A digit as it would be on paper: dark on light, large, off the centre. */
export function digitOnPaper(item: number): Buffer {
  const digits = allDigits();
  const values = new Float32Array(64);
  digits.read(item, values, 0);
  const [side, scale] = [200, 12];
  const data = new Uint8Array(side * side).fill(235);
  for (let y = 0; y < 8 * scale; y++) {
    for (let x = 0; x < 8 * scale; x++) {
      const value = values[8 * Math.floor(y / scale) + Math.floor(x / scale)];
      data[(y + 70) * side + x + 20] = 235 - 200 * value;
    }
  }
  return Buffer.from(encode({ width: side, height: side, channels: 1, data }));
}

/** Built-in digits, enlarged, as MNIST's files would have them; again and again, so that training on them takes its time. */
export function writeSmallMnist(to: string): void {
  mkdirSync(to, { recursive: true });
  const digits = allDigits();
  const values = new Float32Array(64);
  const write = (prefix: string, from: number, different: number, count = different) => {
    const images = Buffer.alloc(16 + count * 784);
    const labels = Buffer.alloc(8 + count);
    for (const [i, word] of [0x803, count, 28, 28].entries()) images.writeUInt32BE(word, 4 * i);
    for (const [i, word] of [0x801, count].entries()) labels.writeUInt32BE(word, 4 * i);
    for (let i = 0; i < count; i++) {
      const item = from + (i % different);
      digits.read(item, values, 0);
      labels[8 + i] = digits.labels[item];
      for (let y = 0; y < 24; y++) {
        for (let x = 0; x < 24; x++) {
          const value = values[8 * Math.floor(y / 3) + Math.floor(x / 3)];
          images[16 + i * 784 + (y + 2) * 28 + x + 2] = 255 * value;
        }
      }
    }
    writeFileSync(join(to, `${prefix}-images-idx3-ubyte`), images);
    writeFileSync(join(to, `${prefix}-labels-idx1-ubyte.gz`), gzipSync(labels));
  };
  write('train', 0, 600, 20_000);
  write('t10k', 600, 100);
}
