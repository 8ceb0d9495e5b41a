/** Where a run stands, and what its epoch in progress, or the one just completed, has come to. */
import type { Position, TrainEvent } from '../regimes/index.js';
import type { Progress } from './checkpoint.js';
import type { Accuracy } from './events.js';

export class Tally implements Position {
  epoch: number;
  step: number;
  /** Time spent training in this epoch. */
  seconds: number;
  #lossSum: number;
  #lossSteps: number;
  /** Measured between the two passes of a semi-supervised epoch. */
  afterUnlabelled: Accuracy | undefined;

  constructor(saved: Progress | undefined) {
    this.epoch = saved?.epoch ?? 0;
    this.step = saved?.step ?? 0;
    this.seconds = saved?.epochSeconds ?? 0;
    this.#lossSum = saved?.lossSum ?? 0;
    this.#lossSteps = saved?.lossSteps ?? 0;
    this.afterUnlabelled = saved?.afterUnlabelled;
  }

  get loss(): number {
    return this.#lossSum / this.#lossSteps;
  }

  /** Counts an event of training that took so many seconds. */
  count(event: TrainEvent, seconds: number): void {
    if (event.kind === 'step' && event.step === 1) {
      this.seconds = 0;
      this.#lossSum = 0;
      this.#lossSteps = 0;
      this.afterUnlabelled = undefined;
    }
    this.seconds += seconds;
    if (event.kind === 'epoch') {
      this.epoch = event.epoch;
      this.step = 0;
    } else if (event.kind === 'step') {
      this.step = event.step;
      this.#lossSum += event.loss;
      this.#lossSteps++;
    }
  }

  /** As a checkpoint keeps it, with all the time that the run has taken. */
  progress(totalSeconds: number): Progress {
    return {
      epoch: this.epoch,
      step: this.step,
      seconds: totalSeconds,
      epochSeconds: this.seconds,
      lossSum: this.#lossSum,
      lossSteps: this.#lossSteps,
      afterUnlabelled: this.afterUnlabelled,
    };
  }
}
