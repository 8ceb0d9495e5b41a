import { describe, expect, test } from 'vitest';
import { bytesDataSet, subset, UNLABELLED } from '../../src/data/dataSet.js';
import { digits } from '../../src/data/digits.js';
import { applyLabelFile } from '../../src/data/labelFile.js';
import { messageOf } from './errors.js';
import { item } from './fixtures.js';

const pets = bytesDataSet({
  name: 'pets (train)',
  bytes: Uint8Array.of(0, 1, 2, 3),
  shape: [1, 1, 1],
  labels: Int32Array.of(0, 1, UNLABELLED, 0),
  classes: ['cat', 'dog'],
  itemNames: ['cat/1.png', 'dog/1.png', 'unlabelled/a, b.png', 'cat/2.png'],
});

const refusal = (text: string): Promise<string> => messageOf(() => applyLabelFile(pets, text, 'few.csv'));

describe('a label file', () => {
  test('gives the named items their labels, and no others', () => {
    const labelled = applyLabelFile(
      pets,
      'item,label\ncat/1.png,cat\n"unlabelled/a, b.png",dog\n',
      'few.csv',
    );
    expect([...labelled.labels]).toEqual([0, UNLABELLED, 1, UNLABELLED]);
    expect([labelled.length, labelled.classes, item(labelled, 3)]).toEqual([4, pets.classes, item(pets, 3)]);
    expect([...pets.labels]).toEqual([0, 1, UNLABELLED, 0]);
  });

  test('names items by their number where they have no names', () => {
    const { train } = digits();
    const chosen = train.classes.map((_, c) => train.labels.lastIndexOf(c));
    const text = chosen.map((index, c) => `${train.classes[c]},${index}`).join('\r\n');
    const labelled = applyLabelFile(train, `Label,Item\r\n${text}\r\n`, 'few.csv');
    for (const [c, index] of chosen.entries()) expect(labelled.labels[index]).toBe(c);
    expect(labelled.labels.filter((label) => label !== UNLABELLED)).toHaveLength(10);
  });

  test('follows the items of a part of the data set, and paths as other systems write them', () => {
    const part = subset(pets, [3, 1]);
    const labelled = applyLabelFile(part, 'item,label\n./dog/1.png,dog\ncat\\2.png,cat', 'few.csv');
    expect([...labelled.labels]).toEqual([0, 1]);
  });

  test('may say the same twice', () => {
    const text = 'item,label\ncat/1.png,cat\ndog/1.png,dog\ncat/1.png,cat';
    expect([...applyLabelFile(pets, text, 'few.csv').labels]).toEqual([0, 1, UNLABELLED, UNLABELLED]);
  });

  test.each([
    ['nothing', '', /^few\.csv, line 1: the first line must name the columns item and label: item,label$/],
    ['no header', '3,cat\n1,dog', /^few\.csv, line 1: the first line must name the columns/],
    [
      'an unknown item',
      'item,label\ncat/1.png,cat\ndog/l.png,dog',
      /^few\.csv, line 3: pets \(train\) has no item "dog\/l\.png"; items are named by their path, such as .+\.png$/,
    ],
    [
      'a number for a name',
      'item,label\n0,cat',
      /no item "0"; items are named by their path, such as cat\/1\.png/,
    ],
    [
      'an unknown class',
      'item,label\ncat/1.png,dgo',
      /line 2: .* has no class "dgo"; did you mean "dog"\? Its classes are cat, dog\./,
    ],
    ['no class', 'item,label\ncat/1.png,', /line 2: there is no label; leave the line out/],
    [
      'two labels for an item',
      'item,label\ncat/1.png,cat\n\ncat/1.png,dog',
      /^few\.csv, line 4: item "cat\/1\.png" has the label "dog", but "cat" in line 2; keep one of them$/,
    ],
    [
      'a class without items',
      'item,label\ncat/1.png,cat',
      /^few\.csv labels no item of the class "dog"; every class/,
    ],
    ['no items', 'item,label', /labels no item of the classes "cat", "dog"/],
    ['a row too long', 'item,label\na,b,c', /line 2: 3 fields, but the first line names 2 columns/],
  ])('with %s is refused', async (_what, text, message) => {
    expect(await refusal(text)).toMatch(message);
  });

  test('with a number out of range is refused', async () => {
    const { train } = digits();
    for (const wrong of ['1437', '-1', '1.5', '']) {
      expect(await messageOf(() => applyLabelFile(train, `item,label\n${wrong},3`, 'few.csv'))).toBe(
        `few.csv, line 2: digits (train) has no item "${wrong}"; items are numbered from 0 to 1436`,
      );
    }
  });
});
