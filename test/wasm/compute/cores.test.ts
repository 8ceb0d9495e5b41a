import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { cpuQuota, grantedCores } from '../../../src/wasm/compute/platform/cores.js';

test.each([
  [{ 'cpu.max': '150000 100000\n' }, 1.5],
  [{ 'cpu.max': 'max 100000\n' }, undefined],
  [{ 'cpu/cpu.cfs_quota_us': '400000\n', 'cpu/cpu.cfs_period_us': '100000\n' }, 4],
  [{ 'cpu/cpu.cfs_quota_us': '-1\n', 'cpu/cpu.cfs_period_us': '100000\n' }, undefined],
  [{ 'cpu.max': 'nonsense' }, undefined],
  [{}, undefined],
])('a quota is read from %j: %s', (files: Record<string, string>, quota) => {
  expect(cpuQuota((path) => files[path] ?? '')).toBe(quota);
});

test('no more cores are granted than there are', () => {
  expect(grantedCores()).toBeGreaterThanOrEqual(1);
  expect(grantedCores()).toBeLessThanOrEqual(availableParallelism());
});
