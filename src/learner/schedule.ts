/** How the learning rate changes over a run: a factor on every base rate, constant within an epoch. */
export type Schedule =
  | { readonly shape: 'constant' }
  /**
   * From `from` in the first epoch straight towards `to`, which it reaches when the share `until` of the run is over
   * (1 by default: after the last epoch), and stays there.
   */
  | {
      readonly shape: 'linear';
      readonly from: number;
      readonly to: number;
      readonly until?: number | undefined;
    }
  /** Multiplied by `factor` after every epoch. */
  | { readonly shape: 'exponential'; readonly factor: number }
  /** Multiplied by `factor` at each of the `milestones`, shares of the run. */
  | { readonly shape: 'steps'; readonly factor: number; readonly milestones: readonly number[] };

/** The factor in epoch `epoch` (from 0) of a run of `epochs`. */
export function scheduleFactor(schedule: Schedule, epoch: number, epochs: number): number {
  switch (schedule.shape) {
    case 'constant':
      return 1;
    case 'linear':
      return (
        schedule.from + (schedule.to - schedule.from) * Math.min(1, epoch / epochs / (schedule.until ?? 1))
      );
    case 'exponential':
      return schedule.factor ** epoch;
    case 'steps':
      return schedule.factor ** schedule.milestones.filter((share) => epoch >= share * epochs).length;
  }
}
