/** Learning without labels: every step's target comes from the network's own output. */
import type { TargetRule } from '../learner/learner.js';
import type { SelfDefinedTarget } from '../target/selfDefinedTarget.js';
import { type Pass, type TrainEvent, type Training, trainPhases } from './training.js';

export interface UnsupervisedTraining extends Training {
  readonly target: SelfDefinedTarget;
  /** Looks on without changing anything: see readout/onlineClassifier.ts. */
  readonly watch?: ((target: TargetRule) => Pick<Pass, 'rule' | 'beforeStep' | 'afterStep'>) | undefined;
}

export function unsupervised(training: UnsupervisedTraining): AsyncGenerator<TrainEvent> {
  const { target, watch, data, batchSize, schedule, epochs } = training;
  const watched = watch?.(target) ?? { rule: target };
  const pass = { data, batchSize, schedule, ...watched, begin: () => target.reset() };
  return trainPhases(training, [{ epochs, passes: [pass] }]);
}
