/** What `selftarget presets` does. */
import { dataSetEntries } from '../data/node/registry.js';
import type { RunConfig } from '../run/config.js';
import { ConfigError } from '../run/errors.js';
import { listPresets } from '../run/presets.js';
import { totalEpochs } from '../run/plan.js';
import { registry } from '../run/registry.js';
import { resolveConfig } from '../run/settings.js';
import { estimateSeconds } from './presetLength.js';
import type { PresetsFlags } from './presetsCommand.js';

export interface ListedPreset {
  readonly name: string;
  readonly summary: string;
  readonly regime: RunConfig['regime'];
  readonly dataset: string;
  readonly epochs: number;
  /** Roughly, on two cores. */
  readonly length: string;
}

export async function runPresets(words: readonly string[], { json }: PresetsFlags): Promise<void> {
  const all = listPresets();
  const [name] = words;
  if (words.length === 1 && all.some((preset) => preset.name === name)) {
    console.log(JSON.stringify(await resolveConfig({ preset: name }), undefined, 2));
    return;
  }
  const listed = await describePresets();
  const found = listed.filter((preset) => words.every((word) => textOf(preset).includes(word.toLowerCase())));
  if (found.length === 0) {
    throw new ConfigError(`no preset matches "${words.join(' ')}"; "selftarget presets" lists all of them`);
  }
  console.log(json ? JSON.stringify(found) : table(found));
}

/** All presets as they are listed. */
export function describePresets(): Promise<ListedPreset[]> {
  return Promise.all(listPresets().map(describe));
}

async function describe({ name, summary }: { name: string; summary: string }): Promise<ListedPreset> {
  const config = await resolveConfig({ preset: name });
  const { regime, dataset } = config;
  const items = dataSetEntries.find((entry) => entry.name === dataset)?.items.train ?? 0;
  return {
    name,
    summary,
    regime,
    dataset,
    epochs: totalEpochs(config),
    length: roughly(estimateSeconds(config, items)),
  };
}

function textOf({ name, summary, regime, dataset }: ListedPreset): string {
  return [name, summary, regime, dataset].join(' ').toLowerCase();
}

function roughly(seconds: number): string {
  if (seconds < 60) return 'seconds';
  if (seconds < 1200) return 'minutes';
  if (seconds < 5400) return 'an hour';
  return seconds < 43_200 ? 'hours' : 'a day';
}

function table(presets: readonly ListedPreset[]): string {
  const widthOf = (key: 'name' | 'dataset' | 'length') =>
    Math.max(...presets.map((preset) => preset[key].length));
  const [name, dataset, length] = [widthOf('name'), widthOf('dataset'), widthOf('length')];
  const sections = registry.regimes.all.flatMap(({ name: regime, title }) => {
    const members = presets.filter((preset) => preset.regime === regime);
    if (members.length === 0) return [];
    const lines = members.map(
      (preset) =>
        `  ${preset.name.padEnd(name)}  ${preset.dataset.padEnd(dataset)}  ${preset.length.padEnd(length)}  ${preset.summary}`,
    );
    return [[title, ...lines].join('\n')];
  });
  return sections.join('\n\n');
}
