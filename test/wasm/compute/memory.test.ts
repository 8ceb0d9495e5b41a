import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, test } from 'vitest';
import { type Compute, createCompute } from '../../../src/wasm/compute/compute.js';
import { ComputeDisposedError } from '../../../src/wasm/compute/errors.js';
import { BackpropNetwork } from '../../../src/wasm/backprop/network.js';
import { EquilibriumNetwork } from '../../../src/wasm/equilibrium/network.js';
import { type Batch, DisposedError, type Learner } from '../../../src/learner/learner.js';
import type { TargetRule } from '../../../src/learner/rule.js';
import { testRandom } from './reference.js';

const open: Compute[] = [];
async function start(onWarning?: (message: string) => void): Promise<Compute> {
  const compute = await createCompute({ threads: 1, kernel: 'plain', onWarning });
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
    const before = compute.memory();
    expect(() => compute.allocate(3 * 2 ** 30)).toThrow(/out of memory.*use a smaller network or batch/);
    expect(compute.memory()).toEqual(before);
    const address = compute.allocate(64);
    expect(compute.f32(address, 16).length).toBe(16);
  });

  test('is reported', async () => {
    const compute = await start();
    expect(compute.memory()).toMatchObject({ used: 0, highWater: 0, blocks: 0, limit: 2 ** 31 });
    const addresses = [100, 1 << 20].map((bytes) => compute.allocate(bytes));
    const used = 128 + (1 << 20);
    expect(compute.memory()).toMatchObject({ used, highWater: used, blocks: 2 });
    expect(compute.memory().reserved).toBeGreaterThan(used);
    for (const address of addresses) compute.free(address);
    expect(compute.memory()).toMatchObject({ used: 0, highWater: used, blocks: 0 });
  });
});

describe('an arena', () => {
  test('gives back what its owner took, and nothing else', async () => {
    const compute = await start();
    const own = compute.allocate(64);
    const [one, other] = [compute.arena({}, 'one'), compute.arena({}, 'other')];
    const [a, b] = [one.allocate(1000), other.allocate(1000)];
    other.f32(b, 250).fill(7);
    one.dispose();
    expect(compute.memory().blocks).toBe(2);
    expect(other.f32(b, 250).every((v) => v === 7)).toBe(true);
    for (const address of [a, b, own])
      expect(() => other.free(address === b ? a : address)).toThrow(RangeError);
    compute.free(own);
    other.dispose();
    expect(compute.memory()).toMatchObject({ used: 0, blocks: 0 });
  });

  test('that was disposed frees nothing of those who use its memory now', async () => {
    const compute = await start();
    const one = compute.arena({}, 'one');
    const address = one.allocate(1000);
    one.dispose();
    const other = compute.arena({}, 'other');
    expect(other.allocate(1000)).toBe(address);
    one.free(address);
    one.dispose();
    one[Symbol.dispose]();
    expect(compute.memory().blocks).toBe(1);
  });

  test('is refused after it or its compute was disposed', async () => {
    const compute = await start();
    const [one, other] = [compute.arena({}, 'the first'), compute.arena({}, 'the second')];
    const address = one.allocate(64);
    one.dispose();
    const uses: ((of: Compute) => unknown)[] = [
      (of) => of.allocate(64),
      (of) => of.f32(address, 1),
      (of) => of.f64(address, 1),
      (of) => of.i32(address, 1),
      (of) => of.u8(address, 1),
      (of) =>
        of.run('activate', { z: address, slope: 0, mask: 0, batch: 1, width: 16, stride: 16, activation: 0 }),
      (of) => of.memory(),
      (of) => of.arena({}, 'more'),
    ];
    for (const use of uses) expect(() => use(one)).toThrow(ComputeDisposedError);
    expect(() => one.allocate(64)).toThrow(/the first has been disposed/);
    compute.dispose();
    compute.dispose();
    for (const use of uses) {
      expect(() => use(other)).toThrow(/the compute of the second has been disposed/);
      expect(() => use(compute)).toThrow(ComputeDisposedError);
    }
    other.free(address);
    other.dispose();
  });
});

const rule: TargetRule = { write: ({ values }, d) => d.forEach((_, j) => (d[j] = values[j] > 0.3 ? 1 : 0)) };

function batchOf(size: number, width: number, seed: number): Batch {
  const random = testRandom(seed);
  return { size, width, values: Float32Array.from({ length: size * width }, () => random()) };
}

function backprop(compute: Compute, layers: number[], optimizer: 'sgd' | 'adam' = 'sgd'): Learner & Disposed {
  const dropout = layers.map(() => 0.1);
  const activations = layers.map((_, l) => (l === 0 ? 'identity' : 'hard-sigmoid'));
  const learningRates = layers.slice(1).map(() => 0.1);
  const spec = { layers, activations, dropout, loss: 'mse', optimizer, learningRates } as const;
  return new BackpropNetwork(compute, spec, 1);
}

function equilibrium(compute: Compute, layers: number[]): Learner & Disposed {
  const dropout = layers.map(() => 0.1);
  const learningRates = layers.slice(1).map(() => 0.1);
  const dynamics = { beta: 0.5, dt: 0.5, freeSteps: 4, nudgedSteps: 2, estimate: 'symmetric' } as const;
  const spec = { layers, dropout, loss: 'mse', optimizer: 'sgd', learningRates, ...dynamics } as const;
  return new EquilibriumNetwork(compute, spec, 1);
}

interface Disposed {
  dispose(): void;
}

const makers = { backprop, equilibrium };

describe('networks', () => {
  test('a thousand of random sizes leave the memory as large as the largest needs', async () => {
    const sizes = testRandom(5);
    const between = (low: number, high: number) => low + Math.floor(sizes() * (high - low));
    const compute = await start();
    let largest = 0;
    for (let n = 0; n < 1000; n++) {
      const layers = [between(10, 200), between(10, 300), between(5, 100)].slice(n % 2);
      const make = n % 5 === 0 ? equilibrium : backprop;
      const network = make(compute, layers, n % 3 ? 'sgd' : 'adam');
      await network.step(batchOf(between(1, 40), layers[0], n), rule, { step: 0, rate: 1 });
      largest = Math.max(largest, compute.memory().used);
      network.dispose();
      expect(compute.memory().used).toBe(0);
    }
    expect(largest).toBeGreaterThan(2 ** 20);
    expect(compute.memory().reserved).toBeLessThan(1.5 * largest + 2 ** 20);
  }, 60_000);

  test.each(['backprop', 'equilibrium'] as const)(
    '%s: batches of every size up to 1000',
    async (name) => {
      const layers = [20, 40, 30];
      const need = async (sizes: number[]) => {
        const compute = await start();
        const network = makers[name](compute, layers);
        for (const size of sizes)
          await network.step(batchOf(size, layers[0], 1), rule, { step: size, rate: 1 });
        return compute.memory().reserved;
      };
      const upTo1000 = Array.from({ length: 1000 }, (_, i) => i + 1);
      expect(await need(upTo1000)).toBeLessThan(1.5 * (await need([1000])));
    },
    60_000,
  );

  test.each(['backprop', 'equilibrium'] as const)(
    '%s: dispose twice or late is harmless, use is refused',
    async (name) => {
      const compute = await start();
      const layers = [20, 40, 30];
      const batch = batchOf(5, 20, 1);
      const first = makers[name](compute, layers);
      await first.step(batch, rule, { step: 0, rate: 1 });
      first.dispose();
      const second = makers[name](compute, layers);
      const before = (await second.predict(batch)).values.slice();
      first.dispose();
      const third = makers[name](compute, layers);
      await third.step(batch, rule, { step: 0, rate: 1 });
      expect((await second.predict(batch)).values).toEqual(before);
      expect(() => first.predict(batch)).toThrow(DisposedError);
      expect(() => first.predict(batch)).toThrow(/Network has been disposed/);
      second.dispose();
      third.dispose();
      expect(compute.memory()).toMatchObject({ used: 0, blocks: 0 });
      const fourth = makers[name](compute, layers);
      compute.dispose();
      expect(() => fourth.state()).toThrow(ComputeDisposedError);
      fourth.dispose();
      expect(() => fourth.state()).toThrow(/Network has been disposed/);
    },
  );

  test('whose specification is refused leave no memory behind', async () => {
    const compute = await start();
    const layers = [20, 40, 30];
    for (const name of ['backprop', 'equilibrium'] as const) {
      expect(() => makers[name](compute, [...layers, 2.5])).toThrow();
      expect(() => makers[name](compute, [20, 2 ** 20, 2 ** 20])).toThrow(/out of memory/);
      expect(compute.memory()).toMatchObject({ used: 0, blocks: 0 });
    }
  });
});

describe('what is forgotten', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const until = async (isDone: () => boolean) => {
    for (let i = 0; i < 100 && !isDone(); i++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  test('is warned of: a learner, then its compute', async () => {
    const warnings: string[] = [];
    const onWarning = (message: string) => void warnings.push(message);
    const kept: { compute?: Compute | undefined } = {
      compute: await createCompute({ threads: 1, onWarning }),
    };
    (() => backprop(kept.compute as Compute, [4, 3]))();
    await until(() => warnings.length > 0);
    expect(warnings).toEqual([
      'a BackpropNetwork was dropped without dispose(), so its memory was not given back',
    ]);
    kept.compute = undefined;
    await until(() => warnings.length > 1);
    expect(warnings[1]).toMatch(/the compute was dropped without dispose/);
  });

  test('is not warned of when it was disposed, or while its learners are in use', async () => {
    const warnings: string[] = [];
    const onWarning = (message: string) => void warnings.push(message);
    const network = await (async () => {
      const compute = await createCompute({ threads: 1, onWarning });
      backprop(compute, [4, 3]).dispose();
      return backprop(compute, [4, 3]);
    })();
    let looks = 0;
    await until(() => looks++ === 10);
    network.predict(batchOf(2, 4, 1));
    expect(warnings).toEqual([]);
  });
});
