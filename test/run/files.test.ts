import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { RunError } from '../../src/run/errors.js';
import { writeAll } from '../../src/node/files.js';
import { writeWhole } from '../../src/run/files.js';
import { temporaryFolder } from './temporary.js';

/** Bytes that the disk still takes. */
const disk = vi.hoisted(() => ({ free: Infinity }));

vi.mock('node:fs/promises', async (original) => {
  const { onDisk } = await import('./nearlyFullDisk.js');
  return onDisk(disk, original as () => Promise<typeof import('node:fs/promises')>);
});

beforeEach(() => {
  disk.free = Infinity;
});

describe('writing whole files', () => {
  test('writes all parts one after the other and leaves nothing else behind', async () => {
    const folder = temporaryFolder();
    await writeWhole(join(folder, 'a'), [Uint8Array.of(1, 2), Uint8Array.of(), Uint8Array.of(3)]);
    expect([...readFileSync(join(folder, 'a'))]).toEqual([1, 2, 3]);
    expect(readdirSync(folder)).toEqual(['a']);
  });

  test('replaces a file that was there', async () => {
    const file = join(temporaryFolder(), 'a');
    writeFileSync(file, 'a much longer text');
    await writeWhole(file, 'short');
    expect(readFileSync(file, 'utf8')).toBe('short');
  });

  test('keeps the old file and removes the unfinished one when the disk is full', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'a');
    writeFileSync(file, 'old');
    disk.free = 4;
    const writing = writeWhole(file, 'something new');
    await expect(writing).rejects.toThrow(RunError);
    await expect(writing).rejects.toThrow(/disk is full; free some space/);
    expect(readFileSync(file, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['a']);
  });

  test('says what to do when the folder cannot be written', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    await expect(writeWhole(join(file, 'below'), 'x')).rejects.toThrow(/is a file, not a folder; .*--out/);
    await expect(writeWhole(join(`${file}-missing`, 'below'), 'x')).rejects.toThrow(
      /its folder is not there/,
    );
  });

  test('goes on after a write that took only part of the bytes', async () => {
    const taken: number[] = [];
    const slow = {
      write: async (data: Uint8Array, at: number) => {
        taken.push(data[at]);
        return { bytesWritten: 1, buffer: data };
      },
    } as unknown as FileHandle;
    await writeAll(slow, [Uint8Array.of(1, 2, 3), Uint8Array.of(4)]);
    expect(taken).toEqual([1, 2, 3, 4]);
  });
});
