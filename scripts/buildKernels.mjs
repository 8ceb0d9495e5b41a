// Compiles kernels/ to WebAssembly in three builds (plain SIMD, relaxed SIMD, relaxed SIMD for engines that widen), and one kernel to
// time them against, and embeds the bytes in src/wasm/compute/kernelBytes.ts, so that they load the same way in Node, in a bundle and in a page. Writes what the
// kernels take, and how they lay out memory, to src/wasm/compute/kernelSignatures.ts: their sources are the one place that says so.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import asc from 'assemblyscript/asc';
import { MAX_ARGUMENTS } from '../src/wasm/compute/threads.js';
import { readKernels, writeSignatures } from './kernelSignatures.mjs';
import { workerSource } from './workerSource.mjs';

const relaxed = ['--enable', 'relaxed-simd'];
// The constant WIDE chooses the form of products that some engines widen to 256 bits.
const builds = [
  { name: 'plain', flags: ['--use', 'WIDE=0'] },
  { name: 'relaxed', flags: [...relaxed, '--use', 'WIDE=0'] },
  { name: 'wide', flags: [...relaxed, '--use', 'WIDE=1'] },
  { name: 'yardstick', entry: 'kernels/yardstick.ts', flags: [...relaxed, '--use', 'WIDE=0'] },
];
await mkdir('build', { recursive: true });
let source = '// Written by scripts/buildKernels.mjs from kernels/.\n';
for (const { name, entry = 'kernels/index.ts', flags } of builds) {
  const out = `build/kernels.${name}.wasm`;
  const { error, stderr, stdout } = await asc.main([
    entry,
    ...['--outFile', out, '-O3', '--noAssert', '--runtime', 'stub'],
    ...['--enable', 'simd', '--enable', 'threads', ...flags],
    ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
  ]);
  if (error) fail(`${stdout}${stderr}${error.message}`);
  source += `export const ${name}: string =\n  '${(await readFile(out)).toString('base64')}';\n`;
}

const kernels = await readKernels('kernels/index.ts');
for (const { name, parameters } of kernels) {
  if (parameters.length > MAX_ARGUMENTS) {
    fail(
      `${name} takes ${parameters.length} arguments, but a command has room for ${MAX_ARGUMENTS} (MAX_ARGUMENTS)`,
    );
  }
}
const { dataEnd, ...layout } = await constantsOf('build/kernels.plain.wasm');
if (dataEnd > layout.ZEROS) {
  fail(
    `the kernels' own data end at ${dataEnd}, beyond ZEROS (${layout.ZEROS}) in kernels/layout.ts: move it`,
  );
}
await writeFile('src/wasm/compute/kernelBytes.ts', source);
await writeFile('src/wasm/compute/kernelSignatures.ts', writeSignatures(kernels, layout));
await writeFile('src/wasm/compute/workerSource.ts', await workerSource());

/** The numbers that a build exports. */
async function constantsOf(file) {
  const memory = new WebAssembly.Memory({ initial: 4, maximum: 65536, shared: true });
  const { instance } = await WebAssembly.instantiate(await readFile(file), { env: { memory, abort() {} } });
  const globals = Object.entries(instance.exports).filter(([, value]) => value instanceof WebAssembly.Global);
  return Object.fromEntries(globals.map(([name, global]) => [name, global.value]));
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
