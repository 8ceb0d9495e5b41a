/** What can be known to be wrong before the first step. */
import { DataError } from '../data/dataSet.js';
import type { Schedule } from '../learner/schedule.js';
import { expectAbilities } from '../learner/traits.js';
import type { Pass, Phase, TrainingBasics } from './phases.js';

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
    for (const pass of passes) checkPass(pass, learner.inputs);
    for (const { rule, optimiser } of passes) expectAbilities(learner, rule, optimiser);
  }
}

function checkPass({ data, batchSize, schedule }: Pass, inputs: number): void {
  if (!isWhole(batchSize, 1)) {
    throw new RangeError(`the batch size must be a whole number of at least 1, not ${batchSize}`);
  }
  if (data.width !== inputs) {
    throw new DataError(
      `${data.name}: items have ${data.width} values (${data.shape.join(' x ')}), but the learner takes ${inputs}`,
    );
  }
  if (data.length === 0) throw new DataError(`${data.name}: there are no items to train on`);
  for (const factor of factorsOf(schedule)) {
    if (!(factor >= 0 && factor < Infinity)) {
      throw new RangeError(`a schedule's factors must be numbers of at least 0, not ${factor}`);
    }
  }
}

function factorsOf(schedule: Schedule): readonly number[] {
  switch (schedule.shape) {
    case 'constant':
      return [];
    case 'linear':
      return [schedule.from, schedule.to];
    case 'exponential':
    case 'steps':
      return [schedule.factor];
  }
}

function isWhole(value: number, least: number): boolean {
  return Number.isInteger(value) && value >= least;
}
