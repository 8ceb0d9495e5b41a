/** What a run survives: other processes, lost files, changed data, torn lines. */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { describe, expect, onTestFinished, test } from 'vitest';
import { evaluateRun } from '../../src/run/evaluate.js';
import { appendLog, readLog } from '../../src/run/log.js';
import { lockRun } from '../../src/run/lock.js';
import { runFiles } from '../../src/run/runFolder.js';
import { decodeSafetensors, encodeSafetensors } from '../../src/learner/safetensors.js';
import { writeReport } from '../../src/view/node/writeReport.js';
import { temporaryFolder } from './temporary.js';
import { carryOut, logOf, resultOf, tinyConfig, tinySemiSupervised } from './tinyRun.js';

const newRun = async (stopAfter?: number) => {
  const out = join(temporaryFolder(), 'run');
  await carryOut({ config: tinyConfig(), out, stopAfter });
  return out;
};

/** A process that does nothing until it is killed. */
async function otherProcess(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000); console.log(1)']);
  onTestFinished(() => void child.kill('SIGKILL'));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return child;
}

describe('a run that is being trained', () => {
  test('is resumed by nobody else, and by the next one afterwards', async () => {
    const out = await newRun(1);
    let refused: unknown;
    await carryOut({ resume: out, stopAfter: 1 }, ({ event }, count) => {
      if (count === 1) {
        expect(event).toBe('resume');
        refused = carryOut({ resume: out }).catch((error: unknown) => error);
      }
    });
    expect(String(await refused)).toMatch(
      /run is being trained by process \d+, since .*wait until it has ended/,
    );
    await carryOut({ resume: out });
    expect(logOf(out).filter(({ event }) => event === 'epoch')).toHaveLength(3);
    expect(readdirSync(out)).not.toContain('run.lock');
  });

  test('can be measured meanwhile', async () => {
    const out = await newRun(1);
    const lock = await lockRun(out);
    await evaluateRun(out, { threads: 1 });
    await lock.release();
    expect(logOf(out).at(-1)).toMatchObject({ event: 'readout', command: 'evaluate' });
  });

  const lockOf = (out: string) => join(out, 'run.lock');

  test('by a process that was killed can be resumed at once', async () => {
    const out = await newRun(1);
    const lock = await lockRun(out);
    const dead = await otherProcess();
    const mine = JSON.parse(readFileSync(lockOf(out), 'utf8'));
    dead.kill('SIGKILL');
    await new Promise((resolve) => dead.once('exit', resolve));
    writeFileSync(lockOf(out), JSON.stringify({ ...mine, pid: dead.pid }));
    await carryOut({ resume: out });
    await lock.release();
  });

  test.skipIf(process.platform !== 'linux')(
    'is told from one whose number another process has now',
    async () => {
      const out = await newRun(1);
      const lock = await lockRun(out);
      const mine = JSON.parse(readFileSync(lockOf(out), 'utf8'));
      const other = await otherProcess();
      writeFileSync(lockOf(out), JSON.stringify({ ...mine, pid: other.pid }));
      await carryOut({ resume: out });
      await lock.release();
    },
  );

  test('on another machine is left alone while its lock is touched', async () => {
    const out = await newRun(1);
    const lock = await lockRun(out);
    const mine = JSON.parse(readFileSync(lockOf(out), 'utf8'));
    writeFileSync(lockOf(out), JSON.stringify({ ...mine, host: `not-${hostname()}` }));
    await expect(carryOut({ resume: out })).rejects.toThrow(
      /process \d+ on not-.*if that process is gone, delete .*run\.lock/,
    );
    const longAgo = new Date(Date.now() - 600_000);
    utimesSync(lockOf(out), longAgo, longAgo);
    await carryOut({ resume: out });
    await lock.release();
  });

  test.each(['', '{', 'null', '{"pid":"x"}'])(
    'is left alone for a while when its lock says %j',
    async (text) => {
      const out = await newRun(1);
      writeFileSync(lockOf(out), text);
      await expect(carryOut({ resume: out })).rejects.toThrow(/another process/);
      const longAgo = new Date(Date.now() - 600_000);
      utimesSync(lockOf(out), longAgo, longAgo);
      await carryOut({ resume: out });
    },
  );

  test('is locked once, however many find a dead lock at the same time', async () => {
    const out = temporaryFolder();
    writeFileSync(lockOf(out), '');
    const longAgo = new Date(Date.now() - 600_000);
    utimesSync(lockOf(out), longAgo, longAgo);
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockRun(out)));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('a run that has lost its checkpoint', () => {
  test.each(['after its end', 'half way'])('%s keeps its model and its log', async (when) => {
    const out = await newRun(when === 'half way' ? 2 : undefined);
    const files = runFiles(out);
    rmSync(files.checkpoint);
    const before = [files.model, files.log].map((file) => readFileSync(file));
    await expect(carryOut({ resume: out })).rejects.toThrow(
      /checkpoint\.safetensors is missing: the model can be evaluated, but not trained on/,
    );
    expect([files.model, files.log].map((file) => readFileSync(file))).toEqual(before);
    expect((await evaluateRun(out, { threads: 1 })).evaluation.epoch).toBe(when === 'half way' ? 2 : 3);
  });

  test('and its model keeps its log', async () => {
    const out = await newRun(2);
    rmSync(runFiles(out).checkpoint);
    rmSync(runFiles(out).model);
    await expect(carryOut({ resume: out })).rejects.toThrow(/is missing: the run cannot be resumed/);
  });

  test('can begin again where it was killed before the first one', async () => {
    const [out, whole] = [await newRun(2), await newRun()];
    const { checkpoint, model, log } = runFiles(out);
    rmSync(checkpoint);
    rmSync(model);
    writeFileSync(
      log,
      readFileSync(log, 'utf8')
        .split('\n')
        .filter((line) => !/"event":"(checkpoint|done)"/.test(line))
        .join('\n'),
    );
    await carryOut({ resume: out });
    expect(resultOf(out)).toEqual(resultOf(whole));
  });
});

describe('a new run', () => {
  test.each(['model.safetensors', 'log.jsonl', 'checkpoint.safetensors'])(
    'does not overwrite a %s that is not a run’s',
    async (name) => {
      const out = temporaryFolder();
      writeFileSync(join(out, name), 'precious');
      await expect(carryOut({ config: tinyConfig(), out })).rejects.toThrow(`${name} is there already`);
      expect(readdirSync(out)).toEqual([name]);
    },
  );

  test.each(['runs', 'runs/a'])('says that %s is a link to nowhere', async (place) => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'runs'), { recursive: true });
    if (place === 'runs') rmSync(join(folder, 'runs'), { recursive: true });
    symlinkSync('/not/mounted', join(folder, place));
    await expect(carryOut({ config: tinyConfig(), out: join(folder, place) })).rejects.toThrow(
      /it is a link to a folder that is not there/,
    );
  });
});

describe('what a killed process leaves', () => {
  const names = [
    '.checkpoint.safetensors.0badcafe.tmp',
    '.report.html.99999999.0badcafe.tmp',
    '.log.jsonl.99999999.deadbeef.tmp',
  ];
  const litter = (out: string) => names.forEach((name) => writeFileSync(join(out, name), 'half'));
  const left = (out: string) => readdirSync(out).filter((name) => name.endsWith('.tmp'));

  test.each<[string, (out: string) => Promise<unknown>]>([
    ['resuming', (out) => carryOut({ resume: out })],
    ['evaluating', (out) => evaluateRun(out, { threads: 1 })],
    ['reporting', (out) => writeReport([out], { threads: 1 })],
  ])('is removed by %s', async (_, next) => {
    const out = await newRun(1);
    litter(out);
    await next(out);
    expect(left(out)).toEqual([]);
  });

  test('is told from what a live process, or somebody else, keeps there', async () => {
    const out = await newRun(1);
    litter(out);
    const other = await otherProcess();
    const kept = [`.report.html.${other.pid}.0badcafe.tmp`, 'notes.tmp', '.notes.tmp', '.a.0badcafe.bak'];
    kept.forEach((name) => writeFileSync(join(out, name), 'mine'));
    await carryOut({ resume: out });
    expect(kept.filter((name) => existsSync(join(out, name)))).toEqual(kept);
    expect(left(out)).toHaveLength(3);
  });

  test('stays while a process on another machine may be writing it', async () => {
    const out = await newRun(1);
    litter(out);
    writeFileSync(
      join(out, 'run.lock'),
      JSON.stringify({ pid: 1, host: `not-${hostname()}`, machine: '', born: '' }),
    );
    await evaluateRun(out, { threads: 1 });
    expect(left(out)).toHaveLength(3);
  });
});

describe('a log', () => {
  test.each([
    ['a torn line', (log: string) => truncateSync(log, readFileSync(log).length - 40)],
    ['a last line without its end', (log: string) => truncateSync(log, readFileSync(log).length - 1)],
    ['zeros, as after a power cut', (log: string) => appendFileSync(log, '\0\0\0')],
    ['half a letter', (log: string) => appendFileSync(log, Buffer.from([0x7b, 0xc3]))],
    ['lines that are no events', (log: string) => appendFileSync(log, 'null\n17\n[]\n{"event":"epoch"}\n{')],
  ])('with %s takes what comes next on a line of its own', async (_, damage) => {
    const out = await newRun(2);
    damage(runFiles(out).log);
    const { evaluation } = await evaluateRun(out, { threads: 1, labels: 40 });
    const { entries } = await readLog(runFiles(out).log);
    expect(entries.at(-1)).toMatchObject({ event: 'readout', labelled: 40, accuracy: evaluation.accuracy });
    await carryOut({ resume: out });
    expect((await readLog(runFiles(out).log)).unreadable).toBe(0);
  });

  test('that is empty or missing is begun', async () => {
    const log = join(temporaryFolder(), 'log.jsonl');
    await appendLog(log, { event: 'warning', message: 'a' });
    writeFileSync(log, '');
    await appendLog(log, { event: 'warning', message: 'b' });
    expect((await readLog(log)).entries).toMatchObject([{ message: 'b' }]);
  });

  test('that cannot be written does not take a measurement away', async () => {
    const out = await newRun();
    rmSync(runFiles(out).log);
    mkdirSync(runFiles(out).log);
    const { evaluation, warnings } = await evaluateRun(out, { threads: 1 });
    expect(evaluation.accuracy).toHaveProperty('association-average');
    expect(warnings[0].message).toMatch(/the result is not in the run's log: cannot write/);
  });
});

describe('a saved file with values that are no numbers', () => {
  test.each([
    ['model', Number.NaN],
    ['model', Number.POSITIVE_INFINITY],
    ['checkpoint', Number.NaN],
  ] as const)('is refused by name: %s, %d', async (which, value) => {
    const out = await newRun(2);
    const file = runFiles(out)[which];
    const { tensors, metadata } = decodeSafetensors(readFileSync(file));
    const [name, tensor] = [...tensors][0];
    (tensor.data as Float32Array)[3] = value;
    writeFileSync(file, Buffer.concat(encodeSafetensors(tensors, metadata)));
    const using = which === 'model' ? evaluateRun(out, { threads: 1 }) : carryOut({ resume: out });
    await expect(using).rejects.toThrow(
      `${file} cannot be used: "${name}" holds values that are not finite numbers`,
    );
  });
});

/** A folder of small images, `perClass` of each of two classes. */
function imageFolder(folder: string, perClass = 20): string {
  for (const [c, name] of ['cat', 'dog'].entries()) {
    mkdirSync(join(folder, name), { recursive: true });
    for (let i = 0; i < perClass; i++) writeImage(join(folder, name, `${i}.png`), 40 * c + i);
  }
  return folder;
}

function writeImage(file: string, shade: number): void {
  const data = Uint8Array.from({ length: 64 }, (_, p) => (shade * 7 + p * 3) % 256);
  writeFileSync(file, encode({ width: 8, height: 8, channels: 1, depth: 8, data }));
}

describe('a run on data of the user', () => {
  const own = (dataset: string, over = {}) =>
    tinyConfig({ dataset, limit: null, layers: [64, 20, 40], readout: { labels: '100%' }, ...over });

  async function trained(perClass = 20): Promise<{ images: string; out: string }> {
    const folder = temporaryFolder();
    const images = imageFolder(join(folder, 'images'), perClass);
    const out = join(folder, 'run');
    await carryOut({ config: own(images), out, stopAfter: 2 });
    return { images, out };
  }

  test('remembers where they are, what they are and how many', async () => {
    const { images, out } = await trained();
    const { provenance } = JSON.parse(readFileSync(runFiles(out).config, 'utf8'));
    expect(provenance).toMatchObject({ source: images, classes: ['cat', 'dog'] });
    expect(provenance.items).toEqual({ train: 33, test: 7, labelled: 40 });
    expect(provenance.digest).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each<[string, (images: string) => void, RegExp]>([
    [
      'an image more',
      (images) => writeImage(join(images, 'cat', '99.png'), 99),
      /33 training and 7 test items.*34/,
    ],
    [
      'an image less',
      (images) => rmSync(join(images, 'dog', '3.png')),
      /33 training and 7 test items.*32|33 .*6/,
    ],
    [
      'another image',
      (images) => writeImage(join(images, 'cat', '3.png'), 99),
      /as many items.*other values/,
    ],
    [
      'another name',
      (images) => renameSync(join(images, 'cat', '3.png'), join(images, 'cat', '31.png')),
      /as many items/,
    ],
    [
      'another class name',
      (images) => renameSync(join(images, 'dog'), join(images, 'cow')),
      /classes cat, dog .*cat, cow/,
    ],
  ])('with %s is not resumed, and is measured and reported with a warning', async (_, change, message) => {
    const { images, out } = await trained();
    await writeReport([out], { threads: 1 });
    const [report, log] = [join(out, 'report.html'), runFiles(out).log].map((file) => readFileSync(file));
    change(images);
    await expect(carryOut({ resume: out })).rejects.toThrow(message);
    expect(readFileSync(runFiles(out).log)).toEqual(log);
    const { evaluation, warnings } = await evaluateRun(out, { threads: 1 });
    expect(warnings[0].message).toMatch(message);
    expect(evaluation.changedData).toMatch(message);
    const written = await writeReport([out], { threads: 1 });
    expect(written.warnings.join('\n')).toMatch(message);
    expect(written.file).toBe(join(out, 'report-log-only.html'));
    expect(readFileSync(join(out, 'report.html'))).toEqual(report);
  });

  test('goes on where they have been moved to, and remembers that', async () => {
    const { images, out } = await trained();
    const moved = `${images}-moved`;
    renameSync(images, moved);
    await expect(evaluateRun(out, { threads: 1 })).rejects.toThrow(
      `not where they were, at ${images}; if they have been moved, say where they are now with --set dataset=PATH`,
    );
    await expect(carryOut({ resume: out })).rejects.toThrow(/not where they were/);
    expect((await evaluateRun(out, { threads: 1, set: [`dataset=${moved}`] })).warnings).toEqual([]);
    expect((await writeReport([out], { threads: 1, movedTo: moved })).warnings).toEqual([]);
    await carryOut({ resume: out, config: own(moved) });
    expect((await evaluateRun(out, { threads: 1 })).warnings).toEqual([]);
  });

  test('is not resumed with other data in another place', async () => {
    const { out } = await trained();
    const other = imageFolder(join(temporaryFolder(), 'images'), 25);
    await expect(carryOut({ resume: out, config: own(other) })).rejects.toThrow(/have changed/);
  });

  test('finds them from another working folder, whatever was typed', async () => {
    const folder = temporaryFolder();
    imageFolder(join(folder, 'images'));
    const here = process.cwd();
    onTestFinished(() => process.chdir(here));
    process.chdir(folder);
    await carryOut({ config: own('images'), stopAfter: 1 });
    expect(readdirSync('runs')).toEqual(['images-seed1']);
    process.chdir(here);
    const out = join(folder, 'runs', 'images-seed1');
    expect((await evaluateRun(out, { threads: 1 })).warnings).toEqual([]);
    await carryOut({ resume: out });
  });

  test('keeps its report when the data are gone', async () => {
    const { images, out } = await trained();
    await writeReport([out], { threads: 1 });
    const report = readFileSync(join(out, 'report.html'));
    renameSync(images, `${images}-away`);
    for (const file of [undefined, join(out, 'report.html')]) {
      const written = await writeReport([out], { threads: 1, out: file });
      expect(written.file).toBe(join(out, 'report-log-only.html'));
      expect(readFileSync(join(out, 'report.html'))).toEqual(report);
    }
    rmSync(join(out, 'report.html'));
    expect((await writeReport([out], { threads: 1 })).file).toBe(join(out, 'report.html'));
    renameSync(`${images}-away`, images);
    expect((await writeReport([out], { threads: 1 })).file).toBe(join(out, 'report.html'));
  });

  test('with fewer labels than its readout asks for names the setting, and makes no folder', async () => {
    const folder = temporaryFolder();
    const images = imageFolder(join(folder, 'images'), 10);
    const out = join(folder, 'run');
    await expect(carryOut({ config: own(images, { readout: { labels: 100 } }), out })).rejects.toThrow(
      /readout\.labels: 100 labelled items .*only 17; --set readout\.labels=100% takes all/,
    );
    const few = tinySemiSupervised({
      ...{ dataset: images, limit: { train: 17, test: 3 }, layers: [64, 20, 2] },
      semi: { labels: 30 },
    });
    await expect(carryOut({ config: few, out })).rejects.toThrow(/semi\.labels: 30 labelled items .*only 17/);
    expect(existsSync(out)).toBe(false);
  });
});

describe('a label file', () => {
  test('that has changed since is noticed', async () => {
    const folder = temporaryFolder();
    const [labels, out] = [join(folder, 'labels.csv'), join(folder, 'run')];
    const lines = Array.from({ length: 60 }, (_, i) => `${i},${i % 10}`);
    writeFileSync(labels, `item,label\n${lines.join('\n')}\n`);
    const config = tinySemiSupervised({ semi: { labels: null, labelFile: labels } });
    await carryOut({ config, out, stopAfter: 1 });
    writeFileSync(labels, `item,label\n${lines.slice(0, 50).join('\n')}\n`);
    await expect(carryOut({ resume: out })).rejects.toThrow(/have changed/);
  });
});

test.each(['config.json', 'model.safetensors', 'log.jsonl', '../run/checkpoint.safetensors', 'report', '.'])(
  'a report does not overwrite %s',
  async (name) => {
    const out = await newRun(1);
    const before = readdirSync(out).map((file) => readFileSync(join(out, file)).length);
    await expect(writeReport([out], { out: join(out, name) })).rejects.toThrow(/ends in \.html/);
    expect(readdirSync(out).map((file) => readFileSync(join(out, file)).length)).toEqual(before);
  },
);

test.each([
  ['a byte order mark', (text: string) => Buffer.from(`\uFEFF${text}`)],
  ['UTF-16, as PowerShell writes it', (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le')],
])('a run whose config.json was saved with %s can be used', async (_, encoded) => {
  const out = await newRun(1);
  const { config } = runFiles(out);
  writeFileSync(config, encoded(readFileSync(config, 'utf8')));
  expect((await evaluateRun(out, { threads: 1 })).evaluation.epoch).toBe(1);
  await carryOut({ resume: out });
});
