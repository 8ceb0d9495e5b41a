import { expect, test } from 'vitest';
import { publicationOf } from '../../src/reproduction/publications.js';
import { logOf } from '../../src/reproduction/published/published.js';
import { listPresets } from '../../src/run/presets.js';
import { resolveConfig } from '../../src/run/settings.js';
import type { RunRecord } from '../../src/view/report/runRecord.js';

/** A record of nothing but its settings and the numbers of its items. */
async function record(
  preset: string,
  set: readonly string[] = [],
  items = [60_000, 10_000],
): Promise<RunRecord> {
  const config = await resolveConfig({ preset, set });
  const [train, held] = items;
  const dataset = { name: config.dataset, train, test: held, classes: 10 };
  return { name: 'x', preset: 'x', config, log: [{ event: 'start', dataset }] } as unknown as RunRecord;
}

const mean = async (preset: string, metric: string, set?: readonly string[]) => {
  const { figures } = publicationOf(await record(preset, set)) ?? {};
  return (figures as Record<string, { mean: number }> | undefined)?.[metric]?.mean;
};

test('every published run that a preset names is there', () => {
  for (const { name, published = [] } of listPresets()) {
    for (const { key, fractions, untrained, pretrained } of published) {
      const metric = name.includes('cnn') ? 'linear-classifier' : 'association-average';
      expect(logOf(key, metric), name).toBeDefined();
      for (const at of [fractions, untrained])
        if (at) expect(logOf(`${at}/1percent`, metric), name).toBeDefined();
      if (pretrained) expect(logOf(pretrained, 'test'), name).toBeDefined();
    }
  }
});

test('every preset of the paper names its published run, but for those of which no accuracies are published', () => {
  const without = listPresets().filter(({ summary, published }) => summary.startsWith('paper') && !published);
  expect(without.map(({ name }) => name).sort()).toEqual([
    'supervised-ep-1layer',
    'supervised-ep-2layer',
    'unsupervised-bp-cnn-cifar10',
  ]);
});

test('a run has the figures of the publication that it repeats', async () => {
  expect(await mean('unsupervised-bp-1layer', 'association-average')).toBe(95.78);
  expect(await mean('unsupervised-bp-1layer', 'linear-classifier', ['seed=9'])).toBe(97.08);
  expect(await mean('supervised-bp-2layer', 'test')).toBe(98.75);
  expect(await mean('semi-bp-100', 'after-labelled')).toBe(88.43);
  expect(await mean('semi-bp-100', 'labels-alone')).toBe(78.06);
  expect(await mean('semi-bp-100', 'after-labelled', ['target.gamma=0'])).toBe(83.24);
  expect(await mean('modes-bp-2layer-batch', 'association-max')).toBe(91.03);
  const byLabels = publicationOf(await record('unsupervised-bp-1layer'))?.byLabels ?? [];
  expect(byLabels.map(({ labelled }) => labelled)).toEqual([600, 3000, 30_000, 60_000]);
  expect(byLabels[0].figures['association-average']?.mean).toBe(94.66);
});

test('a publication says what the run does otherwise', async () => {
  const differs = async (preset: string) => publicationOf(await record(preset))?.differs;
  expect(await differs('unsupervised-bp-1layer')).toBeUndefined();
  expect(await differs('unsupervised-bp-1layer-better')).toBe('settings of our own');
  expect(await differs('semi-bp-100')).toMatch(/winners/);
});

test('other settings or other items have no publication', async () => {
  expect(publicationOf(await record('digits', [], [1437, 360]))).toBeUndefined();
  const sets = [
    ...['epochs=3', 'limit.train=60000', 'validation=0.1', 'target.gamma=0', 'layers=[784,200]'],
    ...[
      'dataset=./mnist',
      'dataset=fashion-mnist',
      'readout.labels=1%',
      'classifier.epochs=1',
      'batchSize=32',
    ],
  ];
  for (const set of sets) {
    expect(publicationOf(await record('unsupervised-bp-1layer', [set])), set).toBeUndefined();
  }
  expect(publicationOf(await record('unsupervised-bp-1layer', [], [500, 10_000]))).toBeUndefined();
  expect(publicationOf(await record('unsupervised-bp-1layer', ['readout.evaluate=last']))).toBeDefined();
});
