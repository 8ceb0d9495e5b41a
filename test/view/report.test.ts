import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { describe, expect, test } from 'vitest';
import { digits } from '../../src/data/digits.js';
import { publicationOf } from '../../src/reproduction/publications.js';
import type { Settings } from '../../src/run/presets.js';
import { runFiles } from '../../src/run/runFolder.js';
import { writeReport } from '../../src/view/node/writeReport.js';
import type { Publication } from '../../src/view/report/publication.js';
import { carryOut, last, tinyConfig, tinySemiSupervised, tinySupervised } from '../run/tinyRun.js';
import { temporaryFolder } from '../run/temporary.js';

/** Trains a tiny run and answers its folder. */
async function trained(config = tinyConfig(), preset = 'digits', out = join(temporaryFolder(), 'tiny')) {
  await carryOut({ config, preset, out });
  return out;
}

async function reportOf(folder: string) {
  const written = await writeReport([folder], { threads: 1 });
  const text = readFileSync(written.file, 'utf8');
  const { document } = parseHTML(text);
  const headings = [...document.querySelectorAll('h1, h2, h3')].map((heading) => heading.textContent);
  const labels = [...document.querySelectorAll('svg')].map((svg) => svg.getAttribute('aria-label') ?? '');
  return { ...written, text, document, headings, labels };
}

describe('the report of a run', () => {
  test('is one file beside the run that asks for nothing from elsewhere', async () => {
    const folder = await trained();
    const before = readFileSync(runFiles(folder).model);
    const { file, text, document, bytes, warnings } = await reportOf(folder);
    expect(file).toBe(join(folder, 'report.html'));
    expect(warnings).toEqual([]);
    expect(bytes).toBe(Buffer.byteLength(text));
    expect(bytes).toBeLessThan(500_000);
    const policy = document.querySelector('meta[http-equiv="Content-Security-Policy"]');
    expect(policy?.getAttribute('content')).toContain("default-src 'none'");
    expect(text).not.toMatch(/<script|<link|<iframe|@import|url\(/);
    for (const [, source] of text.matchAll(/(?:src|href)="([^"]*)"/g))
      expect(source).toMatch(/^data:image\/png/);
    expect(text.replaceAll('http://www.w3.org/', '')).not.toMatch(/https?:\/\//);
    expect(readFileSync(runFiles(folder).model)).toEqual(before);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('has all sections of a run without labels', async () => {
    const { headings, labels, document, text } = await reportOf(await trained());
    expect(headings).toEqual([
      ...['tiny', 'Warning', 'Accuracy', 'What the neurons learned', 'Learned input weights'],
      ...['What the neurons respond to', 'Use of the neurons', 'Confusion matrix', 'Recall and precision'],
      ...['Most confident mistakes', 'Reproduce'],
    ]);
    const titles = [
      ...['Accuracy', 'Learning curves', 'Winners per neuron', 'Activity of the output neurons'],
      ...['Confusion matrix', 'Outputs in a plane (UMAP)', 'Training time of each epoch'],
    ];
    for (const title of titles)
      expect(
        labels.some((label) => label.startsWith(`${title}.`)),
        title,
      ).toBe(true);
    for (const image of document.querySelectorAll('img')) expect(image.getAttribute('alt')).toBeTruthy();
    for (const word of ['&quot;winners&quot;: 2', 'seed', process.version]) expect(text).toContain(word);
  });

  test('gives the accuracies of the log, and answers that agree with them', async () => {
    const folder = join(temporaryFolder(), 'tiny');
    const done = last(await carryOut({ config: tinyConfig(), preset: 'digits', out: folder }), 'done');
    const { text, document } = await reportOf(folder);
    for (const value of Object.values(done.accuracy))
      expect(text).toContain(`<td class="number">${value.toFixed(2)}</td>`);
    // Over the classes, weighted by their items, the diagonal is the accuracy: 100 test items.
    const matrix = [...document.querySelectorAll('svg')].find((svg) =>
      svg.getAttribute('aria-label')?.startsWith('Confusion matrix'),
    );
    const right = [...(matrix?.getAttribute('aria-label') ?? '').matchAll(/: ([\d.]+) % correct/g)].map(
      ([, share]) => Number(share),
    );
    expect(right).toHaveLength(10);
    const items = Array.from({ length: 10 }, () => 0);
    for (const label of digits().test.labels.slice(0, 100)) items[label]++;
    const mean = right.reduce((sum, share, c) => sum + (share * items[c]) / 100, 0);
    expect(mean).toBeCloseTo(done.accuracy['association-average'] ?? 0, 0);
  });

  test('is the same when it is written again', async () => {
    const folder = await trained();
    const first = (await reportOf(folder)).text;
    expect((await reportOf(folder)).text).toBe(first);
  });

  test('of a supervised run has its test accuracy', async () => {
    const { headings, labels } = await reportOf(await trained(tinySupervised()));
    expect(headings).toContain('What the neurons learned');
    expect(labels.some((label) => label.startsWith('Learning curves. test:'))).toBe(true);
  });

  test('of a semi-supervised run has its three stages, and a bar for each of its outputs', async () => {
    const { text, labels } = await reportOf(await trained(tinySemiSupervised(), 'semi-bp-100'));
    for (const stage of ['labels alone', 'after the unlabelled pass', 'after the labelled pass']) {
      expect(text).toContain(`<th scope="row">${stage}</th>`);
    }
    expect(labels.some((label) => label.startsWith('Items won by each output. 0: '))).toBe(true);
    expect(labels.some((label) => /^(Activity|Winners)/.test(label))).toBe(false);
  });

  test('shows published figures only where it is given some, whatever its preset is called', async () => {
    const folder = await trained(tinySemiSupervised(), 'semi-bp-100');
    const own = readFileSync((await writeReport([folder], { threads: 1, publicationOf })).file, 'utf8');
    expect(own.replaceAll('unpublished', '')).not.toMatch(/published/i);
    const publication: Publication = {
      ...{ key: 'k', source: 'arXiv:1', data: 'the 9 test items of X', runs: 3, byLabels: [] },
      differs: 'everything is another',
      figures: { 'after-labelled': { mean: 88.43, sd: 1.6, curve: { 1: 50, 2: 60 } } },
    };
    const given = await writeReport([folder], { threads: 1, publicationOf: () => publication });
    const text = readFileSync(given.file, 'utf8');
    expect(text).toContain('88.43 ± 1.60');
    expect(text).toContain('Published figures: arXiv:1, 3 runs on the 9 test items of X.');
    expect(text).toContain('everything is another');
    expect(text).toMatch(/Learning curves\. [^"]*published, other settings: 50/);
  });

  test('says first what is wrong, with counts and intervals', async () => {
    const { document, text } = await reportOf(await trained(tinyConfig({ learningRates: [1e9, 1e9] })));
    const findings = document.querySelector('.findings')?.textContent ?? '';
    expect(findings).toMatch(/output neurons are silent/);
    expect(findings).toMatch(/less accurate than the untrained one/);
    const sections = [...document.querySelectorAll('main > *')].map((each) => each.className);
    expect(sections.indexOf('findings')).toBeLessThan(sections.indexOf('keys'));
    expect(text).toMatch(/95 % interval [\d.]+ to [\d.]+; 100 test items/);
    // The confusion matrix as text has every test item in it.
    const csv = [...document.querySelectorAll('details pre')]
      .map((pre) => pre.textContent ?? '')
      .find((each) => each.startsWith('class,'));
    const cells = (csv ?? '')
      .split('\n')
      .slice(1)
      .flatMap((line) => line.split(',').slice(1).map(Number));
    expect(cells).toHaveLength(100);
    expect(cells.reduce((sum, cell) => sum + cell, 0)).toBe(100);
  });

  test('gives the command that repeats the run', async () => {
    const { document } = await reportOf(await trained());
    const command = document.querySelector('section:last-of-type > pre')?.textContent ?? '';
    expect(command).toMatch(/^selftarget train digits --seed 1 --epochs 3 --set /);
    const custom = await trained(tinyConfig(), 'custom');
    const other = (await reportOf(custom)).document.querySelector('section:last-of-type > pre')?.textContent;
    expect(other).toBe(`selftarget train --config ${join(custom, 'config.json')}`);
  });

  test('shows accuracy against labels once there are several', async () => {
    const folder = await trained();
    const log = runFiles(folder).log;
    const readout = readFileSync(log, 'utf8')
      .split('\n')
      .find((line) => line.includes('"network":"trained"'));
    appendFileSync(log, `${JSON.stringify({ ...JSON.parse(readout ?? ''), labels: '5%', labelled: 10 })}\n`);
    const { labels } = await reportOf(folder);
    expect(labels.some((label) => label.startsWith('Accuracy against the number of labels'))).toBe(true);
  });

  test('tells its part without the model, and says so', async () => {
    const folder = await trained();
    rmSync(runFiles(folder).model);
    rmSync(runFiles(folder).checkpoint);
    const { headings, warnings, text } = await reportOf(folder);
    expect(warnings[0]).toMatch(/has no model yet/);
    expect(text).toContain('class="note"');
    expect(headings).not.toContain('What the neurons learned');
    expect(headings).toContain('Accuracy');
  });

  test('leaves out lines of the log that cannot be read, and says so', async () => {
    const folder = await trained();
    appendFileSync(runFiles(folder).log, 'null\n{"event":"epoch","epoch":"<b>"}\n{"event":"ep');
    const { warnings, text } = await reportOf(folder);
    expect(warnings).toEqual([expect.stringMatching(/log\.jsonl: 3 lines could not be read/)]);
    expect(text).not.toContain('<b>');
  });

  test('shows names as text, whatever they hold', async () => {
    const config = tinyConfig({ learningRates: [0.5, 1] } as Settings);
    const { text } = await reportOf(await trained(config, '<img src=x onerror=alert(1)>'));
    expect(text).not.toContain('<img src=x');
    expect(text).toContain('&lt;img src=x');
  });
});

describe('the report of several runs', () => {
  test('lays them side by side and says what is different', async () => {
    const folder = temporaryFolder();
    const runs = [join(folder, 'a'), join(folder, 'b')];
    await carryOut({ config: tinyConfig(), preset: 'digits', out: runs[0] });
    await carryOut({ config: tinyConfig({ seed: 2, epochs: 2 }), preset: 'digits', out: runs[1] });
    const out = join(folder, 'comparison.html');
    await writeReport(runs, { out });
    const { document } = parseHTML(readFileSync(out, 'utf8'));
    const rows = [...document.querySelectorAll('section:last-of-type tbody tr')].map((row) =>
      [...row.children].map((cell) => cell.textContent),
    );
    expect(rows.map(([key]) => key)).not.toContain('seed');
    expect(rows).toContainEqual(['epochs', '3', '2']);
    expect(rows.map(([key]) => key)).not.toContain('batchSize');
    const curves = [...document.querySelectorAll('svg')].find((svg) =>
      svg.getAttribute('aria-label')?.startsWith('Learning curves'),
    );
    expect(curves?.querySelectorAll('g[data-mark="line"]')).toHaveLength(2);
  });

  test('makes one of runs that differ in their seed, the best first', async () => {
    const folder = temporaryFolder();
    const runs = ['a', 'b', 'c'].map((name) => join(folder, name));
    await carryOut({ config: tinyConfig({ epochs: 1 }), preset: 'digits', out: runs[0] });
    const done = [];
    for (const [i, seed] of [1, 2].entries()) {
      const config = tinyConfig({ seed, epochs: 12 });
      done.push(last(await carryOut({ config, preset: 'digits', out: runs[i + 1] }), 'done'));
    }
    const out = join(folder, 'comparison.html');
    await writeReport(runs, { out });
    const { document } = parseHTML(readFileSync(out, 'utf8'));
    const [first, second] = [...document.querySelectorAll('table')][0].querySelectorAll('tbody tr');
    const cells = [...first.children].map((cell) => cell.textContent ?? '');
    const values = done.map(({ accuracy }) => accuracy['association-average'] ?? 0);
    expect(cells.slice(0, 3)).toEqual(['digits, epochs 12', '1, 2', '12']);
    const mean = ((values[0] + values[1]) / 2).toFixed(2);
    expect(cells[3]).toBe(`${mean} (${Math.min(...values).toFixed(1)} to ${Math.max(...values).toFixed(1)})`);
    expect(second.children[0].textContent).toBe('digits, epochs 1');
    const curves = [...document.querySelectorAll('svg')].find((svg) =>
      svg.getAttribute('aria-label')?.startsWith('Learning curves'),
    );
    expect(curves?.querySelectorAll('g[data-mark="area"]')).toHaveLength(1);
  });
});

describe('what cannot be reported', () => {
  test('a folder that is no run', async () => {
    await expect(writeReport([temporaryFolder()])).rejects.toThrow(/is not a run: there is no/);
    await expect(writeReport([])).rejects.toThrow(/give the folder of a run/);
  });

  test('a run whose log is gone or damaged', async () => {
    const folder = await trained();
    writeFileSync(runFiles(folder).log, 'x\ny\n');
    await expect(writeReport([folder])).rejects.toThrow(/is damaged: none of its 2 lines/);
    rmSync(runFiles(folder).log);
    await expect(writeReport([folder])).rejects.toThrow(/holds no event: the run has not begun yet/);
  });

  test('one that cannot be written, and the old one stays', async () => {
    const folder = await trained();
    mkdirSync(join(folder, 'report.html'));
    await expect(writeReport([folder], { threads: 1 })).rejects.toThrow(/a folder has that name/);
  });
});
