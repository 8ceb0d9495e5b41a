/** The tests that a mutation run asks: those of the parts that it changes, or those of the folders in MUTATION_TESTS. */
import { defineConfig } from 'vitest/config';
import config from './vitest.config.js';

const folders = process.env.MUTATION_TESTS ?? 'target,regimes,readout,learner,testing';

export default defineConfig({
  ...config,
  test: {
    ...config.test,
    include: folders.split(',').map((folder) => `test/${folder}/**/*.test.ts`),
  },
});
