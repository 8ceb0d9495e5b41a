/**
 * Which two states learning compares: an estimate names the nudges at which they settle, and the update is the
 * difference of what their neighbours do together, divided by the difference of the nudges. A nudge of 0 is the
 * free state itself.
 */
import type { EstimateName } from './spec.js';

export type Estimate = (beta: number, sign: number) => readonly [from: number, to: number];

export const estimateByName: Record<EstimateName, Estimate> = {
  /** From the free state to one nudged by `sign` beta, a random sign as published: an error of order beta. */
  'one-sided': (beta, sign) => [0, sign * beta],
  /** From -beta to +beta around the free state: an error of order beta squared. */
  symmetric: (beta) => [-beta, beta],
};
