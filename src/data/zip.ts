/** The files of a zip archive. */
import { unzipSync, type UnzipFileInfo } from 'fflate';
import { DataError, type NamedBytes } from './dataSet.js';

/** Larger members are refused by name, and more in all. */
const mostMemberBytes = 2 ** 29;
const mostBytes = 2 ** 32;

/** Whether `bytes` begin as a zip archive does. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;
}

/**
 * Unzips an archive. Names that are not UTF-8 are taken as Latin-1, those with backslashes as Windows means them.
 *
 * @throws DataError when it is damaged, holds more than fits, or is compressed in a way that is not read
 */
export function readZip({ source, bytes }: NamedBytes): { path: string; bytes: Uint8Array }[] {
  let total = 0;
  const take = ({ name, originalSize }: UnzipFileInfo): boolean => {
    total += originalSize;
    if (originalSize > mostMemberBytes) {
      throw new DataError(
        `${source}: ${name} has ${(originalSize / 1e9).toFixed(1)} GB; members of up to ${mostMemberBytes / 2 ** 20} MiB are read`,
      );
    }
    if (total > mostBytes) {
      throw new DataError(
        `${source} holds more than ${mostBytes / 2 ** 30} GiB; unzip it and name the folder`,
      );
    }
    return true;
  };
  try {
    return Object.entries(unzipSync(bytes, { filter: take })).map(([name, content]) => ({
      path: name.replaceAll('\\', '/'),
      bytes: content,
    }));
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(
      `${source} is a zip archive that cannot be read (${error instanceof Error ? error.message : error}): it is damaged, ` +
        'encrypted or compressed in a rare way; unzip it and name the folder',
      { cause: error },
    );
  }
}
