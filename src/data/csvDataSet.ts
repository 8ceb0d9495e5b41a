/**
 * Data sets in one CSV file: a header, then a row for each item. The column `label` names its class (empty: it has
 * none), the column `split`, if there is one, says `train` or `test`, and all other columns are its values.
 *
 * A column that numbers the rows is passed over, and so are labels that mean none, such as -1 or NaN; both with a note.
 *
 * Values are numbers from 0 on. Where the greatest of the file is above 1, all are divided by it, so that 0 to 255 and
 * 0 to 16 fill [0, 1] as well as values that are there already, which are taken as they are.
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
import { doubtfulClasses, namesOfNoLabel } from './namesWithoutLabel.js';
import { nearestName } from './nearestName.js';
import { observations } from './observations.js';
import type { ImageShape } from './resample.js';
import { complement, heldOut } from './split.js';

/**
 * Reads a CSV file. Without a column `split`, a sixth of the labelled items, the same ones each time, is held out for
 * the test. Both parts keep the order of the file; classes are in natural order.
 *
 * @param options.image what a row's values are, row by row of a picture from the top, a pixel's channels side by side;
 *   without it, a square number of values from 16 on is a grey picture, and other items have the shape [values]
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

/** What people call the column of labels instead. */
const otherNames = new Set(['class', 'target', 'y', 'category', 'species', 'variety', 'diagnosis']);

/** Takes the rows in and becomes a data set. */
class Table {
  readonly #name: string;
  readonly #values = new Values();
  /** One for each row; empty for none. */
  readonly #classNames: string[] = [];
  readonly #parts: Part[] = [];
  #header: readonly string[] | undefined;
  /** Of the values, in their order. */
  #columns: Column[] = [];
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
      const nearest =
        nearestName('label', fields) ?? fields.find((field) => otherNames.has(field.trim().toLowerCase()));
      throw new DataError(
        `${this.#name}, line 1: the header has no column "label"${nearest ? `, but "${nearest}"; rename it` : ''}. ` +
          'The first line names the columns: label (empty for none), split (train or test) if wanted, and the values.',
      );
    }
    if (fields.length === (this.#split < 0 ? 1 : 2)) {
      throw new DataError(`${this.#name}, line 1: the header has no columns for values beside label`);
    }
    this.#header = fields;
    this.#columns = fields
      .filter((_, c) => c !== this.#label && c !== this.#split)
      .map((field) => new Column(field));
  }

  #takeItem({ fields, line }: CsvRow, header: readonly string[]): void {
    if (fields.length !== header.length) {
      throw new DataError(
        `${this.#name}, line ${line}: ${fields.length} fields, but the header has ${header.length} columns`,
      );
    }
    for (let c = 0, column = 0; c < fields.length; c++) {
      if (c === this.#label || c === this.#split) continue;
      const field = fields[c];
      const value = numberIn(field);
      if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
        throw new DataError(
          `${this.#name}, line ${line}, column "${header[c]}": ${wrongValue(field, value)}`,
        );
      }
      this.#values.push(value);
      this.#columns[column++].take(value);
    }
    this.#classNames.push(fields[this.#label].normalize());
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
    const none = namesOfNoLabel(this.#classNames);
    const classes = naturalOrder([...new Set(this.#classNames)].filter((className) => !none.has(className)));
    if (classes.length < 2) {
      throw new DataError(
        `${name}: the column label names ${classes.length === 1 ? 'one class' : 'no class'}; there must be at least two to tell apart`,
      );
    }
    const index = new Map(classes.map((className, c) => [className, c]));
    const labels = Int32Array.from(this.#classNames, (className) => index.get(className) ?? UNLABELLED);
    const notes: string[] = [];
    for (const written of none) {
      const count = this.#classNames.filter((className) => className === written).length;
      if (written !== '') notes.push(`the label "${written}" of ${count} rows is taken as no label`);
    }
    const numbering = this.#numbering();
    for (const { title } of numbering) {
      const which = title === '' ? 'the column without a name' : `the column "${title}"`;
      notes.push(`${which} numbers the rows and is passed over`);
    }
    const columns = this.#columns.filter((column) => !numbering.has(column));
    this.#values.keep(this.#columns.map((column) => !numbering.has(column)));
    const scale = scaleNote(columns) ?? this.#values.outlierNote();
    const doubtful = doubtfulClasses(classes);
    notes.push(...(scale ? [scale] : []), ...(doubtful ? [doubtful] : []));
    const all = this.#values.dataSet({ name, labels, classes, shape: shapeOf(name, columns.length, image) });
    const { train, test } = this.#indices(labels, classes);
    const part = (which: Part, indices: Uint32Array): DataSet => ({
      ...subset(all, indices),
      name: `${name} (${which})`,
    });
    const data = { name, train: part('train', train), test: part('test', test) };
    return { ...data, notes: [...notes, ...observations(data)] };
  }

  /** The columns that number the rows. Throws a DataError when nothing else is there. */
  #numbering(): Set<Column> {
    const found = this.#columns.filter((column) => column.numbersRows);
    if (found.length < this.#columns.length) return new Set(found);
    const named = found.filter((column) => column.isCalledNumber);
    if (named.length < this.#columns.length) return new Set(named);
    throw new DataError(`${this.#name}: there are no values beside a column that numbers the rows`);
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
  if (!image) {
    const side = Math.sqrt(columns);
    return side >= 4 && Number.isInteger(side) ? [side, side, 1] : [columns];
  }
  const { width, height, channels } = image;
  if (width * height * channels !== columns) {
    throw new DataError(
      `${name}: a row has ${columns} values, but image says ${width} x ${height} pixels of ${channels} values each, ` +
        `${width * height * channels}; correct it or leave it out`,
    );
  }
  return [height, width, channels];
}

/** Names of columns that may number the rows, in whatever order. */
const numberNames =
  /^(|unnamed: ?\d+|index|idx|id|ids|row|row[ _.-]?(id|no|num|number|names?|index)|rownames|no\.?|nr\.?|#|item|item[ _-]?id|key|level_0)$/i;
/** Fewer rows than this may be in order by chance. */
const fewestRows = 8;

/** What is told of a column from its values. */
class Column {
  readonly title: string;
  greatest = 0;
  #rows = 0;
  #first = 0;
  #isCounting = true;
  /** All values, as long as they may be numbers of rows. */
  #seen: Set<number> | undefined;

  constructor(title: string) {
    this.title = title;
    if (this.isCalledNumber) this.#seen = new Set();
  }

  take(value: number): void {
    if (value > this.greatest) this.greatest = value;
    if (this.#rows === 0) this.#first = value;
    if (value !== this.#first + this.#rows) this.#isCounting = false;
    if (this.#seen && (this.#seen.has(value) || !Number.isInteger(value))) this.#seen = undefined;
    this.#seen?.add(value);
    this.#rows++;
  }

  get isCalledNumber(): boolean {
    return numberNames.test(this.title);
  }

  /** Whether its values are 0, 1, 2 ... or, by its name and no value twice, another numbering. */
  get numbersRows(): boolean {
    if (this.#rows > 1 && this.#isCounting && this.isCalledNumber) return true;
    return this.#rows >= fewestRows && (this.#isCounting || this.#seen !== undefined);
  }
}

/** One of the columns reaches so far beyond the usual one that the division by its greatest value takes all others away. */
function scaleNote(columns: readonly Column[]): string | undefined {
  const reached = columns.map((column) => column.greatest).filter((greatest) => greatest > 0);
  const usual = reached.toSorted((a, b) => a - b)[reached.length >> 1] ?? 0;
  const furthest = columns.reduce((most, column) => (column.greatest > most.greatest ? column : most));
  if (furthest.greatest <= 1 || furthest.greatest <= 10 * usual) return undefined;
  return (
    `the column "${furthest.title}" reaches ${furthest.greatest}, but half of the columns stay within ${usual}: as all values are ` +
    `divided by ${furthest.greatest}, most of them nearly vanish. Look for a wrong value there, or scale the columns alike`
  );
}

/** Not a number for what people would not call one (0x1F, Infinity, nothing). */
function numberIn(field: string): number {
  if (field === '') return Number.NaN;
  const second = field.charCodeAt(1) | 0x20;
  // 0x, 0b and 0o.
  if (field.charCodeAt(0) === 0x30 && (second === 0x78 || second === 0x62 || second === 0x6f))
    return Number.NaN;
  return Number(field);
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

  /** Leaves out the columns that are not wanted. */
  keep(wanted: readonly boolean[]): void {
    if (wanted.every(Boolean)) return;
    let to = 0;
    this.#greatest = 0;
    for (let from = 0; from < this.#length; from++) {
      if (!wanted[from % wanted.length]) continue;
      const value = this.#stored[from];
      this.#stored[to++] = value;
      if (value > this.#greatest) this.#greatest = value;
    }
    this.#length = to;
  }

  /** A sentence where a few values are so large that all others nearly vanish beside them. */
  outlierNote(): string | undefined {
    let [filled, large] = [0, 0];
    for (let i = 0; i < this.#length; i++) {
      if (this.#stored[i] > 0) filled++;
      if (this.#stored[i] > this.#greatest / 3) large++;
    }
    if (this.#greatest <= 1 || filled < 1000 || large > filled / 1000) return undefined;
    return (
      `${large} of ${this.#length} values are above a third of the greatest, ${this.#greatest}, by which all are divided: most of ` +
      'them nearly vanish. Look for wrong values, such as 9999 where one is missing'
    );
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
