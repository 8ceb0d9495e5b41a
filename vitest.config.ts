import { defineConfig } from 'vitest/config';

export default defineConfig({
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
