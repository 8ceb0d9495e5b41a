import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { evaluateRun } from '../../src/run/evaluate.js';
import { runFiles } from '../../src/run/runFolder.js';
import { temporaryFolder } from './temporary.js';
import { carryOut, last, logOf, tinyConfig, tinySupervised } from './tinyRun.js';

describe('evaluating a run', () => {
  test("measures what the run itself measured, and adds it to the run's log", async () => {
    const out = join(temporaryFolder(), 'run');
    const events = await carryOut({ config: tinyConfig(), out });
    const { evaluation } = await evaluateRun(out, { threads: 2, command: 'typed' });
    expect(evaluation.accuracy).toEqual(last(events, 'done').accuracy);
    expect(evaluation).toMatchObject({ epoch: 3, network: 'trained', labels: '50%', labelled: 100 });
    expect(last(logOf(out), 'readout')).toMatchObject({ command: 'typed', accuracy: evaluation.accuracy });
  });

  test('takes any amount of labels and another choice of them', async () => {
    const out = join(temporaryFolder(), 'run');
    await carryOut({ config: tinyConfig(), out });
    const few = (await evaluateRun(out, { labels: 20, threads: 1 })).evaluation;
    const same = (await evaluateRun(out, { labels: '10%', threads: 1 })).evaluation;
    const others = (await evaluateRun(out, { labels: 20, seed: 9, threads: 1 })).evaluation;
    expect(few.labelled).toBe(20);
    expect(same.accuracy).toEqual(few.accuracy);
    expect(others.accuracy).not.toEqual(few.accuracy);
  });

  test('of the untrained network needs no model', async () => {
    const out = join(temporaryFolder(), 'run');
    const events = await carryOut({ config: tinyConfig(), out });
    rmSync(runFiles(out).model);
    rmSync(runFiles(out).checkpoint);
    const { evaluation } = await evaluateRun(out, { untrained: true, threads: 1 });
    expect(evaluation).toMatchObject({
      epoch: 0,
      network: 'untrained',
      accuracy: last(events, 'done').untrained,
    });
    await expect(evaluateRun(out)).rejects.toThrow(/has no model yet; .*--resume/);
  });

  test('takes the checkpoint where the model is missing', async () => {
    const out = join(temporaryFolder(), 'run');
    const events = await carryOut({ config: tinySupervised(), out });
    rmSync(runFiles(out).model);
    const { evaluation } = await evaluateRun(out, { threads: 1 });
    expect(evaluation.accuracy).toEqual(last(events, 'done').accuracy);
  });
});
