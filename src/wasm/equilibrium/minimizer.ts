/** How states move towards an equilibrium, where no layer feels a force any more. */
import type { MinimizerName } from './spec.js';

export interface Minimizer {
  /** The layers 1 to `top` in groups: the layers of a group move at once, from the newest values of the others. */
  groups(top: number): readonly (readonly number[])[];
  /**
   * The size of Euler step number `step` of a phase, from 1, for a step size dt where the energy has this curvature: 1,
   * or 1 + beta where it is nudged.
   */
  rate(dt: number, curvature: number, step: number): number;
}

const upTo = (top: number) => Array.from({ length: top }, (_, i) => i + 1);

export const minimizerByName: Record<MinimizerName, Minimizer> = {
  /** Euler steps of all layers at once, from the old values (published). */
  synchronous: {
    groups: (top) => [upTo(top)],
    rate: (dt) => dt,
  },
  /**
   * Layers 1, 3, ... and then 2, 4, ... (arXiv:2311.15673). With dt = 1 and the hard sigmoid a layer goes to the
   * very minimum of the energy, given its neighbours, so the energy never rises. With dt between 1 and 2 it goes beyond:
   * successive over-relaxation, for which the first step, from far away, is too early.
   */
  'even-odd': {
    groups: (top) => [1, 0].map((odd) => upTo(top).filter((l) => l % 2 === odd)),
    rate: (dt, curvature, step) => (step === 1 ? Math.min(dt, 1) : dt) / curvature,
  },
};
