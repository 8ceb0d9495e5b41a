/**
 * Labels for some items of a data set, in a CSV file with the columns `item` and `label`: what an experiment with few
 * labels is told, instead of labels drawn by chance.
 */
import { parseCsv } from './csv.js';
import { DataError, type DataSet, UNLABELLED } from './dataSet.js';
import { nearestName } from './nearestName.js';

/**
 * `train` with the labels of `text` and no others. An item is named by its file's path where the data set's items
 * have names (image folders), else by its number in the training part, from 0.
 *
 * @param text `item,label` as the first line, then a line for each item
 * @param where names the text in errors, as a rule a path
 * @param test the items that are held out, to say of one of them that it is
 * @throws DataError naming the line for an unknown item or class and for an item with two different labels; and for
 *   a class that is left without any item
 */
export function applyLabelFile(train: DataSet, text: string, where: string, test?: DataSet): DataSet {
  const [header, ...rows] = parseCsv(text, where);
  const columns = header?.fields.map((field) => field.toLowerCase()) ?? [];
  const [item, label] = [columns.indexOf('item'), columns.indexOf('label')];
  if (item < 0 || label < 0) {
    throw new DataError(`${where}, line 1: the first line must name the columns item and label: item,label`);
  }
  const find = train.itemNames ? byName(train.itemNames, test?.itemNames) : byNumber(train.length);
  const labels = new Int32Array(train.length).fill(UNLABELLED);
  const lines = new Map<number, number>();
  for (const { fields, line } of rows) {
    const refuse = (why: string): DataError => new DataError(`${where}, line ${line}: ${why}`);
    if (fields.length !== columns.length) {
      throw refuse(`${fields.length} fields, but the first line names ${columns.length} columns`);
    }
    const found = find(fields[item]);
    if (typeof found === 'string') throw refuse(`${train.name} has no item "${fields[item]}"${found}`);
    const index = train.classes.indexOf(fields[label].normalize());
    if (index < 0) throw refuse(unknownClass(fields[label], train));
    const earlier = lines.get(found);
    if (earlier !== undefined && labels[found] !== index) {
      throw refuse(
        `item "${fields[item]}" has the label "${fields[label]}", but "${train.classes[labels[found]]}" in line ${earlier}; ` +
          'keep one of them',
      );
    }
    labels[found] = index;
    lines.set(found, line);
  }
  const without = train.classes.filter((_, c) => !labels.includes(c));
  if (without.length > 0) {
    throw new DataError(
      `${where} labels no item of ${without.length === 1 ? 'the class' : 'the classes'} ` +
        `${without.map((name) => `"${name}"`).join(', ')}; every class needs at least one`,
    );
  }
  return { ...train, labels };
}

/** The index of the item called so, or what to say when there is none. */
type Find = (called: string) => number | string;

function byName(names: readonly string[], heldOut: readonly string[] = []): Find {
  const index = new Map(names.map((name, i) => [name.normalize(), i]));
  const test = new Set(heldOut.map((name) => name.normalize()));
  return (called) => {
    const path = called.replaceAll('\\', '/').replace(/^\.\//, '').normalize();
    const found = index.get(path);
    if (found !== undefined) return found;
    if (test.has(path)) return ' to train on: it is held out for the test; label another one';
    // Another picture is no slip of the pen, but the same one with other capitals or another ending may be.
    const like = names.find((name) => bare(name) === bare(path));
    return like === undefined
      ? `; items are named by their path, such as ${names[0]}`
      : `; did you mean "${like}"?`;
  };
}

function bare(path: string): string {
  return path
    .toLowerCase()
    .replace(/\.[a-z]+$/, '')
    .replaceAll(/[ _-]/g, '');
}

function byNumber(length: number): Find {
  return (called) =>
    /^\d+$/.test(called) && Number(called) < length
      ? Number(called)
      : `; items are numbered from 0 to ${length - 1}`;
}

function unknownClass(given: string, { classes, name }: DataSet): string {
  if (given === '') return 'there is no label; leave the line out for an item without one';
  const nearest = nearestName(given, classes);
  const hint = nearest === undefined ? '.' : `; did you mean "${nearest}"?`;
  return `${name} has no class "${given}"${hint} Its classes are ${classes.join(', ')}.`;
}
