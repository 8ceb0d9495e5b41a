import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { digits } from '../../src/data/digits.js';
import { ConfigError, RunError } from '../../src/run/errors.js';
import { readRun, runFiles } from '../../src/run/runFolder.js';
import { decodeSafetensors } from '../../src/learner/safetensors.js';
import { temporaryFolder } from './temporary.js';
import {
  abortedAfter,
  carryOut,
  last,
  logOf,
  resultOf,
  tinyConfig,
  tinyConvolutional,
  tinySemiSupervised,
  tinySupervised,
} from './tinyRun.js';

describe('a run', () => {
  test('leaves a folder that is enough to repeat it, and tells its result', async () => {
    const out = join(temporaryFolder(), 'deep', 'run');
    const config = tinyConfig();
    const events = await carryOut({ config, preset: 'tiny', out });
    expect(readdirSync(out).sort()).toEqual([
      ...['checkpoint.safetensors', 'config.json', 'log.jsonl', 'model.safetensors'],
    ]);
    expect(await readRun(out)).toMatchObject({ preset: 'tiny', config });
    const done = last(events, 'done');
    expect(done).toMatchObject({ run: out, epochs: 3, ofEpochs: 3, threads: 1 });
    expect(Object.keys(done.accuracy)).toEqual([
      'association-average',
      'association-max',
      'linear-classifier',
    ]);
    expect(Object.keys(done.untrained)).toEqual(['association-average', 'association-max']);
    expect(done.epochSeconds).toBeGreaterThan(0);
    expect(done.trainSeconds).toBeLessThanOrEqual(done.seconds);
    expect(events.filter(({ event }) => event === 'epoch')).toHaveLength(3);
    const kept = events.filter(({ event }) => event !== 'progress');
    expect(logOf(out).map(({ event }) => event)).toEqual(kept.map(({ event }) => event));
    const model = decodeSafetensors(readFileSync(runFiles(out).model));
    expect([...model.tensors.keys()].sort()).toEqual([
      ...['layer1.bias', 'layer1.weight', 'layer2.bias', 'layer2.weight'],
    ]);
    expect(model.tensors.get('layer2.weight')?.shape).toEqual([40, 20]);
  });

  test('with labels measures the test items only', async () => {
    const events = await carryOut({ config: tinySupervised(), out: join(temporaryFolder(), 'run') });
    expect(Object.keys(last(events, 'done').accuracy)).toEqual(['test']);
    expect(Object.keys(last(events, 'epoch').accuracy ?? {})).toEqual(['test']);
  });

  test('with few labels tells what these alone gave, what the unlabelled pass made of it, and the end', async () => {
    const out = join(temporaryFolder(), 'run');
    const events = await carryOut({ config: tinySemiSupervised(), out });
    expect(last(events, 'start')).toMatchObject({ epochs: 5, labelled: 30, unlabelled: 170 });
    const epochs = events.filter((e) => e.event === 'epoch');
    expect(epochs.map(({ phase }) => phase)).toEqual([
      ...['pretraining', 'pretraining', 'alternating', 'alternating', 'alternating'],
    ]);
    expect(epochs.map(({ afterUnlabelled }) => afterUnlabelled !== undefined)).toEqual([
      ...[false, false, true, true, true],
    ]);
    const done = last(events, 'done');
    expect(done).toMatchObject({ epochs: 5, ofEpochs: 5, labelled: 30, unlabelled: 170 });
    expect(done.pretrained).toEqual(epochs[1].accuracy);
    expect(done.accuracy).toEqual(epochs[4].accuracy);
    const steps = events.filter((e) => e.event === 'progress');
    expect(steps.every(({ secondsLeft }) => secondsLeft >= 0)).toBe(true);
  });

  test('takes the labels of a file, and no others', async () => {
    const folder = temporaryFolder();
    const labelFile = join(folder, 'labels.csv');
    const { train } = digits();
    const lines = Array.from(train.labels.subarray(0, 60), (label, i) => `${i},${train.classes[label]}`);
    writeFileSync(labelFile, ['item,label', ...lines].join('\n'));
    const config = tinySemiSupervised({ semi: { labels: null, labelFile } });
    const events = await carryOut({ config, out: join(folder, 'run') });
    expect(last(events, 'start')).toMatchObject({ labelled: 60, unlabelled: 140 });

    writeFileSync(labelFile, 'item,label\n0,0\n99999,1\n');
    await expect(carryOut({ config, out: join(folder, 'other') })).rejects.toThrow(
      /labels\.csv, line 3: .*no item "99999"/,
    );
    expect(existsSync(join(folder, 'other'))).toBe(false);
    const missing = tinySemiSupervised({ semi: { labels: null, labelFile: join(folder, 'nowhere.csv') } });
    await expect(carryOut({ config: missing })).rejects.toThrow(/semi\.labelFile: .*there is no such file/);
  });

  test.each([
    [
      'more labels than there are',
      { labels: 201 },
      /201 labelled items are asked for, but there are only 200/,
    ],
    [
      'fewer labels than classes',
      { labels: 9 },
      /9 labelled items, and none of ".*every one of the 10 classes/,
    ],
    ['every label', { labels: '100%' }, /all 200 items have a label, and none is left/],
  ])('refuses %s before it writes anything', async (_, semi, message) => {
    const out = join(temporaryFolder(), 'run');
    await expect(carryOut({ config: tinySemiSupervised({ semi }), out })).rejects.toThrow(message);
    expect(existsSync(out)).toBe(false);
  });

  test('with convolutions has everything that others have', async () => {
    const out = join(temporaryFolder(), 'run');
    const events = await carryOut({ config: tinyConvolutional(), out });
    expect(Object.keys(last(events, 'done').accuracy)).toEqual([
      ...['association-average', 'association-max', 'linear-classifier'],
    ]);
    const model = decodeSafetensors(readFileSync(runFiles(out).model));
    expect(model.tensors.get('layer1.weight')?.shape).toEqual([6, 5, 5, 1]);
    expect(model.tensors.get('layer3.weight')?.shape).toEqual([40, 36]);
    const labels = { layers: [20, 10], activations: ['identity', 'relu', 'wta', 'relu', 'identity'] };
    const supervised = tinyConvolutional({
      ...{ regime: 'supervised', target: null, classifier: null, loss: 'cross-entropy', ...labels },
      ...{ learningRates: [0.003, 0.003, 0.003, 0.003], dropout: [0.1, 0.1, 0] },
    });
    const measured = last(
      await carryOut({ config: supervised, out: join(temporaryFolder(), 'run') }),
      'done',
    );
    expect(Object.keys(measured.accuracy)).toEqual(['test']);
  });

  test('can train a linear classifier beside the network, which learns as without it', async () => {
    const [alone, beside] = [undefined, true].map((online) =>
      tinyConfig({ limit: { train: 800 }, epochs: 6, classifier: { online, batchSize: 16, epochs: 5 } }),
    );
    const folder = temporaryFolder();
    const without = await carryOut({ config: alone, out: join(folder, 'alone') });
    const events = await carryOut({ config: beside, out: join(folder, 'beside') });
    const curve = events.flatMap((e) =>
      e.event === 'epoch' ? [e.accuracy?.['linear-classifier'] ?? 0] : [],
    );
    expect(curve).toHaveLength(6);
    expect(curve[5]).toBeGreaterThan(60);
    expect(last(without, 'epoch').accuracy).not.toHaveProperty('linear-classifier');
    // Trained on the frozen network afterwards, it is another one and the same in both.
    const [a, b] = [without, events].map((list) => last(list, 'readout'));
    expect(b.accuracy).toEqual(a.accuracy);
    expect(Object.keys(b.classifierCurve ?? {})).toEqual(['1', '2', '3', '5']);
    expect(b.classifierCurve?.['5']).toBe(b.accuracy['linear-classifier']);
    const [model, same] = ['alone', 'beside'].map((name) =>
      decodeSafetensors(readFileSync(runFiles(join(folder, name)).model)),
    );
    expect(same.tensors).toEqual(model.tensors);
  });

  test('can be measured on a part of the training items instead of the test items', async () => {
    const config = tinySemiSupervised({ validation: 0.25 });
    const events = await carryOut({ config, out: join(temporaryFolder(), 'run') });
    expect(last(events, 'start').dataset).toMatchObject({ train: 150, test: 50 });
  });

  test('gives the same bits with 1, 2 and 3 threads', async () => {
    for (const config of [tinyConfig({ epochs: 2 }), tinySupervised({ epochs: 2 }), tinySemiSupervised()]) {
      const folder = temporaryFolder();
      const results = [];
      for (const threads of [1, 2, 3]) {
        const out = join(folder, String(threads));
        await carryOut({ config, out, threads });
        results.push(resultOf(out));
      }
      expect(results[1]).toEqual(results[0]);
      expect(results[2]).toEqual(results[0]);
    }
  });

  test('with another seed gives other bits', async () => {
    const folder = temporaryFolder();
    await carryOut({ config: tinyConfig({ epochs: 1, seed: 1 }), out: join(folder, '1') });
    await carryOut({ config: tinyConfig({ epochs: 1, seed: 2 }), out: join(folder, '2') });
    const [one, two] = ['1', '2'].map(
      (name) => decodeSafetensors(resultOf(join(folder, name)).model).tensors,
    );
    expect(two.get('layer1.weight')?.data).not.toEqual(one.get('layer1.weight')?.data);
  });

  test('takes a folder of its own when none is named', async () => {
    const folder = temporaryFolder();
    const before = process.cwd();
    process.chdir(folder);
    try {
      const config = tinyConfig({ epochs: 1, seed: 4 });
      for (const expected of ['tiny-seed4', 'tiny-seed4-2', 'tiny-seed4-3']) {
        const events = await carryOut({ config, preset: 'tiny' });
        expect(last(events, 'done').run).toBe(join('runs', expected));
      }
    } finally {
      process.chdir(before);
    }
  });

  test('is not begun in a folder that holds one already, nor where nothing can be written', async () => {
    const folder = temporaryFolder();
    const config = tinyConfig({ epochs: 1 });
    await carryOut({ config, out: join(folder, 'run') });
    const before = resultOf(join(folder, 'run'));
    await expect(carryOut({ config, out: join(folder, 'run') })).rejects.toThrow(
      /holds a run already.*--resume/,
    );
    expect(resultOf(join(folder, 'run'))).toEqual(before);
    writeFileSync(join(folder, 'file'), '');
    await expect(carryOut({ config, out: join(folder, 'file') })).rejects.toThrow(
      /a file has that name.*--out/,
    );
    await expect(carryOut({ config, out: join(folder, 'file', 'run') })).rejects.toThrow(RunError);
  });

  test('refuses limits beyond the data, and widths that do not fit it, before making a folder', async () => {
    const out = join(temporaryFolder(), 'run');
    const tooMany = tinyConfig({ limit: { train: 5000 } });
    await expect(carryOut({ config: tooMany, out })).rejects.toThrow(
      /limit.train: 5000 items, but digits has only/,
    );
    const tooWide = tinyConfig({ layers: [784, 20, 40] });
    await expect(carryOut({ config: tooWide, out })).rejects.toThrow(ConfigError);
    expect(existsSync(out)).toBe(false);
  });
});

describe('a run that was stopped and resumed', () => {
  const uninterrupted = async (config = tinyConfig()) => {
    const out = join(temporaryFolder(), 'run');
    const events = await carryOut({ config, out });
    return { result: resultOf(out), accuracy: last(events, 'done').accuracy };
  };

  test('after any epoch gives the bits of one that was not', async () => {
    const wanted = await uninterrupted();
    for (const stopAfter of [1, 2]) {
      const out = join(temporaryFolder(), 'run');
      const first = await carryOut({ config: tinyConfig(), out, stopAfter });
      expect(last(first, 'done')).toMatchObject({ epochs: stopAfter, ofEpochs: 3 });
      expect(last(first, 'readout').accuracy).toHaveProperty('linear-classifier');
      const events = await carryOut({ resume: out, threads: 2 });
      expect(last(events, 'resume')).toMatchObject({ epoch: stopAfter, step: 0 });
      expect(last(events, 'done').accuracy).toEqual(wanted.accuracy);
      expect(resultOf(out)).toEqual(wanted.result);
    }
  });

  test.each([
    'unsupervised',
    'supervised',
    'semi-supervised',
    'sequential',
    'adam',
    'convolutional',
    'online',
  ])('anywhere does so too (%s)', async (kind) => {
    const config = {
      unsupervised: tinyConfig(),
      supervised: tinySupervised(),
      'semi-supervised': tinySemiSupervised({ epochs: 2, semi: { cleanWinners: true } }),
      sequential: tinyConfig({ batchSize: 1, epochs: 2, limit: { train: 60 } }),
      adam: tinyConfig({ optimizer: 'adam', learningRates: [0.002, 0.002] }),
      convolutional: tinyConvolutional({ flip: true }),
      // 24 divides neither the batches nor the labelled items, so that outputs wait at every stop.
      online: tinyConfig({ classifier: { online: true, batchSize: 24 } }),
    }[kind];
    const wanted = await uninterrupted(config);
    // Looks of readouts count too, so this ends in the middle of steps and of readouts alike.
    for (const looks of [1, 2, 9, 17, 21, 30, 50]) {
      const out = join(temporaryFolder(), 'run');
      let events = await carryOut({ config, out, signal: abortedAfter(looks) });
      for (let calls = 1; events[events.length - 1].event === 'interrupted'; calls++) {
        events = await carryOut({ resume: out, signal: calls < 3 ? abortedAfter(looks) : undefined });
      }
      expect(last(events, 'done').accuracy).toEqual(wanted.accuracy);
      expect(resultOf(out)).toEqual(wanted.result);
    }
  });

  test('in the middle of an epoch says where', async () => {
    const out = join(temporaryFolder(), 'run');
    const controller = new AbortController();
    const events = await carryOut({ config: tinyConfig(), out, signal: controller.signal }, ({ event }) => {
      if (event === 'progress') controller.abort();
    });
    expect(events[events.length - 1]).toEqual({ event: 'interrupted', run: out, epoch: 0, step: 1 });
    expect(last(events, 'checkpoint')).toMatchObject({ epoch: 0, step: 1 });
  });

  test('has no epoch twice in its log when the process was killed after the checkpoint', async () => {
    const wanted = await uninterrupted();
    const out = join(temporaryFolder(), 'run');
    await carryOut({ config: tinyConfig(), out, stopAfter: 1 });
    const epoch = { event: 'epoch', epoch: 2, epochs: 3, loss: 99, trainSeconds: 1 };
    appendFileSync(runFiles(out).log, `${JSON.stringify(epoch)}\n{"event":"epo`);
    await carryOut({ resume: out });
    expect(resultOf(out)).toEqual(wanted.result);
  });

  test('when it was complete gives its result once more and trains no further', async () => {
    const out = join(temporaryFolder(), 'run');
    const first = await carryOut({ config: tinyConfig(), out });
    const before = readFileSync(runFiles(out).log);
    expect(await carryOut({ resume: out })).toMatchObject([last(first, 'readout'), last(first, 'done')]);
    expect(readFileSync(runFiles(out).log)).toEqual(before);
  });

  test('refuses other settings than it began with, naming them', async () => {
    const out = join(temporaryFolder(), 'run');
    await carryOut({ config: tinyConfig(), out, stopAfter: 1 });
    const other = carryOut({ resume: out, config: tinyConfig({ epochs: 5, target: { gamma: 1 } }) });
    await expect(other).rejects.toThrow(/epochs: 3 there, 5 here\n {2}target.gamma: 0.4 there, 1 here/);
    await expect(carryOut({ resume: out, config: tinyConfig() })).resolves.toBeDefined();
  });

  test("refuses another run's checkpoint, a damaged one, and a folder without a run", async () => {
    const folder = temporaryFolder();
    const [a, b] = ['a', 'b'].map((name) => join(folder, name));
    await carryOut({ config: tinyConfig(), out: a, stopAfter: 1 });
    await carryOut({ config: tinyConfig({ layers: [64, 30, 40] }), out: b, stopAfter: 1 });
    copyFileSync(runFiles(b).checkpoint, runFiles(a).checkpoint);
    await expect(carryOut({ resume: a })).rejects.toThrow(/layers: \[64,30,40\] there, \[64,20,40\] here/);
    const whole = readFileSync(runFiles(b).checkpoint);
    writeFileSync(runFiles(a).checkpoint, whole.subarray(0, whole.length - 5));
    await expect(carryOut({ resume: a })).rejects.toThrow(
      /checkpoint.safetensors cannot be used: .*cut short/,
    );
    copyFileSync(runFiles(b).model, runFiles(a).checkpoint);
    await expect(carryOut({ resume: a })).rejects.toThrow(/does not say "selftarget checkpoint/);
    await expect(carryOut({ resume: join(folder, 'c') })).rejects.toThrow(/is not a run/);
    mkdirSync(join(folder, 'd'));
    writeFileSync(runFiles(join(folder, 'd')).config, '{}');
    await expect(carryOut({ resume: join(folder, 'd') })).rejects.toThrow(/was not written by/);
  });

  test('refuses a checkpoint whose tensors have another shape, whatever it says of itself', async () => {
    const folder = temporaryFolder();
    const [a, b] = ['a', 'b'].map((name) => join(folder, name));
    await carryOut({ config: tinyConfig(), out: a, stopAfter: 1 });
    await carryOut({ config: tinyConfig({ layers: [64, 20, 50] }), out: b, stopAfter: 1 });
    // Same length of text, so that the header's length stays right.
    const forged = readFileSync(runFiles(b).checkpoint, 'latin1').replace('[64,20,50]', '[64,20,40]');
    writeFileSync(runFiles(a).checkpoint, forged, 'latin1');
    await expect(carryOut({ resume: a })).rejects.toThrow(
      /does not fit this network: "layer2.weight" has shape/,
    );
  });
});

describe('training that diverges', () => {
  test('stops, and names the epoch and the likely cause', async () => {
    const out = join(temporaryFolder(), 'run');
    const config = tinyConfig({
      activations: ['identity', 'relu', 'identity'],
      learningRates: [1e12, 1e12],
      readout: { evaluate: 'last' },
    });
    const run = carryOut({ config, out });
    await expect(run).rejects.toThrow(/diverged in epoch 1.*learning rate that is too large/);
    await expect(run).rejects.toThrow(RunError);
    expect(last(logOf(out), 'failed')).toMatchObject({ epoch: 1 });
    expect(existsSync(runFiles(out).checkpoint)).toBe(false);
  });

  test('keeps the last good checkpoint, which can be resumed, to the same end', async () => {
    const out = join(temporaryFolder(), 'run');
    const schedule = { shape: 'linear', from: 0, to: 1e15 };
    await carryOut({
      config: tinyConfig({ schedule, activations: ['identity', 'relu', 'identity'] }),
      ...{ out, stopAfter: 1 },
    });
    const good = readFileSync(runFiles(out).checkpoint);
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(carryOut({ resume: out })).rejects.toThrow(
        /epoch 2.*checkpoint is kept: .*checkpoint.safetensors/,
      );
      expect(readFileSync(runFiles(out).checkpoint)).toEqual(good);
      expect(logOf(out).filter(({ event }) => event === 'failed')).toHaveLength(1);
    }
  });

  test('never saves broken weights, even where the loss looks well', async () => {
    const out = join(temporaryFolder(), 'run');
    const config = tinyConfig({ learningRates: [3e38, 3e38] });
    await expect(carryOut({ config, out })).rejects.toThrow(/diverged/);
    expect(existsSync(runFiles(out).checkpoint)).toBe(false);
  });
});
