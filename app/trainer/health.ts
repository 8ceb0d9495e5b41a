/** Signs that a network does not learn, for the page to say so and to suggest what would help. */
import type { Tensor } from 'selftarget';
import type { Health } from '../protocol.js';

/** A neuron whose weights are this much like those it began with has learned nothing that could be seen. */
const ALIKE = 0.97;

/**
 * @param before the layer's weights when the network was built; absent for one that came from elsewhere
 * @param activity mean output of each neuron over the test images
 */
export function healthOf(before: Tensor | undefined, now: Tensor, activity: Float64Array): Health {
  return {
    unlearned: before ? countAlike(before, now) : 0,
    silent: activity.reduce((count, mean) => count + (mean === 0 ? 1 : 0), 0),
  };
}

/** Rows whose direction has hardly changed. */
function countAlike(before: Tensor, now: Tensor): number {
  const [rows, width] = now.shape;
  let alike = 0;
  for (let row = 0; row < rows; row++) {
    let [product, a, b] = [0, 0, 0];
    for (let i = row * width; i < (row + 1) * width; i++) {
      product += before.data[i] * now.data[i];
      a += before.data[i] ** 2;
      b += now.data[i] ** 2;
    }
    if (product >= ALIKE * Math.sqrt(a * b)) alike++;
  }
  return alike;
}
