/** Runs on data of one's own, from the path to the readouts. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { digits } from '../../src/data/digits.js';
import { checkConfig } from '../../src/run/config.js';
import { evaluateRun } from '../../src/run/evaluate.js';
import { plainPng, writeFiles } from '../data/fixtures.js';
import { temporaryFolder } from './temporary.js';
import { carryOut, last, tinyConfig, tinySupervised } from './tinyRun.js';

/** The built-in digits as a CSV file in which every third item has no label. */
function digitsFile(folder: string): string {
  const { train } = digits();
  const out = new Float32Array(train.width);
  const lines = Array.from({ length: 300 }, (_, i) => {
    train.read(i, out, 0);
    return [i % 3 === 0 ? '' : train.classes[train.labels[i]], ...Array.from(out, (v) => v * 16)].join(',');
  });
  const path = join(folder, 'digits.csv');
  writeFileSync(path, [['label', ...Array.from(out.keys())].join(','), ...lines].join('\n'));
  return path;
}

async function petsFolder(folder: string, unlabelled: boolean): Promise<string> {
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < 12; i++) {
    files[`pets/cat/${i}.png`] = plainPng(5 * i, 5, 4);
    files[`pets/dog/${i}.png`] = plainPng(255 - 5 * i, 4, 5, 3);
    if (unlabelled) files[`pets/unlabelled/${i}.png`] = plainPng(20 * i, 4, 4);
  }
  await writeFiles(folder, files);
  return join(folder, 'pets');
}

const pets = {
  ...{ limit: null, layers: [4, 6, 8], batchSize: 4, epochs: 2, readout: { labels: '100%' } },
  image: { width: 2, height: 2, channels: 1 },
};

describe('a run', () => {
  test('trains on all items of a CSV file, and reads out with those that have a label', async () => {
    const folder = temporaryFolder();
    const config = tinyConfig({ dataset: digitsFile(folder), limit: null, readout: { labels: '100%' } });
    const events = await carryOut({ config, out: join(folder, 'run') });
    const { dataset } = last(events, 'start');
    // A sixth of the 200 labelled items is the test.
    expect(dataset).toMatchObject({ train: 267, test: 33, classes: 10 });
    const readout = last(events, 'readout');
    expect(readout.labelled).toBe(167);
    expect(readout.accuracy['association-average']).toBeGreaterThan(20);
    const { evaluation } = await evaluateRun(join(folder, 'run'), { labels: '50%' });
    expect(evaluation.labelled).toBe(84);
  });

  test('makes pictures what its configuration says, then and when it is evaluated', async () => {
    const folder = temporaryFolder();
    const config = tinyConfig({ ...pets, dataset: await petsFolder(folder, true) });
    const events = await carryOut({ config, out: join(folder, 'run') });
    expect(last(events, 'start').dataset).toMatchObject({ train: 32, test: 4, classes: 2 });
    expect(last(events, 'readout').labelled).toBe(20);
    const { evaluation } = await evaluateRun(join(folder, 'run'));
    expect(evaluation.accuracy).toEqual(last(events, 'readout').accuracy);
  });

  test('with labels needs one for every item', async () => {
    const folder = temporaryFolder();
    const shape = { ...pets, layers: [4, 6, 2] };
    const config = tinySupervised({ ...shape, dataset: await petsFolder(folder, true) });
    await expect(carryOut({ config, out: join(folder, 'run') })).rejects.toThrow(
      /^dataset: 12 of 32 items of .*pets to train on have no label, which supervised training needs/,
    );
    const labelled = temporaryFolder();
    const good = tinySupervised({ ...shape, dataset: await petsFolder(labelled, false) });
    const events = await carryOut({ config: good, out: join(labelled, 'run') });
    expect(last(events, 'done').accuracy.test).toBeDefined();
  });

  test('must have layers that fit', async () => {
    const folder = temporaryFolder();
    const config = tinyConfig({ ...pets, layers: [12, 6, 8], dataset: await petsFolder(folder, false) });
    await expect(carryOut({ config, out: join(folder, 'run') })).rejects.toThrow(
      /the first is 12, but an item of .*pets has 4 values \(2 x 2 x 1\); use --set 'layers=\[4,6,8\]'/,
    );
  });
});

describe('a configuration', () => {
  test('may name a path that is not there yet, but no unknown name', () => {
    expect(tinyConfig({ dataset: 'not/there' }).dataset).toBe('not/there');
    expect(tinyConfig({ dataset: 'none.csv' }).dataset).toBe('none.csv');
    expect(() => tinyConfig({ dataset: 'minst' })).toThrow(/dataset: .*did you mean "mnist"/);
  });

  test('gives images of ones own a shape, and no others', () => {
    const config = tinyConfig({ ...pets, dataset: './pets' });
    expect(checkConfig(config)).toEqual(config);
    expect(config.image).toEqual({ width: 2, height: 2, channels: 1 });
    expect(() => tinyConfig({ image: pets.image })).toThrow(
      /image: digits is used as it is published; leave image out \(--set image=null\)/,
    );
    const wrong = (image: object) => () => tinyConfig({ ...pets, dataset: './pets', image });
    expect(wrong({ width: 2, height: 2, channels: 2 })).toThrow(/image\.channels: .*1, 3/);
    expect(wrong({ width: 0, height: 2, channels: 1 })).toThrow(/image\.width: must be at least 1, not 0/);
    expect(wrong({ width: 2, hight: 2 })).toThrow(/unknown setting "image\.hight"; did you mean "height"/);
  });
});
