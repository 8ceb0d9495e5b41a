/** What the owner of a data set should know before training on it: things that are not wrong, but go wrong. */
import { type DataSet, type SplitDataSet, UNLABELLED } from './dataSet.js';

/** A mean value above this is that of dark figures on a white ground. */
const bright = 0.6;
/** Pictures whose brightest byte is below this are nearly black. */
const dark = 100;
/** The largest class may be this many times the median one before it is worth a word. */
const uneven = 5;

/** One sentence for each thing that is noticed. */
export function observations({ train, test }: SplitDataSet): string[] {
  const { mean, greatest, plain } = lookAt(train);
  const notes: string[] = [];
  if (train.bytes?.maximum === 255 && greatest > 0 && greatest < dark && train.shape.length === 3) {
    notes.push(
      `all pictures are nearly black: the brightest value is ${greatest} of 255. Multiply the values by ${Math.floor(255 / greatest)}`,
    );
  }
  if (mean > bright) {
    notes.push(
      `values are high on average (${mean.toFixed(2)} of 1), as of dark figures on a white ground. Networks learn figures ` +
        'that are bright on black; if neurons stay silent, invert the values',
    );
  }
  if (plain > 0) {
    notes.push(
      `${plain} of ${train.length} items to train on are of one value throughout, with nothing to see`,
    );
  }
  const twins = countTwins(train, test);
  if (twins > 0) {
    notes.push(
      `${twins} of ${test.length} test items are also in the training part, value for value; the test accuracy is flattered`,
    );
  }
  notes.push(...unevenClasses(train));
  return notes;
}

function lookAt(data: DataSet): { mean: number; greatest: number; plain: number } {
  const { length, width, bytes } = data;
  const item = bytes ? new Uint8Array(width) : new Float32Array(width);
  const scale = bytes ? bytes.maximum : 1;
  let [sum, greatest, plain] = [0, 0, 0];
  for (let i = 0; i < length; i++) {
    readInto(data, i, item);
    let [least, most, ofItem] = [Number.POSITIVE_INFINITY, 0, 0];
    for (let v = 0; v < width; v++) {
      const value = item[v];
      ofItem += value;
      if (value < least) least = value;
      if (value > most) most = value;
    }
    sum += ofItem;
    if (most > greatest) greatest = most;
    if (width > 1 && least === most) plain++;
  }
  return { mean: length === 0 ? 0 : sum / (length * width * scale), greatest, plain };
}

/** Items of `test` whose values are exactly those of an item of `train`. */
function countTwins(train: DataSet, test: DataSet): number {
  const item = train.bytes ? new Uint8Array(train.width) : new Float32Array(train.width);
  const other = item.slice();
  const byHash = new Map<number, number[]>();
  for (let i = 0; i < train.length; i++) {
    readInto(train, i, item);
    const hash = hashOf(item);
    const same = byHash.get(hash);
    if (!same) byHash.set(hash, [i]);
    // Many items of one value throughout would make this slow, and need not all be compared.
    else if (same.length < 8) same.push(i);
  }
  let twins = 0;
  for (let i = 0; i < test.length; i++) {
    readInto(test, i, item);
    const candidates = byHash.get(hashOf(item)) ?? [];
    const isTwin = candidates.some((candidate) => {
      readInto(train, candidate, other);
      return item.every((value, v) => value === other[v]);
    });
    if (isTwin) twins++;
  }
  return twins;
}

function readInto({ bytes, read }: DataSet, index: number, item: Uint8Array | Float32Array): void {
  if (item instanceof Uint8Array) bytes?.read(index, item, 0);
  else read(index, item, 0);
}

/** FNV-1a over the values' bits. */
function hashOf(item: Uint8Array | Float32Array): number {
  const words =
    item instanceof Uint8Array ? item : new Uint32Array(item.buffer, item.byteOffset, item.length);
  let hash = 0x811c9dc5;
  for (let i = 0; i < words.length; i++) hash = Math.imul(hash ^ words[i], 0x01000193);
  return hash;
}

function* unevenClasses({ labels, classes, length }: DataSet): Generator<string> {
  const counts = classes.map(() => 0);
  for (const label of labels) if (label !== UNLABELLED) counts[label]++;
  const median = counts.toSorted((a, b) => a - b)[classes.length >> 1];
  const largest = counts.indexOf(Math.max(...counts));
  if (classes.length > 2 && counts[largest] > uneven * median) {
    yield `class "${classes[largest]}" has ${counts[largest]} of ${length} items, more than ${uneven} times the usual class; ` +
      'if it stands for items without a label, call it unlabelled';
  }
}
