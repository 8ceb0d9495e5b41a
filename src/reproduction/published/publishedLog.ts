/** What one published error log says. */
import type { PublishedFigure } from '../../view/report/publication.js';

export interface PublishedLog {
  readonly runs: number;
  readonly epochs: number;
  /** By readout, named as in a run's log. */
  readonly figures: Readonly<Record<string, PublishedFigure>>;
}
