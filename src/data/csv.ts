/** Tables in text: fields separated by commas, quoted where they hold one (RFC 4180), with the line of each row. */
import Papa from 'papaparse';
import { DataError } from './dataSet.js';
import { decodeText, encodingOf, newlineOf, type TextEncoding } from './textEncoding.js';

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
  destroy?(): unknown;
}

/** Where tables come from: text, a file picked in a browser, or a stream of text in Node. */
export type CsvSource = string | File | TextStream;

/** So much of a file is looked at to know how it is written. */
const headBytes = 1 << 16;

/**
 * Reads a table of few rows. Empty lines are passed over.
 *
 * @param where names the text in errors, as a rule a path
 * @throws DataError naming the line for quotes that do not close, and for semicolons or tabs instead of commas
 */
export function parseCsv(text: string, where: string): CsvRow[] {
  const rows: CsvRow[] = [];
  const reader = new RowReader(where, (row) => rows.push(row));
  const newline = newlineOf(text);
  Papa.parse<string[]>(text, { delimiter: ',', newline, step: (result) => reader.take(result) });
  return rows;
}

/**
 * As {@link parseCsv}, row by row, for tables that need not be in memory at once. The lines of a stream end in LF or
 * CRLF. It is destroyed when reading ends early.
 */
export async function streamCsv(
  source: CsvSource,
  where: string,
  onRow: (row: CsvRow) => void,
): Promise<void> {
  const reader = new RowReader(where, onRow);
  const { encoding, newline } = await lookInto(source);
  await new Promise<void>((resolve, reject) => {
    Papa.parse<string[]>(source as File, {
      delimiter: ',',
      encoding,
      newline,
      step(result, parser) {
        try {
          reader.take(result);
        } catch (error) {
          reject(error);
          parser.abort();
          if (typeof source === 'object' && 'destroy' in source) source.destroy?.();
        }
      },
      complete: () => resolve(),
      error: reject,
    });
  });
}

async function lookInto(source: CsvSource): Promise<{ encoding: TextEncoding; newline: '\n' | '\r' }> {
  if (typeof source === 'string') return { encoding: 'utf-8', newline: newlineOf(source) };
  if (!('slice' in source)) return { encoding: 'utf-8', newline: '\n' };
  const head = new Uint8Array(await source.slice(0, headBytes).arrayBuffer());
  return { encoding: encodingOf(head), newline: newlineOf(decodeText(head)) };
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
    this.#expectText(fields, line);
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

  #expectText(fields: readonly string[], line: number): void {
    const wrong = fields.find((field) => /[\ufffd\0\r]/.test(field));
    if (wrong === undefined) return;
    throw new DataError(
      wrong.includes('\r')
        ? `${this.#where}, line ${line}: lines end in different ways (CR and LF); save the file again, with one line end`
        : `${this.#where}, line ${line}: "${wrong}" is not text in UTF-8 or UTF-16; save the file as "CSV UTF-8"`,
    );
  }
}
