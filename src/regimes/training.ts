/**
 * What all regimes share: a pass over the data with some target rule, step by step. A regime only sequences
 * passes, schedules and measurements; it knows neither how the learner learns nor what the rule writes.
 */
import { batchOrder, readBatch } from '../data/batches.js';
import type { DataSet } from '../data/dataSet.js';
import type { Learner, TargetRule } from '../learner/learner.js';
import { type Schedule, scheduleFactor } from '../learner/schedule.js';

/** How far a run has come. */
export interface Position {
  /** Epochs completed. */
  readonly epoch: number;
  /** Steps completed of the epoch after them. */
  readonly step: number;
}

export type TrainEvent =
  /** After every step; `epoch` and `step` count from 1. */
  | {
      readonly kind: 'step';
      readonly epoch: number;
      readonly step: number;
      readonly steps: number;
      readonly loss: number;
    }
  /** After the last step of an epoch, with the mean loss of the steps seen. */
  | { readonly kind: 'epoch'; readonly epoch: number; readonly loss: number };

export interface Training {
  readonly learner: Learner;
  readonly data: DataSet;
  /** The length of the run, over which the schedule stretches. */
  readonly epochs: number;
  readonly batchSize: number;
  readonly schedule: Schedule;
  readonly seed: number;
  /** Where to go on from; the learner's and the target's state must be those of that moment. */
  readonly from?: Position | undefined;
  /** Once aborted, training returns after the step in progress. */
  readonly signal?: AbortSignal | undefined;
}

/** Training has left the numbers: the loss is infinite or not a number. */
export class TrainingDivergedError extends Error {
  override name = 'TrainingDivergedError';
  constructor(
    readonly epoch: number,
    readonly step: number,
  ) {
    super(
      `training diverged in epoch ${epoch}, step ${step}: the loss is no longer a finite number. ` +
        'The usual cause is a learning rate that is too large; try a tenth of it.',
    );
  }
}

/** Runs epochs from `from` to the end, with `rule` as the target. */
export async function* trainEpochs(
  training: Training,
  rule: TargetRule,
  hooks: { beforeEpoch?: () => void; beforeStep?: (indices: Uint32Array) => void },
): AsyncGenerator<TrainEvent> {
  const { learner, data, epochs, batchSize, schedule, seed, from = { epoch: 0, step: 0 }, signal } = training;
  const steps = Math.ceil(data.length / batchSize);
  const buffer = new Float32Array(batchSize * data.width);
  for (let epoch = from.epoch; epoch < epochs; epoch++) {
    const first = epoch === from.epoch ? from.step : 0;
    if (first === 0) hooks.beforeEpoch?.();
    const order = batchOrder(data.length, seed, epoch);
    const rate = scheduleFactor(schedule, epoch, epochs);
    let total = 0;
    for (let step = first; step < steps; step++) {
      if (signal?.aborted) return;
      const begin = step * batchSize;
      const end = Math.min(data.length, begin + batchSize);
      const batch = readBatch(data, order, begin, end, buffer);
      hooks.beforeStep?.(order.subarray(begin, end));
      const { loss } = await learner.step(batch, rule, { step: epoch * steps + step, rate });
      if (!Number.isFinite(loss)) throw new TrainingDivergedError(epoch + 1, step + 1);
      total += loss;
      yield { kind: 'step', epoch: epoch + 1, step: step + 1, steps, loss };
    }
    yield { kind: 'epoch', epoch: epoch + 1, loss: total / Math.max(1, steps - first) };
  }
}
