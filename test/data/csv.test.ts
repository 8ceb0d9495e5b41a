import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CsvRow, parseCsv, streamCsv } from '../../src/data/csv.js';
import { csvDataSet } from '../../src/data/csvDataSet.js';
import { type SplitDataSet, UNLABELLED } from '../../src/data/dataSet.js';
import { loadOwnData } from '../../src/data/node/ownData.js';
import type { ImageShape } from '../../src/data/resample.js';
import { messageOf } from './errors.js';
import { item } from './fixtures.js';
import { temporaryFolder } from './temporary.js';

const read = (text: string, image?: ImageShape): Promise<SplitDataSet> =>
  csvDataSet({ name: 'x.csv', source: text, image });
const refusal = (text: string, image?: ImageShape): Promise<string> => messageOf(() => read(text, image));

const lines = (...rows: readonly string[]): string => rows.join('\n');
const split = lines('split,label,a,b', 'train,cat,0,51', 'train,dog,102,255', 'test,cat,1,2', 'test,dog,3,4');

describe('a table', () => {
  test('of any fields is read back, with the line of each row, whole or in pieces', async () => {
    const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '7', 'é', '\u{1f600}') });
    const rows = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(rows, fc.boolean(), fc.integer({ min: 1, max: 9 }), async (table, windows, piece) => {
        const newline = windows ? '\r\n' : '\n';
        const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
        const text = table.map((row) => row.map(quoted).join(',')).join(newline);
        const expected: CsvRow[] = [];
        let line = 1;
        for (const row of table) {
          expected.push({ fields: row.map((f) => f.trim()), line });
          line += 1 + row.join('').split('\n').length - 1;
        }
        expect(parseCsv(text, 'x')).toEqual(expected);
        const streamed: CsvRow[] = [];
        // The first piece tells how lines end, as the first quarter of a megabyte of a file does.
        const first = text.indexOf(newline) + newline.length;
        const pieces = [
          text.slice(0, first),
          ...(text.slice(first).match(new RegExp(`[^]{1,${piece}}`, 'g')) ?? []),
        ];
        await streamCsv(Readable.from(pieces), 'x', (row) => streamed.push(row));
        expect(streamed).toEqual(expected);
      }),
    );
  });

  test('may begin with a byte order mark and have empty lines', () => {
    expect(parseCsv('\ufeffa,b\n\n 1 ,2\n\n', 'x')).toEqual([
      { fields: ['a', 'b'], line: 1 },
      { fields: ['1', '2'], line: 3 },
    ]);
  });

  test('is refused with quotes that do not close, and with other separators', async () => {
    expect(await messageOf(() => parseCsv('a,b\n1,"2\n3,4', 'x.csv'))).toMatch(/^x\.csv, line 2: .*quote/);
    expect(await messageOf(() => parseCsv('a;b\n1;2', 'x.csv'))).toMatch(/separated by semicolons; .*commas/);
    expect(await messageOf(() => parseCsv('a\tb\n1\t2', 'x.csv'))).toMatch(/separated by tabs; .*commas/);
  });
});

describe('a CSV file', () => {
  test('is read as it is split, scaled by its greatest value', async () => {
    const { train, test: held } = await read(split);
    expect([train.classes, [...train.labels], [...held.labels]]).toEqual([
      ['cat', 'dog'],
      [0, 1],
      [0, 1],
    ]);
    expect([train.name, held.name, train.shape, train.width]).toEqual([
      'x.csv (train)',
      'x.csv (test)',
      [2],
      2,
    ]);
    expect(item(train, 0)).toEqual([0, Math.fround(0.2)]);
    expect(item(train, 1)).toEqual([Math.fround(0.4), 1]);
    expect(item(held, 1)).toEqual([3, 4].map((v) => Math.fround(v / 255)));
  });

  test('keeps values that lie in [0, 1] as they are', async () => {
    const { train } = await read('a,label,b,split\n0.5,x,0.25,train\n1e-3,y,0,train\n0,x,0,test');
    expect(item(train, 0)).toEqual([0.5, 0.25]);
    expect(item(train, 1)).toEqual([Math.fround(1e-3), 0]);
    const whole = await read('a,label,split\n0,x,train\n1,y,train\n1,y,test');
    expect(item(whole.train, 1)).toEqual([1]);
  });

  test('may change from bytes to broken and to larger numbers anywhere', async () => {
    const values = fc.array(
      fc.oneof(fc.nat(255), fc.double({ min: 0, max: 1000, noNaN: true }), fc.constant(256)),
      { minLength: 1, maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(values, async (given) => {
        const rows = given.map((value, i) => `${value},${i % 2 === 0 ? 'even' : 'odd'},train`);
        const { train } = await read(
          lines('v,label,split', ...rows, '0,odd,test', '0,odd,train', '0,even,train'),
        );
        const greatest = Math.max(1, ...given);
        for (const [i, value] of given.entries()) {
          expect(Math.abs(item(train, i)[0] - value / greatest)).toBeLessThan(1e-6);
        }
      }),
    );
  });

  test('keeps its order, and holds out a sixth of the labelled rows where it has no split', async () => {
    const rows = Array.from({ length: 24 }, (_, i) => `${i},${i % 4 === 3 ? '' : i % 4}`);
    const { train, test: held } = await read(lines('value,label', ...rows));
    expect([train.length, held.length, train.classes]).toEqual([21, 3, ['0', '1', '2']]);
    expect([...held.labels].toSorted()).toEqual([0, 1, 2]);
    const values = Array.from({ length: 21 }, (_, i) => item(train, i)[0]);
    expect(values).toEqual(values.toSorted((a, b) => a - b));
    expect(train.labels.filter((label) => label === UNLABELLED)).toHaveLength(6);
  });

  test('has its classes in natural order, and names in quotes', async () => {
    const { train } = await read('v,label,split\n1,"b, c",train\n1,10,train\n1,9,train\n1,9,test');
    expect([train.classes, [...train.labels]]).toEqual([
      ['9', '10', 'b, c'],
      [2, 1, 0],
    ]);
  });

  test('is a table of pictures where it is told so', async () => {
    const { train } = await read(split, { width: 2, height: 1, channels: 1 });
    expect(train.shape).toEqual([1, 2, 1]);
    expect(await refusal(split, { width: 28, height: 28, channels: 1 })).toBe(
      'x.csv: a row has 2 values, but image says 28 x 28 pixels of 1 values each, 784; correct it or leave it out',
    );
  });

  test('is read from the disk, gzipped or not, larger than any piece', async () => {
    const folder = await temporaryFolder();
    const rows = Array.from({ length: 20_000 }, (_, i) => `${i % 256},${(i * 7) % 256},"é${i % 3}"`);
    const text = lines('a,b,label', ...rows);
    await writeFile(join(folder, 'items.csv'), text);
    await writeFile(join(folder, 'items.csv.gz'), gzipSync(text));
    const plain = await loadOwnData(join(folder, 'items.csv'));
    expect([plain.train.length, plain.test.length, plain.train.classes]).toEqual([
      ...[16_667, 3333],
      ['é0', 'é1', 'é2'],
    ]);
    const zipped = await loadOwnData(join(folder, 'items.csv.gz'));
    expect(item(zipped.test, 3332)).toEqual(item(plain.test, 3332));
    await writeFile(join(folder, 'cut.csv.gz'), gzipSync(text).subarray(0, -20));
    expect(await messageOf(() => loadOwnData(join(folder, 'cut.csv.gz')))).toMatch(
      /cut\.csv\.gz is a damaged gzip file/,
    );
    await expect(
      loadOwnData(join(folder, 'items.csv'), { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ name: 'AbortError' });
  });

  test.each([
    ['no label', 'a,b\n1,2', /^x\.csv, line 1: the header has no column "label"\. The first line names/],
    ['a label by another name', 'a,labels\n1,2', /no column "label", but "labels"; rename it/],
    ['no header', '5,0,0,12\n3,0,0,1', /line 1: the header has no column "label"/],
    ['no values', 'label,split\nx,train', /line 1: the header has no columns for values beside label/],
    ['nothing', '', /^x\.csv is empty; its first line must name the columns/],
    ['a word', 'a,label\n1,x\none,y', /^x\.csv, line 3, column "a": "one" is not a number$/],
    [
      'an empty value',
      'a,b,label\n1,,x',
      /^x\.csv, line 2, column "b": there is no value; every item needs one/,
    ],
    ['a negative value', 'a,label\n-3,x', /line 2, column "a": -3 is negative; values must be 0 or more/],
    ['an infinite value', 'a,label\nInfinity,x', /line 2, column "a": "Infinity" is not a number/],
    [
      'a row too short',
      'a,b,label\n\n1,2,x\n1,x',
      /^x\.csv, line 4: 2 fields, but the header has 3 columns$/,
    ],
    [
      'another part',
      'a,label,split\n1,x,valid',
      /line 2, column "split": "valid" is not a part; write train or test/,
    ],
    [
      'one class',
      'a,label\n1,x\n2,x',
      /^x\.csv: the column label names one class; there must be at least two/,
    ],
    ['no test', 'a,label,split\n1,x,train\n2,y,train', /no row has a label and "test" in the column split/],
    ['a small class', 'a,label\n1,x\n2,y\n3,y', /class "x" has 1 labelled items, but a sixth is held out/],
  ])('with %s is refused', async (_what, text, message) => {
    expect(await refusal(text)).toMatch(message);
  });
});
