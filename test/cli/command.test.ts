/** The command as its users have it: the built package in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../run/temporary.js';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const built = existsSync(main);
if (!built) console.log('skipped: the command, because dist/ is not built (npm run build)');

interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the command in `cwd`; `during` sees standard output as it grows. */
function selftarget(
  cwd: string,
  args: readonly string[],
  during?: (out: string, child: ChildProcess) => void,
  environment: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, SELFTARGET_DEBUG: '', ...environment };
    const child = spawn(process.execPath, [main, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      during?.(out, child);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, out, err }));
  });
}

interface Line {
  readonly event: string;
  readonly [key: string]: unknown;
}

const eventsOf = (out: string): Line[] =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
const quick = ['--epochs', '2', '--set', 'limit.train=100', '--set', 'classifier.epochs=1', '--threads', '1'];

const diverging = ['--set', 'learningRates=[1e12]', '--set', 'activations=["identity","identity"]'];

describe.skipIf(!built)('selftarget', () => {
  test('train --json prints one JSON object a line, nothing else, and "done" at the end', async () => {
    const { status, out, err } = await selftarget(temporaryFolder(), ['train', '--json', ...quick]);
    expect(err).toBe('');
    expect(status).toBe(0);
    const events = eventsOf(out);
    expect(events[0]).toMatchObject({ event: 'start', run: join('runs', 'digits-seed1') });
    expect(events.filter(({ event }) => event === 'epoch').map(({ epoch }) => epoch)).toEqual([1, 2]);
    const done = events[events.length - 1];
    expect(done).toMatchObject({ event: 'done', epochs: 2, threads: 1 });
    for (const key of ['accuracy', 'seconds', 'epochSeconds', 'kernel', 'run'])
      expect(done).toHaveProperty(key);
  });

  test('train says in plain lines what it did', async () => {
    const { status, out } = await selftarget(temporaryFolder(), ['train', ...quick]);
    expect(status).toBe(0);
    expect(out).toMatch(/Trained without labels for 2 epochs/);
    expect(out).toMatch(/untrained +trained +95 % interval\n +association, average +[\d.]+ % +[\d.]+ %/);
    expect(out).toMatch(/linear classifier/);
    expect(out).toMatch(/Neurons per class:\n {2}0: \d+/);
    expect(out).toContain(join('runs', 'digits-seed1'));
    expect(out).not.toContain('\u001b');
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });

  test('--quiet prints the result only', async () => {
    const { out } = await selftarget(temporaryFolder(), ['train', '--json', '--quiet', ...quick]);
    expect(eventsOf(out).map(({ event }) => event)).toEqual(['done']);
    const { out: text } = await selftarget(temporaryFolder(), ['train', '--quiet', ...quick]);
    expect(text).not.toContain('epoch 1/2');
    expect(text).toContain('association, average');
  });

  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s ends with a checkpoint and 130; --resume goes on',
    async (signal) => {
      const folder = temporaryFolder();
      let sent = false;
      const long = [
        'train',
        '--json',
        '--epochs',
        '100000',
        '--out',
        'run',
        '--set',
        'readout.evaluate=last',
      ];
      const first = await selftarget(folder, long, (out, child) => {
        if (!sent && out.includes('"event":"epoch"')) sent = child.kill(signal);
      });
      expect(first.status).toBe(130);
      const [checkpoint, interrupted] = eventsOf(first.out).slice(-2);
      expect(checkpoint.event).toBe('checkpoint');
      expect(interrupted).toMatchObject({ event: 'interrupted', run: 'run', epoch: checkpoint.epoch });

      const second = await selftarget(folder, ['train', '--resume', 'run', '--stop-after', '1', '--json']);
      expect(second.err).toBe('');
      expect(second.status).toBe(0);
      const events = eventsOf(second.out);
      expect(events[0]).toMatchObject({ event: 'resume', epoch: interrupted.epoch, step: interrupted.step });
      expect(events[events.length - 1]).toMatchObject({
        event: 'done',
        epochs: (interrupted.epoch as number) + 1,
      });
      const epochs = readFileSync(join(folder, 'run', 'log.jsonl'), 'utf8').match(/"event":"epoch"/g);
      expect(epochs).toHaveLength((interrupted.epoch as number) + 1);
    },
  );

  test('Ctrl-C tells a person how to go on', async () => {
    let sent = false;
    const args = ['train', '--epochs', '100000', '--out', 'run', '--set', 'readout.evaluate=last'];
    const { status, err } = await selftarget(temporaryFolder(), args, (out, child) => {
      if (!sent && out.includes('epoch')) sent = child.kill('SIGINT');
    });
    expect(status).toBe(130);
    expect(err).toMatch(
      /Interrupted (in epoch \d+, after step \d+|after epoch \d+); saved\. .* train --resume run\n$/,
    );
  });

  test('keeps the work when the reader of its output goes away', async () => {
    const folder = temporaryFolder();
    const args = ['train', '--json', '--epochs', '100000', '--out', 'run', '--set', 'readout.evaluate=last'];
    const { status } = await selftarget(folder, args, (out, child) => {
      if (out.includes('"event":"epoch"')) child.stdout?.destroy();
    });
    expect(status).toBe(130);
    expect(existsSync(join(folder, 'run', 'checkpoint.safetensors'))).toBe(true);
  });

  test.each<[string, string[], number, RegExp]>([
    ['an unknown preset', ['train', 'digitz'], 2, /unknown preset "digitz"; did you mean "digits"\?/],
    [
      'an unknown setting',
      ['train', '--set', 'epoch=3'],
      2,
      /unknown setting "epoch"; did you mean "epochs"\?/,
    ],
    [
      'help for an unknown command',
      ['help', 'trian'],
      2,
      /unknown command 'trian'\n\(Did you mean train\?\)/,
    ],
    ['an unknown command', ['trian'], 2, /unknown command 'trian'\n\(Did you mean train\?\)/],
    [
      'an unknown option',
      ['train', '--epoch', '3'],
      2,
      /unknown option '--epoch'\n\(Did you mean --epochs\?\)/,
    ],
    ['an unknown data set', ['datasets', 'fetch', 'mnits'], 2, /mnist/],
    ['a value that is no number', ['train', '--epochs', '1.5'], 2, /whole number of at least 1/],
    ['no threads', ['train', '--threads', '0'], 2, /whole number from 1 to 64/],
    ['more threads than there can be', ['train', '--threads', '65'], 2, /whole number from 1 to 64/],
    ['an impossible value', ['train', '--set', 'target.winners=5000'], 2, /5000 winners cannot be chosen/],
    ['a folder for a file', ['train', '--config', '.'], 2, /--config \.: it is a folder; name a file in it/],
    [
      'a single width',
      ['train', '--set', 'layers=[64]'],
      2,
      /layers: needs at least .* input and of the output/,
    ],
    ['a missing file', ['train', '--config', 'none.json'], 2, /none.json: there is no such file/],
    ['a resumed run that is none', ['train', '--resume', 'none'], 2, /none is not a run/],
    ['--out with --resume', ['train', '--resume', 'a', '--out', 'b'], 2, /--out is for new runs/],
    ['an evaluated run that is none', ['evaluate', 'none'], 2, /none is not a run/],
    ['no amount of labels', ['evaluate', 'x', '--labels', 'few'], 2, /--labels: "few"/],
    ['too many arguments', ['train', 'digits', 'mnist'], 2, /too many arguments/],
    ['an unwritable folder', ['train', '--out', 'file/run'], 1, /cannot write file\/run: .*--out/],
    ...(process.platform === 'linux'
      ? ([
          [
            'a folder that takes no folders',
            ['train', '--out', '/proc/a/run'],
            1,
            /cannot write \/proc\/a\/run/,
          ],
        ] satisfies [string, string[], number, RegExp][])
      : []),
    ['a diverging run', ['train', ...diverging], 1, /diverged in epoch 1.*learning rate that is too large/],
    ['nothing', [], 2, /Usage: selftarget/],
  ])('%s: says what is wrong and ends with the right status', async (_, args, status, message) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    const ended = await selftarget(folder, args);
    expect(ended.err).toMatch(message);
    expect(ended.err).not.toMatch(/\n {4}at /);
    expect(ended.status).toBe(status);
  });

  test('shows where an error comes from when asked to', async () => {
    const { err } = await selftarget(temporaryFolder(), ['train', 'x'], undefined, { SELFTARGET_DEBUG: '1' });
    expect(err).toMatch(/\n {4}at /);
  });

  test('evaluate measures a run, for people and for programs', async () => {
    const folder = temporaryFolder();
    await selftarget(folder, ['train', '--quiet', '--out', 'run', ...quick]);
    const json = await selftarget(folder, ['evaluate', 'run', '--labels', '20%', '--json']);
    expect(json.err).toBe('');
    const [result] = eventsOf(json.out);
    expect(result).toMatchObject({ labelled: 20, command: 'selftarget evaluate run --labels 20%' });
    expect(result.accuracy).toHaveProperty('linear-classifier');
    const text = await selftarget(folder, ['evaluate', 'run', '--untrained']);
    expect(text.status).toBe(0);
    expect(text.out).toMatch(/linear classifier +[\d.]+ %/);
  });

  test('presets and datasets list what there is', async () => {
    const folder = temporaryFolder();
    const presets = await selftarget(folder, ['presets']);
    for (const name of ['digits', 'unsupervised-bp-1layer', 'supervised-bp-2layer']) {
      expect(presets.out).toMatch(new RegExp(`^ {2}${name} `, 'm'));
    }
    const one = await selftarget(folder, ['presets', 'unsupervised-bp-1layer']);
    writeFileSync(join(folder, 'mine.json'), one.out);
    expect(JSON.parse(one.out)).toMatchObject({ layers: [784, 2000] });
    const datasets = await selftarget(folder, ['datasets', '--json']);
    expect(JSON.parse(datasets.out)).toContainEqual(
      expect.objectContaining({ name: 'digits', available: true }),
    );
  });

  test('help and version end well, and help fits 80 columns', async () => {
    const folder = temporaryFolder();
    expect((await selftarget(folder, ['--version'])).status).toBe(0);
    for (const args of [
      ['--help'],
      ...['train', 'evaluate', 'report', 'reproduce', 'presets', 'datasets', 'serve'].map((name) => [
        name,
        '--help',
      ]),
    ]) {
      const { status, out } = await selftarget(folder, args);
      expect(status).toBe(0);
      expect(out).toContain('Examples:');
      for (const line of out.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
    }
  });
});
