/**
 * Data sets in one CSV file: a header, then a row for each item. The column `label` names its class (empty: it has
 * none), the column `split`, if there is one, says `train` or `test`, and all other columns are its values.
 *
 * Values are numbers from 0 on. Where the greatest of the file is above 1, all are divided by it, so that 0 to 255 and
 * 0 to 16 fill [0, 1] as well as values that lie there already, which are taken as they are.
 */
import { type CsvRow, type CsvSource, streamCsv } from './csv.js';
import {
  bytesDataSet,
  DataError,
  type DataSet,
  floatsDataSet,
  type SplitDataSet,
  subset,
  UNLABELLED,
} from './dataSet.js';
import { naturalOrder } from './naturalOrder.js';
import { nearestName } from './nearestName.js';
import type { ImageShape } from './resample.js';
import { complement, heldOut } from './split.js';

/**
 * Reads a CSV file. Without a column `split`, a sixth of the labelled items, the same ones each time, is held out for
 * the test. Both parts keep the order of the file; classes are in natural order.
 *
 * @param options.image what a row's values are, row by row of a picture from the top, a pixel's channels side by side;
 *   without it items have the shape [values]
 * @throws DataError naming line and column for a value that is no number, is negative or is missing, for a header
 *   without `label`, and for parts or classes without items
 */
export async function csvDataSet(options: {
  name: string;
  source: CsvSource;
  image?: ImageShape | undefined;
}): Promise<SplitDataSet> {
  const { name, source, image } = options;
  const table = new Table(name);
  await streamCsv(source, name, (row) => table.take(row));
  return table.dataSet(image);
}

type Part = 'train' | 'test';

/** Takes the rows in and becomes a data set. */
class Table {
  readonly #name: string;
  readonly #values = new Values();
  /** One for each row; empty for none. */
  readonly #classNames: string[] = [];
  readonly #parts: Part[] = [];
  #header: readonly string[] | undefined;
  #label = -1;
  #split = -1;

  constructor(name: string) {
    this.#name = name;
  }

  take(row: CsvRow): void {
    if (this.#header) this.#takeItem(row, this.#header);
    else this.#takeHeader(row);
  }

  #takeHeader({ fields }: CsvRow): void {
    const column = (wanted: string): number => fields.findIndex((field) => field.toLowerCase() === wanted);
    this.#label = column('label');
    this.#split = column('split');
    if (this.#label < 0) {
      const nearest = nearestName('label', fields);
      throw new DataError(
        `${this.#name}, line 1: the header has no column "label"${nearest ? `, but "${nearest}"; rename it` : ''}. ` +
          'The first line names the columns: label (empty for none), split (train or test) if wanted, and the values.',
      );
    }
    if (fields.length === (this.#split < 0 ? 1 : 2)) {
      throw new DataError(`${this.#name}, line 1: the header has no columns for values beside label`);
    }
    this.#header = fields;
  }

  #takeItem({ fields, line }: CsvRow, header: readonly string[]): void {
    if (fields.length !== header.length) {
      throw new DataError(
        `${this.#name}, line ${line}: ${fields.length} fields, but the header has ${header.length} columns`,
      );
    }
    for (let c = 0; c < fields.length; c++) {
      if (c === this.#label || c === this.#split) continue;
      const field = fields[c];
      const value = field === '' ? Number.NaN : Number(field);
      if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
        throw new DataError(
          `${this.#name}, line ${line}, column "${header[c]}": ${wrongValue(field, value)}`,
        );
      }
      this.#values.push(value);
    }
    this.#classNames.push(fields[this.#label]);
    if (this.#split < 0) return;
    const part = fields[this.#split].toLowerCase();
    if (part !== 'train' && part !== 'test') {
      throw new DataError(
        `${this.#name}, line ${line}, column "${header[this.#split]}": "${fields[this.#split]}" is not a part; write train or test`,
      );
    }
    this.#parts.push(part);
  }

  dataSet(image: ImageShape | undefined): SplitDataSet {
    const name = this.#name;
    const header = this.#header;
    if (!header) throw new DataError(`${name} is empty; its first line must name the columns`);
    const classes = naturalOrder([...new Set(this.#classNames)].filter((className) => className !== ''));
    if (classes.length < 2) {
      throw new DataError(
        `${name}: the column label names ${classes.length} classes; there must be at least two to tell apart`,
      );
    }
    const index = new Map(classes.map((className, c) => [className, c]));
    const labels = Int32Array.from(this.#classNames, (className) => index.get(className) ?? UNLABELLED);
    const columns = header.length - (this.#split < 0 ? 1 : 2);
    const all = this.#values.dataSet({ name, labels, classes, shape: shapeOf(name, columns, image) });
    const { train, test } = this.#indices(labels, classes);
    const part = (which: Part, indices: Uint32Array): DataSet => ({
      ...subset(all, indices),
      name: `${name} (${which})`,
    });
    return { name, train: part('train', train), test: part('test', test) };
  }

  #indices(labels: Int32Array, classes: readonly string[]): Record<Part, Uint32Array> {
    if (this.#split < 0) {
      const test = heldOut(labels, classes, this.#name);
      return { train: complement(labels.length, test), test };
    }
    const rows = Uint32Array.from(labels.keys());
    const indices = (part: Part): Uint32Array => {
      const chosen = rows.filter((row) => this.#parts[row] === part);
      if (!chosen.some((row) => labels[row] !== UNLABELLED)) {
        throw new DataError(`${this.#name}: no row has a label and "${part}" in the column split`);
      }
      return chosen;
    };
    return { train: indices('train'), test: indices('test') };
  }
}

function wrongValue(field: string, value: number): string {
  if (field === '') return 'there is no value; every item needs one in every column';
  if (value < 0) return `${field} is negative; values must be 0 or more, so shift them`;
  return `"${field}" is not a number`;
}

function shapeOf(name: string, columns: number, image: ImageShape | undefined): number[] {
  if (!image) return [columns];
  const { width, height, channels } = image;
  if (width * height * channels !== columns) {
    throw new DataError(
      `${name}: a row has ${columns} values, but image says ${width} x ${height} pixels of ${channels} values each, ` +
        `${width * height * channels}; correct it or leave it out`,
    );
  }
  return [height, width, channels];
}

/** Values of unknown number: bytes as long as all of them are bytes, floats from the first that is not. */
class Values {
  #stored: Uint8Array | Float32Array = new Uint8Array(1 << 16);
  #length = 0;
  #greatest = 0;

  push(value: number): void {
    if (this.#stored instanceof Uint8Array && !(value <= 255 && Number.isInteger(value))) {
      this.#stored = Float32Array.from(this.#stored);
    }
    if (this.#length === this.#stored.length) {
      const larger = new (this.#stored instanceof Uint8Array ? Uint8Array : Float32Array)(2 * this.#length);
      larger.set(this.#stored);
      this.#stored = larger;
    }
    this.#stored[this.#length++] = value;
    if (value > this.#greatest) this.#greatest = value;
  }

  dataSet(about: {
    name: string;
    labels: Int32Array;
    classes: readonly string[];
    shape: readonly number[];
  }): DataSet {
    const maximum = Math.max(1, this.#greatest);
    const stored = this.#stored;
    if (stored instanceof Uint8Array) {
      return bytesDataSet({ ...about, bytes: stored.slice(0, this.#length), maximum });
    }
    return floatsDataSet({ ...about, values: stored.slice(0, this.#length), maximum });
  }
}
