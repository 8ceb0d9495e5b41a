/**
 * The contract between the parts: what a learner, a rule and their states are, and what all of them build on (random
 * streams, schedules, saved tensors). Nothing here computes, and nothing here knows of WebAssembly, data sets or regimes.
 */
export { type Activation, activations } from './activation.js';
export {
  type Batch,
  DisposedError,
  type Learner,
  type MaybePromise,
  type OutputOperations,
  type Outputs,
  type ParametricLearner,
  type PredictOptions,
  type Selection,
  type StepContext,
  type StepReport,
} from './learner.js';
export { deriveSeed, Purpose, RandomStream } from './random.js';
export {
  isOutputLoss,
  type LearningRule,
  type OutputLoss,
  type RuleDescription,
  type TargetRule,
} from './rule.js';
export {
  decodeSafetensors,
  encodeSafetensors,
  SafetensorsError,
  type SafetensorsFile,
} from './safetensors.js';
export { type Schedule, scheduleFactor } from './schedule.js';
export { suitableGain, suitableRate } from './suitableStart.js';
export { expectTensor, StateError, type Tensor, type TensorMap } from './tensors.js';
export {
  type Able,
  AbilityError,
  expectAbilities,
  expectOptimiser,
  type LearnerTraits,
  traitsOf,
} from './traits.js';
