/** The command of a clone, which `npx selftarget` starts. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'selftarget clöne-'));
  cpSync('packages/cli', join(folder, 'packages/cli'), { recursive: true });
  mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true });
  symlinkSync('../../packages/cli/bin/selftarget.js', join(folder, 'node_modules/.bin/selftarget'));
  return () => rmSync(folder, { recursive: true });
});

const start = () =>
  spawnSync(join(folder, 'node_modules/.bin/selftarget'), ['--version'], { encoding: 'utf8' });

test('says what to do where nothing has been built', () => {
  const { status, stderr } = start();
  expect(stderr).toBe(`error: selftarget is not built; run "npm run build" in ${folder}/\n`);
  expect(status).toBe(1);
});

test('starts what has been built, through the link that npm makes', () => {
  mkdirSync(join(folder, 'dist/cli'), { recursive: true });
  writeFileSync(join(folder, 'dist/cli/main.js'), 'console.log(process.argv.slice(2).join());');
  expect(start()).toMatchObject({ status: 0, stdout: '--version\n' });
});
