/**
 * What the folders of an image folder mean: one folder a class, `unlabelled/` for items without a label, and, where
 * they are there, `train/` and `test/`, each laid out that way. Decided from the paths alone.
 */
import { DataError } from './dataSet.js';
import { isUnlabelledFolder } from './namesWithoutLabel.js';
import { naturalOrder } from './naturalOrder.js';
import { isHidden } from './ownFile.js';

/** An item before its file is read. */
export interface ImageItem {
  readonly path: string;
  /** The class's name; undefined for an item without a label. */
  readonly className: string | undefined;
}

/** The parts that the folders make; `test` is absent where they do not say which items are for the test. */
export interface ImageLayout {
  readonly classes: readonly string[];
  readonly train: readonly ImageItem[];
  readonly test: readonly ImageItem[] | undefined;
}

/** What people call the two parts instead. */
const otherNames = {
  train: /^training$/i,
  test: /^(val|valid|validation|dev|eval|testing)$/i,
} as const;

/**
 * Sorts out an image folder. Hidden files and folders are passed over. Names count without regard to how Unicode
 * writes their accents, and those of `train`, `test` and `unlabelled` without regard to case.
 *
 * Classes are in natural order, and so are the files of each; the items of all classes are interleaved, so that any
 * first part of them, too, has about the proportions of the whole.
 *
 * @param name of the data set, for errors
 * @param paths of all pictures, relative to the data set's folder, parts separated by `/`
 * @param folders paths of folders, so that empty ones are noticed; those with files need not be among them
 * @throws DataError for a layout that cannot be meant, naming the file or folder and what would be right
 */
export function imageLayout(
  name: string,
  paths: readonly string[],
  folders: readonly string[] = [],
): ImageLayout {
  const tree = new Tree(name, paths, folders);
  const top = tree.foldersIn('');
  const folderOf = (part: string): string | undefined => top.find((folder) => folder.toLowerCase() === part);
  const found = { train: folderOf('train'), test: folderOf('test') };
  const parts = [found.train, found.test].filter((part) => part !== undefined);
  // A folder of that name with pictures in it may well be a class.
  const isSplit = parts.length === 2 || parts.some((part) => tree.foldersIn(`${part}/`).length > 0);
  if (!isSplit) {
    const { classes, items } = tree.part('');
    return { classes, train: items, test: undefined };
  }
  if (found.train === undefined || found.test === undefined) {
    const missing = found.train === undefined ? 'train' : 'test';
    const likely = top.find((folder) => otherNames[missing].test(folder));
    const advice = likely === undefined ? `add ${missing}/` : `rename ${likely}/ to ${missing}/`;
    throw new DataError(
      `${name} has ${parts[0]}/ but no ${missing}/ beside it; ${advice}, or have the class folders without them and a ` +
        'sixth of the items is held out for the test',
    );
  }
  tree.refuseFilesIn('', 'beside train/ and test/');
  const stray = top.find((folder) => !parts.includes(folder) && !isUnlabelledFolder(folder));
  if (stray !== undefined) {
    throw new DataError(
      `${name}: the folder ${stray}/ is neither train/ nor test/; move it into one of them, or out of the data set`,
    );
  }
  const train = tree.part(`${found.train}/`, tree.unlabelledIn(''));
  const test = tree.part(`${found.test}/`);
  for (const [one, other, where] of [
    [train.classes, test.classes, 'test'],
    [test.classes, train.classes, 'train'],
  ] as const) {
    const missing = one.find((className) => !other.includes(className));
    if (missing !== undefined) {
      throw new DataError(
        `${name}: ${where}/ has no folder for the class "${missing}"; both parts need the same class folders`,
      );
    }
  }
  return { classes: train.classes, train: train.items, test: test.items };
}

/** The pictures by folder. Prefixes are '' or end in `/`. */
class Tree {
  readonly #name: string;
  readonly #files: readonly string[];
  readonly #folders: readonly string[];

  constructor(name: string, paths: readonly string[], folders: readonly string[]) {
    this.#name = name;
    const visible = paths.filter((path) => !isHidden(path));
    this.#files = naturalOrder(visible);
    const all = [...visible.flatMap(parentsOf), ...folders.filter((path) => !isHidden(path))];
    this.#folders = naturalOrder([...new Set(all)]);
  }

  /** Names of the folders directly in `prefix`. */
  foldersIn(prefix: string): string[] {
    return this.#folders
      .filter((path) => isDirectlyIn(path, prefix))
      .map((path) => path.slice(prefix.length));
  }

  refuseFilesIn(prefix: string, where: string): void {
    const stray = this.#files.find((path) => isDirectlyIn(path, prefix));
    if (stray === undefined) return;
    throw new DataError(
      `${this.#name}: ${stray} is ${where}; move it into its class's folder, or into unlabelled/ if it has none`,
    );
  }

  /** The items without a label in `prefix`. */
  unlabelledIn(prefix: string): ImageItem[] {
    return this.foldersIn(prefix)
      .filter((folder) => isUnlabelledFolder(folder))
      .flatMap((folder) => this.#filesOf(`${prefix}${folder}/`))
      .map((path) => ({ path, className: undefined }));
  }

  /** The classes and items laid out in `prefix`, with `others` among them. */
  part(prefix: string, others: readonly ImageItem[] = []): { classes: string[]; items: ImageItem[] } {
    const where = prefix === '' ? this.#name : `${this.#name}: ${prefix}`;
    const named = this.foldersIn(prefix).filter((folder) => !isUnlabelledFolder(folder));
    // A Mac writes é as e and an accent: the same name, which must not become another class.
    const classes = naturalOrder([...new Set(named.map((folder) => folder.normalize()))]);
    if (classes.length === 0) {
      throw new DataError(
        `${where} has no class folders; put the PNG or JPEG files of each class into a folder named like the class, ` +
          'and those without a label into unlabelled/',
      );
    }
    this.refuseFilesIn(prefix, 'beside the class folders');
    const groups = classes.map((className) => {
      const folders = this.foldersIn(prefix).filter((folder) => folder.normalize() === className);
      const files = folders.flatMap((folder) => this.#filesOf(`${prefix}${folder}/`));
      if (files.length === 0) {
        throw new DataError(
          `${this.#name}: the class folder ${prefix}${className}/ has no PNG or JPEG files; fill it or remove it`,
        );
      }
      return files.map((path) => ({ path, className }));
    });
    if (classes.length === 1) {
      throw new DataError(
        `${where} has one class only, "${classes[0]}"; there must be at least two to tell apart`,
      );
    }
    return { classes, items: interleave([...groups, [...others, ...this.unlabelledIn(prefix)]]) };
  }

  /** The pictures of one class: files in deeper folders belong to nothing. */
  #filesOf(prefix: string): string[] {
    const inside = this.#files.filter((path) => path.startsWith(prefix));
    const deeper = inside.find((path) => !isDirectlyIn(path, prefix));
    if (deeper === undefined) return inside;
    throw new DataError(
      `${this.#name}: ${deeper} is in a folder inside ${prefix}; pictures must be directly in their class's folder ` +
        '(if the class folders are further in, name the folder that holds them)',
    );
  }
}

/** One list in which every part of the length has each group in proportion; the order within groups is kept. */
function interleave(groups: readonly (readonly ImageItem[])[]): ImageItem[] {
  const places = groups.flatMap((group, g) =>
    group.map((item, i) => ({ item, at: (i + 0.5) / group.length, group: g })),
  );
  return places.sort((a, b) => a.at - b.at || a.group - b.group).map(({ item }) => item);
}

/** `a/b` and `a` of `a/b/c.png`. */
function parentsOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, i) => parts.slice(0, i + 1).join('/'));
}

function isDirectlyIn(path: string, prefix: string): boolean {
  return path.length > prefix.length && path.startsWith(prefix) && !path.includes('/', prefix.length);
}
