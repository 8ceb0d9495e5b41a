/** The command where its surroundings fail it: one line that says what to do, and no work lost. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../run/temporary.js';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const built = existsSync(main);
if (!built)
  console.log('skipped: the command in odd surroundings, because dist/ is not built (npm run build)');

interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

interface Call {
  readonly cwd: string;
  readonly node?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** A file descriptor for standard output or error. */
  readonly stdout?: number;
  readonly stderr?: number;
  readonly during?: (out: string, kill: (signal: NodeJS.Signals) => void) => void;
}

function selftarget(args: readonly string[], call: Call): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...(call.node ?? []), main, ...args], {
      cwd: call.cwd,
      env: { ...process.env, SELFTARGET_DEBUG: '', ...call.env },
      stdio: ['ignore', call.stdout ?? 'pipe', call.stderr ?? 'pipe'],
    });
    let [out, err] = ['', ''];
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      call.during?.(out, (signal) => child.kill(signal));
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, out, err }));
  });
}

const quick = [
  '--epochs',
  '2',
  '--set',
  'limit.train=100',
  '--set',
  'classifier.epochs=1',
  '--threads',
  '1',
  '--no-report',
];
const train = (...more: string[]) => ['train', ...quick, ...more];

function expectOneLine({ err, status }: Ended, message: RegExp): void {
  expect(err).toMatch(message);
  expect(err).not.toMatch(/\n {4}at |bug in selftarget/);
  expect(status).toBe(1);
}

describe.skipIf(!built)('selftarget', () => {
  test('without WebAssembly says so', async () => {
    const ended = await selftarget(train(), { cwd: temporaryFolder(), node: ['--jitless'] });
    expectOneLine(ended, /^error: .*WebAssembly/m);
  });

  test.runIf(process.platform === 'linux')('whose runs/ is a link to nowhere says so', async () => {
    const cwd = temporaryFolder();
    symlinkSync('/not/mounted', join(cwd, 'runs'));
    expectOneLine(await selftarget(train(), { cwd }), /^error: cannot write to .*runs: it is a link/);
  });

  test.runIf(process.platform === 'linux')('in a folder that is gone says so', async () => {
    const cwd = temporaryFolder();
    const script = `cd ${cwd} && rmdir ${cwd} && exec ${process.execPath} ${main} train --epochs 1`;
    const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'ignore', 'pipe'] });
    let err = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
    mkdirSync(cwd);
    expect(status).toBe(1);
    expect(err).not.toMatch(/bug in selftarget/);
  });

  test.runIf(existsSync('/dev/full'))('whose standard output is on a full disk saves the run', async () => {
    const cwd = temporaryFolder();
    for (const [n, json] of [[], ['--json']].entries()) {
      const out = `run${n}`;
      const ended = await selftarget(train('--out', out, ...json), {
        cwd,
        stdout: openSync('/dev/full', 'w'),
      });
      expectOneLine(ended, /^error: standard output could not be written: the disk is full/);
      expect(readFileSync(join(cwd, out, 'log.jsonl'), 'utf8')).toContain('"event":"done"');
      expect(existsSync(join(cwd, out, 'checkpoint.safetensors'))).toBe(true);
    }
  });

  test.runIf(existsSync('/dev/full'))('whose standard error is on a full disk ends as well', async () => {
    const cwd = temporaryFolder();
    const { status } = await selftarget(train('--out', 'run'), { cwd, stderr: openSync('/dev/full', 'w') });
    expect(status).toBe(0);
    const wrong = await selftarget(['train', 'nothing-like-it'], { cwd, stderr: openSync('/dev/full', 'w') });
    expect(wrong.status).toBe(2);
  });

  test('with --json tells on its last line how it failed', async () => {
    const cwd = temporaryFolder();
    const last = ({ out }: Ended) => JSON.parse(out.trimEnd().split('\n').at(-1) ?? '');
    expect(last(await selftarget(['train', 'digitz', '--json'], { cwd }))).toEqual({
      event: 'error',
      status: 2,
      message: 'unknown preset "digitz"; did you mean "digits"?',
    });
    expect(last(await selftarget(['evaluate', '--json', '--bogus'], { cwd }))).toMatchObject({
      event: 'error',
      status: 2,
      message: expect.stringContaining("unknown option '--bogus'"),
    });
    const diverging = ['--set', 'learningRates=[1e12]', '--set', 'activations=["identity","identity"]'];
    expect(last(await selftarget(['train', '--json', '--no-report', ...diverging], { cwd }))).toMatchObject({
      event: 'error',
      status: 1,
      message: expect.stringContaining('diverged'),
    });
  });

  test('names runs on data of the user after these, and refuses more labels than there are', async () => {
    const cwd = temporaryFolder();
    const rows = Array.from(
      { length: 60 },
      (_, i) => `${i % 2 ? 'a' : 'b'},${(i * 7) % 256},${(i * 31) % 256}`,
    );
    writeFileSync(join(cwd, 'my table.csv'), `label,x,y\n${rows.join('\n')}\n`);
    const own = ['--set', 'dataset=my table.csv', '--set', 'layers=[2,20]', '--set', 'target.winners=1'];
    const plain = ['--epochs', '1', '--set', 'classifier.epochs=1', '--threads', '1', '--no-report'];
    const refused = await selftarget(['train', ...plain, ...own], { cwd });
    expect(refused.status).toBe(2);
    expect(refused.err).toMatch(
      /readout\.labels: 100 labelled items .*only 50; --set readout\.labels=100% takes all/,
    );
    expect(existsSync(join(cwd, 'runs'))).toBe(false);
    const { out } = await selftarget(['train', ...plain, ...own, '--set', 'readout.labels=100%'], { cwd });
    expect(existsSync(join(cwd, 'runs', 'my table-seed1'))).toBe(true);
    expect(out).toMatch(/Trained without labels for 1 epoch in/);
    const command = /Measure it again: +(.*)/.exec(out)?.[1] ?? '';
    expect(command).toMatch(/evaluate 'runs\/my table-seed1' --labels 50%$/);
    const { status, err } = await selftarget(['evaluate', 'runs/my table-seed1', '--labels', '99999'], {
      cwd,
    });
    expect(status).toBe(2);
    expect(err).toMatch(/^error: --labels: 99999 labelled items .*only 50/);
  });

  test('finds presets by words, and says where there is none', async () => {
    const cwd = temporaryFolder();
    const { out } = await selftarget(['presets', 'CNN', 'unsupervised', '--json'], { cwd });
    const found = JSON.parse(out);
    expect(found.length).toBeGreaterThan(2);
    for (const preset of found) {
      expect(preset).toMatchObject({ regime: 'unsupervised', length: expect.any(String) });
      expect(preset.name).toContain('cnn');
    }
    const none = await selftarget(['presets', 'zebra'], { cwd });
    expect(none.status).toBe(2);
    expect(none.err).toMatch(/no preset matches "zebra"/);
  });

  test('interrupted while it writes the report keeps the run and ends with 130', async () => {
    const cwd = temporaryFolder();
    let sent = false;
    const args = ['train', '--json', '--epochs', '1', '--threads', '1', '--out', 'run'];
    const { status, out } = await selftarget(args, {
      cwd,
      during: (text, kill) => {
        if (sent || !text.includes('"network":"trained"')) return;
        sent = true;
        // The readout is the last event before the report.
        if (existsSync(join(cwd, 'run', 'log.jsonl'))) kill('SIGINT');
      },
    });
    expect(status).toBe(130);
    expect(out.trimEnd().split('\n').at(-1)).toMatch(/"event":"(done|interrupted)"/);
    rmSync(join(cwd, 'run'), { recursive: true });
  });
});
