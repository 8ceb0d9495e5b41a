/** A learner, a rule and a regime from outside the package: through the library, and through the command. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { digits } from '../../src/data/digits.js';
import { decodeSafetensors } from '../../src/learner/safetensors.js';
import { associate, associationAccuracy } from '../../src/readout/index.js';
import { useModules } from '../../src/run/extensions.js';
import { registry } from '../../src/run/registry.js';
import { temporaryFolder } from './temporary.js';

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const example = path('examples/extension.mjs');
const main = path('dist/cli/main.js');
const built = existsSync(main);
if (!built) console.log('skipped: extensions of the command, because dist/ is not built (npm run build)');

const settings = [
  'learner=delta-rule',
  'rule=soft-winners',
  'regime=rehearsed',
  'target=null',
  'soft.temperature=0.02',
  'rehearsed.share=0.25',
  'layers=[64,40]',
  'learningRates=[0.05]',
  'readout.untrained=association',
  'classifier={"epochs":2}',
].flatMap((setting) => ['--set', setting]);

async function selftarget(cwd: string, ...args: string[]) {
  const { stdout } = await promisify(execFile)(process.execPath, [main, ...args], { cwd });
  return stdout;
}

function weightsOf(run: string) {
  return decodeSafetensors(readFileSync(join(run, 'checkpoint.safetensors'))).tensors;
}

test('the example trains by the library alone', async () => {
  const { DeltaRule, rehearsed, SoftWinners } = await import(example);
  const { train, test: held } = digits();
  const learner = new DeltaRule(64, 60, 0.05, 1);
  const accuracy = async () => associationAccuracy(learner, await associate(learner, train), held);
  const before = await accuracy();
  const passes = new Set<string>();
  const target = new SoftWinners(60, 0.02);
  for await (const event of rehearsed({
    learner,
    target,
    data: train,
    share: 0.25,
    epochs: 5,
    batchSize: 16,
    schedule: { shape: 'constant' },
    seed: 1,
  })) {
    if (event.kind === 'step') passes.add(event.pass);
  }
  expect([...passes]).toEqual(['all', 'again']);
  expect((await accuracy()).average).toBeGreaterThan(before.average + 40);
});

describe.skipIf(!built)('the command with --use', () => {
  test('trains, logs, reports, and resumes to the same bits', async () => {
    const folder = temporaryFolder();
    const base = ['train', 'digits', '--use', example, ...settings, '--epochs', '3', '--json'];
    const events = (await selftarget(folder, ...base, '--out', 'whole'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const done = events.at(-1);
    expect(done).toMatchObject({ event: 'done', epochs: 3, unlabelled: 1437 });
    expect(Object.keys(done.accuracy)).toEqual([
      'association-average',
      'association-max',
      'linear-classifier',
    ]);
    expect(readFileSync(join(folder, 'whole/report.html'), 'utf8')).toContain('items, some of them twice');
    expect(readFileSync(join(folder, 'whole/log.jsonl'), 'utf8')).toContain('"event":"epoch"');

    await selftarget(folder, ...base, '--out', 'parts', '--stop-after', '1');
    await selftarget(folder, 'train', '--resume', 'parts', '--use', example, '--no-report');
    expect(weightsOf(join(folder, 'parts'))).toEqual(weightsOf(join(folder, 'whole')));
    expect([...weightsOf(join(folder, 'whole')).keys()]).toContain('soft.activity');

    const measured = await selftarget(
      folder,
      'evaluate',
      'whole',
      '--use',
      example,
      '--labels',
      '100',
      '--json',
    );
    expect(JSON.parse(measured)).toMatchObject({ event: 'readout', labels: '100' });
  });

  test.each([
    ['without the module', ['--set', 'regime=rehearsed'], /"rehearsed" is not known.*--use MODULE/],
    ['with a module that is missing', ['--use', 'none.mjs'], /--use none.mjs: there is no such file/],
    ['with a module that exports nothing', ['--use', 'empty.mjs'], /empty.mjs: its default export must be/],
    ['with a module that fails', ['--use', 'broken.mjs'], /broken.mjs: on purpose/],
    ['with a module twice', ['--use', example, '--use', example], /which another entry has already|already/],
    ['without the settings of its entry', ['--use', example, '--set', 'regime=rehearsed'], /rehearsed.share/],
    [
      'with a setting of an entry that is not used',
      ['--use', example, '--set', 'soft.temperature=1'],
      /soft: belongs to/,
    ],
    [
      'with a wrong setting of its entry',
      ['--use', example, '--set', 'rehearsed.share=2'],
      /rehearsed.share/,
    ],
  ])('%s: says what is wrong', async (_, args, message) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'empty.mjs'), 'export const nothing = 1;');
    writeFileSync(join(folder, 'broken.mjs'), "throw new Error('on purpose');");
    await expect(selftarget(folder, 'train', 'digits', ...args)).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(message),
    });
    expect(existsSync(join(folder, 'runs'))).toBe(false);
  });
});

test('an extension whose name or settings are taken adds nothing', async () => {
  await useModules([example]);
  const names = registry.rules.names;
  expect(names).toContain('soft-winners');
  const rule = { name: 'other', build: () => ({ write: () => undefined }) };
  expect(() => registry.add({ rules: [rule, { ...rule, name: 'self-defined' }] })).toThrow(/already/);
  expect(registry.rules.names).toEqual(names);
});

test('an extension with the same settings twice, or with an entry that is none, adds nothing', async () => {
  const build = () => ({ write: () => undefined });
  const entry = (name: string) => ({ name, sections: { mine: z.strictObject({}) }, build });
  const before = registry.rules.names;
  expect(() => registry.add({ rules: [entry('one'), entry('two')] })).toThrow(
    /"two" has the settings "mine"/,
  );
  expect(() => registry.add({ rules: [null as never] })).toThrow(/a target rule needs a name/);
  expect(registry.rules.names).toEqual(before);

  const taken = join(temporaryFolder(), 'taken.mjs');
  writeFileSync(taken, "export default { rules: [{ name: 'self-defined', build() {} }] };");
  await expect(useModules([taken])).rejects.toThrow(
    /--use .*taken.mjs: there is a target rule "self-defined"/,
  );
});
