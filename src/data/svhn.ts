/**
 * Street View House Numbers, cropped digits (http://ufldl.stanford.edu/housenumbers/): MAT-files with the pictures X,
 * 32 x 32 x 3 x items, and the labels y, items x 1, in which 10 stands for the digit 0.
 */
import { bytesDataSet, DataError, type DataSet, type NamedBytes } from './dataSet.js';
import { type MatArray, readMat } from './mat.js';
import { interleavePlanes, planeIndex } from './planes.js';

export const svhnClasses: readonly string[] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/**
 * The items of one of the files, shape [32, 32, 3].
 *
 * @throws DataError where {@link readMat} does, when X or y are missing or of another shape, and for a label that is
 *   not from 1 to 10
 */
export function svhn(name: string, file: NamedBytes): DataSet {
  const { source } = file;
  const arrays = readMat(file);
  const find = (wanted: string, what: string): MatArray => {
    const array = arrays.find((candidate) => candidate.name === wanted);
    if (array) return array;
    const others = arrays.map((candidate) => candidate.name).join(', ') || 'none';
    throw new DataError(`${source} has no array ${wanted} (${what}); its arrays of numbers: ${others}`);
  };
  const { dimensions, values } = find('X', 'the pictures');
  const y = find('y', 'the labels');
  const [height, width, channels, items = 1] = dimensions;
  if (height !== 32 || width !== 32 || channels !== 3 || !(values instanceof Uint8Array)) {
    throw new DataError(
      `${source}: X is ${dimensions.join(' x ')}, stored as ${values.constructor.name}; SVHN's cropped digits are ` +
        '32 x 32 x 3 x items of bytes',
    );
  }
  if (y.values.length !== items) {
    throw new DataError(`${source}: ${y.values.length} labels in y, but ${items} pictures in X`);
  }
  const labels = Int32Array.from(y.values, (label, i) => {
    if (Number.isInteger(label) && label >= 1 && label <= 10) return label % 10;
    throw new DataError(
      `${source}: label ${label} at item ${i} is out of range; there are 1 to 9, and 10 for the digit 0`,
    );
  });
  const index = planeIndex({ height, width, channels }, 'columns');
  const bytes = new Uint8Array(values.length);
  for (let at = 0; at < bytes.length; at += index.length) interleavePlanes(values, at, index, bytes, at);
  return bytesDataSet({ name, bytes, shape: [height, width, channels], labels, classes: svhnClasses });
}
