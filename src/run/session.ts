/** The part of a run that one call carries out: from where the last one stopped to the end, or to the next stop. */
import type { SplitDataSet } from '../data/dataSet.js';
import { TrainingDivergedError } from '../regimes/index.js';
import { median } from '../statistics/index.js';
import type { Progress } from './checkpoint.js';
import type { RunConfig } from './config.js';
import { memoryMB, peakMemoryMB } from './environment.js';
import { RunError } from './errors.js';
import { isEvaluated } from './evaluationEpochs.js';
import type {
  Accuracy,
  CheckpointEvent,
  DoneEvent,
  EpochEvent,
  ProgressEvent,
  ReadoutEvent,
  ReadoutProgressEvent,
  RunEvent,
} from './events.js';
import type { LogEntry } from './log.js';
import { Pace } from './pace.js';
import type { Parts } from './parts.js';
import type { Plan } from './plan.js';
import { findProblems } from './problems.js';
import { fullReadout, quickAccuracy, type ReadoutOptions, type ReadoutRequest } from './readouts.js';
import { reporting } from './reporting.js';
import type { RunFiles } from './runFolder.js';
import { Saver } from './saver.js';
import { Tally } from './tally.js';

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

const PROGRESS_MS = 100;

export class Session {
  readonly #options: SessionOptions;
  readonly #request: ReadoutRequest;
  readonly #tally: Tally;
  readonly #saver: Saver;
  readonly #secondsBefore: number;
  readonly #epochSeconds: number[];
  #untrained: Accuracy = {};
  #pretrained: Accuracy | undefined;

  constructor(options: SessionOptions) {
    const { config, data, parts, files, signal, progress, log } = options;
    this.#options = options;
    this.#request = { config, data, signal };
    this.#tally = new Tally(progress);
    this.#saver = new Saver(config, parts, files, progress);
    this.#secondsBefore = progress?.seconds ?? 0;
    this.#pretrained = log.findLast(isMeasuredPretraining)?.accuracy;
    this.#epochSeconds = log.flatMap((entry) => (entry.event === 'epoch' ? [entry.trainSeconds] : []));
  }

  /** Carries it out; an abort ends it with a checkpoint and an `interrupted` event. */
  async *run(): AsyncGenerator<RunEvent> {
    const { signal, files } = this.#options;
    try {
      yield* this.#untrainedReadout();
      const { epoch, step } = this.#tally;
      // Stopped between an epoch's end and its readout: the checkpoint has the epoch, the log does not.
      if (epoch > 0 && step === 0 && !this.#isLogged(epoch)) yield* this.#epochEnd();
      yield* this.#training();
      if (!signal?.aborted) {
        yield* this.#save();
        yield* this.#finalReadout();
        return;
      }
    } catch (error) {
      if (error instanceof TrainingDivergedError) {
        yield { event: 'failed', epoch: error.epoch, message: error.message };
        const kept = this.#saver.hasSaved ? ` The last good checkpoint is kept: ${files.checkpoint}` : '';
        throw new RunError(error.message + kept, { cause: error });
      }
      if (!signal?.aborted || error !== signal.reason) throw error;
    }
    yield* this.#save();
    const { epoch, step } = this.#tally;
    yield { event: 'interrupted', run: files.folder, epoch, step };
  }

  async *#training(): AsyncGenerator<RunEvent> {
    const { plan, signal, stopAfter = Infinity } = this.#options;
    const tally = this.#tally;
    const end = Math.min(plan.epochs, tally.epoch + stopAfter);
    if (tally.epoch >= end) return;
    const steps = plan.train({ epoch: tally.epoch, step: tally.step }, signal);
    const pace = new Pace(plan, end);
    let told = 0;
    try {
      for (;;) {
        const before = performance.now();
        const { value, done } = await steps.next();
        const took = performance.now() - before;
        if (done) return;
        tally.count(value, took / 1000);
        if (value.kind === 'pass') {
          if (this.#isEvaluated(value.epoch)) tally.afterUnlabelled = yield* this.#quickAccuracy();
          continue;
        }
        if (value.kind === 'epoch') {
          if (this.#saver.isDue('after an epoch')) yield* this.#save();
          yield* this.#epochEnd();
          if (tally.epoch >= end) return;
          continue;
        }
        pace.add(took, value.items);
        if (performance.now() - told >= PROGRESS_MS) {
          told = performance.now();
          yield this.#progressEvent(value, pace);
        }
        if (this.#saver.isDue('within an epoch')) yield* this.#save();
      }
    } finally {
      await steps.return(undefined);
    }
  }

  #progressEvent(
    { epoch, step, steps, pass }: Pick<ProgressEvent, 'epoch' | 'step' | 'steps' | 'pass'>,
    pace: Pace,
  ): ProgressEvent {
    return {
      event: 'progress',
      epoch,
      epochs: this.#options.plan.epochs,
      step,
      steps,
      loss: this.#tally.loss,
      pass,
      ...pace.estimate(this.#tally.epoch, step / steps),
    };
  }

  async *#epochEnd(): AsyncGenerator<EpochEvent | ReadoutProgressEvent> {
    const { plan } = this.#options;
    const { epoch, loss, seconds, afterUnlabelled } = this.#tally;
    const { rate, phase } = plan.about(epoch);
    const accuracy = this.#isEvaluated(epoch) ? yield* this.#quickAccuracy() : undefined;
    this.#epochSeconds.push(seconds);
    const event: EpochEvent = {
      event: 'epoch',
      epoch,
      epochs: plan.epochs,
      loss,
      rate,
      trainSeconds: seconds,
      memoryMB: memoryMB(),
      ...(phase && { phase }),
      ...(accuracy && { accuracy }),
      ...(afterUnlabelled && { afterUnlabelled }),
    };
    if (isMeasuredPretraining(event)) this.#pretrained = accuracy;
    yield event;
  }

  #isEvaluated(epoch: number): boolean {
    const { config, plan } = this.#options;
    const { phaseEpoch, phaseEpochs } = plan.about(epoch);
    return isEvaluated(config.readout.evaluate, phaseEpoch, phaseEpochs);
  }

  #quickAccuracy(): AsyncGenerator<ReadoutProgressEvent, Accuracy> {
    return reporting((tell) => quickAccuracy(this.#options.parts, { ...this.#request, tell }));
  }

  #readout(options: ReadoutOptions): AsyncGenerator<ReadoutProgressEvent, ReadoutEvent> {
    return reporting((tell) => fullReadout(this.#options.parts, { ...this.#request, tell }, options));
  }

  /** The floor to beat: the same readout on the random initial network. */
  async *#untrainedReadout(): AsyncGenerator<RunEvent> {
    const { config, log } = this.#options;
    const earlier = log.find(isOwnUntrained);
    if (earlier) {
      this.#untrained = earlier.accuracy;
      return;
    }
    const { epoch, step } = this.#tally;
    // A run that lost its log is past the moment.
    if (config.readout.untrained === 'nothing' || epoch > 0 || step > 0) return;
    const classifier = config.readout.untrained === 'all';
    const readout = yield* this.#readout({ network: 'untrained', epoch: 0, classifier });
    this.#untrained = readout.accuracy;
    yield readout;
  }

  async *#finalReadout(): AsyncGenerator<RunEvent> {
    const { config, plan, parts, files } = this.#options;
    const { epoch } = this.#tally;
    const readout = yield* this.#readout({ network: 'trained', epoch, classifier: true });
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
      epochs: epoch,
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
      epochSeconds: this.#epochSeconds.length > 0 ? median(this.#epochSeconds) : 0,
      threads: parts.compute.threads,
      kernel: parts.compute.kernel,
      peakMemoryMB: peakMemoryMB(),
    };
    yield done;
  }

  #save(): AsyncGenerator<CheckpointEvent> {
    return this.#saver.save(this.#tally.progress(this.#totalSeconds()));
  }

  #totalSeconds(): number {
    return this.#secondsBefore + (performance.now() - this.#options.began) / 1000;
  }

  #isLogged(epoch: number): boolean {
    return this.#options.log.some((entry) => entry.event === 'epoch' && entry.epoch === epoch);
  }
}

/** The run's own readout of the untrained network, not one that was asked for afterwards with other labels. */
function isOwnUntrained(entry: LogEntry): entry is LogEntry & ReadoutEvent {
  return entry.event === 'readout' && entry.network === 'untrained' && entry.command === undefined;
}

/** What labels alone gave; the last of these stands. */
function isMeasuredPretraining(entry: LogEntry | EpochEvent): entry is EpochEvent & LogEntry {
  return entry.event === 'epoch' && entry.phase === 'pretraining' && entry.accuracy !== undefined;
}
