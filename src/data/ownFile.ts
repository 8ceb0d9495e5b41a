/** A file of somebody's own data: from a disk, an archive, or a browser's file picker. */
import type { CsvSource } from './csv.js';

export interface OwnFile {
  /** Relative to the data set's folder, parts separated by `/`. */
  readonly path: string;
  read(): Uint8Array | Promise<Uint8Array>;
  /** Its first bytes, at most `length`; by {@link read} where there is no cheaper way. */
  head?(length: number): Uint8Array | Promise<Uint8Array>;
  /** Its content as text for a table, where it need not be in memory at once. */
  text?(): CsvSource | Promise<CsvSource>;
  /** Where it is on this machine's disk, so that another thread can read it. */
  readonly location?: string | undefined;
}

/** The first bytes of a file. */
export async function headOf(file: OwnFile, length: number): Promise<Uint8Array> {
  return file.head ? file.head(length) : (await file.read()).subarray(0, length);
}

/** Files that systems leave behind: .DS_Store, .git, the resource forks of macOS archives. */
export function isHidden(path: string): boolean {
  return path.split('/').some((part) => part.startsWith('.') || part === '__MACOSX' || part === '@eaDir');
}
