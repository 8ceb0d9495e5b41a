/** When two configurations stand for the same training and the same measurement. */
import { registry } from './registry.js';
import type { RunConfig } from './runConfig.js';

/**
 * The configuration as text that is equal for two runs that differ in nothing but the seed: settings that only repeat
 * a default are filled in, and left out is what changes no figure (when accuracy is measured, and what is measured
 * of the untrained network).
 */
export function configKey(config: RunConfig): string {
  const { seed: _, readout, labelSmoothing = 0, ...rest } = config;
  return JSON.stringify(
    sorted({
      ...rest,
      labelSmoothing,
      labels: readout.labels,
      ...registry.regimes.get(config.regime).withDefaults?.(config),
    }),
  );
}

/** Objects with their keys in alphabetical order, all the way down. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, sorted(inner)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
