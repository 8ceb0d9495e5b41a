/**
 * Regimes: supervised and unsupervised training as async iterators of progress. They sequence passes over a
 * learner and a target rule, which know nothing of each other.
 */
export { type SupervisedTraining, supervised } from './supervised.js';
export { type Position, type TrainEvent, type Training, TrainingDivergedError } from './training.js';
export { type UnsupervisedTraining, unsupervised } from './unsupervised.js';
