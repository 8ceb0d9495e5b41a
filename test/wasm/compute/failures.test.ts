/** Worker threads that fail in every way that we know of: each ends in an error that says so, in time, or in the right result. */
import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Compute } from '../../../src/wasm/compute/compute.js';
import { workerSource } from '../../../src/wasm/compute/workerSource.js';

const open: Compute[] = [];
/** Workers of these computes run threads.js with `fault` in the place of `sound`. */
async function start(threads: number, sound?: string, fault = ''): Promise<Compute> {
  vi.resetModules();
  if (sound !== undefined) expect(workerSource).toContain(sound);
  const faulty = sound === undefined ? workerSource : workerSource.replace(sound, fault);
  vi.doMock('../../../src/wasm/compute/workerSource.js', () => ({ workerSource: faulty }));
  // Otherwise no more threads take part than the machine has cores.
  vi.doMock('../../../src/wasm/compute/platform/node.js', async (original) => {
    const { platform, ...rest } =
      await original<typeof import('../../../src/wasm/compute/platform/node.js')>();
    return { ...rest, platform: { ...platform, cores: 8 } };
  });
  const { createCompute } = await import('../../../src/wasm/compute/compute.js');
  const compute = await createCompute({ threads, kernel: 'plain' });
  open.push(compute);
  return compute;
}

let workersBefore = 0;
/** Threads of this process; where that cannot be known, always as many. */
const workers = () => (process.platform === 'linux' ? readdirSync('/proc/self/task').length : 0);

beforeEach(async () => {
  // Those of tests before take a moment to end.
  for (let now = 0, last = -1; now !== last; now = workers()) {
    last = now;
    await tick(50);
  }
  workersBefore = workers();
});
afterEach(() => {
  for (const compute of open.splice(0)) compute.dispose();
  vi.doUnmock('../../../src/wasm/compute/workerSource.js');
});

const tick = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs an operation and checks what it should have done to each of its many values. */
function works(compute: Compute): void {
  const [rows, stride] = [4, 512];
  const y = compute.allocate(4 * rows * stride);
  const mask = compute.allocate(4 * rows * stride);
  compute.f32(y, rows * stride).forEach((_, j, values) => (values[j] = j - 100));
  compute.f32(mask, rows * stride).fill(2);
  compute.run('activate', { z: y, slope: 0, mask, batch: rows, width: stride, stride, activation: RELU });
  const wrong = compute.f32(y, rows * stride).findIndex((v, j) => v !== 2 * Math.max(0, j - 100));
  expect(wrong).toBe(-1);
  for (const address of [y, mask]) compute.free(address);
}

const RELU = 1;

/** Columns from the middle on lie beyond the memory. */
function traps(compute: Compute): void {
  const stride = 512;
  compute.run('activate', {
    z: compute.memory().reserved - 2 * stride,
    slope: 0,
    mask: 0,
    batch: 1,
    width: stride,
    stride,
    activation: RELU,
  });
}

const timed = (use: () => unknown) => {
  const before = performance.now();
  let error: Error | undefined;
  try {
    use();
  } catch (thrown) {
    error = thrown as Error;
  }
  return { error, seconds: (performance.now() - before) / 1000 };
};

describe('a worker', () => {
  test.each([
    ['cannot set up its kernels', 'new WebAssembly.Instance(module', 'new WebAssembly.Instance(undefined', 2],
    ['ends while it starts', 'ready();', 'process.exit(3);', 2],
    ['never comes to work', 'ready();', 'Atomics.wait(control, ASLEEP, 0);', 10],
  ])(
    'that %s is an error, and no other worker is left',
    async (_, sound, fault, seconds) => {
      const before = performance.now();
      await expect(start(3, sound, fault)).rejects.toMatchObject({
        name: 'WorkerLostError',
        message: expect.stringMatching(/a worker thread did not start: ./),
      });
      expect((performance.now() - before) / 1000).toBeLessThan(seconds);
      await vi.waitFor(() => expect(workers()).toBeLessThanOrEqual(workersBefore), 2000);
    },
    20_000,
  );

  test('that one of several does not start ends the others', async () => {
    const fault = 'if (worker === 2) throw new Error("planted"); ready();';
    await expect(start(4, 'ready();', fault)).rejects.toThrow(/did not start: planted/);
    await vi.waitFor(() => expect(workers()).toBeLessThanOrEqual(workersBefore), 2000);
  });

  test('that ends between operations leaves the result right, and is an error from then on', async () => {
    const compute = await start(
      3,
      'sequence = nextCommand',
      'if (sequence >= 2) process.exit(0); sequence = nextCommand',
    );
    for (let i = 0; i < 5; i++) works(compute);
    await tick(300);
    const { error, seconds } = timed(() => works(compute));
    expect(error).toMatchObject({
      name: 'WorkerLostError',
      message: expect.stringContaining('create a new one'),
    });
    expect(seconds).toBeLessThan(0.5);
    await vi.waitFor(() => expect(workers()).toBeLessThanOrEqual(workersBefore), 2000);
    compute.dispose();
  });

  test('that ends in the middle of an operation is an error within seconds, and from then on', async () => {
    const compute = await start(
      2,
      'for (let j = 0; j < args.length',
      'process.exit(0); for (let j = 0; j < args.length',
    );
    const { error, seconds } = timed(() => {
      // Until it claims a part.
      for (let i = 0; i < 10_000; i++) works(compute);
    });
    expect(error).toMatchObject({ name: 'WorkerLostError', message: expect.stringMatching(/ended/) });
    expect(seconds).toBeLessThan(process.platform === 'linux' ? 5 : 15);
    expect(timed(() => works(compute)).error?.name).toBe('WorkerLostError');
  });

  test('that is stuck in the middle of an operation is given up within ten seconds', async () => {
    const stuck = 'Atomics.wait(control, ASLEEP, 0); for (let j = 0; j < args.length';
    const compute = await start(2, 'for (let j = 0; j < args.length', stuck);
    const { error, seconds } = timed(() => {
      for (let i = 0; i < 10_000; i++) works(compute);
    });
    expect(error).toMatchObject({
      name: 'WorkerLostError',
      message: expect.stringMatching(/did not finish/),
    });
    expect(seconds).toBeLessThan(15);
    await vi.waitFor(() => expect(workers()).toBeLessThanOrEqual(workersBefore), 2000);
  }, 30_000);

  test('that starts late, or never wakes up, holds up nobody', async () => {
    const compute = await start(
      3,
      'sequence = nextCommand',
      'Atomics.wait(control, ASLEEP, 0); sequence = nextCommand',
    );
    const { error, seconds } = timed(() => {
      for (let i = 0; i < 200; i++) works(compute);
    });
    expect(error).toBeUndefined();
    expect(seconds).toBeLessThan(5);
  });
});

describe('an operation that fails', () => {
  test.each([1, 2, 3])('on %i threads says which and why, and the next ones are right', async (threads) => {
    const compute = await start(threads);
    for (let i = 0; i < 300; i++) {
      const { error } = timed(() => traps(compute));
      expect(error).toMatchObject({
        name: 'KernelTrapError',
        message: expect.stringMatching(/operation activate failed \(memory access out of bounds\)/),
      });
      works(compute);
    }
  });

  test('in a worker alone, whose part it always is', async () => {
    // The caller is slow enough to leave part 1 to it.
    const compute = await start(
      2,
      'operations[control[OPERATION]]',
      'if (part === 1) throw new Error("planted"); operations[control[OPERATION]]',
    );
    let failures = 0;
    for (let i = 0; i < 10_000 && failures < 20; i++) {
      const { error } = timed(() => works(compute));
      if (!error) continue;
      expect(error.message).toMatch(/operation activate failed \(planted\)/);
      failures++;
    }
    expect(failures).toBe(20);
  });
});

describe('workers that come too late', () => {
  const delay = (chance: number) => `
    globalThis.seed = ((globalThis.seed ?? worker * 7919) * 48271) % 2147483647;
    if (globalThis.seed % ${chance} === 0) for (let n = 0, stop = globalThis.seed % 3000000; n < stop; n++);
  `;
  test.each([
    ['before they look', 'const helpers = Atomics.load', `${delay(3)} const helpers = Atomics.load`],
    [
      'before they claim',
      'if (!claim(control, part, sequence)) continue;',
      `${delay(3)} if (!claim(control, part, sequence)) continue;`,
    ],
    ['with a part in hand', 'for (let j = 0; j < args.length', `${delay(7)} for (let j = 0; j < args.length`],
    [
      'when they are done',
      'Atomics.add(control, DONE, 1);',
      `${delay(7)} Atomics.add(control, DONE, 1); ${delay(5)}`,
    ],
  ])(
    '%s change no bit',
    async (_when, sound, fault) => {
      const sums = async (compute: Compute) => {
        const [batch, inputs, outputs] = [9, 96, 224];
        const take = (length: number, value: (j: number) => number) => {
          const address = compute.allocate(4 * length);
          compute.f32(address, length).forEach((_, j, values) => (values[j] = value(j)));
          return address;
        };
        const h = take(batch * inputs, (j) => Math.sin(j));
        const weights = take(outputs * inputs, (j) => Math.cos(3 * j));
        const bias = take(outputs, (j) => j / 100);
        const [z, offsets, leads, chosen, d, totals] = [
          4,
          8,
          8 * compute.threads,
          4 * compute.threads,
          4,
          8,
        ].map((bytes) => compute.allocate(bytes * batch * outputs));
        const results: number[] = [];
        for (let i = 0; i < 300; i++) {
          compute.f32(h, 1)[0] = i;
          compute.run('forwardDense', { h, weights, bias, z, batch, inputStride: inputs, stride: outputs });
          compute.run('activate', {
            z,
            slope: 0,
            mask: 0,
            batch,
            width: outputs,
            stride: outputs,
            activation: 3,
          });
          compute.run('candidates', {
            y: z,
            homeostasis: offsets,
            leads,
            chosen,
            batch,
            outputs,
            stride: outputs,
            count: 5,
          });
          compute.run('winnersTakeAll', {
            leads,
            chosen,
            mask: 0,
            d,
            sums: totals,
            batch,
            outputs,
            stride: outputs,
            count: 5,
            won: 1,
            lost: 0,
          });
          let sum = 0;
          for (const v of compute.f32(z, batch * outputs)) sum += v;
          compute.f32(d, batch * outputs).forEach((v, j) => (sum += v * j));
          results.push(sum);
        }
        return results;
      };
      const wanted = await sums(await start(1));
      expect(await sums(await start(4, sound, fault))).toEqual(wanted);
    },
    60_000,
  );
});
