/** Files of the visitor's as a data set, by the library's reader of own data. */
import { type OwnFile as LibraryFile, ownDataSet, type SplitDataSet } from 'selftarget';
import type { DataChoice, OwnFile } from '../protocol.js';

/** Loose pictures need some classes; which ones is for the visitor to say. */
const looseClasses = ['A', 'B'];

/** @throws DataError that says what was dropped and what would be right */
export async function ownData({ name, files, image }: DataChoice & { kind: 'own' }): Promise<SplitDataSet> {
  const inFolder = withoutCommonFolder(files);
  const has = (ending: RegExp): boolean => inFolder.some(({ path }) => ending.test(path));
  const hasPictures = has(/\.(png|jpe?g)$/i);
  // The size that the visitor chose is for pictures; items of a table have their own.
  const isTable = has(/\.(csv|csv\.gz|np[yz])$/i) && !hasPictures;
  return ownDataSet({
    name,
    files: inFolder,
    // Of files that are no pictures the reader says best what they are.
    looseClasses: hasPictures ? looseClasses : undefined,
    image: isTable ? undefined : image,
  });
}

/** The folder that was dropped is not part of the layout inside it. */
function withoutCommonFolder(files: readonly OwnFile[]): LibraryFile[] {
  const [top] = (files[0]?.path ?? '').split('/');
  const common = files.every(({ path }) => path.startsWith(`${top}/`));
  return files.map(({ path, file }) => ({
    path: common ? path.slice(top.length + 1) : path,
    read: async () => new Uint8Array(await file.arrayBuffer()),
    head: async (length) => new Uint8Array(await file.slice(0, length).arrayBuffer()),
    ...(/\.gz$/i.test(path) ? {} : { text: () => file }),
  }));
}
