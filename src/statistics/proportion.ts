/** What a share of items says about the share to expect of other items. */

/** From and to, in the unit of the estimate. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Quantile of the normal distribution for a two-sided interval of 95 %. */
const Z95 = 1.959963984540054;

/**
 * Wilson's score interval for a share, as shares in [0, 1]. Unlike `p ± 2 sd` it holds for few items and for shares
 * near 0 and 1.
 *
 * @param successes of `trials`; need not be whole
 * @param z how many standard deviations wide to each side; 95 % unless given
 * @throws RangeError without trials, or with successes outside [0, trials]
 */
export function wilsonInterval(successes: number, trials: number, z = Z95): Interval {
  if (!(trials > 0)) throw new RangeError(`a share of ${trials} items has no interval`);
  if (!(successes >= 0 && successes <= trials)) {
    throw new RangeError(`successes must be between 0 and ${trials}, not ${successes}`);
  }
  const p = successes / trials;
  const scale = 1 + (z * z) / trials;
  const centre = (p + (z * z) / (2 * trials)) / scale;
  const half = (z * Math.sqrt((p * (1 - p)) / trials + (z * z) / (4 * trials * trials))) / scale;
  // Rounding must not leave the estimate outside.
  return { low: Math.max(0, Math.min(p, centre - half)), high: Math.min(1, Math.max(p, centre + half)) };
}

/**
 * How many standard errors the shares of two independent samples are apart: positive where the first is larger.
 * 0 where both are the same and have no spread.
 */
export function proportionDistance(
  [successes1, trials1]: readonly [number, number],
  [successes2, trials2]: readonly [number, number],
): number {
  const pooled = (successes1 + successes2) / (trials1 + trials2);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / trials1 + 1 / trials2));
  const difference = successes1 / trials1 - successes2 / trials2;
  return error === 0 ? 0 : difference / error;
}
