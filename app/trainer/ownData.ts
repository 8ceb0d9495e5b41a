/** Files of the visitor's as a data set, by the library's readers: a table, IDX files, or pictures. */
import {
  bytesDataSet,
  complement,
  csvDataSet,
  DataError,
  type DataSet,
  decodeImage,
  heldOut,
  idxDataSet,
  type ImageFile,
  imageFolder,
  type ImageShape,
  type NamedBytes,
  readIdx,
  Resampler,
  type SplitDataSet,
  subset,
  UNLABELLED,
} from 'selftarget';
import type { DataChoice, OwnFile } from '../protocol.js';

const what =
  'Drop a folder with one folder of PNG or JPEG files for each class, some pictures, a CSV file with the column ' +
  '"label", or IDX files of images and labels.';

/** What pictures without folders can be called: their classes are the visitor's. */
const ownClasses = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J'];

/** @throws DataError that says what was dropped and what would be right */
export async function ownData(choice: DataChoice & { kind: 'own' }): Promise<SplitDataSet> {
  const { name, image } = choice;
  const files = choice.files.filter(({ path }) => !path.split('/').some((part) => part.startsWith('.')));
  if (files.length === 0) throw new DataError(`${name} holds no files. ${what}`);
  const tables = files.filter(({ path }) => /\.csv$/i.test(path));
  if (tables.length > 1) throw new DataError(`${tables.length} CSV files were dropped; drop one of them.`);
  if (tables.length === 1) return table(tables[0].file);
  const idx = files.filter(({ path }) => /idx[13]-ubyte(\.gz)?$/i.test(path));
  if (idx.length > 0) return idxFiles(name, idx);
  if (!files.some(({ path }) => /\.(png|jpe?g)$/i.test(path))) {
    throw new DataError(`${files[0].path} cannot be used. ${what}`);
  }
  const inFolders = withoutCommonFolder(files);
  if (inFolders.every(({ path }) => !path.includes('/'))) return looseImages(name, inFolders, image);
  return imageFolder({ name, files: inFolders, image });
}

async function table(file: File): Promise<SplitDataSet> {
  const [header] = (await file.slice(0, 1 << 20).text()).split(/\r?\n/, 1);
  const columns = header.split(',').map((field) => field.trim().replaceAll('"', '').toLowerCase());
  const values = columns.filter((column) => column !== 'label' && column !== 'split').length;
  const side = Math.sqrt(values);
  // A square number of values is most likely a picture, and looks better as one.
  const image = side >= 4 && Number.isInteger(side) ? { width: side, height: side, channels: 1 } : undefined;
  return csvDataSet({ name: file.name, source: file, image: image as ImageShape | undefined });
}

async function idxFiles(name: string, files: readonly OwnFile[]): Promise<SplitDataSet> {
  const isTest = ({ path }: OwnFile) => /(^|\/)(t10k|test)/i.test(path);
  const part = async (title: 'train' | 'test', some: readonly OwnFile[]) => {
    const find = (kind: 'idx1' | 'idx3') => some.find(({ path }) => path.toLowerCase().includes(kind));
    const [images, labels] = [find('idx3'), find('idx1')];
    if (!images || !labels) {
      throw new DataError(
        `${name}: ${images ? 'labels' : 'images'} of the ${title} part are missing; drop both files, ` +
          'such as train-images-idx3-ubyte and train-labels-idx1-ubyte.',
      );
    }
    return { images: await contentOf(images), labels: await contentOf(labels) };
  };
  const train = await part(
    'train',
    files.filter((file) => !isTest(file)),
  );
  const test = files.some(isTest) ? await part('test', files.filter(isTest)) : undefined;
  const classes = classNames([train, ...(test ? [test] : [])].map(({ labels }) => labels));
  const all = idxDataSet({ name, classes, ...train });
  if (test) return { name, train: all, test: idxDataSet({ name: `${name} (test)`, classes, ...test }) };
  const out = heldOut(all.labels, classes, name);
  return { name, train: subset(all, complement(all.length, out)), test: subset(all, out) };
}

/** "0", "1", ... up to the highest label. */
function classNames(files: readonly NamedBytes[]): string[] {
  let most = 0;
  for (const file of files) for (const label of readIdx(file).values) if (label > most) most = label;
  return Array.from({ length: most + 1 }, (_, c) => String(c));
}

/** Pictures that no folder gives a class: nothing can be measured, but everything else works. */
async function looseImages(
  name: string,
  files: readonly ImageFile[],
  image: ImageShape,
): Promise<SplitDataSet> {
  const pictures = files.filter(({ path }) => /\.(png|jpe?g)$/i.test(path));
  if (pictures.length < 20) {
    throw new DataError(
      `${pictures.length} pictures are too few to learn from; at least 20 are needed, some hundreds are better.`,
    );
  }
  const width = image.width * image.height * image.channels;
  const bytes = new Uint8Array(pictures.length * width);
  const resampler = new Resampler(image);
  for (const [i, { path, read }] of pictures.entries()) {
    resampler.write(decodeImage({ source: path, bytes: await read() }), bytes, i * width);
  }
  const all: DataSet = bytesDataSet({
    ...{ name, bytes, classes: ownClasses },
    shape: [image.height, image.width, image.channels],
    labels: new Int32Array(pictures.length).fill(UNLABELLED),
  });
  const out = Uint32Array.from(pictures.keys()).filter((i) => i % 6 === 5);
  return { name, train: subset(all, complement(all.length, out)), test: subset(all, out) };
}

/** The folder that was dropped is not part of the layout inside it. */
function withoutCommonFolder(files: readonly OwnFile[]): ImageFile[] {
  const [top] = files[0].path.split('/');
  const common = files.every(({ path }) => path.startsWith(`${top}/`));
  return files.map(({ path, file }) => ({
    path: common ? path.slice(top.length + 1) : path,
    read: async () => new Uint8Array(await file.arrayBuffer()),
  }));
}

async function contentOf({ path, file }: OwnFile): Promise<NamedBytes> {
  return { source: path, bytes: new Uint8Array(await file.arrayBuffer()) };
}
