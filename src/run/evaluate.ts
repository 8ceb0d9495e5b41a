/** Reading classes out of a run that is there, with any amount of labels. */
import { expectSameConfig, loadFrom, readCheckpoint, readModel } from './checkpoint.js';
import type { RunConfig } from './config.js';
import { describeEnvironment } from './environment.js';
import { ConfigError, RunError } from './errors.js';
import type { Environment, ReadoutEvent, ReadoutProgressEvent, WarningEvent } from './events.js';
import { appendLog } from './log.js';
import { buildParts } from './parts.js';
import { changesOfData, loadRunData, type RunDataOptions } from './runData.js';
import { checkAmount, fullReadout } from './readouts.js';
import { regimeCalled } from './registry.js';
import { readRun, tidyRun } from './runFolder.js';
import { datasetIn, parseAssignment, resolveConfig } from './settings.js';

export interface EvaluateOptions {
  /** A share or a number of labelled items; the run's own by default. */
  readonly labels?: string | number | undefined;
  /** Which items these are, and the classifier's randomness; the run's own by default. */
  readonly seed?: number | undefined;
  /** Measures the random network that the run began with. */
  readonly untrained?: boolean | undefined;
  /** Settings of the linear classifier to use instead of the run's, as `classifier.key=value`, and where its data are now. */
  readonly set?: readonly string[] | undefined;
  /** As it was typed, to be kept with the result. */
  readonly command?: string | undefined;
  readonly threads?: number | undefined;
  readonly dataDir?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with the progress of reading images. */
  readonly onLoading?: RunDataOptions['onLoading'];
  /** Called with the progress of the readout. */
  readonly onProgress?: ((progress: ReadoutProgressEvent) => void) | undefined;
}

/** The readout, the run it belongs to and what it was measured with. */
export type Evaluation = ReadoutEvent & { readonly run: string; readonly environment: Environment };

/**
 * Measures a saved run and adds the result to its log.
 *
 * @throws ConfigError when `folder` holds no run, a setting is not the classifier's, or more labels are asked for than there
 *   are; RunError when its model is missing or does not fit
 */
export async function evaluateRun(
  folder: string,
  options: EvaluateOptions = {},
): Promise<{ evaluation: Evaluation; warnings: readonly WarningEvent[] }> {
  const { files, config, environment, provenance: recorded } = await readRun(folder);
  const { labels, seed, untrained = false, set = [], command = 'evaluate' } = options;
  const { threads, dataDir, signal, onLoading, onProgress } = options;
  const readoutConfig = await withClassifier(config, set);
  await tidyRun(files);
  const saved = untrained
    ? undefined
    : ((await readModel(files.model)) ?? (await readCheckpoint(files.checkpoint)));
  if (!saved && !untrained) {
    throw new RunError(`${folder} has no model yet; train it first: selftarget train --resume ${folder}`);
  }
  if (saved) expectSameConfig(files.model, saved.config, config);
  const data = await loadRunData(config, { dataDir, signal, onLoading, recorded, movedTo: datasetIn(set) });
  if (labels !== undefined && regimeCalled(config.regime).answers === 'neurons') {
    checkAmount('--labels', labels, data.train, seed ?? config.seed);
  }
  const warnings: WarningEvent[] = [];
  const onWarning = (message: string) => warnings.push({ event: 'warning', message });
  const changedData = changesOfData(recorded, data.provenance);
  if (changedData !== undefined) onWarning(`${changedData}; test items may have been trained on`);
  const parts = await buildParts(config, { threads, kernel: environment.kernel, onWarning });
  try {
    if (saved) await loadFrom(files.model, () => parts.learner.load(saved.tensors));
    const readout = await fullReadout(
      parts,
      { config: readoutConfig, data, signal, tell: onProgress },
      {
        network: untrained ? 'untrained' : 'trained',
        epoch: saved?.progress.epoch ?? 0,
        labels,
        seed,
        classifier: true,
      },
    );
    const evaluation: Evaluation = {
      ...readout,
      ...(set.length > 0 && { set }),
      ...(changedData !== undefined && { changedData }),
      run: folder,
      command,
      environment: describeEnvironment(parts.compute),
    };
    try {
      await appendLog(files.log, evaluation);
    } catch (error) {
      // It has been measured; a run on a disk that cannot be written must not take it away again.
      onWarning(`the result is not in the run's log: ${error instanceof Error ? error.message : error}`);
    }
    return { evaluation, warnings };
  } finally {
    await parts.dispose();
  }
}

/** The run's configuration with another classifier: all else is what the run was. */
async function withClassifier(config: RunConfig, set: readonly string[]): Promise<RunConfig> {
  const changes = set.filter((assignment) => parseAssignment(assignment).path.join('.') !== 'dataset');
  if (changes.length === 0) return config;
  for (const assignment of changes) {
    const { path } = parseAssignment(assignment);
    if (path[0] === 'classifier' && path.length > 1 && config.classifier) continue;
    throw new ConfigError(
      config.classifier
        ? `--set ${assignment}: only the linear classifier can be changed here, e.g. --set classifier.epochs=100, ` +
            'and the place of the data, as --set dataset=PATH'
        : `--set ${assignment}: this run has no linear classifier; only dataset=PATH can be set, for data that have moved`,
    );
  }
  return resolveConfig({ base: config, set: changes });
}
