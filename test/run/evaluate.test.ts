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

  test('takes another classifier, and says so in the log; nothing else can be another', async () => {
    const out = join(temporaryFolder(), 'run');
    await carryOut({ config: tinyConfig(), out });
    const own = (await evaluateRun(out, { threads: 1 })).evaluation;
    const set = ['classifier.epochs=1', 'classifier.learningRate=1e-6'];
    const { evaluation } = await evaluateRun(out, { set, threads: 1 });
    expect(own.set).toBeUndefined();
    expect(Object.keys(evaluation.classifierCurve ?? {})).toEqual(['1']);
    expect(evaluation.accuracy['linear-classifier']).not.toBe(own.accuracy['linear-classifier']);
    expect(evaluation.accuracy['association-average']).toBe(own.accuracy['association-average']);
    expect(last(logOf(out), 'readout')).toMatchObject({ set, accuracy: evaluation.accuracy });
    for (const other of ['target.winners=3', 'classifier=null', 'epochs=4']) {
      await expect(evaluateRun(out, { set: [other] })).rejects.toThrow(/only the linear classifier/);
    }
    await expect(evaluateRun(out, { set: ['classifier.epoch=3'] })).rejects.toThrow(/did you mean "epochs"/);
    const supervised = join(temporaryFolder(), 'run');
    await carryOut({ config: tinySupervised(), out: supervised });
    await expect(evaluateRun(supervised, { set })).rejects.toThrow(/has no linear classifier/);
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
