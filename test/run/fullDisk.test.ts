import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { RunError } from '../../src/run/errors.js';
import { runFiles } from '../../src/run/runFolder.js';
import { temporaryFolder } from './temporary.js';
import { carryOut, last, resultOf, tinyConfig } from './tinyRun.js';

const disk = vi.hoisted(() => ({ free: Infinity }));

vi.mock('node:fs/promises', async (original) => {
  const { onDisk } = await import('./nearlyFullDisk.js');
  return onDisk(disk, original as () => Promise<typeof import('node:fs/promises')>);
});

beforeEach(() => {
  disk.free = Infinity;
});

test('a disk that fills up while a checkpoint is written costs no more than what came after the last one', async () => {
  const [whole, out] = ['whole', 'run'].map((name) => join(temporaryFolder(), name));
  const uninterrupted = await carryOut({ config: tinyConfig(), out: whole });
  await carryOut({ config: tinyConfig(), out, stopAfter: 1 });
  const before = resultOf(out);
  const checkpoint = readFileSync(runFiles(out).checkpoint);

  const resumed = carryOut({ resume: out, stopAfter: 1 }, ({ event }) => {
    // From the first step on there is room for half a checkpoint.
    if (event === 'progress') disk.free = Math.min(disk.free, checkpoint.length / 2);
  });
  await expect(resumed).rejects.toThrow(
    /checkpoint.safetensors: the disk is full; free some space.*--resume/,
  );
  await expect(resumed).rejects.toThrow(RunError);
  expect(readFileSync(runFiles(out).checkpoint)).toEqual(checkpoint);
  expect(resultOf(out).model).toEqual(before.model);
  expect(readdirSync(out).filter((name) => name.endsWith('.tmp'))).toEqual([]);

  disk.free = Infinity;
  const events = await carryOut({ resume: out });
  expect(resultOf(out)).toEqual(resultOf(whole));
  expect(last(events, 'done').accuracy).toEqual(last(uninterrupted, 'done').accuracy);
});
