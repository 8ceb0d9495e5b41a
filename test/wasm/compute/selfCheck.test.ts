import { setFlagsFromString } from 'node:v8';
import { beforeAll, describe, expect, test } from 'vitest';
import { decodeKernels, probe } from '../../../src/wasm/compute/capabilities.js';
import { createCompute } from '../../../src/wasm/compute/compute.js';
import { exercise } from '../../../src/wasm/compute/exercise.js';
import { kernelNames } from '../../../src/wasm/compute/kernels.js';
import { isFaster, worksAlike } from '../../../src/wasm/compute/selfCheck.js';
import { storesOf, without } from './plantedFaults.js';

const { behindFlags } = await probe();
/** V8 11.3 computes products of bytes in two ways, so two runs of a build with them are not alike there. */
const bytes = decodeKernels(behindFlags.relaxedSimd ? 'plain' : 'wide');

/** With an empty section behind it: for the engine another module, of the same code. */
function renamed(module: Uint8Array): WebAssembly.Module {
  return new WebAssembly.Module(Uint8Array.of(...module, 0, 2, 1, 0));
}

test('a probe changes nothing', async () => {
  const before = WebAssembly.validate(decodeKernels('relaxed'));
  expect((await probe()).relaxedSimd).toBe(before);
  expect(WebAssembly.validate(decodeKernels('relaxed'))).toBe(before);
});

test('flags of the engine are put back once kernels are compiled, which run on all threads nevertheless', async () => {
  const before = WebAssembly.validate(decodeKernels('relaxed'));
  for (const kernel of ['relaxed', 'wide'] as const) {
    using compute = await createCompute({ threads: 2, kernel });
    expect(WebAssembly.validate(decodeKernels('relaxed'))).toBe(before);
    const [y, ones] = [compute.allocate(4 * 96), compute.allocate(4 * 96)];
    compute.f32(y, 96).fill(3);
    compute.f32(ones, 96).fill(0.5);
    compute.run('activate', { z: y, slope: 0, mask: ones, batch: 1, width: 96, stride: 96, activation: 0 });
    expect(new Set(compute.f32(y, 96))).toEqual(new Set([1.5]));
  }
});

test.runIf(behindFlags.widening)('modules that are compiled after the kernels are not widened', async () => {
  (await createCompute({ threads: 1, kernel: 'wide' })).dispose();
  const flags = ['--no-liftoff', '--no-wasm-lazy-compilation', '--no-wasm-deopt'];
  for (const flag of flags) setFlagsFromString(flag);
  const [module, yardstick] = [renamed(renamedTwice), new WebAssembly.Module(decodeKernels('yardstick'))];
  for (const flag of flags) setFlagsFromString(flag.replace('--no-', '--'));
  expect(isFaster(module, yardstick)).toBe(false);
});

const renamedTwice = Uint8Array.of(...bytes, 0, 2, 1, 1);

describe('the self-check', () => {
  const stores = storesOf(bytes);
  let expected: Uint32Array;

  beforeAll(() => {
    expected = exercise(new WebAssembly.Module(bytes));
  });

  test('passes what computes the same', () => {
    expect(worksAlike(new WebAssembly.Module(bytes), renamed(bytes))).toBe(true);
  });

  test('refuses what traps', () => {
    const { at } = stores.get('activate')?.[0] ?? { at: 0 };
    const trapping = Uint8Array.from(bytes);
    // The instruction that can never be reached, and then nothing.
    trapping.fill(0x01, at, at + 3);
    trapping[at] = 0x00;
    expect(worksAlike(new WebAssembly.Module(bytes), new WebAssembly.Module(trapping))).toBe(false);
  });

  /** What reads ahead writes something that nobody reads, so that the reading is not left out. */
  const unread = new Set(['driveUp', 'driveDown', 'driveBoth']);
  const tried = new Set<number>();

  test.each(kernelNames)('refuses a module in which %s loses one of its stores', (kernel) => {
    const own = (stores.get(kernel) ?? []).filter(({ at }) => !tried.has(at));
    // What kernels share is tried once; of the rest the first and the last, often of a loop's body and of what is left over.
    const some = new Set([own.at(0), own.at(-1)]);
    let refused = 0;
    for (const store of some) {
      if (!store) continue;
      tried.add(store.at);
      if (isRefused(without(bytes, store))) refused++;
    }
    expect(refused).toBeGreaterThan(0);
    expect(some.size - refused).toBeLessThanOrEqual(unread.has(kernel) ? 1 : 0);
  });

  function isRefused(module: Uint8Array<ArrayBuffer>): boolean {
    try {
      const found = exercise(new WebAssembly.Module(module));
      for (let i = 0; i < found.length; i++) if (found[i] !== expected[i]) return true;
      return false;
    } catch {
      return true;
    }
  }
});
