/** Tables in text: fields separated by commas, quoted where they hold one (RFC 4180), with the line of each row. */
import Papa from 'papaparse';
import { DataError } from './dataSet.js';

/** One row of a table. */
export interface CsvRow {
  /** Without the blanks around them. */
  readonly fields: readonly string[];
  /** Of the file, from 1, where the row begins. */
  readonly line: number;
}

/** A readable stream of text as Node has them, told in words that a browser's compiler knows too. */
export interface TextStream {
  readonly readable: boolean;
  read(size?: number): unknown;
  on(event: string, listener: (...values: never[]) => void): unknown;
}

/** Where tables come from: text, a file picked in a browser, or a stream of text in Node. */
export type CsvSource = string | File | TextStream;

/**
 * Reads a table of few rows. Empty lines are passed over.
 *
 * @param where names the text in errors, as a rule a path
 * @throws DataError naming the line for quotes that do not close, and for semicolons or tabs instead of commas
 */
export function parseCsv(text: string, where: string): CsvRow[] {
  const rows: CsvRow[] = [];
  const reader = new RowReader(where, (row) => rows.push(row));
  Papa.parse<string[]>(text, { delimiter: ',', step: (result) => reader.take(result) });
  return rows;
}

/** As {@link parseCsv}, row by row, for tables that need not be in memory at once. */
export async function streamCsv(
  source: CsvSource,
  where: string,
  onRow: (row: CsvRow) => void,
): Promise<void> {
  const reader = new RowReader(where, onRow);
  await new Promise<void>((resolve, reject) => {
    Papa.parse<string[]>(source as File, {
      delimiter: ',',
      step(result, parser) {
        try {
          reader.take(result);
        } catch (error) {
          reject(error);
          parser.abort();
        }
      },
      complete: () => resolve(),
      error: reject,
    });
  });
}

/** Counts lines and says what is wrong with a row. */
class RowReader {
  readonly #where: string;
  readonly #onRow: (row: CsvRow) => void;
  #line = 1;

  constructor(where: string, onRow: (row: CsvRow) => void) {
    this.#where = where;
    this.#onRow = onRow;
  }

  take({ data, errors }: Papa.ParseStepResult<string[]>): void {
    const line = this.#line;
    if (errors.length > 0) {
      throw new DataError(
        `${this.#where}, line ${line}: ${errors[0].message.toLowerCase()}; a field in quotes must end in one, and quotes ` +
          'inside it must be doubled',
      );
    }
    this.#line++;
    for (const field of data) if (field.includes('\n')) this.#line += field.split('\n').length - 1;
    const fields = data.map((field) => field.trim());
    // What some programs write to say that the text is Unicode.
    if (line === 1) fields[0] = fields[0].replace(/^\ufeff/, '');
    if (fields.length === 1) {
      if (fields[0] === '') return;
      const other = /[;\t]/.exec(fields[0])?.[0];
      if (other !== undefined && line === 1) {
        const found = other === ';' ? 'semicolons' : 'tabs';
        throw new DataError(`${this.#where}: fields are separated by ${found}; separate them by commas`);
      }
    }
    this.#onRow({ fields, line });
  }
}
