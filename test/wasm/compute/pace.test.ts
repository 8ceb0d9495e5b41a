import { describe, expect, test } from 'vitest';
import { Pace } from '../../../src/wasm/compute/pace.js';
import { testRandom } from './reference.js';

/** Runs so many operations of two kinds, which take `time(threads)` milliseconds times 1 and 10; answers the share of time by threads. */
function run(pace: Pace, count: number, time: (threads: number) => number): Map<number, number> {
  const shares = new Map<number, number>();
  let total = 0;
  for (let i = 0; i < count; i++) {
    const { threads } = pace;
    const took = time(threads) * (i % 3 === 0 ? 10 : 1);
    pace.took(i % 3 === 0 ? 5 : 300, took);
    shares.set(threads, (shares.get(threads) ?? 0) + took);
    total += took;
  }
  for (const [threads, sum] of shares) shares.set(threads, sum / total);
  return shares;
}

describe('the number of threads', () => {
  test.each([
    ['as many as there are when they all help', 8, (n: number) => 0.1 / n],
    ['one when handing out costs more than it saves', 1, (n: number) => 0.01 + (n > 1 ? 0.002 * n : 0)],
    ['as many as there are processors', 4, (n: number) => 0.1 / Math.min(n, 4) + 0.01 * Math.max(0, n - 4)],
  ])('becomes %s', (_, best, time) => {
    for (const first of [1, 2, 8]) {
      const pace = new Pace(first, 8);
      run(pace, 30_000, time);
      const shares = run(pace, 100_000, time);
      expect(shares.get(best)).toBeGreaterThan(0.95);
    }
  });

  test('is found through noise, and follows when the machine changes', () => {
    const random = testRandom(3);
    // Now and then a thread has to wait for its processor.
    const noisy = (cost: (n: number) => number) => (n: number) => cost(n) + (random() < 0.002 * n ? 3 : 0);
    const pace = new Pace(2, 2);
    run(
      pace,
      100_000,
      noisy((n) => 1 / n),
    );
    expect(
      run(
        pace,
        100_000,
        noisy((n) => 1 / n),
      ).get(2),
    ).toBeGreaterThan(0.85);
    run(
      pace,
      100_000,
      noisy((n) => n),
    );
    expect(
      run(
        pace,
        100_000,
        noisy((n) => n),
      ).get(1),
    ).toBeGreaterThan(0.85);
  });

  test('never exceeds what there is', () => {
    const pace = new Pace(3, 6);
    const seen = run(pace, 100_000, () => 0.1).keys();
    for (const threads of seen) {
      expect(threads).toBeGreaterThanOrEqual(1);
      expect(threads).toBeLessThanOrEqual(6);
    }
  });
});
