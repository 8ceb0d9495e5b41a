/** Learning without labels: every step's target comes from the network's own output. */
import type { SelfDefinedTarget } from '../target/selfDefinedTarget.js';
import { type TrainEvent, type Training, trainPhases } from './training.js';

export interface UnsupervisedTraining extends Training {
  readonly target: SelfDefinedTarget;
}

export function unsupervised(training: UnsupervisedTraining): AsyncGenerator<TrainEvent> {
  const { target, data, batchSize, schedule, epochs } = training;
  const pass = { data, batchSize, schedule, rule: target, begin: () => target.reset() };
  return trainPhases(training, [{ epochs, passes: [pass] }]);
}
