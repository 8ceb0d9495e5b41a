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

describe('memory', () => {
  test('comes cleared and aligned to a cache line, and pieces do not overlap', async () => {
    const compute = await start();
    const pieces = [1, 3, 64, 65, 4000, 70_000].map((bytes) => ({ bytes, address: compute.allocate(bytes) }));
    pieces.sort((a, b) => a.address - b.address);
    pieces.forEach(({ bytes, address }, i) => {
      expect(address % 64).toBe(0);
      expect(compute.f32(address, Math.floor(bytes / 4)).every((v) => v === 0)).toBe(true);
      if (i > 0) expect(address).toBeGreaterThanOrEqual(pieces[i - 1].address + pieces[i - 1].bytes);
    });
  });

  test('that was given back is used again, cleared', async () => {
    const compute = await start();
    const address = compute.allocate(400);
    compute.f32(address, 100).fill(3);
    compute.free(address);
    const again = compute.allocate(390);
    expect(again).toBe(address);
    expect(compute.f32(again, 97).every((v) => v === 0)).toBe(true);
  });

  test('does not grow when the same sizes are taken and given back over and over', async () => {
    const compute = await start();
    const seen = new Set<number>();
    for (let round = 0; round < 100; round++) {
      const taken = [1000, 2000, 1000].map((bytes) => compute.allocate(bytes));
      for (const address of taken) {
        seen.add(address);
        compute.free(address);
      }
    }
    expect(seen.size).toBe(3);
  });

  test('cannot be given back twice, or when it was never taken', async () => {
    const compute = await start();
    const address = compute.allocate(64);
    compute.free(address);
    expect(() => compute.free(address)).toThrow(RangeError);
    expect(() => compute.free(address + 4)).toThrow(/not allocated/);
  });

  test('keeps its views when it grows', async () => {
    const compute = await start();
    const address = compute.allocate(64);
    const view = compute.f32(address, 16);
    view[5] = 1.5;
    const large = compute.allocate(8 << 20);
    compute.f32(large, 2 << 20)[(2 << 20) - 1] = 2;
    expect(view[5]).toBe(1.5);
    view[6] = 2.5;
    expect(compute.f32(address, 16)[6]).toBe(2.5);
  });

  test('reads as floats and as doubles', async () => {
    const compute = await start();
    const address = compute.allocate(64);
    compute.f64(address, 1)[0] = Math.PI;
    const floats = compute.f32(address, 2);
    expect(new Float64Array(floats.slice().buffer)[0]).toBe(Math.PI);
  });

  test('that is too much to have is refused in words, and smaller pieces can still be had', async () => {
    const compute = await start();
    expect(() => compute.allocate(3 * 2 ** 30)).toThrow(/out of memory.*use a smaller network or batch/);
    const address = compute.allocate(64);
    expect(compute.f32(address, 16).length).toBe(16);
  });
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
    for (let i = 0; i < 100; i++) compute.run('activate', y, 0, ones, rows, stride, stride, 0);
    expect(new Set(compute.f32(y, rows * stride))).toEqual(new Set([Math.fround(0.5 ** 100)]));
  });

  test('wake up again after they went to sleep', async () => {
    const compute = await start(3);
    const y = compute.allocate(4 * 96);
    compute.f32(y, 96).fill(-1);
    compute.run('activate', y, 0, 0, 1, 96, 96, 0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    compute.run('activate', y, 0, 0, 1, 96, 96, 1);
    expect(new Set(compute.f32(y, 96))).toEqual(new Set([0]));
  });

  test('can be started and ended many times', async () => {
    for (let i = 0; i < 30; i++) {
      const compute = await createCompute({ threads: 2 });
      const y = compute.allocate(4 * 64);
      compute.run('activate', y, 0, 0, 1, 64, 64, activationSigmoid);
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
    const { relaxedSimd, widening } = await probe();
    expect((await start()).kernel).toBe(widening ? 'wide' : relaxedSimd ? 'relaxed' : 'plain');
  });
});
