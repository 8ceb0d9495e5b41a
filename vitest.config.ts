import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export default defineConfig({
  resolve: {
    // The page's parts take the library by the names its users take it by.
    alias: [
      { find: '#platform', replacement: path('src/wasm/compute/platform/node.ts') },
      { find: /^selftarget$/, replacement: path('src/index.ts') },
      { find: /^selftarget\/testing$/, replacement: path('src/testing/index.ts') },
      { find: /^selftarget\/view$/, replacement: path('src/view/index.ts') },
    ],
  },
  test: {
    environment: 'node',
    include: ['test/**/*.test.ts'],
    // The browser test starts its own Chromium and server, and says itself when it has none.
    exclude: ['**/node_modules/**', 'dist/**'],
    // A process per file: kernels switch on a flag of V8, and start worker threads of their own.
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
