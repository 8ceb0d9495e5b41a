/**
 * Published figures to show beside a run's own. Where they come from, and whether a run repeats what was published, is
 * decided elsewhere; a report only draws what it is given.
 */

/** One readout of the published runs, in percent. */
export interface PublishedFigure {
  /** Over the published runs, after the last epoch. */
  readonly mean: number;
  /** Population standard deviation over them. */
  readonly sd: number;
  /** Mean after so many epochs, from 1. */
  readonly curve: Readonly<Record<string, number>>;
}

/** Published figures by readout: the keys of a run's accuracies, or of its regime's stages. */
export type PublishedFigures = Readonly<Record<string, PublishedFigure | undefined>>;

export interface Publication {
  /** Names what was published, so that several runs of it are shown once. */
  readonly key: string;
  /** Where it was published, as people cite it. */
  readonly source: string;
  /** The data that it was measured on, with their number of test items. */
  readonly data: string;
  /** Over how many runs the figures are means. */
  readonly runs: number;
  /** What the run does otherwise than what was published, as a phrase. */
  readonly differs?: string | undefined;
  readonly figures: PublishedFigures;
  /** With fewer labels for the readout. */
  readonly byLabels: readonly { readonly labelled: number; readonly figures: PublishedFigures }[];
}
