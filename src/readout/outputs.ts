/** The frozen network's outputs over a whole data set, batch by batch. */
import { BatchReader } from '../data/batches.js';
import type { DataSet } from '../data/dataSet.js';
import { unlessAborted } from '../learner/aborting.js';
import type { Learner, Outputs } from '../learner/learner.js';
import { Turns } from '../regimes/turns.js';

/** Items per prediction; large enough to be fast, small enough to stay out of the way. */
const BATCH = 128;

/** What of a learner a readout needs. */
export type Predictor = Pick<Learner, 'outputs' | 'predict'>;

export interface ReadoutOptions {
  /** Once aborted, the readout throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Yields outputs for items `from`, `from + 1`, ... of `data`; valid until the next ones are asked for. Gives way to timers,
 * signals and other tasks between batches, and throws the signal's reason once it is aborted.
 */
export async function* outputsOf(
  learner: Predictor,
  data: DataSet,
  options: ReadoutOptions = {},
): AsyncGenerator<{ from: number; outputs: Outputs }> {
  const order = Uint32Array.from({ length: data.length }, (_, i) => i);
  const { signal } = options;
  const reader = new BatchReader(data, BATCH);
  const turns = new Turns();
  for (let from = 0; from < data.length; from += BATCH) {
    await turns.due();
    signal?.throwIfAborted();
    const batch = reader.read(order, from, from + BATCH);
    const outputs = learner.predict(batch, { signal });
    yield { from, outputs: outputs instanceof Promise ? await unlessAborted(outputs, signal) : outputs };
  }
}
