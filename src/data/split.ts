/**
 * Choosing part of a data set with the class proportions kept: the few items whose labels may be used, or a
 * validation part.
 */
import { Purpose, RandomStream } from '../learner/random.js';
import { DataError, type DataSet, subset, UNLABELLED } from './dataSet.js';

/** How many items: a share of those that have a label, above 0 up to 1, or a whole number. */
export type Amount = { readonly fraction: number } | { readonly count: number };

/** Steps of the random stream from here on belong to the validation split, below to the choice of labels. */
const validationSteps = 0x10000;
/** And from here on to the test part of data that come without one. */
const heldOutSteps = 0x20000;
/** Any number would do; a fixed one makes everybody's test part the same. */
const heldOutSeed = 2403;

/**
 * Reads an amount as a user writes it. `"1%"` and numbers below 1 (`0.01`) are shares; whole numbers (`"600"`, and
 * `1` too, one item) are counts. Everything is `"100%"`.
 *
 * @throws DataError for anything else, zero and less, and more than 100%.
 */
export function parseAmount(text: string | number): Amount {
  const words = String(text).trim();
  const match = /^(\d+(?:\.\d*)?|\.\d+)(e-?\d+)?\s*(%?)$/i.exec(words);
  if (
    match &&
    !match[3] &&
    /\./.test(match[1]) &&
    Number(match[1]) >= 1 &&
    Number.isInteger(Number(match[1]))
  ) {
    throw new DataError(
      `"${words}" may mean a share or a number of items; write 100% for all, or a whole number such as ${Math.round(Number(match[1]))}`,
    );
  }
  const number = match ? Number(match[1] + (match[2] ?? '')) : Number.NaN;
  const wrong = (why: string): DataError =>
    new DataError(`"${words}" ${why}; write a share such as 1% or 0.01, or a number of items such as 600`);
  if (!Number.isFinite(number)) throw wrong('is not an amount of labels');
  if (number === 0) throw wrong('asks for no labels');
  if (match?.[3]) {
    if (number > 100) throw wrong('is more than everything');
    return { fraction: number / 100 };
  }
  if (number < 1) return { fraction: number };
  if (!Number.isSafeInteger(number)) throw wrong('is neither a share nor a whole number of items');
  // In some libraries 1.0 means everything, and 1 one item.
  if (!/^\d+$/.test(words)) {
    throw new DataError(
      `"${words}" may mean a share or a number of items; write 100% for all, or ${number} for that many items`,
    );
  }
  return { count: number };
}

/**
 * Indices of randomly chosen items, with the class proportions of `labels` kept: each class gets its share rounded
 * by largest remainder, so that the total is exact, and at least one where there are as many items as classes.
 * Items without a label are never chosen.
 *
 * @param labels one class index per item, {@link UNLABELLED} where there is none
 * @param amount a share of the labelled items (rounded to whole items), or a count
 * @param seed the same seed chooses the same items
 * @param options.classes how many classes there are; without it, the highest label decides
 * @returns the indices in ascending order
 * @throws DataError when more is asked for than there is, when the amount comes to no item, when a label is out of
 *   range, or when a class has no labelled item
 */
export function stratified(
  labels: ArrayLike<number>,
  amount: Amount,
  seed: number,
  options: { classes?: number } = {},
): Uint32Array {
  return choose(groupByClass(labels, options.classes), amount, seed, 0);
}

/**
 * Splits `data` into items to train on and items to validate on, class proportions kept in both. Items without a
 * label are for training.
 *
 * @param fraction the validation part's share of the labelled items, above 0 and below 1
 * @throws DataError where {@link stratified} does, and when a class is too small to be in both parts
 */
export function trainValidation(
  data: DataSet,
  fraction: number,
  seed: number,
): { train: DataSet; validation: DataSet } {
  if (!(fraction > 0 && fraction < 1)) {
    throw new DataError(`${data.name}: a validation part of ${fraction}; it must be above 0 and below 1`);
  }
  const groups = groupByClass(data.labels, data.classes.length);
  const chosen = choose(groups, { fraction }, seed, validationSteps);
  const left = groups.map((group) => group.length);
  for (const index of chosen) left[data.labels[index]]--;
  const emptied = left.indexOf(0);
  if (emptied >= 0) {
    throw new DataError(
      `${data.name}: a validation part of ${fraction} takes all ${groups[emptied].length} items of class ` +
        `"${data.classes[emptied]}" and leaves none to train on; take a smaller part, or add items to that class`,
    );
  }
  return { train: subset(data, complement(data.length, chosen)), validation: subset(data, chosen) };
}

/**
 * A test part for data that come without one: a sixth of the labelled items, class proportions kept, at least one
 * of each class, and always the same ones.
 *
 * @param name of the data, for the error
 * @returns the indices in ascending order
 * @throws DataError when a class has fewer than two labelled items, as it could not be in both parts
 */
export function heldOut(labels: ArrayLike<number>, classes: readonly string[], name: string): Uint32Array {
  const groups = groupByClass(labels, classes.length);
  const small = groups.findIndex((group) => group.length < 2);
  if (small >= 0) {
    throw new DataError(
      `${name}: class "${classes[small]}" has ${groups[small].length} labelled items, but a sixth is held out for ` +
        'the test; add items to that class, or say which items are for training and which for the test',
    );
  }
  const labelled = groups.reduce((sum, group) => sum + group.length, 0);
  const count = Math.max(classes.length, Math.round(labelled / 6));
  return choose(groups, { count }, heldOutSeed, heldOutSteps);
}

/** The indices of 0 .. length-1 that are not in `chosen`, in ascending order. */
export function complement(length: number, chosen: Uint32Array): Uint32Array {
  const taken = new Uint8Array(length);
  for (const index of chosen) taken[index] = 1;
  return Uint32Array.from(taken.keys()).filter((index) => taken[index] === 0);
}

/** The items of each class, in ascending order. */
function groupByClass(labels: ArrayLike<number>, classes?: number): number[][] {
  let highest = -1;
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i];
    if (!Number.isInteger(label) || label < UNLABELLED || (classes !== undefined && label >= classes)) {
      const range = classes === undefined ? 'a whole number from 0' : `from 0 to ${classes - 1}`;
      throw new DataError(`item ${i} has label ${label}; it must be ${range}, or ${UNLABELLED} for none`);
    }
    if (label > highest) highest = label;
  }
  const groups = Array.from({ length: classes ?? highest + 1 }, (): number[] => []);
  for (let i = 0; i < labels.length; i++) if (labels[i] !== UNLABELLED) groups[labels[i]].push(i);
  return groups;
}

function choose(groups: readonly number[][], amount: Amount, seed: number, firstStep: number): Uint32Array {
  const sizes = groups.map((group) => group.length);
  const labelled = sizes.reduce((a, b) => a + b, 0);
  const total = countOf(amount, labelled);
  const empty = sizes.indexOf(0);
  if (empty >= 0) {
    throw new DataError(
      `class ${empty} of ${sizes.length} has no labelled item to choose from; label at least one, or leave the class out`,
    );
  }
  const shares = largestRemainder(sizes, total);
  const chosen = new Uint32Array(total);
  let at = 0;
  groups.forEach((group, c) => {
    const order = new RandomStream(seed, Purpose.split, firstStep + c).permutation(group.length);
    for (let i = 0; i < shares[c]; i++) chosen[at++] = group[order[i]];
  });
  return chosen.toSorted();
}

function countOf(amount: Amount, labelled: number): number {
  if (labelled === 0)
    throw new DataError('no item has a label; there is nothing to choose labelled items from');
  if ('count' in amount) {
    const { count } = amount;
    if (!Number.isSafeInteger(count) || count < 1) {
      throw new DataError(`${count} labelled items; ask for a whole number of at least 1`);
    }
    if (count > labelled)
      throw new DataError(`${count} labelled items are asked for, but there are only ${labelled}`);
    return count;
  }
  const { fraction } = amount;
  if (!(fraction > 0 && fraction <= 1)) {
    throw new DataError(`a share of ${fraction} of the labelled items; it must be above 0 and at most 1`);
  }
  const count = Math.round(fraction * labelled);
  if (count === 0) {
    throw new DataError(
      `${Number((fraction * 100).toPrecision(6))}% of ${labelled} labelled items is less than one item; ask for more`,
    );
  }
  return count;
}

/** `total` distributed in proportion to `sizes`, in whole numbers; at least 1 each where `total` allows. */
function largestRemainder(sizes: readonly number[], total: number): number[] {
  const all = sizes.reduce((a, b) => a + b, 0);
  // Whole-number arithmetic: a remainder computed from rounded quotients would decide ties by rounding errors.
  const shares = sizes.map((size) => Math.floor((total * size) / all));
  const remainders = sizes.map((size) => (total * size) % all);
  let left = total - shares.reduce((a, b) => a + b, 0);
  const byRemainder = sizes.map((_, c) => c).toSorted((a, b) => remainders[b] - remainders[a] || a - b);
  for (const c of byRemainder) {
    if (left === 0) break;
    shares[c]++;
    left--;
  }
  if (total >= sizes.length) {
    for (const [c, share] of shares.entries()) {
      if (share > 0) continue;
      shares[shares.indexOf(Math.max(...shares))]--;
      shares[c] = 1;
    }
  }
  return shares;
}
