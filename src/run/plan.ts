/** What a run will do with its data: which regime, on which items, for how long. */
import { mirror } from '../data/augmentation.js';
import type { DataSet } from '../data/dataSet.js';
import type { Learner } from '../learner/learner.js';
import type { TargetRule } from '../learner/rule.js';
import type { OnlineClassifier } from '../readout/index.js';
import type { Plan } from './entry.js';
import { registry } from './registry.js';
import type { RunConfig } from './runConfig.js';

export type { EpochPlan, Plan } from './entry.js';

/** Epochs of the whole run, over all phases. */
export function totalEpochs(config: RunConfig): number {
  return registry.regimes.get(config.regime).epochs?.(config) ?? config.epochs;
}

/** Where a regime takes its target from labels alone. */
const noRule: TargetRule = {
  write() {
    throw new TypeError('this regime has no rule');
  },
};

/**
 * Plans the run on the training items `data`.
 *
 * @throws ConfigError or DataError when the data have not the labels that it takes
 */
export function planTraining(
  config: RunConfig,
  train: DataSet,
  learner: Learner,
  rule: TargetRule = noRule,
  online?: OnlineClassifier | undefined,
): Plan {
  const { epochs, batchSize, schedule, seed, flip } = config;
  const augment = flip ? mirror : undefined;
  const training = { learner, epochs, batchSize, schedule, seed, augment };
  return registry.regimes.get(config.regime).plan(config, { train, training, rule, online });
}
