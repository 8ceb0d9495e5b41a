/** What happens where the system limits the address space of a process, as batch systems do. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const library = new URL('../../../dist/index.js', import.meta.url);
const isPossible = process.platform === 'linux' && existsSync(library);
if (!isPossible)
  console.log('skipped: limits of address space, because this is not Linux or dist/ is not built');

/** V8 14 checks bounds by itself where there is no room for 8 GB of guards behind a memory. */
const goesWithout = Number.parseInt(process.versions.v8) >= 14;

/** Creates a compute under `ulimit -v` and prints what it has or why not. */
function underLimit(gigabytes: number, flags = ''): string {
  const script = `
    const { createCompute } = await import(${JSON.stringify(library.href)});
    try {
      const compute = await createCompute({ threads: 2 });
      console.log('limit', compute.memory().limit);
    } catch (error) {
      console.log(error.name, error.message);
    }`;
  const command = `ulimit -v ${gigabytes * 2 ** 20}; exec "$0" ${flags} --input-type=module -e "$1"`;
  const { stdout, stderr } = spawnSync('sh', ['-c', command, process.execPath, script], { encoding: 'utf8' });
  return stdout + stderr;
}

describe.skipIf(!isPossible)('address space', () => {
  test('of 16 GB is enough for everything', () => {
    expect(underLimit(16)).toBe(`limit ${2 ** 31}\n`);
  });

  test.runIf(goesWithout)('of 8 GB is enough', () => {
    expect(underLimit(8)).toBe(`limit ${2 ** 31}\n`);
  });

  test.skipIf(goesWithout)(
    'of 8 GB is too little, which is said with what to do, and enough with the flag named',
    () => {
      expect(underLimit(8)).toMatch(
        /^UnsupportedRuntimeError .*address space.*ulimit -v.*--disable-wasm-trap-handler/,
      );
      expect(underLimit(8, '--disable-wasm-trap-handler')).toBe(`limit ${2 ** 31}\n`);
    },
  );
});
