/** Files written by programs that are not ours (fixtures/make.py), and small pictures to make folders of. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { encode } from 'fast-png';
import type { DataSet } from '../../src/data/dataSet.js';
import type { NamedBytes } from '../../src/data/dataSet.js';

export async function fixture(name: string): Promise<NamedBytes> {
  const bytes = await readFile(join(import.meta.dirname, 'fixtures', name));
  return { source: name, bytes: new Uint8Array(bytes) };
}

/** A PNG file of pixels that all have one value. */
export function plainPng(value: number, width = 2, height = 2, channels = 1): Uint8Array {
  return encode({ width, height, channels, data: new Uint8Array(width * height * channels).fill(value) });
}

/** Writes files, and the folders that they need, into `folder`. A path that ends in `/` is an empty folder. */
export async function writeFiles(
  folder: string,
  files: Readonly<Record<string, Uint8Array | string>>,
): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(path.endsWith('/') ? join(folder, path) : dirname(join(folder, path)), { recursive: true });
    if (!path.endsWith('/')) await writeFile(join(folder, path), content);
  }
}

/** All of an item's values. */
export function item(data: DataSet, index: number): number[] {
  const out = new Float32Array(data.width);
  data.read(index, out, 0);
  return [...out];
}
