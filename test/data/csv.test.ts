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
import { ownDataSet } from '../../src/data/ownDataSet.js';
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
    ['the column "target"', 'a,Target\n1,2', /no column "label", but "Target"; rename it/],
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

describe('a table as programs export it', () => {
  const digits = (i: number): number[] => Array.from({ length: 4 }, (_, p) => (i * 37 + p * 11) % 17);
  const table = (
    title: string,
    index: (i: number) => string | number,
    at: 'first' | 'last' = 'first',
  ): string => {
    const put = (fields: readonly (string | number)[], extra: string | number) =>
      (at === 'first' ? [extra, ...fields] : [...fields, extra]).join(',');
    const rows = Array.from({ length: 24 }, (_, i) => put([i % 2 ? 'odd' : 'even', ...digits(i)], index(i)));
    return lines(put(['label', 'a', 'b', 'c', 'd'], title), ...rows);
  };

  test.each([
    ['', (i: number) => i, 'first'],
    ['Unnamed: 0', (i: number) => i, 'first'],
    ['', (i: number) => i + 1, 'last'],
    ['id', (i: number) => 1000 + ((i * 7) % 24), 'first'],
    ['row_number', (i: number) => i + 100, 'last'],
    ['whatever', (i: number) => i, 'last'],
  ] as const)('may number its rows in a column "%s"', async (title, index, at) => {
    const { train, notes } = await read(table(title, index, at));
    expect(train.width).toBe(4);
    expect(notes?.[0]).toMatch(/numbers the rows and is passed over/);
    // The scale is that of the others.
    expect(Math.max(...Array.from({ length: train.length }, (_, i) => Math.max(...item(train, i))))).toBe(1);
  });

  test('keeps columns that only look a little like it', async () => {
    const { train } = await read(table('id', (i) => i % 5));
    expect(train.width).toBe(5);
    expect(
      (await read(lines('value,label', ...Array.from({ length: 24 }, (_, i) => `${i},${i % 2}`)))).train
        .width,
    ).toBe(1);
    expect(
      await refusal(lines('id,label', ...Array.from({ length: 24 }, (_, i) => `${i},${i % 2}`))),
    ).toMatch(/there are no values beside a column that numbers the rows/);
  });

  const many = (value: (i: number, p: number) => number): string =>
    lines(
      `label,${Array.from({ length: 20 }, (_, p) => `p${p}`).join()}`,
      ...Array.from({ length: 120 }, (_, i) =>
        [i % 3, ...Array.from({ length: 20 }, (_v, p) => value(i, p))].join(),
      ),
    );

  test.each([
    [
      'one wrong value',
      (i: number, p: number) => (i === 7 && p === 3 ? 9999 : (i * p) % 17),
      /column "p3" reaches 9999/,
    ],
    [
      'a column of another scale',
      (i: number, p: number) => (p === 5 ? (i * 331) % 1000 : (i * p) % 17),
      /column "p5" reaches \d+, but half/,
    ],
    [
      'a wrong value here and there',
      (i: number, p: number) => (p === i && p < 18 && p % 9 === 0 ? 99 : (i * 7 + p) % 17),
      /above a third of the greatest|reaches 99/,
    ],
  ])('with %s says so', async (_what, value, message) => {
    expect((await read(many(value))).notes?.join('\n')).toMatch(message);
  });

  test('of one scale says nothing, whatever it is', async () => {
    for (const scale of [1 / 16, 1, 16, 4000]) {
      const { notes = [] } = await read(many((i, p) => ((i * 31 + p * 7 + i * p) % 17) * scale));
      expect(notes.filter((note) => /divided|reaches/.test(note))).toEqual([]);
    }
  });

  test.each(['-1', '-1.0', 'NaN', 'nan', 'None', 'NA', 'N/A', '#N/A', 'null', 'Unlabelled', '<NA>'])(
    'may write %s where there is no label, which is said',
    async (none) => {
      const rows = Array.from({ length: 36 }, (_, i) => `${[none, 0, 1][i % 3]},${i % 7},${i % 5}`);
      const { train, notes } = await read(lines('label,a,b', ...rows));
      expect([train.classes, train.labels.filter((label) => label === UNLABELLED).length]).toEqual([
        ['0', '1'],
        12,
      ]);
      expect(notes).toContainEqual(`the label "${none}" of 12 rows is taken as no label`);
    },
  );

  test('may have classes that only look like none', async () => {
    const rows = (names: readonly string[]) =>
      Array.from({ length: 36 }, (_, i) => `${names[i % names.length]},${i % 7},${i % 5}`);
    const two = await read(lines('label,a,b', ...rows(['-1', '1'])));
    expect(two.train.classes).toEqual(['-1', '1']);
    const gestures = await read(lines('label,a,b', ...rows(['left', 'none', 'unknown'])));
    expect(gestures.train.classes).toEqual(['left', 'none', 'unknown']);
    expect(gestures.notes).toContainEqual(
      expect.stringMatching(/"none", "unknown" are taken as classes like any other/),
    );
  });

  test('has one class under both ways to write an accent', async () => {
    const rows = Array.from(
      { length: 24 },
      (_, i) => `${['caf\u00e9', 'cafe\u0301', 'tea'][i % 3]},${i % 7},${i % 5}`,
    );
    expect((await read(lines('label,a,b', ...rows))).train.classes).toEqual(['caf\u00e9', 'tea']);
  });

  const text = lines(
    'label,a,b',
    ...Array.from({ length: 12 }, (_, i) => `${i % 2 ? 'sch\u00f6n' : 'x'},${i % 5},"${i % 7}"`),
    '',
  );
  const swapped = (bytes: Buffer): Buffer => Buffer.from(bytes).swap16();
  test.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`)],
    ['UTF-16 LE', Buffer.from(text, 'utf16le')],
    ['UTF-16 LE with a mark', Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-16 BE', swapped(Buffer.from(text, 'utf16le'))],
    ['UTF-16 BE with a mark', swapped(Buffer.from(`\ufeff${text}`, 'utf16le'))],
    ['CRLF', Buffer.from(text.replaceAll('\n', '\r\n'))],
    ['CR', Buffer.from(text.replaceAll('\n', '\r'))],
    ['CRLF, then LF', Buffer.from(text.slice(0, 40).replaceAll('\n', '\r\n') + text.slice(40))],
    ['LF, then CRLF', Buffer.from(text.slice(0, 40) + text.slice(40).replaceAll('\n', '\r\n'))],
    ['UTF-16 with CRLF', Buffer.from(`\ufeff${text.replaceAll('\n', '\r\n')}`, 'utf16le')],
  ])('is read in %s: from a disk, zipped, in memory and in a page', async (_what, bytes) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'a.csv'), bytes);
    await writeFile(join(folder, 'b.csv.gz'), gzipSync(bytes));
    const inMemory = { path: 'a.csv', read: () => new Uint8Array(bytes) };
    for (const data of [
      await loadOwnData(join(folder, 'a.csv')),
      await loadOwnData(join(folder, 'b.csv.gz')),
      await ownDataSet({ name: 'a.csv', files: [inMemory] }),
    ]) {
      expect([data.train.classes, data.train.length + data.test.length, data.train.width]).toEqual([
        ['sch\u00f6n', 'x'],
        12,
        2,
      ]);
    }
  });

  test('in another encoding is refused in words, as is a mixture of line ends that cannot be told apart', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'latin.csv'), Buffer.from(text, 'latin1'));
    expect(await messageOf(() => loadOwnData(join(folder, 'latin.csv')))).toMatch(
      /line 3: .* is not text in UTF-8 or UTF-16; save the file as "CSV UTF-8"/,
    );
    await writeFile(
      join(folder, 'mixed.csv'),
      `${text.slice(0, 40).replaceAll('\n', '\r')}${text.slice(40)}`.replaceAll('"', ''),
    );
    expect(await messageOf(() => loadOwnData(join(folder, 'mixed.csv')))).toMatch(
      /lines end in different ways/,
    );
    expect(await refusal('a,label\n0x1F,x\n1,y')).toMatch(/"0x1F" is not a number/);
  });

  test('with a square number of values from 16 on is a table of pictures', async () => {
    const rows = Array.from({ length: 12 }, (_, i) =>
      [i % 2, ...Array.from({ length: 16 }, (_v, p) => (i * p) % 9)].join(),
    );
    const { train } = await read(
      lines(`label,${Array.from({ length: 16 }, (_, p) => `p${p}`).join()}`, ...rows),
    );
    expect(train.shape).toEqual([4, 4, 1]);
  });
});
