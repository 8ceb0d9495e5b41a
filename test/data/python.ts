/** A Python that has a package, for tests against programs that are not ours. */
import { spawnSync } from 'node:child_process';

const interpreters = ['python3', '/usr/bin/python3'];

/** The interpreter that can import `module`; undefined where none can. */
export function pythonWith(module: string): string | undefined {
  return interpreters.find((python) => spawnSync(python, ['-c', `import ${module}`]).status === 0);
}

/** Runs a script, whose failure fails the test. */
export function runPython(python: string, script: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(python, ['-c', script, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}
