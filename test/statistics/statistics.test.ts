import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/learner/random.js';
import {
  bootstrapInterval,
  mean,
  median,
  pairedTest,
  proportionDistance,
  quantile,
  sampleDeviation,
  wilsonInterval,
} from '../../src/statistics/index.js';

const seeded = (seed = 1) => {
  const stream = new RandomStream(seed, 7);
  return () => stream.uniform();
};

describe('descriptions', () => {
  test('agree with values computed by NumPy', () => {
    const values = [3, 1, 4, 1, 5, 9, 2, 6];
    expect(mean(values)).toBe(3.875);
    expect(median(values)).toBe(3.5);
    // numpy.std(values, ddof=1), numpy.quantile(values, [0.1, 0.9])
    expect(sampleDeviation(values)).toBeCloseTo(2.748376143938713, 12);
    expect(quantile(values, 0.1)).toBeCloseTo(1, 12);
    expect(quantile(values, 0.9)).toBeCloseTo(6.9, 12);
  });

  test('of nothing are not a number', () => {
    for (const value of [mean([]), median([]), sampleDeviation([1]), quantile([], 0.2)])
      expect(value).toBeNaN();
  });
});

describe("Wilson's interval", () => {
  test('agrees with published values', () => {
    // Newcombe (1998), table I, method 3: 81/263, 15/148, 0/20, 1/29.
    const published = [
      [81, 263, 0.2553, 0.3662],
      [15, 148, 0.0624, 0.1605],
      [0, 20, 0, 0.1611],
      [1, 29, 0.0061, 0.1718],
    ];
    for (const [x, n, low, high] of published) {
      const interval = wilsonInterval(x, n);
      expect(interval.low).toBeCloseTo(low, 4);
      expect(interval.high).toBeCloseTo(high, 4);
    }
  });

  test('holds the ends that solve (p - p0)^2 = z^2 p0 (1 - p0) / n', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (n, share) => {
          const x = Math.round(n * share);
          const p = x / n;
          const { low, high } = wilsonInterval(x, n);
          expect(low).toBeLessThanOrEqual(p);
          expect(high).toBeGreaterThanOrEqual(p);
          for (const end of [low, high]) {
            const left = (p - end) ** 2;
            const right = (1.959963984540054 ** 2 * end * (1 - end)) / n;
            expect(Math.abs(left - right)).toBeLessThan(1e-9);
          }
        },
      ),
    );
  });

  test('refuses what is no share', () => {
    expect(() => wilsonInterval(0, 0)).toThrow(/no interval/);
    expect(() => wilsonInterval(5, 4)).toThrow(/between 0 and 4, not 5/);
    expect(() => wilsonInterval(Number.NaN, 4)).toThrow(RangeError);
  });
});

test('the distance of two shares is the pooled z statistic', () => {
  // statsmodels.stats.proportion.proportions_ztest([45, 30], [100, 100])[0]
  expect(proportionDistance([45, 100], [30, 100])).toBeCloseTo(2.1908902300206643, 10);
  expect(proportionDistance([30, 100], [45, 100])).toBeCloseTo(-2.1908902300206643, 10);
  expect(proportionDistance([5, 5], [9, 9])).toBe(0);
});

describe('resampling', () => {
  test('gives the mean an interval that covers it in about 95 of 100 samples', () => {
    const random = seeded(3);
    let covered = 0;
    for (let sample = 0; sample < 300; sample++) {
      const values = Array.from({ length: 40 }, () => random());
      const { low, high } = bootstrapInterval(values, { random, rounds: 400 });
      if (low <= 0.5 && 0.5 <= high) covered++;
    }
    expect(covered / 300).toBeGreaterThan(0.9);
    expect(covered / 300).toBeLessThan(0.99);
  });

  test('is the same with the same random numbers, and takes any statistic', () => {
    const values = [1, 2, 3, 4, 100];
    const once = bootstrapInterval(values, { random: seeded(), rounds: 500, statistic: median });
    expect(bootstrapInterval(values, { random: seeded(), rounds: 500, statistic: median })).toEqual(once);
    expect(once.low).toBeGreaterThanOrEqual(1);
    expect(bootstrapInterval([7], { random: seeded(), rounds: 10 })).toEqual({ low: 7, high: 7 });
    expect(() => bootstrapInterval([], { random: seeded() })).toThrow(RangeError);
  });

  test('counts every choice of signs of few pairs', () => {
    // All five differences have one sign: 2 of 2^5 choices are as extreme.
    expect(pairedTest([2, 3, 4, 5, 6], [1, 1, 1, 1, 1], { random: seeded() })).toBe(2 / 32);
    // By hand: differences 1, 2, -3 sum to 0, so every choice is as extreme.
    expect(pairedTest([1, 2, 0], [0, 0, 3], { random: seeded() })).toBe(1);
    // Differences 3, 1, -1: the sum is 3; |s| >= 3 for 3+1+1, 3+1-1, 3-1+1 and their negatives.
    expect(pairedTest([3, 1, 0], [0, 0, 1], { random: seeded() })).toBe(6 / 8);
  });

  test('draws signs for many pairs, and finds what is there and nothing else', () => {
    const random = seeded(5);
    const first = Array.from({ length: 60 }, () => random());
    const shifted = first.map((value) => value - 0.3 + 0.2 * random());
    const shuffled = first.map(() => random());
    expect(pairedTest(first, shifted, { random, rounds: 2000 })).toBeLessThan(0.001);
    expect(pairedTest(first, shuffled, { random, rounds: 2000 })).toBeGreaterThan(0.01);
    expect(() => pairedTest([1], [], { random })).toThrow(/1 and 0/);
  });
});
