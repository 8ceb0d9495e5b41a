/** How long a preset trains, to tell seconds from hours: work divided by the rates of the runs in docs/results/runs. */
import { registry } from '../run/registry.js';
import type { RunConfig } from '../run/config.js';

/** One item a step uses each weight once only. */
const ONE_BY_ONE = 3;

/** Seconds of training on two cores, within a factor of about three; 0 where the learner has no estimate. */
export function estimateSeconds(config: RunConfig, items: number): number {
  const { epochs, batchSize } = config;
  const secondsPerItem = registry.learners.get(config.learner).secondsPerItem?.(config) ?? 0;
  return epochs * items * secondsPerItem * (batchSize === 1 ? ONE_BY_ONE : 1);
}
