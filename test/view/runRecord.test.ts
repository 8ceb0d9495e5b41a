import { expect, test } from 'vitest';
import type { ReadoutEvent } from '../../src/run/events.js';
import { accuraciesOf, accuracyOf, type RunRecord } from '../../src/view/report/runRecord.js';

/** A run of which only these readouts of the untrained network are known. */
function runWith(readouts: readonly Partial<ReadoutEvent>[]): RunRecord {
  const about = { event: 'readout', network: 'untrained', epoch: 0, labels: '1%', seed: 1, labelled: 6 };
  const log = readouts.map((readout) => ({ ...about, ...readout }));
  return { config: { regime: 'unsupervised', readout: { labels: '100%' } }, log } as unknown as RunRecord;
}

test('readouts by another classifier stand for themselves', () => {
  const set = ['classifier.activation=identity'];
  const run = runWith([
    { accuracy: { 'linear-classifier': 80 } },
    { accuracy: { 'linear-classifier': 81 }, seed: 2 },
    { accuracy: { 'linear-classifier': 90 }, set },
    { accuracy: { 'linear-classifier': 10 }, set: [...set, 'classifier.epochs=1'] },
  ]);
  expect(accuracyOf(run, 'untrained', '1%')).toEqual({ 'linear-classifier': 81 });
  expect(accuraciesOf(run, 'untrained', '1%').map((a) => a['linear-classifier'])).toEqual([80, 81]);
  expect(accuraciesOf(run, 'untrained', '1%', set)).toEqual([{ 'linear-classifier': 90 }]);
  expect(accuraciesOf(run, 'untrained', '5%', set)).toEqual([]);
});
