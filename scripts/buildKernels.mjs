// Compiles kernels/ to WebAssembly twice, with plain and with relaxed SIMD, and embeds the bytes in
// src/compute/kernelBytes.ts, so that they load the same way in Node, in a bundle and in a page.
import { mkdir, writeFile } from 'node:fs/promises';
import asc from 'assemblyscript/asc';

const variants = { plain: [], relaxed: ['--enable', 'relaxed-simd'] };
await mkdir('build', { recursive: true });
let source = '// Written by scripts/buildKernels.mjs from kernels/.\n';
for (const [name, flags] of Object.entries(variants)) {
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
  const { readFile } = await import('node:fs/promises');
  const bytes = await readFile(out);
  source += `export const ${name} = '${bytes.toString('base64')}';\n`;
}
await writeFile('src/compute/kernelBytes.ts', source);
