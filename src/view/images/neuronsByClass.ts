/** Which neurons to show of a layer of thousands, and in which order. */

export interface NeuronRow {
  /** Class index, or -1 for neurons that answer to none. */
  readonly class: number;
  /** The most active first. */
  readonly neurons: readonly number[];
  /** How many neurons answer to that class. */
  readonly of: number;
}

/**
 * For each class the `most` most active of the neurons that answer to it.
 *
 * @param classOf class index of each neuron, -1 where it answers to none
 * @param activity how active each neuron is
 */
export function neuronsByClass(
  classOf: ArrayLike<number>,
  activity: ArrayLike<number>,
  classes: number,
  most = 10,
): NeuronRow[] {
  const members: number[][] = Array.from({ length: classes + 1 }, () => []);
  for (let i = 0; i < classOf.length; i++) members[classOf[i] < 0 ? classes : classOf[i]].push(i);
  return members.flatMap((neurons, c) => {
    if (neurons.length === 0) return [];
    const sorted = neurons.sort((a, b) => activity[b] - activity[a] || a - b);
    return [{ class: c === classes ? -1 : c, neurons: sorted.slice(0, most), of: neurons.length }];
  });
}
