/** Where tests find the data that does not come with the project, and writers of small files for them. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const checkout = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The folder or file `name` in SELFTARGET_DATA or in ../shared/data beside the checkout; undefined where neither has it. */
export function sharedData(name: string): string | undefined {
  const folders = [process.env.SELFTARGET_DATA, join(checkout, '..', 'shared', 'data')];
  return folders
    .filter((folder): folder is string => Boolean(folder))
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}

/** An IDX file, written from the format's description and independently of the reader. */
export function writeIdx(dimensions: readonly number[], values: ArrayLike<number>, type = 0x08): Uint8Array {
  const header = Buffer.alloc(4 + 4 * dimensions.length);
  header.writeUInt8(type, 2);
  header.writeUInt8(dimensions.length, 3);
  dimensions.forEach((size, d) => header.writeUInt32BE(size, 4 + 4 * d));
  return new Uint8Array(Buffer.concat([header, Uint8Array.from(values)]));
}
