/** How the visitor's pictures would look in some size and colour, before they are all read. */
import { type ImageShape, SelftargetError } from 'selftarget';
import { imageGrid, type Pixels } from 'selftarget/view';
import type { OwnFile } from '../protocol.js';
import { decoded, resampled } from './ownPicture.js';

const SHOWN = 12;
/** Looked into in search of these, should some be damaged. */
const TRIED = 40;

/** @returns a grid of the first few of each folder in turn; nothing where the files are no pictures */
export async function preview(
  files: readonly OwnFile[],
  image: ImageShape,
): Promise<{ readonly picture: Pixels | undefined; readonly message: string }> {
  const pictures = inTurn(files.filter(({ path }) => /\.(png|jpe?g|webp)$/i.test(path)));
  if (pictures.length === 0) return { picture: undefined, message: '' };
  const shown: Uint8Array[] = [];
  let message = '';
  for (const { path, file } of pictures.slice(0, TRIED)) {
    if (shown.length === SHOWN) break;
    try {
      shown.push(resampled(await decoded(path, file), image));
    } catch (error) {
      if (!(error instanceof SelftargetError)) throw error;
      message ||= error.message;
    }
  }
  const shape = [image.height, image.width, image.channels];
  const grid = shown.length === 0 ? undefined : imageGrid(shown, { shape, columns: SHOWN / 2 });
  return { picture: grid, message };
}

/** One of each folder after the other, so that every class is seen. */
function inTurn(files: readonly OwnFile[]): OwnFile[] {
  const folders = new Map<string, OwnFile[]>();
  for (const each of files) {
    const folder = each.path.slice(0, each.path.lastIndexOf('/') + 1);
    folders.set(folder, [...(folders.get(folder) ?? []), each]);
  }
  const lists = [...folders.values()];
  const longest = Math.min(SHOWN, Math.max(0, ...lists.map(({ length }) => length)));
  return Array.from({ length: longest }, (_, i) => lists.flatMap((list) => list.slice(i, i + 1))).flat();
}
