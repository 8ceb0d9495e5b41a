/** The command when its threads fail: it ends by itself, or by one SIGTERM, and says what was wrong. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const preload = new URL('../wasm/compute/faultyWorkers.mjs', import.meta.url).href;
const built = existsSync(main);
if (!built)
  console.log('skipped: the command with failing threads, because dist/ is not built (npm run build)');

/** Trains with the fault; sends SIGTERM after so many milliseconds. Seconds count from there, or from the start. */
async function train(sound: string, fault: string, terminateAfter?: number) {
  const folder = mkdtempSync(join(tmpdir(), 'selftarget-'));
  const args = [
    'train',
    'digits',
    '--epochs',
    '2000',
    '--threads',
    '2',
    '--no-report',
    '--out',
    join(folder, 'run'),
  ];
  const env = { ...process.env, FAULT: JSON.stringify([sound, fault]) };
  const child = spawn(process.execPath, ['--import', preload, main, ...args], { env, cwd: folder });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk));
  let from = performance.now();
  if (terminateAfter !== undefined) {
    setTimeout(() => {
      from = performance.now();
      child.kill('SIGTERM');
    }, terminateAfter);
  }
  const last = setTimeout(() => child.kill('SIGKILL'), 40_000);
  const [status, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.on('close', (...how) => resolve(how)),
  );
  clearTimeout(last);
  rmSync(folder, { recursive: true, force: true });
  return { text, status, signal, seconds: (performance.now() - from) / 1000 };
}

const inHand = 'for (let j = 0; j < args.length';
const kernel = 'operations[control[OPERATION]](part';
const next = 'sequence = nextCommand';
const faults: [what: string, sound: string, fault: string, message: RegExp][] = [
  [
    'cannot set up its kernels',
    'new WebAssembly.Instance(module',
    'new WebAssembly.Instance(0',
    /did not start/,
  ],
  ['ends between operations', next, `if (sequence > 50) process.exit(0); ${next}`, /thread is lost/],
  ['ends in the middle of an operation', inHand, `if (sequence > 50) process.exit(0); ${inHand}`, /is lost/],
  ['ends with an exception', inHand, `if (sequence > 50) throw new Error('planted'); ${inHand}`, /is lost/],
  ['fails in a kernel', kernel, `if (sequence > 50) unknown(); ${kernel}`, /operation \w+ failed/],
];

describe.skipIf(!built)('a worker thread', () => {
  test.each(faults)('that %s ends the command with an error', async (_, sound, fault, message) => {
    const { text, status, seconds } = await train(sound, fault);
    expect(text).toMatch(message);
    expect(text).not.toMatch(/fault of selftarget|\n {4}at /);
    expect(status).toBe(1);
    expect(seconds).toBeLessThan(30);
  });

  test('that is stuck does not keep the command from ending by one SIGTERM', async () => {
    const stuck = `if (sequence > 50) Atomics.wait(control, ASLEEP, 0); ${inHand}`;
    const { signal, status, seconds } = await train(inHand, stuck, 4000);
    expect(signal).toBe('SIGTERM');
    expect(status).toBe(null);
    expect(seconds).toBeLessThan(2);
  });
});
