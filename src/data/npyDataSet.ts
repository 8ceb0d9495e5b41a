/** Data sets in numpy's files: arrays of items and of labels, as .npy files or in one .npz. */
import {
  bytesDataSet,
  DataError,
  type DataSet,
  floatsDataSet,
  type SplitDataSet,
  UNLABELLED,
} from './dataSet.js';
import { withHeldOut } from './idxFiles.js';
import { doubtfulClasses, namesOfNoLabel } from './namesWithoutLabel.js';
import { naturalOrder } from './naturalOrder.js';
import type { NpyArray } from './npy.js';
import type { ImageShape } from './resample.js';

/** What arrays may be called, without `_train` and `_test`. */
const itemNames = ['x', 'images', 'image', 'data', 'features', 'inputs', 'arr_0'];
const labelNames = ['y', 'labels', 'label', 'targets', 'target', 'classes', 'arr_1'];

/** What an array is for, by its name: `x_train`, `test_labels`, `y`. */
function roleOf(name: string): { part: 'train' | 'test'; kind: 'items' | 'labels' } | undefined {
  const words = name.toLowerCase().replace(/\.npy$/, '');
  const part = /(^|[_\-.])(test|val|valid|validation)([_\-.]|$)/.test(words) ? 'test' : 'train';
  const bare = words.replace(/[_\-.]?(train|training|test|val|valid|validation)[_\-.]?/, '');
  const kind = itemNames.includes(bare) ? 'items' : labelNames.includes(bare) ? 'labels' : undefined;
  return kind && { part, kind };
}

/**
 * The data set of some arrays: items and labels (x and y, images and labels ...), or both for each of `train` and
 * `test`. Items are [items, height, width], with channels last or first, or [items, values]; labels are numbers or
 * texts, one of each item, or one column for each class.
 *
 * @throws DataError naming what is missing or does not fit
 */
export function npyDataSet(
  name: string,
  arrays: ReadonlyMap<string, NpyArray>,
  image?: ImageShape,
): SplitDataSet {
  const found: Partial<Record<`${'train' | 'test'} ${'items' | 'labels'}`, NpyArray>> = {};
  for (const [called, array] of arrays) {
    const role = roleOf(called);
    if (role) found[`${role.part} ${role.kind}`] ??= array;
  }
  const [x, y] = [found['train items'], found['train labels']];
  if (!x || !y) {
    throw new DataError(
      `${name} has the arrays ${[...arrays.keys()].join(', ') || '(none)'}; items and labels are needed, called x and y, or ` +
        'x_train, y_train, x_test and y_test',
    );
  }
  const [testX, testY] = [found['test items'], found['test labels']];
  if (Boolean(testX) !== Boolean(testY)) {
    throw new DataError(
      `${name} has ${testX ? 'items' : 'labels'} for the test, but no ${testX ? 'labels' : 'items'}`,
    );
  }
  const written = [labelsOf(name, y), ...(testY ? [labelsOf(name, testY)] : [])];
  const none = namesOfNoLabel(written.flat());
  none.add('');
  const classes = naturalOrder([...new Set(written.flat())].filter((label) => !none.has(label)));
  if (classes.length < 2)
    throw new DataError(`${name}: its labels name fewer than two classes; there must be two to tell apart`);
  const scale = scaleOf(name, testX ? [x, testX] : [x]);
  const part = (items: NpyArray, labels: readonly string[], title: string): DataSet => {
    const index = Int32Array.from(labels, (label) => (none.has(label) ? UNLABELLED : classes.indexOf(label)));
    if (items.shape[0] !== labels.length) {
      throw new DataError(`${name}: ${items.shape[0]} items, but ${labels.length} labels (${title})`);
    }
    return dataSetOf(items, { name: `${name} (${title})`, labels: index, classes, scale, image });
  };
  const train = part(x, written[0], 'train');
  const data = testX
    ? { name, train, test: part(testX, written[1], 'test') }
    : { name, ...withHeldOut(train, name) };
  const doubtful = doubtfulClasses(classes);
  const notes = [...none].flatMap((label) => {
    const count = written.flat().filter((other) => other === label).length;
    return count > 0 && label !== '' ? [`the label "${label}" of ${count} items is taken as no label`] : [];
  });
  return { ...data, notes: doubtful ? [...notes, doubtful] : notes };
}

/** One text for each item. */
function labelsOf(name: string, { shape, values }: NpyArray): string[] {
  const [items, columns = 1] = shape;
  if (shape.length > 2)
    throw new DataError(`${name}: labels of ${shape.join(' x ')} values; one for each item is needed`);
  if (columns === 1) return Array.from<number | string, string>(values, (label) => String(label).normalize());
  return Array.from({ length: items }, (_, i) => {
    const row = Array.from(values.slice(i * columns, (i + 1) * columns), Number);
    const hot = row.flatMap((value, c) => (value === 1 ? [c] : []));
    if (hot.length > 1 || row.some((value) => value !== 0 && value !== 1)) {
      throw new DataError(
        `${name}: labels of ${columns} columns must have one 1 in each row; row ${i} has not`,
      );
    }
    return hot.length === 0 ? '' : String(hot[0]);
  });
}

function whatToDo(value: number): string {
  return value < 0 && Number.isFinite(value)
    ? 'values must be 0 or more, so shift them: (x - x.min()) / (x.max() - x.min())'
    : 'values must be finite numbers, so replace it, e.g. with numpy.nan_to_num, or leave out its item';
}

/** What stands for 1: 255 for bytes, else the greatest value where it is above 1. */
function scaleOf(name: string, arrays: readonly NpyArray[]): number {
  let greatest = 1;
  for (const { values, shape } of arrays) {
    if (shape.length < 2)
      throw new DataError(
        `${name}: items of ${shape.join(' x ')} values; at least 2 dimensions are needed, items and values`,
      );
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (typeof value === 'string') throw new DataError(`${name}: items are texts, not numbers`);
      if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
        const width = values.length / shape[0];
        const at = `item ${Math.floor(i / width)}, value ${i % width}`;
        throw new DataError(`${name}: ${at} (from 0) is ${value}; ${whatToDo(value)}`);
      }
      if (value > greatest) greatest = value;
    }
  }
  const isBytes = arrays.every(({ values }) => values instanceof Uint8Array);
  return isBytes && greatest > 1 ? 255 : greatest;
}

function dataSetOf(
  array: NpyArray,
  about: {
    name: string;
    labels: Int32Array;
    classes: readonly string[];
    scale: number;
    image: ImageShape | undefined;
  },
): DataSet {
  const { name, labels, classes, scale, image } = about;
  const { shape, channelsFirst } = itemShape(name, array.shape.slice(1), image);
  const given = array.values as Exclude<NpyArray['values'], string[]>;
  const values = channelsFirst ? channelsLast(given, shape) : given;
  if (values instanceof Uint8Array)
    return bytesDataSet({ name, bytes: values, shape, labels, classes, maximum: scale });
  return floatsDataSet({ name, values: Float32Array.from(values), shape, labels, classes, maximum: scale });
}

function itemShape(name: string, dimensions: readonly number[], image: ImageShape | undefined) {
  const width = dimensions.reduce((a, b) => a * b, 1);
  if (image) {
    const wanted = image.width * image.height * image.channels;
    if (wanted !== width) {
      throw new DataError(
        `${name}: an item has ${width} values (${dimensions.join(' x ')}), but image says ${wanted}; correct it or leave it out`,
      );
    }
    return { shape: [image.height, image.width, image.channels], channelsFirst: false };
  }
  const isColour = (channels: number): boolean => channels === 1 || channels === 3;
  if (dimensions.length === 2) return { shape: [...dimensions, 1], channelsFirst: false };
  if (dimensions.length === 3 && isColour(dimensions[2]))
    return { shape: [...dimensions], channelsFirst: false };
  if (dimensions.length === 3 && isColour(dimensions[0])) {
    const [channels, height, across] = dimensions;
    return { shape: [height, across, channels], channelsFirst: true };
  }
  const side = Math.sqrt(width);
  const isSquare = dimensions.length === 1 && side >= 4 && Number.isInteger(side);
  return { shape: isSquare ? [side, side, 1] : [width], channelsFirst: false };
}

/** Pictures whose channels are planes, made into pixels whose channels are side by side. */
function channelsLast<T extends Exclude<NpyArray['values'], string[]>>(
  values: T,
  shape: readonly number[],
): T {
  const [height, width, channels] = shape;
  const plane = height * width;
  const out = values.slice() as T;
  for (let item = 0; item < values.length; item += plane * channels) {
    for (let pixel = 0; pixel < plane; pixel++) {
      for (let c = 0; c < channels; c++) out[item + pixel * channels + c] = values[item + c * plane + pixel];
    }
  }
  return out;
}
