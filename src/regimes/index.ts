/**
 * Regimes: supervised, unsupervised and semi-supervised training as async iterators of progress. They sequence passes
 * over a learner and a target rule, which know nothing of each other.
 */
export {
  optimisers,
  type SemiSupervisedTraining,
  semiSupervised,
  splitByLabels,
} from './semiSupervised.js';
export { type SupervisedTraining, supervised } from './supervised.js';
export {
  type PassName,
  type Position,
  type TrainEvent,
  type Training,
  TrainingDivergedError,
} from './training.js';
export { type UnsupervisedTraining, unsupervised } from './unsupervised.js';
