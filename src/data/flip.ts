/** Random mirroring of images, for data whose classes look the same both ways. */
import type { Batch } from '../learner/learner.js';
import type { RandomStream } from '../learner/random.js';

/**
 * Mirrors each image of the batch left to right with probability one half, in place: its bytes, where it has them.
 *
 * @param shape of an item: [height, width, channels]
 * @param random one word is drawn for every item
 */
export function flipSome(batch: Batch, [, width, channels]: readonly number[], random: RandomStream): void {
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
}
