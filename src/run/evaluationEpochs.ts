/** When a run measures its accuracy: a readout costs seconds, and late epochs change little. */

export const evaluations = ['thinning', 'every', 'last'] as const;
export type Evaluation = (typeof evaluations)[number];

/** The epochs of the published learning curves, up to where they continue in fifties. */
const curve = new Set([1, 2, 3, 5, 10, 15, 20, 30, 40, 50, 75]);

/** Whether accuracy is measured after epoch `epoch` (from 1) of `epochs`. */
export function isEvaluated(evaluation: Evaluation, epoch: number, epochs: number): boolean {
  if (evaluation === 'every' || epoch === epochs) return true;
  if (evaluation === 'last') return false;
  return curve.has(epoch) || epoch % 50 === 0;
}
