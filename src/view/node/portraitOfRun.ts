/** The portrait of a saved run. */
import type { SplitDataSet } from '../../data/dataSet.js';
import { expectSameConfig, loadFrom, readCheckpoint, readModel } from '../../run/checkpoint.js';
import { RunError } from '../../run/errors.js';
import { buildParts } from '../../run/parts.js';
import { changesOfData, loadRunData, type RunDataOptions } from '../../run/runData.js';
import { registry } from '../../run/registry.js';
import { labelledItems } from '../../run/readouts.js';
import { type Portrait, takePortrait, untrainedWins } from '../report/portrait.js';
import type { ReadRun } from './readRuns.js';

export interface PortraitOfRunOptions {
  readonly threads?: number | undefined;
  readonly dataDir?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The run's data where they are loaded already, as {@link loadRunData} answers them. */
  readonly data?: SplitDataSet | undefined;
  /** Where its data are now, if they have been moved. */
  readonly movedTo?: string | undefined;
  /** Called with the progress of reading them. */
  readonly onLoading?: RunDataOptions['onLoading'];
}

/**
 * Looks at the network of a run; throws what {@link loadRunData} throws, and RunError without a model, or where the data
 * are others than those that the run began with.
 */
export async function portraitOfRun(
  { run, files }: ReadRun,
  { threads, dataDir, signal, data, movedTo, onLoading }: PortraitOfRunOptions,
): Promise<Portrait> {
  const { config, environment, provenance: recorded } = run;
  const saved = (await readModel(files.model)) ?? (await readCheckpoint(files.checkpoint));
  if (!saved) throw new RunError(`${files.folder} has no model yet`);
  expectSameConfig(files.model, saved.config, config);
  const { train, test, provenance } =
    data ?? (await loadRunData(config, { dataDir, signal, recorded, movedTo, onLoading }));
  const changes = provenance && changesOfData(recorded, provenance);
  if (changes !== undefined) throw new RunError(`its data have changed: ${changes}`);
  const parts = await buildParts(config, { threads, kernel: environment.kernel });
  try {
    const { learner } = parts;
    const winners = registry.entriesOf(config).rule?.winners?.(config);
    const before =
      winners === undefined ? undefined : await untrainedWins(learner, test, { winners, signal });
    await loadFrom(files.model, () => parts.learner.load(saved.tensors));
    const labelled =
      registry.regimes.get(config.regime).answers === 'neurons'
        ? labelledItems(train, config.readout.labels, config.seed)
        : undefined;
    const { seed } = config;
    const portrait = await takePortrait({
      ...{ learner, model: saved.tensors, test, labelled, winners, seed, signal },
      softmax: config.loss === 'cross-entropy',
    });
    return { ...portrait, untrainedWins: before };
  } finally {
    await parts.dispose();
  }
}
