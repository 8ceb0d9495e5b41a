/** A build runs again when what it reads or wrote has changed, and only then. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { stampOf } from '../../scripts/stamp.mjs';

const step = { version: '1.0.0', reads: ['src', 'config.json'], writes: ['out'], except: 'out/page' };
let folder: string;
let before: ReturnType<typeof stampOf>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'selftarget-stamp-'));
  for (const name of ['src/inner', 'out/page']) mkdirSync(join(folder, name), { recursive: true });
  for (const name of ['src/a.ts', 'src/inner/b.ts', 'config.json', 'out/a.js', 'out/page/index.html'])
    write(name, name);
  before = stampOf(folder, step);
  return () => rmSync(folder, { recursive: true });
});

const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

test('a copy elsewhere, with other times, is current', () => {
  const copy = mkdtempSync(join(tmpdir(), 'selftarget stämp-'));
  onTestFinished(() => rmSync(copy, { recursive: true }));
  cpSync(folder, copy, { recursive: true });
  utimesSync(join(copy, 'src/a.ts'), 1, 1);
  expect(stampOf(copy, step)).toEqual(before);
});

test.each<[string, () => void]>([
  ['a file that is read changes', () => write('src/inner/b.ts', 'otherwise')],
  ['a file that is read is new', () => write('src/c.ts', '')],
  ['a setting changes', () => write('config.json', '{}')],
  ['a file that was written is gone', () => rmSync(join(folder, 'out/a.js'))],
  ['a file that was written is cut short', () => write('out/a.js', '')],
])('a build is not current when %s', (_, change) => {
  change();
  expect(stampOf(folder, step)).not.toEqual(before);
});

test('a build is not current for another version of its tool', () => {
  expect(stampOf(folder, { ...step, version: '1.0.1' })).not.toEqual(before);
});

test("another step's output does not matter", () => {
  write('out/page/index.html', 'otherwise');
  expect(stampOf(folder, step)).toEqual(before);
});
