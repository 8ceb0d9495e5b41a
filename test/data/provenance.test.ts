import { createHash } from 'node:crypto';
import { cp } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bytesDataSet, floatsDataSet, type SplitDataSet } from '../../src/data/dataSet.js';
import { loadDataSet } from '../../src/data/node/load.js';
import { contentDigest } from '../../src/data/node/provenance.js';
import { plainPng, writeFiles } from './fixtures.js';
import { temporaryFolder } from './temporary.js';

const part = (changes: Partial<Parameters<typeof bytesDataSet>[0]> = {}) =>
  bytesDataSet({
    name: 'x',
    bytes: Uint8Array.of(1, 2, 3, 4),
    shape: [2],
    labels: Int32Array.of(0, -1),
    classes: ['a', 'b'],
    itemNames: ['one', 'two'],
    ...changes,
  });
const whole = (train = part(), held = part()): SplitDataSet => ({ name: 'x', train, test: held });

describe('the digest of a data set', () => {
  test('is SHA-256 over its description, labels and values', () => {
    const about = '{"length":2,"shape":[2],"classes":["a","b"],"itemNames":["one","two"],"maximum":255}';
    const one = Buffer.concat([
      Buffer.from(about),
      Buffer.from([0, 0, 0, 0, 255, 255, 255, 255, 1, 2, 3, 4]),
    ]);
    const expected = createHash('sha256').update(one).update(one).digest('hex');
    expect(contentDigest(whole())).toBe(expected);
    expect(contentDigest({ ...whole(), name: 'called otherwise' })).toBe(expected);
  });

  test.each([
    ['a value', { bytes: Uint8Array.of(1, 2, 3, 5) }],
    ['the order of items', { bytes: Uint8Array.of(3, 4, 1, 2) }],
    ['a label', { labels: Int32Array.of(0, 1) }],
    ['a class name', { classes: ['a', 'c'] }],
    ['an item name', { itemNames: ['one', 'three'] }],
    ['the scale', { maximum: 16 }],
    ['the shape', { shape: [1, 2] }],
  ])('changes with %s in either part', (_what, changes) => {
    const same = contentDigest(whole());
    expect(contentDigest(whole(part(changes)))).not.toBe(same);
    expect(contentDigest(whole(part(), part(changes)))).not.toBe(same);
  });

  test('changes with numbers that are no bytes, beyond the first portion', () => {
    const values = new Float32Array(3 << 19);
    const floats = () =>
      floatsDataSet({
        ...{ name: 'x', values: values.slice(), shape: [1 << 18], labels: new Int32Array(6), classes: ['a'] },
        maximum: 2,
      });
    const before = contentDigest(whole(floats(), part()));
    values[values.length - 1] = 1e-3;
    expect(contentDigest(whole(floats(), part()))).not.toBe(before);
  });
});

describe('a loaded data set', () => {
  test('knows its absolute path, its digest and its counts, wherever it is moved', async () => {
    const folder = await temporaryFolder();
    const pictures = (name: string) =>
      Object.fromEntries([0, 1, 2].map((i) => [`pets/${name}/${i}.png`, plainPng(i)]));
    await writeFiles(folder, { ...pictures('cat'), ...pictures('dog'), ...pictures('unlabelled') });
    const { provenance } = await loadDataSet(join(folder, 'pets'));
    expect(provenance).toMatchObject({
      source: resolve(folder, 'pets'),
      items: { train: 7, test: 2, labelled: 6 },
      classes: ['cat', 'dog'],
    });
    await cp(join(folder, 'pets'), join(folder, 'moved'), { recursive: true });
    expect((await loadDataSet(join(folder, 'moved'))).provenance.digest).toBe(provenance.digest);
    await writeFiles(folder, { 'moved/cat/2.png': plainPng(77) });
    expect((await loadDataSet(join(folder, 'moved'))).provenance.digest).not.toBe(provenance.digest);
  });

  test('that is known by name has the name for its source', async () => {
    const { provenance } = await loadDataSet('digits');
    expect(provenance).toMatchObject({ source: 'digits', items: { train: 1437, test: 360, labelled: 1797 } });
    expect(provenance.digest).toMatch(/^[0-9a-f]{64}$/);
  });
});
