/** Intervals and tests by drawing at random: they assume nothing about how the values are distributed. */
import { mean, quantile } from './describe.js';
import type { Interval } from './proportion.js';

export interface ResampleOptions {
  /** A number in [0, 1) at every call; seeded, so that the same data give the same answer. */
  readonly random: () => number;
  /** How often to draw. */
  readonly rounds?: number;
}

const ROUNDS = 10_000;
/** Up to so many pairs every choice of signs is counted: 2^14 of them. */
const EXACT = 14;

/**
 * Percentile bootstrap of a statistic of `values`: how far it would move with other samples of this size.
 *
 * @param options.statistic of a sample; the mean unless given
 * @param options.level share of the interval; 0.95 unless given
 * @throws RangeError without values
 */
export function bootstrapInterval(
  values: readonly number[],
  options: ResampleOptions & {
    readonly statistic?: (sample: readonly number[]) => number;
    readonly level?: number;
  },
): Interval {
  if (values.length === 0) throw new RangeError('an interval needs at least one value');
  const { random, rounds = ROUNDS, statistic = mean, level = 0.95 } = options;
  const drawn = Array.from({ length: rounds }, () =>
    statistic(values.map(() => values[Math.floor(random() * values.length)])),
  );
  const tail = (1 - level) / 2;
  return { low: quantile(drawn, tail), high: quantile(drawn, 1 - tail) };
}

/**
 * Paired sign-flip test of `first` against `second`, the same seeds or items in the same order: the two-sided
 * probability of a mean difference at least as large if it made no difference which is which. Exact up to 14 pairs.
 *
 * @throws RangeError without pairs, or where the two lengths differ
 */
export function pairedTest(
  first: readonly number[],
  second: readonly number[],
  { random, rounds = ROUNDS }: ResampleOptions,
): number {
  if (first.length !== second.length || first.length === 0) {
    throw new RangeError(
      `a paired test needs as many of one as of the other, not ${first.length} and ${second.length}`,
    );
  }
  const differences = first.map((value, i) => value - second[i]);
  // Sums of the same numbers in another order differ in their last bits.
  const observed = Math.abs(sum(differences)) * (1 - 1e-12);
  if (differences.length <= EXACT) {
    const choices = 2 ** differences.length;
    let extreme = 0;
    for (let choice = 0; choice < choices; choice++) {
      const total = sum(differences.map((value, i) => ((choice >> i) & 1 ? -value : value)));
      if (Math.abs(total) >= observed) extreme++;
    }
    return extreme / choices;
  }
  let extreme = 1;
  for (let round = 0; round < rounds; round++) {
    const total = sum(differences.map((value) => (random() < 0.5 ? -value : value)));
    if (Math.abs(total) >= observed) extreme++;
  }
  return extreme / (rounds + 1);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
