/**
 * What all regimes share: passes over some items with some rule, step by step. A regime is a list of phases, a phase a
 * number of epochs, an epoch one or more passes in turn. None of it knows how the learner learns or what the rules
 * write. {@link trainPhases} is public: a regime of one's own is a list of phases.
 */
import { SelftargetError } from '../errors.js';
import { BatchReader, batchOrder } from '../data/batches.js';
import { unlessAborted } from '../learner/aborting.js';
import type { StepContext } from '../learner/learner.js';
import { Purpose, RandomStream } from '../learner/random.js';
import { scheduleFactor } from '../learner/schedule.js';
import { checkTraining } from './checks.js';
import { type Phase, stepsOf, type TrainEvent, type TrainingBasics } from './phases.js';
import { Turns } from './turns.js';

/** The loss is infinite or not a number. */
export class TrainingDivergedError extends SelftargetError {
  override name = 'TrainingDivergedError';
  /** @param cause what the learner reports; a loss that is not finite by default */
  constructor(
    readonly epoch: number,
    readonly step: number,
    cause = 'the loss is no longer a finite number. The usual cause is a learning rate that is too large; try a tenth of it.',
  ) {
    super(`training diverged in epoch ${epoch}, step ${step}: ${cause}`);
  }
}

/**
 * Runs `phases` one after the other, from `from` to the end, and gives way to timers, signals and other tasks every few
 * hundredths of a second.
 *
 * @throws RangeError, DataError or AbilityError at the start, for settings that are impossible, data that do not fit
 *   the learner, and what the learner cannot do
 * @throws TrainingDivergedError when a loss is not finite
 */
export async function* trainPhases(
  basics: TrainingBasics,
  phases: readonly Phase[],
): AsyncGenerator<TrainEvent> {
  checkTraining(basics, phases);
  const { signal } = basics;
  try {
    yield* allPhases(basics, phases);
  } catch (error) {
    if (!(signal?.aborted && error === signal.reason)) throw error;
  }
}

/** Throws the signal's reason where it is aborted while something is waited for. */
async function* allPhases(basics: TrainingBasics, phases: readonly Phase[]): AsyncGenerator<TrainEvent> {
  const { learner, seed, from = { epoch: 0, step: 0 }, signal } = basics;
  const turns = new Turns();
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
        const { data, batchSize, rule, augment = basics.augment } = pass;
        const reader = new BatchReader(data, batchSize);
        const first = Math.max(0, done - begun);
        const beginning = first === 0 ? pass.begin?.() : undefined;
        if (beginning instanceof Promise) await unlessAborted(beginning, signal);
        const order = batchOrder(data.length, seed, passesBefore + e * passes.length + p);
        const rate = scheduleFactor(pass.schedule, e, epochs);
        for (let s = first; s < steps[p]; s++) {
          const turn = turns.due();
          if (turn) await turn;
          if (signal?.aborted) return;
          const end = Math.min(data.length, (s + 1) * batchSize);
          const indices = order.subarray(s * batchSize, end);
          const step = stepsBefore + e * stepsPerEpoch + begun + s;
          let batch = reader.read(order, s * batchSize, end);
          if (augment) {
            const draws = new RandomStream(seed, Purpose.augment, step);
            const changed = augment(batch, { shape: data.shape, indices, step, random: draws });
            batch = (changed instanceof Promise ? await unlessAborted(changed, signal) : changed) ?? batch;
            if (batch.size !== indices.length) {
              throw new RangeError(
                `${data.name}: an augmentation must keep the ${indices.length} items of a batch, not make them ${batch.size}`,
              );
            }
          }
          let random: RandomStream | undefined;
          const at: StepContext = {
            step,
            rate,
            optimiser: pass.optimiser,
            epoch,
            indices,
            signal,
            // Most rules draw nothing; those that do must get on in the stream from one draw to the next.
            get random() {
              return (random ??= new RandomStream(seed, Purpose.rule, step));
            },
          };
          const before = pass.beforeStep?.(batch, at);
          if (before instanceof Promise) await unlessAborted(before, signal);
          const answer = learner.step(batch, rule, at);
          const report = answer instanceof Promise ? await unlessAborted(answer, signal) : answer;
          const count = begun + s + 1;
          if (!Number.isFinite(report.loss)) throw new TrainingDivergedError(epoch + 1, count, report.cause);
          const after = pass.afterStep?.(e, epochs, report);
          if (after instanceof Promise) await after;
          total += report.loss;
          yield {
            kind: 'step',
            epoch: epoch + 1,
            step: count,
            steps: stepsPerEpoch,
            loss: report.loss,
            items: batch.size,
            pass: pass.name,
          };
        }
        begun += steps[p];
        // Also where the run was stopped just here: the event may not have been seen.
        if (p < passes.length - 1 && done <= begun) yield { kind: 'pass', epoch: epoch + 1, pass: pass.name };
      }
      yield { kind: 'epoch', epoch: epoch + 1, loss: total / Math.max(1, stepsPerEpoch - done) };
    }
    firstEpoch += epochs;
    passesBefore += epochs * passes.length;
    stepsBefore += epochs * stepsPerEpoch;
  }
}
