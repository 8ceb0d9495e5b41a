/** `selftarget serve` as its users have it: the built package in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const page = fileURLToPath(new URL('../../dist/app/index.html', import.meta.url));
const built = existsSync(main) && existsSync(page);
if (!built) console.log('skipped: selftarget serve, because dist/ is not built (npm run build)');

function serve(...args: string[]): { child: ChildProcess; address: Promise<string>; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [main, 'serve', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let [out, err] = ['', ''];
  const address = new Promise<string>((resolve) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      const found = /http:\S+/.exec(out)?.[0];
      if (found) resolve(found);
    });
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (status) => resolve({ status, out, err }));
  });
  return { child, address, ended };
}

interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

describe.skipIf(!built)('selftarget serve', () => {
  test('prints where the page is, serves it, and ends well on Ctrl-C though a browser is connected', async () => {
    const { child, address, ended } = serve('--port', '0');
    const response = await fetch(await address);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('<div id="app">');
    child.kill('SIGINT');
    const { status, out, err } = await ended;
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toMatch(/Data sets on the page: digits/);
  });

  test('a port in use is an error that says what to do', async () => {
    const first = serve('--port', '0');
    const port = new URL(await first.address).port;
    const { status, err } = await serve('--port', port).ended;
    expect(status).toBe(1);
    expect(err).toBe(
      `error: port ${port} is in use; choose another with --port, or --port 0 for any that is free\n`,
    );
  });

  test.each(['http', '70000', '-1'])('refuses %s as a port', async (port) => {
    const { status, err } = await serve(`--port=${port}`).ended;
    expect(status).toBe(2);
    expect(err).toMatch(/--port/);
  });
});
