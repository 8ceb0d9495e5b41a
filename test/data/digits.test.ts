import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { DataSet } from '../../src/data/dataSet.js';
import { allDigits, digits } from '../../src/data/digits.js';
import { sharedData } from './files.js';

/** Published with the data (class distribution of the test part, optdigits.names). */
const published = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180];

const countByClass = ({ labels }: DataSet): number[] =>
  published.map((_, c) => labels.filter((label) => label === c).length);

const rows = (data: DataSet): Float32Array[] =>
  Array.from({ length: data.length }, (_, i) => {
    const row = new Float32Array(data.width);
    data.read(i, row, 0);
    return row;
  });

const named = (data: DataSet): string[] => rows(data).map((row, i) => `${data.labels[i]}:${row.join()}`);

describe('the built-in digits', () => {
  test('are 1,797 images of 8x8 in ten classes of the published sizes', () => {
    const all = allDigits();
    expect(all.length).toBe(1797);
    expect(all.shape).toEqual([8, 8, 1]);
    expect(all.classes).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(countByClass(all)).toEqual(published);
  });

  test('are scaled to [0, 1] by 16', () => {
    const values = rows(allDigits()).flatMap((row) => [...row]);
    expect(Math.max(...values.slice(0, 6400))).toBe(1);
    expect(values.every((v) => v >= 0 && v <= 1 && Number.isInteger(v * 16))).toBe(true);
  });

  test('are split into 1,437 and 360, classes in proportion, the same each time', () => {
    const { train, test: held } = digits();
    expect([train.length, held.length]).toEqual([1437, 360]);
    const held20 = countByClass(held);
    held20.forEach((n, c) => expect(Math.abs(n - (published[c] * 360) / 1797)).toBeLessThan(1));
    expect(countByClass(train).map((n, c) => n + held20[c])).toEqual(published);
    expect(digits().test.labels).toEqual(held.labels);
  });

  test('have every image in exactly one part, with its label', () => {
    const { train, test: held } = digits();
    expect([...named(train), ...named(held)].toSorted()).toEqual(named(allDigits()).toSorted());
  });

  const csv = sharedData('digits.csv.gz');
  test.skipIf(!csv)(
    `equal the published file${csv ? '' : ' (skipped: no digits.csv.gz in SELFTARGET_DATA)'}`,
    () => {
      const lines = gunzipSync(readFileSync(csv as string))
        .toString()
        .trim()
        .split('\n')
        .map((line) => line.split(',').map(Number));
      const all = allDigits();
      const read = rows(all).map((row, i) => [...row.map((v) => v * 16), all.labels[i]]);
      expect(read).toEqual(lines);
      const sum = read.reduce((a, row) => a + row.slice(0, 64).reduce((b, v) => b + v, 0), 0);
      expect(sum).toBe(561718);
    },
  );
});
