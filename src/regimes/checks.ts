/** What can be known to be wrong before the first step. */
import { DataError } from '../data/dataSet.js';
import type { Learner } from '../learner/learner.js';
import type { Schedule } from '../learner/schedule.js';
import { expectAbilities } from '../learner/traits.js';
import { type Pass, type Phase, type Position, stepsOf, type TrainingBasics } from './phases.js';

/** Throws a RangeError, a {@link DataError} or an AbilityError that names the setting. */
export function checkTraining({ learner, seed, from }: TrainingBasics, phases: readonly Phase[]): void {
  if (!(Number.isSafeInteger(seed) && seed >= 0)) {
    throw new RangeError(`seed must be a whole number from 0 to 2^53 - 1, not ${seed}`);
  }
  for (const part of ['epoch', 'step'] as const) {
    if (from && !isWhole(from[part], 0)) {
      throw new RangeError(`from.${part} must be a whole number of at least 0, not ${from[part]}`);
    }
  }
  for (const { epochs, passes } of phases) {
    if (!isWhole(epochs, 0)) {
      throw new RangeError(`epochs must be a whole number of at least 0, not ${epochs}`);
    }
    if (passes.length === 0) throw new RangeError('a phase needs at least one pass');
    for (const pass of passes) checkPass(pass, learner);
  }
  if (from) checkStart(from, phases);
}

/** There must be such a moment, the end included. */
function checkStart(from: Position, phases: readonly Phase[]): void {
  let firstEpoch = 0;
  for (const { epochs, passes } of phases) {
    if (from.epoch < firstEpoch + epochs) {
      const steps = passes.reduce((sum, pass) => sum + stepsOf(pass), 0);
      if (from.step <= steps) return;
      throw new RangeError(`from.step is ${from.step}, but epoch ${from.epoch + 1} has ${steps} steps`);
    }
    firstEpoch += epochs;
  }
  if (from.epoch === firstEpoch && from.step === 0) return;
  throw new RangeError(`from is epoch ${from.epoch}, step ${from.step}, but there are ${firstEpoch} epochs`);
}

function checkPass({ data, batchSize, schedule, rule, optimiser }: Pass, learner: Learner): void {
  if (!isWhole(batchSize, 1)) {
    throw new RangeError(`the batch size must be a whole number of at least 1, not ${batchSize}`);
  }
  if (data.width !== learner.inputs) {
    throw new DataError(
      `${data.name}: items have ${data.width} values (${data.shape.join(' x ')}), but the learner takes ${learner.inputs}`,
    );
  }
  if (data.length === 0) throw new DataError(`${data.name}: there are no items to train on`);
  for (const factor of factorsOf(schedule)) {
    if (!(factor >= 0 && factor < Infinity)) {
      throw new RangeError(`a schedule's factors must be numbers of at least 0, not ${factor}`);
    }
  }
  if (schedule.shape === 'linear' && !((schedule.until ?? 1) > 0)) {
    throw new RangeError(`a schedule's until must be a share of the run above 0, not ${schedule.until}`);
  }
  expectAbilities(learner, rule, optimiser);
  rule.fits?.(learner.outputs, Math.min(batchSize, data.length));
}

function factorsOf(schedule: Schedule): readonly number[] {
  switch (schedule.shape) {
    case 'constant':
      return [];
    case 'linear':
      return [schedule.from, schedule.to];
    case 'exponential':
      return [schedule.factor];
    case 'steps':
      return [schedule.factor, ...schedule.milestones];
    default:
      throw new RangeError(
        `there is no schedule of the shape ${JSON.stringify((schedule as Schedule).shape)}`,
      );
  }
}

function isWhole(value: number, least: number): boolean {
  return Number.isInteger(value) && value >= least;
}
