/** Answers by class: what accuracy alone hides. */

/** How the items of one class were answered, and how often the class was the answer. */
export interface ClassResult {
  readonly name: string;
  /** Labelled test items of the class. */
  readonly items: number;
  /** Of these, answered with the class. */
  readonly correct: number;
  /** Labelled test items of any class answered with it. */
  readonly answered: number;
}

/** Counts of nothing yet: one row for each class of the items, one column for each answer. */
export function noAnswers(classes: number): Uint32Array[] {
  return Array.from({ length: classes }, () => new Uint32Array(classes));
}

/** Sums up a confusion matrix: one row for each class of the items, one column for each answer. */
export function classResults(
  confusion: readonly ArrayLike<number>[],
  classes: readonly string[],
): ClassResult[] {
  return classes.map((name, c) => ({
    name,
    items: Array.from(confusion[c]).reduce((sum, count) => sum + count, 0),
    correct: confusion[c][c],
    answered: confusion.reduce((sum, row) => sum + row[c], 0),
  }));
}

/** Percent of the counted items answered with their class; NaN where none was counted. */
export function accuracyOfConfusion(confusion: readonly ArrayLike<number>[]): number {
  let items = 0;
  let correct = 0;
  for (const [c, row] of confusion.entries()) {
    for (let answer = 0; answer < row.length; answer++) items += row[answer];
    correct += row[c];
  }
  return (100 * correct) / items;
}
