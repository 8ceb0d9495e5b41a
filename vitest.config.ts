import { defineConfig } from 'vitest/config';

const path = (name: string) => new URL(name, import.meta.url).pathname;

export default defineConfig({
  resolve: {
    // The page's parts take the library by the names its users take it by.
    alias: [
      { find: /^selftarget$/, replacement: path('src/index.ts') },
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
