/** What an item costs. */

/** Multiplications of one item that goes through fully connected layers once. */
export function multiplications(widths: readonly number[]): number {
  return widths.slice(1).reduce((sum, width, l) => sum + width * widths[l], 0);
}
