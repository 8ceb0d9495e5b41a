import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { listPresets } from '../../src/run/presets.js';
import { logs } from '../../src/reproduction/published/figures.js';
import { publishedFigure, publishedRun } from '../../src/reproduction/published/published.js';

const { results } = JSON.parse(
  readFileSync(new URL('../../docs/published.json', import.meta.url), 'utf8'),
) as { results: Record<string, Record<string, { mean: number; sd: number; curve?: object }>> };

test('the package carries the published figures (else run node scripts/embedPublished.mjs)', () => {
  expect(Object.keys(logs)).toEqual(Object.keys(results));
  for (const [key, { figures }] of Object.entries(logs)) {
    for (const [metric, { mean, sd, curve }] of Object.entries(figures)) {
      const there = results[key][metric];
      expect({ mean, sd, curve }).toEqual({ mean: there.mean, sd: there.sd, curve: there.curve ?? {} });
    }
  }
});

test('every preset of the paper has its figures', () => {
  // Of these the authors published settings and no accuracies.
  const without = ['unsupervised-bp-cnn-cifar10', 'supervised-ep-1layer', 'supervised-ep-2layer'];
  for (const { name, summary } of listPresets()) {
    if (!summary.startsWith('paper') || without.includes(name)) continue;
    expect(publishedRun(name), name).toBeDefined();
  }
});

test('figures are found by preset, readout and homeostasis', () => {
  const key = (preset: string, homeostasis = true) => publishedRun(preset, homeostasis)?.key ?? '';
  expect(publishedFigure(key('unsupervised-bp-1layer'), 'association-average')?.mean).toBe(95.78);
  expect(publishedFigure(key('unsupervised-bp-1layer-fast'), 'linear-classifier')?.mean).toBe(97.08);
  expect(publishedFigure(key('supervised-bp-2layer'), 'test')?.mean).toBe(98.75);
  expect(publishedFigure(key('semi-bp-100'), 'after-supervised-pass')?.mean).toBe(88.43);
  expect(publishedFigure(key('semi-bp-100', false), 'after-supervised-pass')?.mean).toBe(83.24);
  expect(publishedFigure(key('modes-bp-2layer-batch'), 'association-max')?.mean).toBe(91.03);
  expect(publishedRun('digits')).toBeUndefined();
  expect(publishedRun('unsupervised-bp-9layer')).toBeUndefined();
});
