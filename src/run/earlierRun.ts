/** Going on with a run: what is needed for it, and whether it belongs together. */
import { stat } from 'node:fs/promises';
import type { Provenance } from '../data/dataSet.js';
import { removeLeftovers } from '../node/files.js';
import { expectSameConfig, loadFrom, type Progress, readCheckpoint } from './checkpoint.js';
import type { RunConfig } from './config.js';
import { RunError } from './errors.js';
import { lockRun, type RunLock } from './lock.js';
import { type LogEntry, readLog, rewindLog } from './log.js';
import type { Parts } from './parts.js';
import { changesOfData } from './runData.js';
import { readRun, type RunFiles, writeDescription } from './runFolder.js';

export interface EarlierRun {
  readonly config: RunConfig;
  readonly preset: string;
  readonly kernel: string;
  readonly provenance: Provenance | undefined;
  readonly files: RunFiles;
  /** Until it is released, no other process trains the run. */
  readonly lock: RunLock;
  /** Nothing when the run ended before its first checkpoint. */
  readonly progress: Progress | undefined;
  /** Where its data are now, if they have been moved. */
  readonly movedTo: string | undefined;
  /** Until they are put back: a run that resumes needs no second copy of its state. */
  tensors: Parameters<Parts['load']>[0] | undefined;
  /** Throws RunError unless `now` are the data that the run began with; remembers where they are now. */
  expectSameData(now: Provenance): Promise<void>;
}

/**
 * Locks the run in `folder` and reads what is needed to resume it.
 *
 * @param wanted the configuration that it must have; data that it remembers may be in another place
 * @throws ConfigError when there is no run; RunError when it has another configuration, is trained by another process,
 *   or cannot be resumed
 */
export async function openRun(folder: string, wanted: RunConfig | undefined): Promise<EarlierRun> {
  const { files, ...description } = await readRun(folder);
  const { config, preset, environment, provenance } = description;
  const movedTo = provenance && wanted && wanted.dataset !== config.dataset ? wanted.dataset : undefined;
  if (wanted) {
    expectSameConfig(
      files.config,
      config,
      movedTo === undefined ? wanted : { ...wanted, dataset: config.dataset },
    );
  }
  const lock = await lockRun(folder);
  try {
    await removeLeftovers(folder);
    const saved = await readCheckpoint(files.checkpoint);
    if (saved) expectSameConfig(files.checkpoint, saved.config, config);
    else await expectNothingTrained(files);
    return {
      config,
      preset,
      kernel: environment.kernel,
      provenance,
      files,
      lock,
      progress: saved?.progress,
      movedTo,
      tensors: saved?.tensors,
      async expectSameData(now) {
        const changes = changesOfData(provenance, now);
        if (changes !== undefined) {
          throw new RunError(
            `the data of ${folder} have changed: ${changes}.\nA run is resumed with the data it began with: put them ` +
              'back, name the place where they are now with --set dataset=PATH, or start a new run',
          );
        }
        if (movedTo !== undefined) await writeDescription(files, { ...description, provenance: now });
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** A run that has lost its checkpoint must not begin again over what it has learned. */
async function expectNothingTrained({ folder, checkpoint, model, log }: RunFiles): Promise<void> {
  const hasModel = await stat(model).then(
    () => true,
    () => false,
  );
  const { entries } = await readLog(log);
  if (!hasModel && !entries.some(({ event }) => event === 'checkpoint' || event === 'done')) return;
  throw new RunError(
    `${checkpoint} is missing: ${hasModel ? 'the model can be evaluated, but not trained on' : 'the run cannot be resumed'}; ` +
      `put the checkpoint back, or start a new run${hasModel ? ` (selftarget evaluate ${folder} measures this one)` : ''}`,
  );
}

/** Puts the saved state back into the parts; answers the log up to there. */
export async function putBack(earlier: EarlierRun, parts: Parts): Promise<readonly LogEntry[]> {
  const { files, progress, tensors } = earlier;
  if (tensors) await loadFrom(files.checkpoint, () => parts.load(tensors));
  earlier.tensors = undefined;
  return rewindLog(files.log, progress ?? { epoch: 0, step: 0 });
}
