/**
 * What all regimes share: passes over some items with some target rule, step by step. A regime is a list of
 * phases, a phase a number of epochs, an epoch one or more passes in turn. None of it knows how the learner learns
 * or what the rules write.
 */
import { SelftargetError } from '../errors.js';
import { BatchReader, batchOrder } from '../data/batches.js';
import type { DataSet } from '../data/dataSet.js';
import { flipSome } from '../data/flip.js';
import type { Batch, Learner, MaybePromise, TargetRule } from '../learner/learner.js';
import { Purpose, RandomStream } from '../learner/random.js';
import { type Schedule, scheduleFactor } from '../learner/schedule.js';

/** How far a run has come. */
export interface Position {
  /** Epochs completed, over all phases. */
  readonly epoch: number;
  /** Steps completed of the epoch after them, over its passes. */
  readonly step: number;
}

/** Which items a pass goes over, where a regime has two kinds. */
export type PassName = 'labelled' | 'unlabelled';

export type TrainEvent =
  /** After every step; `epoch` and `step` count from 1, over all phases and over the epoch's passes. */
  | {
      readonly kind: 'step';
      readonly epoch: number;
      readonly step: number;
      readonly steps: number;
      readonly loss: number;
      /** In its batch. */
      readonly items: number;
      readonly pass?: PassName | undefined;
    }
  /** After the last step of a pass that another one follows in the same epoch. */
  | { readonly kind: 'pass'; readonly epoch: number; readonly pass?: PassName | undefined }
  /** After the last step of an epoch, with the mean loss of the steps seen. */
  | { readonly kind: 'epoch'; readonly epoch: number; readonly loss: number };

/** One time over some items. */
export interface Pass {
  readonly name?: PassName | undefined;
  readonly data: DataSet;
  readonly batchSize: number;
  readonly rule: TargetRule;
  /** Stretches over the epochs of the phase. */
  readonly schedule: Schedule;
  /** The learner's optimiser for this pass; see {@link StepContext}. */
  readonly optimiser?: number | undefined;
  /** Called before the pass begins. */
  readonly begin?: () => void;
  /** Called before every step, with the items of its batch, and waited for. */
  readonly beforeStep?: (indices: Uint32Array, batch: Batch) => MaybePromise<void>;
  /** Called after every step, with the epoch of the phase, from 0, and their number, and waited for. */
  readonly afterStep?: (epoch: number, epochs: number) => MaybePromise<void>;
}

/** A number of epochs with the same passes in turn. */
export interface Phase {
  readonly epochs: number;
  readonly passes: readonly Pass[];
}

/** What every regime needs to know to train. */
export interface TrainingBasics {
  readonly learner: Learner;
  readonly seed: number;
  /** Shows every item, an image, mirrored left to right in about half of its steps. */
  readonly flip?: boolean | undefined;
  /** Where to go on from; the learner's and the target's state must be those of that moment. */
  readonly from?: Position | undefined;
  /** Once aborted, training returns after the step in progress. */
  readonly signal?: AbortSignal | undefined;
}

/** A regime with one phase of one pass. */
export interface Training extends TrainingBasics {
  readonly data: DataSet;
  /** The length of the run, over which the schedule stretches. */
  readonly epochs: number;
  readonly batchSize: number;
  readonly schedule: Schedule;
}

/** Training has left the numbers: the loss is infinite or not a number. */
export class TrainingDivergedError extends SelftargetError {
  override name = 'TrainingDivergedError';
  /** @param cause what the learner says; a loss that is not finite unless told */
  constructor(
    readonly epoch: number,
    readonly step: number,
    cause = 'the loss is no longer a finite number. The usual cause is a learning rate that is too large; try a tenth of it.',
  ) {
    super(`training diverged in epoch ${epoch}, step ${step}: ${cause}`);
  }
}

/** Runs `phases` one after the other, from `from` to the end. */
export async function* trainPhases(
  { learner, seed, flip, from = { epoch: 0, step: 0 }, signal }: TrainingBasics,
  phases: readonly Phase[],
): AsyncGenerator<TrainEvent> {
  let firstEpoch = 0;
  // Both count over the run, for everything random: batches are drawn by pass, masks by step.
  let passesBefore = 0;
  let stepsBefore = 0;
  for (const { epochs, passes } of phases) {
    const steps = passes.map(stepsOf);
    const stepsPerEpoch = steps.reduce((a, b) => a + b, 0);
    for (let e = Math.max(0, from.epoch - firstEpoch); e < epochs; e++) {
      const epoch = firstEpoch + e;
      const done = epoch === from.epoch ? from.step : 0;
      let total = 0;
      let begun = 0;
      for (const [p, pass] of passes.entries()) {
        const reader = new BatchReader(pass.data, pass.batchSize);
        const first = Math.max(0, done - begun);
        if (first === 0) pass.begin?.();
        const order = batchOrder(pass.data.length, seed, passesBefore + e * passes.length + p);
        const rate = scheduleFactor(pass.schedule, e, epochs);
        for (let s = first; s < steps[p]; s++) {
          if (signal?.aborted) return;
          const begin = s * pass.batchSize;
          const end = Math.min(pass.data.length, begin + pass.batchSize);
          const batch = reader.read(order, begin, end);
          const at = { step: stepsBefore + e * stepsPerEpoch + begun + s, rate, optimiser: pass.optimiser };
          if (flip) flipSome(batch, pass.data.shape, new RandomStream(seed, Purpose.flip, at.step));
          await pass.beforeStep?.(order.subarray(begin, end), batch);
          const { loss, cause } = await learner.step(batch, pass.rule, at);
          const step = begun + s + 1;
          if (!Number.isFinite(loss)) throw new TrainingDivergedError(epoch + 1, step, cause);
          await pass.afterStep?.(e, epochs);
          total += loss;
          const items = batch.size;
          yield { kind: 'step', epoch: epoch + 1, step, steps: stepsPerEpoch, loss, items, pass: pass.name };
        }
        begun += steps[p];
        // Also where the run was stopped just here: nobody may have heard of it.
        if (p < passes.length - 1 && done <= begun) yield { kind: 'pass', epoch: epoch + 1, pass: pass.name };
      }
      yield { kind: 'epoch', epoch: epoch + 1, loss: total / Math.max(1, stepsPerEpoch - done) };
    }
    firstEpoch += epochs;
    passesBefore += epochs * passes.length;
    stepsBefore += epochs * stepsPerEpoch;
  }
}

function stepsOf({ data, batchSize }: Pass): number {
  return Math.ceil(data.length / batchSize);
}
