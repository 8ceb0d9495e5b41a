/**
 * Which published runs a preset is compared with. The accuracies themselves are in src/reproduction/published/; a
 * preset only knows the names of their logs.
 */

/** Settings as a user may write them; the same as `Settings` of presets.ts. */
type Settings = { [key: string]: unknown };

/** Where the accuracies of a published run are found. */
export interface PublishedLogs {
  /** On top of the preset's settings, where the published run is a variant of the preset. */
  readonly settings?: Settings;
  /** The log itself; of an unsupervised run the one that is read out with all labels. */
  readonly key: string;
  /** Logs of readouts with a share of the labels: `<fractions>/1percent` and so on. */
  readonly fractions?: string | undefined;
  /** The same of the untrained network. */
  readonly untrained?: string | undefined;
  /** Of a semi-supervised run, what its labels alone gave. */
  readonly pretrained?: string | undefined;
  /** What the preset does otherwise than the published runs, as a phrase. */
  readonly differs?: string | undefined;
}

/** Of a network that is trained without labels. */
export function unlabelled(
  network: 'bp_1layer' | 'bp_2layer' | 'ep_1layer' | 'ep_2layer',
  differs?: string,
): PublishedLogs[] {
  const fractions = `unsupervised_${network}`;
  // Untrained networks are published beside those trained by backpropagation.
  const untrained = network.startsWith('bp') ? network.replace('bp', 'untrain') : undefined;
  return [{ key: `${fractions}/full_labels`, fractions, untrained, differs }];
}

/** Of a network with a few labels, the run that `folder` holds. */
export function fewLabelsLogs(folder: string, differs?: string, settings?: Settings): PublishedLogs {
  return {
    key: `${folder}/semi_supervised`,
    pretrained: `${folder}/pre_supervised`,
    ...(differs !== undefined && { differs }),
    ...(settings && { settings }),
  };
}

/** With homeostasis and without: the published list of settings has a gamma of 0 for some that have it in their name. */
export function fewLabelsPublished(
  method: 'semi_bp' | 'semi_ep',
  labels: number,
  gamma: number,
  differs?: string,
): PublishedLogs[] {
  const without = gamma > 0 ? { target: { gamma: 0 } } : undefined;
  return [
    fewLabelsLogs(`${method}/${labels}labels`, differs),
    fewLabelsLogs(`${method}/without_homeo/${labels}labels`, differs, without),
  ];
}
