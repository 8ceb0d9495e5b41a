// Compiles kernels/ to WebAssembly in three builds (plain SIMD, relaxed SIMD, relaxed SIMD for engines that widen)
// and embeds the bytes in src/wasm/compute/kernelBytes.ts, so that they load the same way in Node, in a bundle and in
// a page.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import asc from 'assemblyscript/asc';

const relaxed = ['--enable', 'relaxed-simd'];
// The constant WIDE chooses the form of products that some engines widen to 256 bits.
const builds = [
  { name: 'plain', flags: ['--use', 'WIDE=0'] },
  { name: 'relaxed', flags: [...relaxed, '--use', 'WIDE=0'] },
  { name: 'wide', flags: [...relaxed, '--use', 'WIDE=1'] },
];
await mkdir('build', { recursive: true });
let source = '// Written by scripts/buildKernels.mjs from kernels/.\n';
for (const { name, flags } of builds) {
  const out = `build/kernels.${name}.wasm`;
  const { error, stderr, stdout } = await asc.main([
    'kernels/index.ts',
    ...['--outFile', out, '-O3', '--noAssert', '--runtime', 'stub'],
    ...['--enable', 'simd', '--enable', 'threads', ...flags],
    ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
  ]);
  if (error) {
    process.stderr.write(`${stdout}${stderr}${error.message}\n`);
    process.exit(1);
  }
  source += `export const ${name} =\n  '${(await readFile(out)).toString('base64')}';\n`;
}
await writeFile('src/wasm/compute/kernelBytes.ts', source);
