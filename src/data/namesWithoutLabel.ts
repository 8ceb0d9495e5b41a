/** Names by which people say that an item has no label, and names that may be meant so. */
import { UNLABELLED } from './dataSet.js';

/** What programs write where a value is missing. `None` is Python's; `none` may be a class, as of gestures. */
const missing = new Set(['', 'nan', '<na>', 'n/a', '#n/a', '#na', 'null', 'unlabelled', 'unlabeled']);
const missingAsWritten = new Set(['None', 'NA', '-1', '-1.0']);
/** Sometimes a class, sometimes the lack of one. */
const doubtful = new Set(['unknown', 'none', 'na', '?', 'other', 'nolabel', 'unsorted', 'undefined', 'misc']);

/** Whether a folder's name says that its items have no label: `unlabelled`, `Unlabeled`, `_UNLABELLED`. */
export function isUnlabelledFolder(name: string): boolean {
  return ['unlabelled', 'unlabeled'].includes(name.toLowerCase().replaceAll(/[^a-z]/g, ''));
}

/**
 * The labels of a table's column, where one of these names means none.
 *
 * @param names of the items' classes as they are written
 * @returns the names in which what is written stands for no label, without the empty one
 */
export function namesOfNoLabel(names: Iterable<string>): Set<string> {
  const found = new Set(names);
  const none = [...found].filter((name) => missing.has(name.toLowerCase()) || missingAsWritten.has(name));
  const others = [...found].filter((name) => !none.includes(name));
  // Two classes called -1 and 1, as support vector machines have them.
  const isOfTwo = others.length === 1 && Number(others[0]) === 1;
  return new Set(isOfTwo ? none.filter((name) => Number(name) !== UNLABELLED || name === '') : none);
}

/** A sentence on classes that are called as if they were none; nothing where there are none of them. */
export function doubtfulClasses(classes: readonly string[]): string | undefined {
  const called = classes.filter((name) => doubtful.has(name.toLowerCase().replaceAll(/[\s_-]/g, '')));
  if (called.length === 0) return undefined;
  const names = called.map((name) => `"${name}"`).join(', ');
  return (
    `${names} ${called.length === 1 ? 'is taken as a class' : 'are taken as classes'} like any other; ` +
    'call it unlabelled if its items have no label'
  );
}
