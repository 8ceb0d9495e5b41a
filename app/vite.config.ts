/** Builds the page into dist/app. It takes the library by the names its users take it by, from its sources. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export default defineConfig({
  root: path('.'),
  // Relative addresses: the page may be in any folder of any static host.
  base: './',
  resolve: {
    alias: [
      { find: '#platform', replacement: path('../src/wasm/compute/platform/browser.ts') },
      { find: /^selftarget$/, replacement: path('../src/index.ts') },
      { find: /^selftarget\/view$/, replacement: path('../src/view/index.ts') },
    ],
  },
  build: {
    outDir: path('../dist/app'),
    emptyOutDir: true,
    target: 'es2022',
    reportCompressedSize: false,
    license: { fileName: 'licenses.md' },
  },
  worker: { format: 'es' },
});
