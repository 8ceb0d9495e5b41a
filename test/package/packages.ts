/** The packages as npm would publish them, installed into projects outside the repository. */
import { execFile } from 'node:child_process';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** What these tests lack, as part of their name; they install packages, so they run only where they are asked for. */
export const withoutRegistry =
  process.env.SELFTARGET_PACKAGE_TESTS === '1'
    ? ''
    : ' (needs a package registry: SELFTARGET_PACKAGE_TESTS=1)';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const exec = promisify(execFile);

/** Runs a program in `folder`; answers what it printed, and throws with all of that when it fails. */
export async function run(folder: string, program: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await exec(program, args, { cwd: folder, maxBuffer: 2 ** 26 });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${args.join(' ')} failed in ${folder}\n${stdout}${stderr}`, { cause: error });
  }
}

/** Runs esbuild in `folder`: its installation may have put a program in the place of its script. */
export function esbuild(folder: string, args: readonly string[]): Promise<string> {
  return run(folder, join(root, 'node_modules/.bin/esbuild'), args);
}

/** Runs a development tool of the repository in `folder`. */
export function tool(folder: string, file: string, args: readonly string[]): Promise<string> {
  return run(folder, process.execPath, [join(root, 'node_modules', file), ...args]);
}

export interface Tarballs {
  readonly library: string;
  readonly command: string;
  remove(): void;
}

/** Packs both packages; `dist/` has been built. */
export async function packed(): Promise<Tarballs> {
  const folder = mkdtempSync(join(tmpdir(), 'selftarget-tarballs-'));
  await run(root, process.execPath, ['scripts/packCommand.mjs']);
  const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
  const library = (await run(root, 'npm', pack)).trim();
  const command = (await run(join(root, 'build/selftarget-cli'), 'npm', pack)).trim();
  return {
    library: join(folder, library),
    command: join(folder, command),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A new project, with a space and a letter beyond ASCII in its path, and these packages in it. */
export async function project(packages: readonly string[]): Promise<{ folder: string; remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'selftarget prøject-'));
  const manifest = { name: 'project', version: '1.0.0', private: true, type: 'module' };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  await run(folder, 'npm', ['install', '--no-audit', '--no-fund', ...packages]);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The packages that npm installed into a project, without the project itself. */
export function installed(folder: string): string[] {
  const text = readFileSync(join(folder, 'node_modules/.package-lock.json'), 'utf8');
  return Object.keys((JSON.parse(text) as { packages: Record<string, unknown> }).packages);
}

/** Bytes of all files in a folder. */
export function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + lstatSync(join(parentPath, name)).size, 0);
}

/** Type-checks files of a project as strictly as TypeScript can, the packages' own declarations included. */
export async function typeCheck(
  folder: string,
  files: readonly string[],
  resolution: 'bundler' | 'nodenext',
): Promise<void> {
  const compilerOptions = {
    strict: true,
    skipLibCheck: false,
    target: 'ES2022',
    lib: ['ES2023', 'DOM'],
    module: resolution === 'bundler' ? 'ESNext' : 'NodeNext',
    moduleResolution: resolution,
    noEmit: true,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  await tool(folder, 'typescript/bin/tsc', ['-p', '.']);
}

/** The code of the first TypeScript example of a document. */
export function example(document: string): string {
  const code = /^```ts\n([^]*?)^```$/m.exec(readFileSync(join(root, document), 'utf8'))?.[1];
  if (!code) throw new Error(`${document} has no example in TypeScript`);
  return code;
}
