/** Learning without labels: every step's target comes from the network's own output. */
import type { SelfDefinedTarget } from '../target/selfDefinedTarget.js';
import { type TrainEvent, type Training, trainEpochs } from './training.js';

export interface UnsupervisedTraining extends Training {
  readonly target: SelfDefinedTarget;
}

export function unsupervised(training: UnsupervisedTraining): AsyncGenerator<TrainEvent> {
  const { target } = training;
  return trainEpochs(training, target, { beforeEpoch: () => target.reset() });
}
