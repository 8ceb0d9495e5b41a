/** Which published runs a run repeats: decided by its whole configuration and its data, never by what it is called. */
import { dataSetEntries, findDataSet } from '../data/node/registry.js';
import { checkConfig, type RunConfig } from '../run/config.js';
import { findPreset, listPresets, type Settings } from '../run/presets.js';
import type { PublishedLogs } from '../run/publishedLogs.js';
import { configKey } from '../run/sameConfig.js';
import { mergeSettings } from '../run/settings.js';
import type { Publication, PublishedFigure, PublishedFigures } from '../view/report/publication.js';
import { type RunRecord, startsOf } from '../view/report/runRecord.js';
import { figureAtShare, logOf, publishedFigure, publishedShares } from './published/published.js';

/** The configuration of `preset` with `settings` on top. */
export function presetConfig(preset: string, settings: Settings = {}): RunConfig {
  return checkConfig(mergeSettings(findPreset(preset).settings, settings));
}

/** The publication that `run` repeats; nothing where a setting or an item is another one. */
export function publicationOf(run: RunRecord): Publication | undefined {
  if (!hasPublishedItems(run)) return undefined;
  const found = publishedRuns().get(configKey(run.config));
  return found && publicationFrom(found, run.config);
}

/** Published runs by the configuration that repeats them; of two with the same settings the first stands. */
const publishedRuns = once(() => {
  const runs = new Map<string, PublishedLogs>();
  for (const { name, published = [] } of listPresets()) {
    for (const logs of published) {
      const key = configKey(presetConfig(name, logs.settings));
      if (!runs.has(key)) runs.set(key, logs);
    }
  }
  return runs;
});

/**
 * Whether the run saw all items that its configuration asks for of a data set known by name, as they are published.
 * The files of such a data set are checked against their checksums when they are read, so that its name and its
 * numbers of items tell; a data set of one's own may have the same name, but is known by its path.
 */
export function hasPublishedItems({ config, provenance, ...run }: RunRecord): boolean {
  const { dataset, limit, validation } = config;
  const entry = dataSetEntries.find(({ name }) => name === dataset);
  const calls = startsOf(run).map((start) => start.dataset);
  if (!entry || calls.length === 0) return false;
  if (provenance && provenance.source !== dataset) return false;
  const train = limit?.train ?? entry.items.train;
  const test = limit?.test ?? entry.items.test;
  // What was resumed must have seen the same items each time.
  return calls.every(
    (seen) =>
      seen.name === dataset &&
      seen.classes === entry.classes.length &&
      // A part that is held out of the training items takes the place of the test items.
      (validation === undefined
        ? seen.train === train && seen.test === test
        : seen.train + seen.test === train),
  );
}

function publicationFrom(logs: PublishedLogs, { dataset, regime }: RunConfig): Publication {
  const entry = findDataSet(dataset);
  const { key, pretrained, differs } = logs;
  const figures: [string, PublishedFigure | undefined][] =
    regime === 'semi-supervised'
      ? [
          ['labels-alone', publishedFigure(pretrained, 'test')],
          ['after-unlabelled', publishedFigure(key, 'after-unsupervised-pass')],
          ['after-labelled', publishedFigure(key, 'after-supervised-pass')],
        ]
      : metrics.map((metric) => [metric, publishedFigure(key, metric)]);
  return {
    key,
    source: 'arXiv:2403.12116',
    data: `the ${entry.items.test.toLocaleString('en')} test items of ${entry.title.split(',')[0]}`,
    runs: logOf(key, regime === 'unsupervised' ? 'association-average' : 'test')?.runs ?? 0,
    differs,
    figures: present(figures),
    byLabels: publishedShares.flatMap(([share, folder]) => {
      const at = metrics.map((metric) => [metric, figureAtShare(logs, 'trained', folder, metric)] as const);
      const labelled = Math.round((Number.parseFloat(share) / 100) * entry.items.train);
      return at.some(([, figure]) => figure) ? [{ labelled, figures: present(at) }] : [];
    }),
  };
}

const metrics = ['association-average', 'association-max', 'linear-classifier', 'test'] as const;

function present(figures: readonly (readonly [string, PublishedFigure | undefined])[]): PublishedFigures {
  return Object.fromEntries(figures.filter(([, figure]) => figure !== undefined));
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
