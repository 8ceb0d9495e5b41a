/** The part of a run that one call carries out: from where the last one stopped to the end, or to the next stop. */
import type { SplitDataSet } from '../data/dataSet.js';
import type { TensorMap } from '../learner/learner.js';
import { type TrainEvent, TrainingDivergedError } from '../regimes/index.js';
import { type Progress, writeCheckpoint, writeModel } from './checkpoint.js';
import type { RunConfig } from './config.js';
import { memoryMB, peakMemoryMB } from './environment.js';
import { RunError } from './errors.js';
import { isEvaluated } from './evaluationEpochs.js';
import type { Accuracy, CheckpointEvent, DoneEvent, EpochEvent, ReadoutEvent, RunEvent } from './events.js';
import type { LogEntry } from './log.js';
import type { Parts } from './parts.js';
import type { Plan } from './plan.js';
import { findProblems } from './problems.js';
import { fullReadout, quickAccuracy, type ReadoutRequest } from './readouts.js';
import type { RunFiles } from './runFolder.js';
import { Turns } from './turns.js';

export interface SessionOptions {
  readonly config: RunConfig;
  readonly data: SplitDataSet;
  readonly plan: Plan;
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
/** Writing them after epochs takes at most one part in so many of the time. */
const CHECKPOINT_SHARE = 50;
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
  #afterUnlabelled: Accuracy | undefined;
  #untrained: Accuracy = {};
  #pretrained: Accuracy | undefined;
  #lastCheckpoint = performance.now();
  #untilCheckpoint = CHECKPOINT_MS;
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
    this.#afterUnlabelled = progress?.afterUnlabelled;
    this.#secondsBefore = progress?.seconds ?? 0;
    this.#checkpointed = progress ? this.#position() : 'nowhere';
    this.#pretrained = log.findLast(isMeasuredPretraining)?.accuracy;
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
    const { plan, signal, stopAfter = Infinity } = this.#options;
    const end = Math.min(plan.epochs, this.#epoch + stopAfter);
    if (this.#epoch >= end) return;
    const from = { epoch: this.#epoch, step: this.#step };
    const steps = plan.train(from, signal);
    const pace = new Pace(plan, end);
    let told = 0;
    try {
      for (;;) {
        const before = performance.now();
        const { value, done } = await steps.next();
        const took = performance.now() - before;
        if (done) return;
        this.#count(value, took / 1000);
        if (value.kind === 'pass') {
          if (this.#isEvaluated(value.epoch)) {
            this.#afterUnlabelled = await quickAccuracy(this.#options.parts, this.#request);
          }
          continue;
        }
        if (value.kind === 'epoch') {
          if (performance.now() - this.#lastCheckpoint >= this.#untilCheckpoint) yield* this.#save();
          yield await this.#epochEvent();
          if (this.#epoch >= end) return;
          continue;
        }
        pace.add(took, value.items);
        if (performance.now() - told >= PROGRESS_MS) {
          told = performance.now();
          yield {
            ...{
              event: 'progress',
              epoch: value.epoch,
              epochs: plan.epochs,
              step: value.step,
              steps: value.steps,
            },
            ...{ loss: this.#lossSum / this.#lossSteps, pass: value.pass },
            ...pace.estimate(this.#epoch, value.step / value.steps),
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
    if (event.kind === 'pass') {
      this.#seconds += seconds;
      return;
    }
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
      this.#afterUnlabelled = undefined;
    }
    this.#seconds += seconds;
    this.#step = event.step;
    this.#lossSum += event.loss;
    this.#lossSteps++;
  }

  async #epochEvent(): Promise<EpochEvent> {
    const { plan, parts } = this.#options;
    const epoch = this.#epoch;
    const { rate, phase } = plan.about(epoch);
    const accuracy = this.#isEvaluated(epoch) ? await quickAccuracy(parts, this.#request) : undefined;
    const afterUnlabelled = this.#afterUnlabelled;
    this.#epochSeconds.push(this.#seconds);
    const event: EpochEvent = {
      ...{ event: 'epoch', epoch, epochs: plan.epochs, loss: this.#lossSum / this.#lossSteps },
      ...{ rate, trainSeconds: this.#seconds, memoryMB: memoryMB() },
      ...(phase && { phase }),
      ...(accuracy && { accuracy }),
      ...(afterUnlabelled && { afterUnlabelled }),
    };
    if (isMeasuredPretraining(event)) this.#pretrained = accuracy;
    return event;
  }

  #isEvaluated(epoch: number): boolean {
    const { config, plan } = this.#options;
    const { phaseEpoch, phaseEpochs } = plan.about(epoch);
    return isEvaluated(config.readout.evaluate, phaseEpoch, phaseEpochs);
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
    const { config, plan, parts, files } = this.#options;
    const readout = await fullReadout(parts, this.#request, {
      network: 'trained',
      epoch: this.#epoch,
      classifier: true,
    });
    yield readout;
    const { byClass, unnamedNeurons: silent } = readout;
    const testItems = byClass?.reduce((sum, { items }) => sum + items, 0);
    const problems = findProblems({
      regime: config.regime,
      gamma: config.target?.gamma ?? 0,
      accuracy: readout.accuracy,
      untrained: this.#untrained,
      pretrained: this.#pretrained,
      byClass,
      neurons: silent === undefined ? undefined : { all: parts.learner.outputs, silent },
    });
    const done: DoneEvent = {
      event: 'done',
      run: files.folder,
      epochs: this.#epoch,
      ofEpochs: plan.epochs,
      accuracy: readout.accuracy,
      untrained: this.#untrained,
      ...(this.#pretrained && { pretrained: this.#pretrained }),
      labelled: plan.labelled,
      unlabelled: plan.unlabelled,
      testItems,
      warnings: problems.map(({ message }) => message),
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
      afterUnlabelled: this.#afterUnlabelled,
    };
    const began = performance.now();
    const tensors = parts.state();
    // Activations that saturate hide broken weights from the loss; they must not replace good ones on disk.
    if (!allFinite(tensors))
      throw new TrainingDivergedError(this.#step > 0 ? this.#epoch + 1 : this.#epoch, this.#step);
    await writeCheckpoint(files.checkpoint, { config, progress, tensors });
    await writeModel(files.model, config, progress, tensors);
    this.#checkpointed = this.#position();
    this.#lastCheckpoint = performance.now();
    this.#untilCheckpoint = Math.max(CHECKPOINT_MS, CHECKPOINT_SHARE * (this.#lastCheckpoint - began));
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
  readonly #plan: Plan;
  readonly #end: number;
  #items = 0;
  #ms = 0;

  /** Of a call that goes on to epoch `end`. */
  constructor(plan: Plan, end: number) {
    this.#plan = plan;
    this.#end = end;
  }

  add(ms: number, items: number): void {
    const keep = Math.exp(-ms / PACE_MS);
    this.#items = keep * this.#items + items;
    this.#ms = keep * this.#ms + ms;
  }

  /** With `epoch` epochs and the share `done` of the next one behind. */
  estimate(epoch: number, done: number): { itemsPerSecond: number; secondsLeft: number } {
    let left = 0;
    for (let e = epoch + 1; e <= this.#end; e++) left += this.#plan.about(e).items;
    left -= done * this.#plan.about(epoch + 1).items;
    const msPerItem = this.#ms / this.#items;
    return { itemsPerSecond: 1000 / msPerItem, secondsLeft: (left * msPerItem) / 1000 };
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

/** What labels alone gave; the last of these stands. */
function isMeasuredPretraining(entry: LogEntry | EpochEvent): entry is EpochEvent & LogEntry {
  return entry.event === 'epoch' && entry.phase === 'pretraining' && entry.accuracy !== undefined;
}

function allFinite(tensors: TensorMap): boolean {
  for (const { data } of tensors.values()) {
    for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return false;
  }
  return true;
}
