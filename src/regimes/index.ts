/**
 * Regimes: supervised, unsupervised and semi-supervised training as async iterators of progress. They sequence passes
 * over a learner and a rule, which know nothing of each other. `trainPhases` is what they are made of, for others.
 */
export type { Pass, Phase, Position, TrainEvent, Training, TrainingBasics } from './phases.js';
export {
  type SemiSupervisedTraining,
  semiSupervised,
  semiSupervisedOptimisers,
  splitByLabels,
} from './semiSupervised.js';
export { labelPass, type SupervisedTraining, supervised } from './supervised.js';
export { TrainingDivergedError, trainPhases } from './training.js';
export { type UnsupervisedTraining, unsupervised } from './unsupervised.js';
