/**
 * The data sets that are known by name: their files, where these are published, and how they become a data set.
 * Another one is another entry, with its reader in a module of its own beside this folder.
 */
import { cifar10Classes, cifar10FromTar } from '../cifar.js';
import { DataError, type NamedBytes, type SplitDataSet } from '../dataSet.js';
import { digits, digitsAttribution } from '../digits.js';
import { idxDataSet } from '../idx.js';
import { nearestName } from '../nearestName.js';
import { svhn, svhnClasses } from '../svhn.js';
import { type Checksum, unzipped } from './content.js';

/** One file of a data set. */
export interface DataFile {
  /** The name of the unzipped file; on disk it may also be gzipped, with `.gz` added. */
  readonly file: string;
  /** Bytes of the unzipped content. */
  readonly bytes: number;
  /** Of the unzipped content, so that it holds however the file was compressed. */
  readonly checksum: Checksum;
  /** Name, bytes and checksum are those of the file as it is published, an archive, which stays as it is. */
  readonly archive?: boolean;
  /** The name under each mirror's address. */
  readonly remote: string;
}

/** A data set that is known by name. */
export interface DataSetEntry {
  readonly name: string;
  readonly title: string;
  /** Items in the two parts. */
  readonly items: { readonly train: number; readonly test: number };
  /** One item's shape. */
  readonly shape: readonly number[];
  readonly classes: readonly string[];
  readonly licence: string;
  /** Who made it, as it has to be said. */
  readonly attribution: string;
  /** None for a data set that comes with the package. */
  readonly files: readonly DataFile[];
  /** Addresses that end in `/`, in the order to try them. */
  readonly mirrors: readonly string[];
  /** Makes the data set from the files' verified content; `read` may be called once for each file. */
  assemble(read: (file: string) => Promise<NamedBytes>): Promise<SplitDataSet>;
}

const tenDigits = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

const digitsEntry: DataSetEntry = {
  name: 'digits',
  title: 'Handwritten digits, 8x8 (built in)',
  items: { train: 1437, test: 360 },
  shape: [8, 8, 1],
  classes: tenDigits,
  licence: 'CC BY 4.0',
  attribution: digitsAttribution,
  files: [],
  mirrors: [],
  assemble: async () => digits(),
};

const cifar10Archive = 'cifar-10-binary.tar.gz';

/** The entries in the order in which they are listed. */
export const dataSetEntries: readonly DataSetEntry[] = [
  digitsEntry,
  mnistLike({
    name: 'mnist',
    title: 'MNIST, handwritten digits, 28x28',
    classes: tenDigits,
    licence: 'see the publishers',
    attribution:
      'Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition", ' +
      'Proceedings of the IEEE 86 (1998)',
    mirrors: [
      'https://ossci-datasets.s3.amazonaws.com/mnist/',
      'https://storage.googleapis.com/cvdf-datasets/mnist/',
    ],
    sha256: {
      trainImages: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
      trainLabels: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
      testImages: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
      testLabels: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
    },
  }),
  mnistLike({
    name: 'fashion-mnist',
    title: 'Fashion-MNIST, clothes, 28x28',
    classes: [
      'T-shirt/top',
      'Trouser',
      'Pullover',
      'Dress',
      'Coat',
      'Sandal',
      'Shirt',
      'Sneaker',
      'Bag',
      'Ankle boot',
    ],
    licence: 'MIT',
    attribution:
      'H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine learning ' +
      'algorithms" (2017), Zalando SE',
    mirrors: [
      'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/',
      'https://storage.googleapis.com/tensorflow/tf-keras-datasets/',
    ],
    sha256: {
      trainImages: 'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
      trainLabels: 'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
      testImages: '5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
      testLabels: '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
    },
  }),
  {
    name: 'svhn',
    title: 'SVHN, house numbers, cropped digits, 32x32 in colour',
    items: { train: 73_257, test: 26_032 },
    shape: [32, 32, 3],
    classes: svhnClasses,
    licence: 'for non-commercial use only',
    attribution:
      'Y. Netzer, T. Wang, A. Coates, A. Bissacco, B. Wu, A. Y. Ng, "Reading digits in natural images with ' +
      'unsupervised feature learning", NIPS Workshop on Deep Learning and Unsupervised Feature Learning (2011)',
    // The publishers give no checksums; these are the ones that other libraries check.
    files: [
      matFile('train_32x32.mat', 182_040_794, 'e26dedcc434d2e4c54c9b2d4a06d8373'),
      matFile('test_32x32.mat', 64_275_384, 'eb5a983be6a315427106f1b164d9cef3'),
    ],
    mirrors: ['http://ufldl.stanford.edu/housenumbers/'],
    assemble: async (read) => ({
      name: 'svhn',
      train: svhn('svhn (train)', await read('train_32x32.mat')),
      test: svhn('svhn (test)', await read('test_32x32.mat')),
    }),
  },
  {
    name: 'cifar10',
    title: 'CIFAR-10, small photographs, 32x32 in colour',
    items: { train: 50_000, test: 10_000 },
    shape: [32, 32, 3],
    classes: cifar10Classes,
    licence: 'see the publishers',
    attribution:
      'A. Krizhevsky, "Learning multiple layers of features from tiny images", University of Toronto (2009)',
    files: [
      {
        file: cifar10Archive,
        bytes: 170_052_171,
        checksum: { algorithm: 'md5', hex: 'c32a1d4ab5d03f1284b67883e8d87530' },
        remote: cifar10Archive,
        archive: true,
      },
    ],
    mirrors: ['https://www.cs.toronto.edu/~kriz/'],
    async assemble(read) {
      const { source, bytes } = await read(cifar10Archive);
      return cifar10FromTar({ source, bytes: unzipped({ source, bytes }) });
    },
  },
];

/**
 * The entry of that name.
 *
 * @throws DataError for an unknown name, with the nearest known one and all of them
 */
export function findDataSet(name: string, entries: readonly DataSetEntry[] = dataSetEntries): DataSetEntry {
  const entry = entries.find((candidate) => candidate.name === name);
  if (entry) return entry;
  const known = entries.map((candidate) => candidate.name);
  const nearest = nearestName(name, known);
  const hint = nearest ? `; did you mean "${nearest}"?` : '.';
  throw new DataError(
    `there is no data set "${name}"${hint} Known are ${known.join(', ')}; data of your own are named by their path, e.g. ./images or items.csv.`,
  );
}

/** A data set in MNIST's four IDX files: 60,000 and 10,000 grey images of 28x28. */
function mnistLike(options: {
  name: string;
  title: string;
  classes: readonly string[];
  licence: string;
  attribution: string;
  mirrors: readonly string[];
  sha256: { trainImages: string; trainLabels: string; testImages: string; testLabels: string };
}): DataSetEntry {
  const { name, classes, sha256 } = options;
  const items = { train: 60_000, test: 10_000 };
  const shape = [28, 28, 1];
  return {
    ...options,
    items,
    shape,
    files: [
      idxFile('train-images-idx3-ubyte', imageBytes(items.train), sha256.trainImages),
      idxFile('train-labels-idx1-ubyte', labelBytes(items.train), sha256.trainLabels),
      idxFile('t10k-images-idx3-ubyte', imageBytes(items.test), sha256.testImages),
      idxFile('t10k-labels-idx1-ubyte', labelBytes(items.test), sha256.testLabels),
    ],
    async assemble(read) {
      const part = async (prefix: string, title: string) =>
        idxDataSet({
          name: `${name} (${title})`,
          images: await read(`${prefix}-images-idx3-ubyte`),
          labels: await read(`${prefix}-labels-idx1-ubyte`),
          classes,
        });
      return { name, train: await part('train', 'train'), test: await part('t10k', 'test') };
    },
  };
}

function idxFile(name: string, bytes: number, hex: string): DataFile {
  return { file: name, bytes, checksum: { algorithm: 'sha256', hex }, remote: `${name}.gz` };
}

function matFile(name: string, bytes: number, md5: string): DataFile {
  return { file: name, bytes, checksum: { algorithm: 'md5', hex: md5 }, remote: name };
}

/** Header and content of an IDX file. */
function imageBytes(count: number): number {
  return 16 + count * 28 * 28;
}

function labelBytes(count: number): number {
  return 8 + count;
}
