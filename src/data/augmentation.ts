/** Changes of the items that training sees, such as mirrored or shifted images: a new draw in every step. */
import type { Batch, MaybePromise } from '../learner/learner.js';
import type { RandomStream } from '../learner/random.js';

/** What an augmentation is told of a batch. */
export interface AugmentationContext {
  /** Of an item: [height, width, channels] for images. */
  readonly shape: readonly number[];
  /** The items, as indices into the data set. */
  readonly indices: Uint32Array;
  /** Steps taken before this one since the start of the run. */
  readonly step: number;
  /** Of this step alone. */
  readonly random: RandomStream;
}

/**
 * Changes a batch in place, or returns another of the same size and width. In place it may change `bytes`, where a batch has
 * them, or `values`; a batch whose values have been read has no bytes any more.
 */
export type Augmentation = (batch: Batch, at: AugmentationContext) => MaybePromise<Batch | void>;

/** Mirrors each image of the batch left to right with probability one half. */
export const mirror: Augmentation = (batch, { shape, random }) => {
  if (shape.length !== 3) {
    throw new RangeError(`only images can be mirrored, but an item is ${shape.join(' x ')} values`);
  }
  const [, width, channels] = shape;
  const { size, width: length } = batch;
  const { values } = batch.bytes ?? batch;
  const row = width * channels;
  for (let b = 0; b < size; b++) {
    if (random.below(2) === 0) continue;
    for (let at = b * length; at < (b + 1) * length; at += row) {
      for (let left = 0, right = width - 1; left < right; left++, right--) {
        for (let c = 0; c < channels; c++) {
          const [i, j] = [at + left * channels + c, at + right * channels + c];
          const value = values[i];
          values[i] = values[j];
          values[j] = value;
        }
      }
    }
  }
};
