/** On digits instead of MNIST, with networks that take milliseconds. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ReadRun, readRunFolders } from '../../src/view/node/readRuns.js';
import type { RunRecord } from '../../src/view/report/runRecord.js';
import {
  carryOut,
  findArtefacts,
  renderReproduction,
  type ReproduceOptions,
  unknownPresets,
  writeReproduction,
} from '../../src/reproduction/reproduce.js';
import { checkConfig } from '../../src/run/config.js';
import type { Settings } from '../../src/run/presets.js';
import { configKey } from '../../src/run/sameConfig.js';
import { mergeSettings, resolveConfig } from '../../src/run/settings.js';
import { artefacts } from '../../src/reproduction/catalogue.js';
import { RunSet } from '../../src/reproduction/runSet.js';
import { finalsTable, meanReadout } from '../../src/reproduction/tables.js';
import { temporaryFolder } from '../run/temporary.js';

const tiny = {
  dataset: 'digits',
  limit: { train: 100, test: 50 },
  layers: [64, 20],
  learningRates: [1],
  activations: ['identity', 'hard-sigmoid'],
  dropout: [0.1, 0.1],
  classifier: { epochs: 1 },
  target: { winners: 2 },
};

function reproduce(runs: string, over: Partial<ReproduceOptions> = {}) {
  const steps: string[] = [];
  const options = {
    ...{ names: ['label-fractions'], seeds: 1, epochs: 1, runs, threads: 1, settings: tiny },
    onStep: (line: string) => steps.push(line),
    ...over,
  };
  return carryOut(options).then((carried) => ({ ...carried, steps }));
}

describe('reproduce', () => {
  test('carries out what is missing, measures it with every share of labels, and renders it', async () => {
    const folder = temporaryFolder();
    const runs = join(folder, 'runs');
    const { runs: done, steps } = await reproduce(runs);
    expect(done).toHaveLength(2);
    // Four shares, trained and untrained; the run itself has measured the trained network with all labels.
    expect(steps.filter((line) => line.startsWith('selftarget evaluate'))).toHaveLength(2 * (8 - 1));
    const out = join(folder, 'out');
    const command = 'selftarget reproduce label-fractions';
    const page = await writeReproduction({
      ...{
        names: ['label-fractions'],
        runs: done,
        runsFolder: runs,
        out,
        command,
        epochs: 1,
        settings: tiny,
      },
    });
    const text = readFileSync(page, 'utf8');
    expect(text).toContain('`selftarget reproduce label-fractions`');
    expect(text).toContain('[../runs/](../runs)');
    expect(text).toContain('**The measured runs differ from the published ones: 1 epoch, dataset="digits"');
    expect(text).toMatch(
      /`selftarget train unsupervised-bp-1layer --seed 1 --epochs 1 .*--set dataset=digits/,
    );
    expect(text).toMatch(/\| 1 layer, 784-2000 \| untrained \| 50% \| [\d.]+ \(61\.48 ± 2\.34\)/);
    expect(statSync(join(out, 'figures', 'label-fractions-1layer.svg')).size).toBeGreaterThan(1000);
    for (const [, file] of text.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)) statSync(join(out, file));
  });

  test('takes the mean over the choices of labelled items, each as it was measured last', async () => {
    const { runs } = await reproduce(join(temporaryFolder(), 'runs'));
    const [{ run }] = runs;
    const own = run.log.find((entry) => entry.event === 'readout' && entry.labels === '5%');
    if (own?.event !== 'readout') throw new Error('nothing was measured with 5 % of the labels');
    const value = (seed: number, accuracy: number) => ({
      ...own,
      ...{ seed, accuracy: { 'association-average': accuracy } },
    });
    const log = [...run.log, value(own.seed + 1, 10), value(own.seed, 40), value(own.seed + 1, 50)];
    const average = (labels: string) =>
      meanReadout([{ ...run, log }], 'association-average', own.network, labels);
    expect(average('5%')).toBe(45);
    expect(average('1%')).toBe(meanReadout([run], 'association-average', own.network, '1%'));
  });

  test('reuses what is complete and goes on with what is not', async () => {
    const runs = join(temporaryFolder(), 'runs');
    const names = ['unsupervised'];
    const controller = new AbortController();
    const interrupted = await reproduce(runs, {
      ...{ names, epochs: 2, signal: controller.signal },
      onEvent: (event) => event.event === 'epoch' && controller.abort(),
    });
    expect(interrupted.interrupted).toBe(true);
    const resumed = await reproduce(runs, { names, epochs: 2 });
    expect(resumed.steps[0]).toMatch(/seed1: resuming$/);
    const again = await reproduce(runs, { names, epochs: 2 });
    expect(again.steps.every((line) => line.endsWith(': complete'))).toBe(true);
    expect(await readRunFolders(runs)).toHaveLength(2);
  });

  test('makes a run for every seed and keeps runs of another length', async () => {
    const runs = join(temporaryFolder(), 'runs');
    await reproduce(runs, { names: ['unsupervised'], seeds: 2 });
    await reproduce(runs, { names: ['unsupervised'], epochs: 2 });
    const found = (await readRunFolders(runs))
      .filter(({ run }) => run.preset === 'unsupervised-bp-1layer')
      .map(({ run }) => [run.config.seed, run.config.epochs]);
    expect(found.sort()).toEqual([
      [1, 1],
      [1, 2],
      [2, 1],
    ]);
  });

  test('shows learned weights and the plane of outputs of a run with its model', async () => {
    const folder = temporaryFolder();
    const runs = join(folder, 'runs');
    const names = ['learned-weights', 'umap'];
    const { runs: done } = await reproduce(runs, { names });
    const files = await renderReproduction({
      ...{ names, runs: done, runsFolder: runs, out: folder, command: 'x', threads: 1 },
      ...{ epochs: 1, settings: tiny },
    });
    const figures = [...files.keys()].map((path) => path.replace(`${folder}/`, ''));
    expect(figures).toEqual([
      'reproduction.md',
      'figures/learned-weights-1-unsupervised-bp-1layer.png',
      'figures/learned-weights-2-unsupervised-bp-1layer.png',
      'figures/umap-unsupervised-bp-1layer.svg',
      'figures/learned-weights-1-unsupervised-bp-2layer.png',
      'figures/learned-weights-2-unsupervised-bp-2layer.png',
      'figures/umap-unsupervised-bp-2layer.svg',
    ]);
    for (const figure of figures.slice(1))
      expect(files.get(join(folder, 'reproduction.md'))).toContain(figure);
  });

  test('says what has no preset yet', async () => {
    const lacking = { name: 'x', title: 'X', runs: [{ preset: 'unsupervised-bp-cnn-nothing' }] };
    expect(unknownPresets(lacking)).toEqual(['unsupervised-bp-cnn-nothing']);
  });

  test('refuses names that are not there, with the nearest', () => {
    expect(() => findArtefacts(['mode'])).toThrow(/no table or figure "mode".*modes/);
    expect(findArtefacts(undefined)).toBe(artefacts);
  });

  test('renders every entry without any run', async () => {
    const out = temporaryFolder();
    const files = await renderReproduction({ runs: [], runsFolder: join(out, 'runs'), out, command: 'x' });
    const page = String(files.get(join(out, 'reproduction.md')));
    expect(page).toContain('not run');
    expect(page).not.toMatch(/NaN|undefined/);
  });

  test('passes over a run that cannot be read', async () => {
    const runs = join(temporaryFolder(), 'runs');
    await reproduce(runs, { names: ['unsupervised'] });
    const [{ files }] = await readRunFolders(runs);
    writeFileSync(files.log, 'damaged');
    await expect(readRunFolders(runs)).rejects.toThrow(/is damaged/);
    const messages: string[] = [];
    expect(await readRunFolders(runs, (message) => messages.push(message))).toHaveLength(1);
    expect(messages).toHaveLength(1);
  });
});

describe('what counts as a measured run', () => {
  const render = async (runs: readonly ReadRun[], names: readonly string[]) => {
    const out = temporaryFolder();
    const files = await renderReproduction({ names, runs, runsFolder: join(out, 'runs'), out, command: 'x' });
    return String(files.get(join(out, 'reproduction.md')));
  };

  test('is no run of other data, other epochs or other settings, whatever its preset is called', async () => {
    const { runs } = await reproduce(join(temporaryFolder(), 'runs'), { names: ['unsupervised'] });
    expect(runs.map(({ run }) => run.preset)).toEqual(['unsupervised-bp-1layer', 'unsupervised-bp-2layer']);
    const page = await render(runs, ['unsupervised', 'learned-weights']);
    expect(page).toContain('| 1 layer, 784-2000 | association, average | 95.78 ± 0.14 | - | - | not run |');
    expect(page).toContain('settings or data are not those of any row: unsupervised-bp-1layer-seed1');
    expect(page).not.toContain('hold no model');
    expect(page).toContain('Not run.');
  });

  test('is a run by its configuration and data, with any name', async () => {
    const [{ run, files }] = await readRunFolders('docs/results/runs').then((all) =>
      all.filter((each) => each.run.name === 'unsupervised-bp-1layer-seed1'),
    );
    const row = (changed: Partial<RunRecord>) => finalsTable(new RunSet([{ ...run, ...changed }]))[2];
    expect(row({ name: 'x', preset: 'custom' })).toContain('| 95.78 ± 0.14 | 95.89 |');
    const none = /\| 95.78 ± 0.14 \| - \| - \| not run \|/;
    const config = (over: Settings) => ({ config: checkConfig(mergeSettings({ ...run.config }, over)) });
    expect(row(config({ seed: 8 }))).toContain('1 run, seed 8');
    expect(row(config({ readout: { evaluate: 'last' } }))).toContain('95.89');
    expect(row(config({ epochs: 100 }))).toMatch(none);
    expect(row(config({ limit: { train: 60_000 } }))).toMatch(none);
    expect(row(config({ validation: 0.1 }))).toMatch(none);
    // Its own data may be called by the same name.
    const counted = (train: number) => ({
      log: run.log.map((entry) =>
        entry.event === 'start' || entry.event === 'resume'
          ? { ...entry, dataset: { ...entry.dataset, train } }
          : entry,
      ),
    });
    expect(row(counted(60_000))).toContain('95.89');
    expect(row(counted(500))).toMatch(none);
    expect(row({ log: run.log.filter(({ event }) => event !== 'start' && event !== 'resume') })).toMatch(
      none,
    );
    const provenance = (source: string) => ({
      provenance: {
        source,
        digest: 'x',
        items: { train: 60_000, test: 10_000, labelled: 70_000 },
        classes: [],
      },
    });
    expect(row(provenance('mnist'))).toContain('95.89');
    expect(row(provenance('/home/me/mnist'))).toMatch(none);
    expect(await render([{ run, files, unreadable: 0 }], ['learned-weights'])).toContain(
      'Not rendered: the run folders of `unsupervised-bp-1layer` hold no model.',
    );
  });

  test('is named with the number of runs that a figure is the mean of', async () => {
    const page = readFileSync('docs/results/reproduction.md', 'utf8');
    expect(page).toContain('| 95.84 | +0.4 sd | mean of 2, seeds 1, 2 |');
    expect(page).toContain('90.31 (mean of 3)');
    // Of seed 2 only the readout with all labels is there.
    expect(page).toMatch(/\| 1 layer, 784-2000 \| trained \| 1% .* \| 1 run, seed 1 \|/);
  });
});

test('the runs in docs/ are all used, and are those of the presets as they are', async () => {
  const runs = await readRunFolders('docs/results/runs');
  expect(runs.length).toBeGreaterThan(30);
  const page = readFileSync('docs/results/reproduction.md', 'utf8');
  expect(page).not.toContain('Not used');
  for (const { run } of runs) {
    expect(page, run.name).toContain(`[${run.name}](runs/${run.name}/log.jsonl)`);
    const set = run.config.target?.gamma === 0 ? ['target.gamma=0'] : [];
    const preset = await resolveConfig({ preset: run.preset, set, flags: { seed: run.config.seed } });
    expect(configKey(run.config), run.name).toBe(configKey(preset));
  }
});
