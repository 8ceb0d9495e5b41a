/** The part of a run that one call carries out: from where the last one stopped to the end, or to the next stop. */
import type { SplitDataSet } from '../data/dataSet.js';
import type { TensorMap } from '../learner/learner.js';
import { scheduleFactor } from '../learner/schedule.js';
import { type TrainEvent, TrainingDivergedError } from '../regimes/index.js';
import { type Progress, writeCheckpoint, writeModel } from './checkpoint.js';
import type { RunConfig } from './config.js';
import { memoryMB, peakMemoryMB } from './environment.js';
import { RunError } from './errors.js';
import { isEvaluated } from './evaluationEpochs.js';
import type { Accuracy, CheckpointEvent, DoneEvent, EpochEvent, ReadoutEvent, RunEvent } from './events.js';
import type { LogEntry } from './log.js';
import type { Parts } from './parts.js';
import { fullReadout, quickAccuracy, type ReadoutRequest } from './readouts.js';
import type { RunFiles } from './runFolder.js';
import { Turns } from './turns.js';

export interface SessionOptions {
  readonly config: RunConfig;
  readonly data: SplitDataSet;
  readonly parts: Parts;
  readonly files: RunFiles;
  /** When the call began, by `performance.now()`. */
  readonly began: number;
  readonly stopAfter: number | undefined;
  readonly signal: AbortSignal | undefined;
  /** What earlier calls have logged. */
  readonly log: readonly LogEntry[];
  readonly progress: Progress | undefined;
}

/** Least time between checkpoints after epochs, and within an epoch. */
const CHECKPOINT_MS = 10_000;
const CHECKPOINT_WITHIN_EPOCH_MS = 300_000;
const PROGRESS_MS = 100;
/** The past over which the pace is told. */
const PACE_MS = 3000;

export class Session {
  readonly #options: SessionOptions;
  readonly #request: ReadoutRequest;
  readonly #turns = new Turns();
  readonly #secondsBefore: number;
  readonly #epochSeconds: number[];
  #epoch: number;
  #step: number;
  /** Of the epoch in progress, or of the one just completed. */
  #seconds: number;
  #lossSum: number;
  #lossSteps: number;
  #untrained: Accuracy = {};
  #lastCheckpoint = performance.now();
  #checkpointed: string;

  constructor(options: SessionOptions) {
    const { config, data, signal, progress, log } = options;
    this.#options = options;
    this.#request = { config, data, signal };
    this.#epoch = progress?.epoch ?? 0;
    this.#step = progress?.step ?? 0;
    this.#seconds = progress?.epochSeconds ?? 0;
    this.#lossSum = progress?.lossSum ?? 0;
    this.#lossSteps = progress?.lossSteps ?? 0;
    this.#secondsBefore = progress?.seconds ?? 0;
    this.#checkpointed = progress ? this.#position() : 'nowhere';
    this.#epochSeconds = log.flatMap((entry) => (entry.event === 'epoch' ? [entry.trainSeconds] : []));
  }

  /** Carries it out; an abort ends it with a checkpoint and an `interrupted` event. */
  async *run(): AsyncGenerator<RunEvent> {
    const { signal, files } = this.#options;
    try {
      yield* this.#untrainedReadout();
      // Stopped between an epoch's end and its readout: the checkpoint has the epoch, the log does not.
      if (this.#epoch > 0 && this.#step === 0 && !this.#isLogged(this.#epoch)) yield await this.#epochEvent();
      yield* this.#training();
      if (!signal?.aborted) {
        yield* this.#save();
        yield* this.#finalReadout();
        return;
      }
    } catch (error) {
      if (error instanceof TrainingDivergedError) {
        yield { event: 'failed', epoch: error.epoch, message: error.message };
        const kept =
          this.#checkpointed === 'nowhere' ? '' : ` The last good checkpoint is kept: ${files.checkpoint}`;
        throw new RunError(error.message + kept, { cause: error });
      }
      if (!signal?.aborted || error !== signal.reason) throw error;
    }
    yield* this.#save();
    yield { event: 'interrupted', run: files.folder, epoch: this.#epoch, step: this.#step };
  }

  async *#training(): AsyncGenerator<RunEvent> {
    const { config, data, parts, signal, stopAfter = Infinity } = this.#options;
    const end = Math.min(config.epochs, this.#epoch + stopAfter);
    if (this.#epoch >= end) return;
    const from = { epoch: this.#epoch, step: this.#step };
    const steps = parts.train(data.train, from, signal);
    const pace = new Pace(data.train.length, config.batchSize, end);
    let told = 0;
    try {
      for (;;) {
        const before = performance.now();
        const { value, done } = await steps.next();
        const took = performance.now() - before;
        if (done) return;
        this.#count(value, took / 1000);
        if (value.kind === 'epoch') {
          if (performance.now() - this.#lastCheckpoint >= CHECKPOINT_MS) yield* this.#save();
          yield await this.#epochEvent();
          if (this.#epoch >= end) return;
          continue;
        }
        pace.add(took);
        if (performance.now() - told >= PROGRESS_MS) {
          told = performance.now();
          yield {
            ...{
              event: 'progress',
              epoch: value.epoch,
              epochs: config.epochs,
              step: value.step,
              steps: value.steps,
            },
            ...{ loss: this.#lossSum / this.#lossSteps, ...pace.estimate(this.#epoch, this.#step) },
          };
        }
        if (performance.now() - this.#lastCheckpoint >= CHECKPOINT_WITHIN_EPOCH_MS) yield* this.#save();
        await this.#turns.giveIfDue();
      }
    } finally {
      await steps.return(undefined);
    }
  }

  #count(event: TrainEvent, seconds: number): void {
    if (event.kind === 'epoch') {
      this.#seconds += seconds;
      this.#epoch = event.epoch;
      this.#step = 0;
      return;
    }
    if (event.step === 1) {
      this.#seconds = 0;
      this.#lossSum = 0;
      this.#lossSteps = 0;
    }
    this.#seconds += seconds;
    this.#step = event.step;
    this.#lossSum += event.loss;
    this.#lossSteps++;
  }

  async #epochEvent(): Promise<EpochEvent> {
    const { config } = this.#options;
    const epoch = this.#epoch;
    const evaluated = isEvaluated(config.readout.evaluate, epoch, config.epochs);
    const accuracy = evaluated ? await quickAccuracy(this.#options.parts, this.#request) : undefined;
    this.#epochSeconds.push(this.#seconds);
    return {
      ...{ event: 'epoch', epoch, epochs: config.epochs, loss: this.#lossSum / this.#lossSteps },
      ...{ rate: scheduleFactor(config.schedule, epoch - 1, config.epochs), trainSeconds: this.#seconds },
      memoryMB: memoryMB(),
      ...(accuracy && { accuracy }),
    };
  }

  /** The floor to beat: the same readout on the random initial network. */
  async *#untrainedReadout(): AsyncGenerator<RunEvent> {
    const { config, parts, log } = this.#options;
    const earlier = log.find(isOwnUntrained);
    if (earlier) {
      this.#untrained = earlier.accuracy;
      return;
    }
    // A run that lost its log is past the moment.
    if (config.readout.untrained === 'nothing' || this.#epoch > 0 || this.#step > 0) return;
    const classifier = config.readout.untrained === 'all';
    const readout = await fullReadout(parts, this.#request, { network: 'untrained', epoch: 0, classifier });
    this.#untrained = readout.accuracy;
    yield readout;
  }

  async *#finalReadout(): AsyncGenerator<RunEvent> {
    const { config, parts, files } = this.#options;
    const readout = await fullReadout(parts, this.#request, {
      network: 'trained',
      epoch: this.#epoch,
      classifier: true,
    });
    yield readout;
    const done: DoneEvent = {
      event: 'done',
      run: files.folder,
      epochs: this.#epoch,
      ofEpochs: config.epochs,
      accuracy: readout.accuracy,
      untrained: this.#untrained,
      seconds: this.#totalSeconds(),
      trainSeconds: this.#epochSeconds.reduce((a, b) => a + b, 0),
      epochSeconds: median(this.#epochSeconds),
      threads: parts.compute.threads,
      kernel: parts.compute.kernel,
      peakMemoryMB: peakMemoryMB(),
    };
    yield done;
  }

  /** Checkpoint and model, unless they are there. */
  async *#save(): AsyncGenerator<CheckpointEvent> {
    const { config, parts, files } = this.#options;
    if (this.#checkpointed === this.#position()) return;
    const progress: Progress = {
      ...{ epoch: this.#epoch, step: this.#step, seconds: this.#totalSeconds() },
      ...{ epochSeconds: this.#seconds, lossSum: this.#lossSum, lossSteps: this.#lossSteps },
    };
    const tensors = parts.state();
    // Activations that saturate hide broken weights from the loss; they must not replace good ones on disk.
    if (!allFinite(tensors))
      throw new TrainingDivergedError(this.#step > 0 ? this.#epoch + 1 : this.#epoch, this.#step);
    await writeCheckpoint(files.checkpoint, { config, progress, tensors });
    await writeModel(files.model, config, progress, tensors);
    this.#checkpointed = this.#position();
    this.#lastCheckpoint = performance.now();
    yield { event: 'checkpoint', epoch: this.#epoch, step: this.#step, file: files.checkpoint };
  }

  #position(): string {
    return `${this.#epoch}:${this.#step}`;
  }

  #totalSeconds(): number {
    return this.#secondsBefore + (performance.now() - this.#options.began) / 1000;
  }

  #isLogged(epoch: number): boolean {
    return this.#options.log.some((entry) => entry.event === 'epoch' && entry.epoch === epoch);
  }
}

/** How fast it goes, over the last seconds: epochs become faster as outputs become sparse. */
class Pace {
  #steps = 0;
  #ms = 0;

  constructor(
    readonly items: number,
    readonly batchSize: number,
    readonly end: number,
  ) {}

  add(ms: number): void {
    const keep = Math.exp(-ms / PACE_MS);
    this.#steps = keep * this.#steps + 1;
    this.#ms = keep * this.#ms + ms;
  }

  /** For a run with `epoch` epochs and `step` steps behind it. */
  estimate(epoch: number, step: number): { itemsPerSecond: number; secondsLeft: number } {
    const left = (this.end - epoch) * Math.ceil(this.items / this.batchSize) - step;
    return {
      itemsPerSecond: (1000 * this.batchSize * this.#steps) / this.#ms,
      secondsLeft: (left * this.#ms) / this.#steps / 1000,
    };
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return 0;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The run's own readout of the untrained network, not one that was asked for afterwards with other labels. */
function isOwnUntrained(entry: LogEntry): entry is LogEntry & ReadoutEvent {
  return entry.event === 'readout' && entry.network === 'untrained' && entry.command === undefined;
}

function allFinite(tensors: TensorMap): boolean {
  for (const { data } of tensors.values()) {
    for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return false;
  }
  return true;
}
