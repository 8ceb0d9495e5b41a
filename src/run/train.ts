/**
 * One run from beginning to end: training, readouts, log and checkpoints, as a sequence of events that knows
 * nothing of terminals.
 */
import { basename } from 'node:path';
import type { SplitDataSet } from '../data/dataSet.js';
import type { LoadOptions } from '../data/node/load.js';
import { readCheckpoint, expectSameConfig, loadFrom, type Progress } from './checkpoint.js';
import type { RunConfig } from './config.js';
import { describeEnvironment } from './environment.js';
import { ConfigError } from './errors.js';
import type { RunEvent, WarningEvent } from './events.js';
import { appendLog, type LogEntry, rewindLog } from './log.js';
import { buildParts, type Parts } from './parts.js';
import { loadRunData } from './runData.js';
import { reporting } from './reporting.js';
import { createRunFolder, readRun, type RunFiles } from './runFolder.js';
import { Session } from './session.js';

export interface TrainOptions {
  /** What to train; when resuming, what the run must have been begun with (nothing: whatever it was). */
  readonly config?: RunConfig | undefined;
  /** What the settings are called, for the run folder's name and for people. */
  readonly preset?: string | undefined;
  /** Folder of the new run. */
  readonly out?: string | undefined;
  /** Folder of the run to go on with. */
  readonly resume?: string | undefined;
  readonly threads?: number | undefined;
  readonly dataDir?: string | undefined;
  /** Ends this call after so many epochs, with a checkpoint and readouts. */
  readonly stopAfter?: number | undefined;
  /** Once aborted, the run ends with a checkpoint and an `interrupted` event. */
  readonly signal?: AbortSignal | undefined;
  /** Told how a download goes. */
  readonly onDownload?: LoadOptions['onProgress'];
  /** Given the data once they are loaded, so that nobody who needs them afterwards reads them again. */
  readonly onData?: ((data: SplitDataSet) => void) | undefined;
}

/**
 * Trains, yielding events; the last is `done`, or `interrupted` once the signal is aborted.
 *
 * @throws ConfigError for settings that do not fit the data or the run to go on with
 * @throws RunError when files cannot be written or read, or when training diverges; the last good checkpoint stays
 * @throws DataError when the data set cannot be had
 */
export async function* train(options: TrainOptions): AsyncGenerator<RunEvent> {
  const { signal, resume, stopAfter } = options;
  if (stopAfter !== undefined && !(Number.isInteger(stopAfter) && stopAfter >= 1)) {
    throw new ConfigError(`--stop-after must be a whole number of epochs, at least 1, not ${stopAfter}`);
  }
  const began = performance.now();
  const earlier = resume === undefined ? undefined : await openRun(resume, options.config);
  const config = earlier?.config ?? options.config;
  if (!config) throw new ConfigError('nothing to train: give a configuration, or a run to go on with');
  let data: SplitDataSet;
  try {
    data = yield* reporting<RunEvent, SplitDataSet>((tell) =>
      loadRunData(config, {
        dataDir: options.dataDir,
        onProgress: options.onDownload,
        onLoading: (progress) => tell({ event: 'loading', ...progress }),
        signal,
      }),
    );
  } catch (error) {
    if (!signal?.aborted) throw error;
    yield {
      event: 'interrupted',
      run: resume,
      epoch: earlier?.progress?.epoch ?? 0,
      step: earlier?.progress?.step ?? 0,
    };
    return;
  }

  options.onData?.(data);
  const warnings = (data.notes ?? []).map((message): WarningEvent => ({ event: 'warning', message }));
  const onWarning = (message: string) => warnings.push({ event: 'warning', message });
  const classes = data.train.classes.length;
  const parts = await buildParts(config, {
    ...{ threads: options.threads, kernel: earlier?.kernel, classes, onWarning },
  });
  try {
    // Before anything is written: the data may not have the labels that the run takes.
    const plan = parts.plan(data.train);
    const environment = describeEnvironment(parts.compute);
    const preset = earlier?.preset ?? options.preset ?? basename(config.dataset);
    const files = earlier?.files ?? (await createRunFolder(options.out, { preset, config, environment }));
    const log = earlier ? await putBack(earlier, parts) : [];
    const complete = log.findLast((entry) => entry.event === 'done' && entry.epochs === plan.epochs);
    if (complete?.event === 'done') {
      const { time: _, ...done } = complete;
      yield { ...done, run: files.folder };
      return;
    }
    const { progress } = earlier ?? {};
    const start: RunEvent = {
      ...{
        event: earlier ? 'resume' : 'start',
        run: files.folder,
        preset,
        seed: config.seed,
        epochs: plan.epochs,
      },
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
      // Before it is told: whoever hears of an event finds it in the log.
      if (event.event !== 'progress') await appendLog(files.log, event);
      yield event;
    }
  } finally {
    parts.dispose();
  }
}

async function* inOrder(first: readonly RunEvent[], session: Session): AsyncGenerator<RunEvent> {
  yield* first;
  yield* session.run();
}

interface EarlierRun {
  readonly config: RunConfig;
  readonly preset: string;
  readonly kernel: string;
  readonly files: RunFiles;
  /** Nothing when the run ended before its first checkpoint. */
  readonly progress: Progress | undefined;
  /** Until they are put back: a run that goes on needs no second copy of its state. */
  tensors: Parameters<Parts['load']>[0] | undefined;
}

/** Reads what is needed to go on, and makes sure that it belongs together. */
async function openRun(folder: string, wanted: RunConfig | undefined): Promise<EarlierRun> {
  const { files, config, preset, environment } = await readRun(folder);
  const saved = await readCheckpoint(files.checkpoint);
  if (wanted) expectSameConfig(files.config, config, wanted);
  if (saved) expectSameConfig(files.checkpoint, saved.config, config);
  return {
    files,
    config,
    preset,
    kernel: environment.kernel,
    progress: saved?.progress,
    tensors: saved?.tensors,
  };
}

async function putBack(earlier: EarlierRun, parts: Parts): Promise<LogEntry[]> {
  const { files, progress, tensors } = earlier;
  if (tensors) loadFrom(files.checkpoint, () => parts.load(tensors));
  earlier.tensors = undefined;
  return rewindLog(files.log, progress ?? { epoch: 0, step: 0 });
}
