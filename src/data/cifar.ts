/**
 * The binary version of CIFAR-10 (https://www.cs.toronto.edu/~kriz/cifar.html): each item is a byte for the class,
 * then the 32x32 values of red, of green and of blue, each row by row.
 */
import { bytesDataSet, DataError, type DataSet, type NamedBytes, type SplitDataSet } from './dataSet.js';
import { interleavePlanes, planeIndex } from './planes.js';
import { readTar } from './tar.js';

/** In the order of `batches.meta.txt`. */
export const cifar10Classes: readonly string[] = [
  ...['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
];

const size = { height: 32, width: 32, channels: 3 };
const pixels = 3072;
const record = 1 + pixels;

/**
 * Both parts, from the published archive, unzipped: five batches to train on and one to test on.
 *
 * @throws DataError where {@link readTar} and {@link cifar10} do, and for a batch that is not there
 */
export function cifar10FromTar(archive: NamedBytes): SplitDataSet {
  const entries = readTar(archive);
  const batch = (file: string): NamedBytes => {
    const entry = entries.find(({ path }) => path === file || path.endsWith(`/${file}`));
    if (!entry)
      throw new DataError(`${archive.source} has no ${file} in it; it is not CIFAR-10's binary version`);
    return { source: `${archive.source}:${entry.path}`, bytes: entry.bytes };
  };
  const training = [1, 2, 3, 4, 5].map((n) => batch(`data_batch_${n}.bin`));
  return {
    name: 'cifar10',
    train: cifar10('cifar10 (train)', training),
    test: cifar10('cifar10 (test)', [batch('test_batch.bin')]),
  };
}

/**
 * The items of one or more batch files, in their order, shape [32, 32, 3].
 *
 * @throws DataError for a file that is not made of whole items, and for a class out of range
 */
export function cifar10(name: string, batches: readonly NamedBytes[]): DataSet {
  for (const { source, bytes } of batches) {
    if (bytes.length > 0 && bytes.length % record === 0) continue;
    throw new DataError(
      `${source} has ${bytes.length} bytes, not a multiple of ${record} (a class and 32 x 32 x 3 values); it is cut short ` +
        'or no batch of the binary version of CIFAR-10',
    );
  }
  const count = batches.reduce((sum, { bytes }) => sum + bytes.length / record, 0);
  const pictures = new Uint8Array(count * pixels);
  const labels = new Int32Array(count);
  const index = planeIndex(size, 'rows');
  let item = 0;
  for (const { source, bytes } of batches) {
    for (let at = 0; at < bytes.length; at += record, item++) {
      if (bytes[at] >= cifar10Classes.length) {
        throw new DataError(
          `${source}: class ${bytes[at]} at item ${at / record} is out of range; there are 0 to 9`,
        );
      }
      labels[item] = bytes[at];
      interleavePlanes(bytes, at + 1, index, pictures, item * pixels);
    }
  }
  return bytesDataSet({ name, bytes: pictures, shape: [32, 32, 3], labels, classes: cifar10Classes });
}
