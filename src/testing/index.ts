/**
 * Contracts as tests: whether a learner or a rule of your own does what regimes, readouts and learners rely on. The
 * checks need no test framework. With vitest:
 *
 *     import { test } from 'vitest';
 *     import { learnerContract } from 'selftarget/testing';
 *     for (const { name, run } of learnerContract((seed) => new MyLearner(seed))) test(name, run);
 *
 * With Node's own test runner the first line is `import test from 'node:test'`.
 */
export { type Check, ContractError } from './check.js';
export type { LearnerContractOptions, MakeLearner } from './laboratory.js';
export { learnerContract } from './learnerContract.js';
export { type MakeRule, type RuleContractOptions, ruleContract } from './ruleContract.js';
