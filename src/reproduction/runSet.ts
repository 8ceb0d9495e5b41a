/** The runs at hand, found by their whole configuration and their data: what a folder is called says nothing. */
import type { RunConfig } from '../run/config.js';
import { findPreset, type Settings } from '../run/presets.js';
import { configKey } from '../run/sameConfig.js';
import { mergeSettings } from '../run/settings.js';
import { isComplete, type RunRecord } from '../view/report/runRecord.js';
import { hasPublishedItems, presetConfig } from './publications.js';

export type Runs = readonly RunRecord[];

/** In what all runs of a trial differ from their presets. */
export interface Trial {
  /** Other epochs than the presets'; a first phase is then no longer than this. */
  readonly epochs?: number | undefined;
  /** On top of every preset. */
  readonly settings?: Settings | undefined;
}

/** What a run is trained with for `preset` and the `settings` that make it a variant. */
export function wantedConfig(
  preset: string,
  settings: Settings = {},
  { epochs, settings: trial = {} }: Trial = {},
  seed = 1,
): RunConfig {
  const over = mergeSettings(mergeSettings(settings, trial), { seed });
  if (epochs === undefined) return presetConfig(preset, over);
  const { semi } = findPreset(preset).settings as { semi?: { pretrainEpochs?: number } };
  const first = semi?.pretrainEpochs;
  return presetConfig(
    preset,
    mergeSettings(over, {
      epochs,
      ...(first !== undefined && { semi: { pretrainEpochs: Math.min(first, epochs) } }),
    }),
  );
}

export class RunSet {
  readonly #byConfig = new Map<string, RunRecord[]>();
  readonly #used = new Set<RunRecord>();
  readonly #trial: Trial;
  readonly all: Runs;

  /** @param trial what the runs were carried out with instead of the presets' own settings */
  constructor(all: Runs, trial: Trial = {}) {
    this.all = all;
    this.#trial = trial;
    for (const run of all.filter(hasPublishedItems)) {
      const key = configKey(run.config);
      this.#byConfig.set(key, [...(this.#byConfig.get(key) ?? []), run]);
    }
  }

  /** Whether figures are those of other settings than the presets'. */
  get isTrial(): boolean {
    const { epochs, settings = {} } = this.#trial;
    return epochs !== undefined || Object.keys(settings).length > 0;
  }

  /** The runs of `preset` with `settings` on top, one for each seed, complete or not. */
  of(preset: string, settings: Settings = {}): Runs {
    const found = this.#byConfig.get(configKey(wantedConfig(preset, settings, this.#trial))) ?? [];
    for (const run of found) this.#used.add(run);
    return found;
  }

  /** Those of them that went through all their epochs. */
  complete(preset: string, settings: Settings = {}): Runs {
    return this.of(preset, settings).filter(isComplete);
  }

  /** All runs that were asked for so far, in the order given. */
  get used(): Runs {
    return this.all.filter((run) => this.#used.has(run));
  }
}
