import { afterEach, describe, expect, test } from 'vitest';
import { probe } from '../../../src/wasm/compute/capabilities.js';
import { type Compute, createCompute } from '../../../src/wasm/compute/compute.js';

const open: Compute[] = [];
async function start(threads = 1): Promise<Compute> {
  const compute = await createCompute({ threads });
  open.push(compute);
  return compute;
}
afterEach(() => {
  for (const compute of open.splice(0)) compute.dispose();
});

describe('threads', () => {
  test.each([0, -1, 1.5, 65, Number.NaN])('%f of them are refused', async (threads) => {
    await expect(createCompute({ threads })).rejects.toThrow(/threads must be a whole number from 1 to 64/);
  });

  test('are as many as asked for, the cores of the machine otherwise', async () => {
    expect((await start(3)).threads).toBe(3);
    const compute = await createCompute();
    open.push(compute);
    expect(compute.threads).toBe(Math.min((await probe()).cores, 64));
  });

  test.each([1, 2, 3])('%i of them each do their share of every one of many operations', async (threads) => {
    const compute = await start(threads);
    const [rows, stride] = [3, 160];
    const y = compute.allocate(4 * rows * stride);
    const ones = compute.allocate(4 * rows * stride);
    compute.f32(y, rows * stride).fill(1);
    compute.f32(ones, rows * stride).fill(0.5);
    for (let i = 0; i < 100; i++)
      compute.run('activate', {
        z: y,
        slope: 0,
        mask: ones,
        batch: rows,
        width: stride,
        stride,
        activation: 0,
      });
    expect(new Set(compute.f32(y, rows * stride))).toEqual(new Set([Math.fround(0.5 ** 100)]));
  });

  test('wake up again after they went to sleep', async () => {
    const compute = await start(3);
    const y = compute.allocate(4 * 96);
    compute.f32(y, 96).fill(-1);
    compute.run('activate', { z: y, slope: 0, mask: 0, batch: 1, width: 96, stride: 96, activation: 0 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    compute.run('activate', { z: y, slope: 0, mask: 0, batch: 1, width: 96, stride: 96, activation: 1 });
    expect(new Set(compute.f32(y, 96))).toEqual(new Set([0]));
  });

  test('can be started and ended many times', async () => {
    for (let i = 0; i < 30; i++) {
      const compute = await createCompute({ threads: 2 });
      const y = compute.allocate(4 * 64);
      compute.run('activate', {
        z: y,
        slope: 0,
        mask: 0,
        batch: 1,
        width: 64,
        stride: 64,
        activation: activationSigmoid,
      });
      expect(compute.f32(y, 64)[63]).toBe(0.5);
      compute.dispose();
    }
  });
});

/** The kernels' number of the sigmoid. */
const activationSigmoid = 3;

describe('builds', () => {
  test('the one asked for runs; otherwise the fastest that the runtime has', async () => {
    const plain = await createCompute({ threads: 1, kernel: 'plain' });
    open.push(plain);
    expect(plain.kernel).toBe('plain');
    const { relaxedSimd, behindFlags } = await probe();
    const isProven = process.versions.v8.startsWith('14.6.') && behindFlags.widening;
    const isRelaxed = relaxedSimd || behindFlags.relaxedSimd;
    expect((await start()).kernel).toBe(isProven ? 'wide' : isRelaxed ? 'relaxed' : 'plain');
  });
});
