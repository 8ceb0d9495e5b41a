// Builds what is out of date: node scripts/build.mjs [kernels] [ts] [page] [--force]; all three unless told.
//
// A step is current while the bytes it reads and the files it wrote are those of its last run, which its stamp in build/
// records. Times do not matter, so a clone, a copy or a checkout rebuilds nothing that it need not.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const steps = {
  kernels: {
    tool: 'assemblyscript',
    command: ['scripts/buildKernels.mjs'],
    reads: [
      'kernels',
      'src/wasm/compute/threads.js',
      ...['buildKernels', 'kernelSignatures', 'workerSource'].map((name) => `scripts/${name}.mjs`),
    ],
    writes: [
      ...['plain', 'relaxed', 'wide'].map((name) => `build/kernels.${name}.wasm`),
      ...['kernelBytes', 'kernelSignatures', 'workerSource'].map((name) => `src/wasm/compute/${name}.ts`),
    ],
  },
  ts: {
    tool: 'typescript',
    command: ['scripts/buildTypeScript.mjs'],
    reads: ['src', 'tsconfig.json', 'package.json', 'package-lock.json', 'scripts/buildTypeScript.mjs'],
    writes: ['dist'],
    except: 'dist/app',
  },
  page: {
    tool: 'vite',
    command: ['node_modules/vite/bin/vite.js', 'build', 'app', '--logLevel', 'error'],
    reads: ['app', 'src', 'package.json', 'package-lock.json'],
    writes: ['dist/app'],
  },
};

const force = process.argv.includes('--force');
const names = process.argv.slice(2).filter((argument) => argument !== '--force');
const unknown = names.find((name) => !(name in steps));
if (unknown !== undefined) fail(`there is no step ${unknown}; there are ${Object.keys(steps).join(', ')}`);
const wanted = names.length > 0 ? names : Object.keys(steps);
// The other two read what the kernels' step writes, and do not depend on each other.
if (wanted.includes('kernels')) await build('kernels');
await Promise.all(wanted.filter((name) => name !== 'kernels').map(build));

/** @param {keyof typeof steps} name */
async function build(name) {
  const { tool, command, reads, writes, except } = steps[name];
  const stamp = `build/${name}.stamp`;
  const version = versionOf(tool);
  const inputs = await digestOf(reads, async (path) => await readFile(path));
  const now = async () =>
    JSON.stringify({ version, inputs, outputs: await digestOf(writes, sizeOf, except) });
  const before = await readFile(stamp, 'utf8').catch(() => '');
  if (!force && before !== '' && before === (await now())) return;
  if (version === undefined) {
    fail(`building needs the package ${tool}: run npm ci without --omit=dev (or NODE_ENV=production)`);
  }
  await mkdir('build', { recursive: true });
  await rm(stamp, { force: true });
  const status = await new Promise((resolve, reject) => {
    spawn(process.execPath, command, { stdio: 'inherit' }).on('error', reject).on('close', resolve);
  });
  if (status !== 0) fail(`building failed (${name})`);
  await writeFile(stamp, await now());
}

/** A digest of all files at `paths`, by name and by what `about` answers. */
async function digestOf(paths, about, except) {
  const digest = createHash('sha256');
  const add = async (path) => {
    if (path === except || !existsSync(path)) return;
    if ((await stat(path)).isDirectory()) {
      for (const name of (await readdir(path)).sort()) await add(`${path}/${name}`);
    } else digest.update(`${path}\0`).update(await about(path));
  };
  for (const path of paths) await add(path);
  return digest.digest('hex');
}

async function sizeOf(path) {
  return `${(await stat(path)).size}\0`;
}

function versionOf(packageName) {
  try {
    return createRequire(import.meta.url)(`${packageName}/package.json`).version;
  } catch {
    return undefined;
  }
}

function fail(message) {
  console.error(`error: ${message}`);
  process.exit(1);
}
