/**
 * Weights of items, written into the target: what a loss by y and d has for a gradient is then the weighted one, so that the
 * kernels and the dynamics of equilibrium propagation need to know nothing of weights.
 *
 *   squared error   d <- y + w (d - y)     gradient 2 (y - d), times w
 *   cross-entropy   d <- w d               gradient softmax(y) sum(d) - d, times w, and the loss likewise
 */
import type { Loss } from './loss.js';

/** Rows of `width` values, `stride` apart. */
interface Rows {
  readonly y: Float32Array;
  readonly d: Float32Array;
  readonly width: number;
  readonly stride: number;
}

/**
 * Changes d, and returns the weighted mean of the squared error, which can no longer be told from d; nothing with
 * cross-entropy, whose loss follows from d.
 */
export function weigh(loss: Loss, weights: Float32Array, { y, d, width, stride }: Rows): number | undefined {
  let sum = 0;
  for (const [b, w] of weights.entries()) {
    for (let j = b * stride; j < b * stride + width; j++) {
      if (loss === 'cross-entropy') {
        d[j] *= w;
        continue;
      }
      const e = d[j] - y[j];
      sum += w * e * e;
      if (w !== 1) d[j] = y[j] + w * e;
    }
  }
  return loss === 'cross-entropy' ? undefined : sum / (weights.length * width);
}
