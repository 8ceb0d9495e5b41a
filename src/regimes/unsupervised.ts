/** Learning without labels: every step's target comes from the network's own output. */
import type { TargetRule } from '../learner/rule.js';
import type { Pass, TrainEvent, Training } from './phases.js';
import { trainPhases } from './training.js';

export interface UnsupervisedTraining extends Training {
  /** Usually a SelfDefinedTarget; it is reset at the start of every epoch. */
  readonly target: TargetRule;
  /** Observes training without changing it: see readout/onlineClassifier.ts. */
  readonly watch?: ((target: TargetRule) => Pick<Pass, 'rule' | 'afterStep'>) | undefined;
}

export function unsupervised(training: UnsupervisedTraining): AsyncGenerator<TrainEvent> {
  const { target, watch, data, batchSize, schedule, epochs } = training;
  const watched = watch?.(target) ?? { rule: target };
  const pass = { data, batchSize, schedule, ...watched, begin: () => target.reset?.() };
  return trainPhases(training, [{ epochs, passes: [pass] }]);
}
