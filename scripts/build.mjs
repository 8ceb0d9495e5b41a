// Builds what is out of date: node scripts/build.mjs [kernels] [ts] [page] [--force]; all three by default.
//
// A step is current while the bytes it reads and the files it wrote are those of its last run, which its stamp in build/
// records.
import { spawn } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { stampOf } from './stamp.mjs';

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
  const now = () => stampOf('.', { version, reads, writes, except });
  const before = now();
  if (!force && (await readFile(stamp, 'utf8').catch(() => '')) === JSON.stringify(before)) return;
  if (version === undefined) {
    fail(`building needs the package ${tool}: run npm ci without --omit=dev (or NODE_ENV=production)`);
  }
  if (name === 'page' && /[#?]/.test(process.cwd())) {
    fail(
      `Vite cannot build the page in a folder whose path has # or ? in it: move or rename ${process.cwd()}`,
    );
  }
  await mkdir('build', { recursive: true });
  await rm(stamp, { force: true });
  const status = await new Promise((resolve, reject) => {
    spawn(process.execPath, command, { stdio: 'inherit' }).on('error', reject).on('close', resolve);
  });
  if (status !== 0) fail(`building failed (${name})`);
  const after = now();
  // What was changed meanwhile may or may not have been read.
  if (after.inputs === before.inputs) await writeFile(stamp, JSON.stringify(after));
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
