/**
 * One run from beginning to end: training, readouts, log and checkpoints, as a sequence of events that knows
 * nothing of terminals.
 */
import type { LoadedDataSet, SplitDataSet } from '../data/dataSet.js';
import type { LoadOptions } from '../data/node/load.js';
import type { RunConfig } from './config.js';
import { type EarlierRun, openRun, putBack } from './earlierRun.js';
import { describeEnvironment } from './environment.js';
import { ConfigError } from './errors.js';
import type { Environment, RunEvent, StartEvent, WarningEvent } from './events.js';
import type { RunLock } from './lock.js';
import { appendLog } from './log.js';
import { buildParts, type Parts } from './parts.js';
import type { Plan } from './plan.js';
import { checkLabels } from './readouts.js';
import { reporting } from './reporting.js';
import { asPath, loadRunData } from './runData.js';
import { createRunFolder, type RunFiles } from './runFolder.js';
import { Session } from './session.js';

export interface TrainOptions {
  /** What to train; when resuming, what the run must have begun with (nothing: whatever it was). */
  readonly config?: RunConfig | undefined;
  /** What the settings are called, for the run folder's name and for people. */
  readonly preset?: string | undefined;
  /** Folder of the new run. */
  readonly out?: string | undefined;
  /** Folder of the run to resume. */
  readonly resume?: string | undefined;
  readonly threads?: number | undefined;
  readonly dataDir?: string | undefined;
  /** Ends this call after so many epochs, with a checkpoint and readouts. */
  readonly stopAfter?: number | undefined;
  /** Once aborted, the run ends with a checkpoint and an `interrupted` event. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the progress of a download. */
  readonly onDownload?: LoadOptions['onProgress'];
  /** Given the data once they are loaded, so that nobody who needs them afterwards reads them again. */
  readonly onData?: ((data: SplitDataSet) => void) | undefined;
}

/**
 * Trains, yielding events; the last is `done`, or `interrupted` once the signal is aborted.
 *
 * @throws ConfigError for settings that do not fit the data or the run to resume
 * @throws RunError when files cannot be written or read, when another process trains the run, when its data have
 *   changed, or when training diverges; the last good checkpoint stays
 * @throws DataError when the data set cannot be loaded
 */
export async function* train(options: TrainOptions): AsyncGenerator<RunEvent> {
  const { signal, resume, stopAfter } = options;
  if (stopAfter !== undefined && !(Number.isInteger(stopAfter) && stopAfter >= 1)) {
    throw new ConfigError(`--stop-after must be a whole number of epochs, at least 1, not ${stopAfter}`);
  }
  const began = performance.now();
  const earlier = resume === undefined ? undefined : await openRun(resume, options.config);
  let lock: RunLock | undefined = earlier?.lock;
  let parts: Parts | undefined;
  try {
    const config = earlier?.config ?? (options.config && asPath(options.config));
    if (!config) throw new ConfigError('nothing to train: give a configuration, or a run to resume');
    let data: LoadedDataSet;
    try {
      data = yield* load(config, options, earlier);
    } catch (error) {
      if (!signal?.aborted) throw error;
      const { epoch, step } = earlier?.progress ?? { epoch: 0, step: 0 };
      yield { event: 'interrupted', run: resume, epoch, step };
      return;
    }
    options.onData?.(data);
    await earlier?.expectSameData(data.provenance);
    const warnings = (data.notes ?? []).map((message): WarningEvent => ({ event: 'warning', message }));
    parts = await buildParts(config, {
      threads: options.threads,
      kernel: earlier?.kernel,
      classes: data.train.classes.length,
      onWarning: (message) => warnings.push({ event: 'warning', message }),
    });
    // Before anything is written: the data may not have the labels that the run takes.
    checkLabels(config, data.train);
    const plan = parts.plan(data.train);
    const environment = describeEnvironment(parts.compute);
    const preset = earlier?.preset ?? options.preset ?? 'custom';
    const description = { preset, config, environment, provenance: data.provenance };
    let files: RunFiles;
    if (earlier) files = earlier.files;
    else ({ files, lock } = await createRunFolder(options.out, description));
    const log = earlier ? await putBack(earlier, parts) : [];
    const complete = log.findLast((entry) => entry.event === 'done' && entry.epochs === plan.epochs);
    if (complete?.event === 'done') {
      const readout = log.findLast((entry) => entry.event === 'readout' && entry.command === undefined);
      if (readout) yield readout;
      const { time: _, ...done } = complete;
      yield { ...done, run: files.folder };
      return;
    }
    const { progress } = earlier ?? {};
    const start = startEvent({ earlier, files, preset, config, data, plan, environment });
    const session = new Session({
      config,
      data,
      plan,
      parts,
      files,
      began,
      stopAfter,
      signal,
      log,
      progress,
    });
    for await (const event of inOrder([start, ...warnings], session)) {
      // Before the event is passed on: who hears of it finds it in the log.
      if (!isOfTheMoment(event)) await appendLog(files.log, event);
      yield event;
    }
  } finally {
    await parts?.dispose();
    await lock?.release();
  }
}

/** Whether an event only tells that something moves. */
function isOfTheMoment({ event }: RunEvent): boolean {
  return event === 'progress' || event === 'readout-progress' || event === 'loading';
}

function load(
  config: RunConfig,
  { dataDir, onDownload, signal }: TrainOptions,
  earlier: EarlierRun | undefined,
): AsyncGenerator<RunEvent, LoadedDataSet> {
  return reporting<RunEvent, LoadedDataSet>((tell) =>
    loadRunData(config, {
      dataDir,
      onProgress: onDownload,
      onLoading: (progress) => tell({ event: 'loading', ...progress }),
      signal,
      recorded: earlier?.provenance,
      movedTo: earlier?.movedTo,
    }),
  );
}

function startEvent({
  earlier,
  files,
  preset,
  config,
  data,
  plan,
  environment,
}: {
  earlier: EarlierRun | undefined;
  files: RunFiles;
  preset: string;
  config: RunConfig;
  data: SplitDataSet;
  plan: Plan;
  environment: Environment;
}): StartEvent {
  const { progress } = earlier ?? {};
  return {
    event: earlier ? 'resume' : 'start',
    run: files.folder,
    preset,
    seed: config.seed,
    epochs: plan.epochs,
    ...(progress && { epoch: progress.epoch, step: progress.step }),
    dataset: {
      name: data.name,
      train: data.train.length,
      test: data.test.length,
      classes: data.train.classes.length,
    },
    labelled: plan.labelled,
    unlabelled: plan.unlabelled,
    environment,
  };
}

async function* inOrder(first: readonly RunEvent[], session: Session): AsyncGenerator<RunEvent> {
  yield* first;
  yield* session.run();
}
