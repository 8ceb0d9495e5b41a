/** The accuracies published with arXiv:2403.12116 (error logs of the authors, CC0), by the names of their logs. */
import type { PublishedLogs } from '../../run/publishedLogs.js';
import type { PublishedFigure } from '../../view/report/publication.js';
import { logs } from './figures.js';
import type { PublishedLog } from './publishedLog.js';

/** The published log called `key`. */
export function publishedLog(key: string): PublishedLog | undefined {
  return Object.hasOwn(logs, key) ? logs[key] : undefined;
}

/** The log of `metric` at `key`; the association and the linear classifier have a log each, `results` among them. */
export function logOf(key: string, metric: string): PublishedLog | undefined {
  const part = metric === 'linear-classifier' ? 'classification_layer' : 'results';
  return publishedLog(`${key}/${part}`) ?? publishedLog(key);
}

/** `metric` of the log `key`. */
export function publishedFigure(key: string | undefined, metric: string): PublishedFigure | undefined {
  return key === undefined ? undefined : logOf(key, metric)?.figures[metric];
}

/** Published shares of labels for the readout, and what their folders are called. */
export const publishedShares: readonly (readonly [share: string, folder: string])[] = [
  ['1%', '1percent'],
  ['5%', '5percent'],
  ['50%', '50percent'],
  ['100%', 'full_labels'],
];

/** `metric` of the network that `logs` are about, read out with a share of the labels. */
export function figureAtShare(
  { fractions, untrained }: PublishedLogs,
  network: 'trained' | 'untrained',
  folder: string,
  metric: string,
): PublishedFigure | undefined {
  const at = network === 'trained' ? fractions : untrained;
  return at === undefined ? undefined : publishedFigure(`${at}/${folder}`, metric);
}
