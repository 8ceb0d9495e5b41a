/** The tests that a mutation run asks: those of the parts that it changes. */
import { defineConfig } from 'vitest/config';
import config from './vitest.config.js';

export default defineConfig({
  ...config,
  test: { ...config.test, include: ['test/{target,regimes,readout,learner}/**/*.test.ts'] },
});
