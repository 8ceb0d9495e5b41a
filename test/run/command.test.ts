import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { addTrain } from '../../src/cli/trainCommand.js';
import { trainCommand } from '../../src/run/command.js';
import type { RunConfig } from '../../src/run/config.js';
import { listPresets, type Settings } from '../../src/run/presets.js';
import { readRun } from '../../src/run/runFolder.js';
import { resolveConfig } from '../../src/run/settings.js';
import { configKey } from '../../src/run/sameConfig.js';
import { temporaryFolder } from './temporary.js';
import { tinyConfig } from './tinyRun.js';

/** Reads the command as a shell and the command line do, and resolves what it asks for. */
async function readBack(command: string): Promise<{ config: RunConfig; stopAfter?: number }> {
  const words = execFileSync('/bin/sh', ['-c', `for word in ${command}; do printf '%s\\0' "$word"; done`])
    .toString()
    .split('\0')
    .slice(0, -1);
  expect(words.slice(0, 2)).toEqual(['selftarget', 'train']);
  const program = new Command();
  addTrain(program);
  const [train] = program.commands;
  let asked: { preset?: string; flags: Record<string, unknown> } = { flags: {} };
  train.exitOverride().action((preset: string | undefined, flags) => {
    asked = { preset, flags };
  });
  await program.parseAsync(words.slice(1), { from: 'user' });
  const {
    config: file,
    set,
    epochs,
    seed,
    stopAfter,
  } = asked.flags as {
    config?: string;
    set?: string[];
    epochs?: number;
    seed?: number;
    stopAfter?: number;
  };
  const flags = { ...(epochs !== undefined && { epochs }), ...(seed !== undefined && { seed }) };
  return { config: await resolveConfig({ preset: asked.preset, file, set, flags }), stopAfter };
}

const nowhere = { file: '/nowhere/config.json' };

describe('the command shown beside a run', () => {
  test('gives every preset, at another seed', async () => {
    for (const { name } of listPresets()) {
      const config = await resolveConfig({ preset: name, flags: { seed: 7 } });
      const command = trainCommand(config, { preset: name, ...nowhere });
      expect(command).toBe(`selftarget train ${name} --seed 7`);
      expect((await readBack(command)).config).toEqual(config);
    }
  });

  const changed: [string, string, Settings][] = [
    ['other epochs', 'digits', { epochs: 40 }],
    ['no homeostasis', 'semi-bp-100', { target: { gamma: 0 } }],
    ['lists, paths with blanks and quotes', 'digits', { layers: [3072, 200], dataset: "./my cat's photos" }],
    ['a file name that is a number', 'semi-digits', { semi: { labels: null, labelFile: '2024' } }],
    ['another shape of schedule', 'digits', { schedule: { shape: 'steps', factor: 0.5, milestones: [0.2] } }],
    ['a setting taken away', 'semi-bp-600', { semi: { pretrainBatchSize: null } }],
    ['what follows from another setting', 'digits', { batchSize: 1 }],
    ['a share of labels and a held-out part', 'digits', { readout: { labels: '1%' }, validation: 0.1667 }],
    ['first items only', 'digits', { limit: { train: 100, test: 50 } }],
    ['a seed beyond 32 bits', 'digits', { seed: 2 ** 40 + 1 }],
  ];
  test.each(changed)('gives a run with %s', async (_, preset, over) => {
    const config = await resolveConfig({ preset, flags: over });
    const command = trainCommand(config, { preset, ...nowhere });
    expect(command).not.toContain('nowhere');
    expect((await readBack(command)).config).toEqual(config);
  });

  test('says no more than is needed', async () => {
    const say = async (preset: string, flags: Settings) =>
      trainCommand(await resolveConfig({ preset, flags }), { preset, ...nowhere });
    expect(await say('digits', { batchSize: 1 })).toBe('selftarget train digits --seed 1 --set batchSize=1');
    expect(await say('digits', { layers: [64, 100] })).toBe(
      "selftarget train digits --seed 1 --set 'layers=[64,100]'",
    );
    expect(await say('digits', { epochs: 40, target: { gamma: 0 } })).toBe(
      'selftarget train digits --seed 1 --epochs 40 --set target.gamma=0',
    );
  });

  test("takes the run's own file where no preset fits, and says where it was stopped", async () => {
    const config = tinyConfig({ seed: 3 });
    const file = join(temporaryFolder(), "a run's config.json");
    writeFileSync(file, JSON.stringify({ format: 'x', config }));
    for (const preset of ['custom', 'semi-ep-100', 'constructor']) {
      const command = trainCommand(config, { preset, file, stopAfter: 2 });
      expect(command).toContain('--config');
      expect(await readBack(command)).toEqual({ config, stopAfter: 2 });
    }
  });

  test('gives every run of docs/results/runs', async () => {
    for (const name of readdirSync('docs/results/runs')) {
      const { config, preset } = await readRun(join('docs/results/runs', name));
      const command = trainCommand(config, { preset, ...nowhere });
      expect(command, name).not.toContain('nowhere');
      const back = (await readBack(command)).config;
      expect(configKey(back), name).toBe(configKey(config));
      expect([back.seed, back.readout], name).toEqual([config.seed, config.readout]);
    }
  });
});

describe('two configurations are the same run', () => {
  const key = (over: Settings = {}) => configKey(tinyConfig(over));

  test('whatever the seed, and whenever they were measured', () => {
    const other = { seed: 9, readout: { evaluate: 'last', untrained: 'nothing' } };
    expect(key(other)).toBe(key());
  });

  test('unless a figure depends on the difference', () => {
    const differing: Settings[] = [
      { epochs: 4 },
      { dataset: './digits' },
      { limit: { train: 199 } },
      { validation: 0.2 },
      { readout: { labels: '10%' } },
      { classifier: { epochs: 3 } },
      { target: { gamma: 0 } },
    ];
    for (const over of differing) expect(key(over), JSON.stringify(over)).not.toBe(key());
  });
});
