/** Reading classes out of a run that is there, with any amount of labels. */
import { expectSameConfig, loadFrom, readCheckpoint, readModel } from './checkpoint.js';
import type { RunConfig } from './config.js';
import { describeEnvironment } from './environment.js';
import { ConfigError, RunError } from './errors.js';
import type { Environment, ReadoutEvent, WarningEvent } from './events.js';
import { appendLog } from './log.js';
import { buildParts } from './parts.js';
import { loadRunData } from './runData.js';
import { fullReadout } from './readouts.js';
import { readRun } from './runFolder.js';
import { parseAssignment, resolveConfig } from './settings.js';

export interface EvaluateOptions {
  /** A share or a number of labelled items; the run's own unless told. */
  readonly labels?: string | number | undefined;
  /** Which items these are, and the classifier's randomness; the run's own unless told. */
  readonly seed?: number | undefined;
  /** Measures the random network that the run began with. */
  readonly untrained?: boolean | undefined;
  /** Settings of the linear classifier to have instead of the run's, as `classifier.key=value`. */
  readonly set?: readonly string[] | undefined;
  /** As it was typed, to be kept with the result. */
  readonly command?: string | undefined;
  readonly threads?: number | undefined;
  readonly dataDir?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The readout, the run it belongs to and what it was measured with. */
export type Evaluation = ReadoutEvent & { readonly run: string; readonly environment: Environment };

/**
 * Measures a saved run and adds the result to its log.
 *
 * @throws ConfigError when `folder` holds no run, or a setting is not the classifier's; RunError when its model is missing or does not fit
 */
export async function evaluateRun(
  folder: string,
  options: EvaluateOptions = {},
): Promise<{ evaluation: Evaluation; warnings: readonly WarningEvent[] }> {
  const { files, config, environment } = await readRun(folder);
  const { labels, seed, untrained = false, set = [], command = 'evaluate' } = options;
  const { threads, dataDir, signal } = options;
  const readoutConfig = set.length > 0 ? await withClassifier(config, set) : config;
  const saved = untrained
    ? undefined
    : ((await readModel(files.model)) ?? (await readCheckpoint(files.checkpoint)));
  if (!saved && !untrained) {
    throw new RunError(
      `${folder} has no model yet; go on with it first: selftarget train --resume ${folder}`,
    );
  }
  if (saved) expectSameConfig(files.model, saved.config, config);
  const data = await loadRunData(config, { dataDir, signal });
  const warnings: WarningEvent[] = [];
  const onWarning = (message: string) => warnings.push({ event: 'warning', message });
  const parts = await buildParts(config, { threads, kernel: environment.kernel, onWarning });
  try {
    if (saved) loadFrom(files.model, () => parts.learner.load(saved.tensors));
    const readout = await fullReadout(
      parts,
      { config: readoutConfig, data, signal },
      {
        ...{ network: untrained ? 'untrained' : 'trained', epoch: saved?.progress.epoch ?? 0 },
        ...{ labels, seed, classifier: true },
      },
    );
    const evaluation = {
      ...{ ...readout, ...(set.length > 0 && { set }), run: folder, command },
      environment: describeEnvironment(parts.compute),
    };
    await appendLog(files.log, evaluation);
    return { evaluation, warnings };
  } finally {
    parts.dispose();
  }
}

/** The run's configuration with another classifier: all else is what the run was. */
async function withClassifier(config: RunConfig, set: readonly string[]): Promise<RunConfig> {
  for (const assignment of set) {
    const { path } = parseAssignment(assignment);
    if (path[0] === 'classifier' && path.length > 1 && config.classifier) continue;
    throw new ConfigError(
      config.classifier
        ? `--set ${assignment}: only the linear classifier can be another one here, e.g. --set classifier.epochs=100`
        : `--set ${assignment}: this run has no linear classifier`,
    );
  }
  return resolveConfig({ base: config, set });
}
