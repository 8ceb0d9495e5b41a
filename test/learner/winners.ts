import { expect } from 'vitest';
import type { Outputs } from '../../src/learner/learner.js';
import { testRandom } from '../compute/reference.js';

/** That a learner chooses as its values say, with a homeostasis that changes the order. */
export function expectWinners({ size, width, values, winners }: Outputs): void {
  const random = testRandom(width);
  const homeostasis = Float64Array.from({ length: width }, random);
  const wanted = Array.from({ length: size }, (_, b) => {
    const lead = (i: number) => values[b * width + i] - homeostasis[i];
    const order = [...values.keys()].slice(0, width);
    return order.sort((i, j) => lead(j) - lead(i)).slice(0, 3);
  });
  expect([...(winners?.(3, homeostasis) ?? [])]).toEqual(wanted.flat());
}
