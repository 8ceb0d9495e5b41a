/** Multiply-adds of a step below which a second thread costs more than it does. */
const WORTH_THREADS = 2e6;

/**
 * The number of threads for `createCompute` that suits a network with layers of these widths, trained on batches of so many
 * items: one for a small network, else undefined, all that there are. With more than suit it the results are the same, and
 * those that only cost time stop taking part.
 */
export function suitableThreads(layers: readonly number[], batchSize: number): number | undefined {
  const weights = layers.slice(1).reduce((sum, width, l) => sum + width * layers[l], 0);
  return weights * batchSize < WORTH_THREADS ? 1 : undefined;
}
