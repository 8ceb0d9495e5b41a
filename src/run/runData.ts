/** The data of a run: loaded, with the labels that its configuration grants, cut to the items that it asks for. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { DataError, type DataSet, type LoadedDataSet, type Provenance, subset } from '../data/dataSet.js';
import { applyLabelFile } from '../data/labelFile.js';
import { type LoadOptions, loadDataSet } from '../data/node/load.js';
import { isPath } from '../data/node/ownData.js';
import { whatFailed } from '../data/node/whatFailed.js';
import { decodeText } from '../data/textEncoding.js';
import { trainValidation } from '../data/split.js';
import type { RunConfig } from './config.js';
import { checkAgainstData } from './configChecks.js';
import { ConfigError } from './errors.js';
import { regimeCalled } from './registry.js';

export interface RunDataOptions extends Pick<LoadOptions, 'dataDir' | 'onProgress' | 'onLoading' | 'signal'> {
  /** What the run remembers of its data: they are looked for where they were, wherever one stands now. */
  readonly recorded?: Provenance | undefined;
  /** Where the data are now, if they have been moved. */
  readonly movedTo?: string | undefined;
}

/**
 * Loads the data set of `config`. Its provenance covers the label file as well.
 *
 * @throws DataError when it cannot be loaded, or does not fit the label file
 * @throws ConfigError when it does not fit the configuration
 */
export async function loadRunData(config: RunConfig, options: RunDataOptions): Promise<LoadedDataSet> {
  const place = options.movedTo ?? placeOf(config, options.recorded);
  if (options.recorded && options.movedTo === undefined && isPath(place) && !existsSync(place)) {
    throw new DataError(
      `the data of this run are not where they were, at ${options.recorded.source}; if they have been moved, ` +
        'say where they are now with --set dataset=PATH',
    );
  }
  const loaded = await loadDataSet(place, {
    ...options,
    image: config.image,
    skipDamaged: config.skipDamaged,
  });
  const data = limitData(
    await withLabelFile(loaded, regimeCalled(config.regime).labelFile?.(config)),
    config,
  );
  checkAgainstData(config, data.train);
  return data;
}

/** A folder that is named without any separator, which means nothing elsewhere, as the path that it is. */
export function asPath(config: RunConfig): RunConfig {
  const { dataset } = config;
  return isPath(dataset) && !/[/\\]/.test(dataset) ? { ...config, dataset: `./${dataset}` } : config;
}

/** The place where own data were; the one that was named, seen from here, where they are not there any more. */
function placeOf({ dataset }: RunConfig, recorded: Provenance | undefined): string {
  return recorded && isAbsolute(recorded.source) && existsSync(recorded.source) ? recorded.source : dataset;
}

/**
 * How data differ from those that a run began with; nothing where they do not, or where an earlier version of
 * selftarget has not recorded them.
 */
export function changesOfData(before: Provenance | undefined, now: Provenance): string | undefined {
  if (!before || before.digest === now.digest) return undefined;
  const count = ({ items, classes }: Provenance) =>
    `${items.train} training and ${items.test} test items of ${classes.length} classes`;
  const [then, today] = [count(before), count(now)];
  if (then !== today) return `${now.source} had ${then} when the run began, and has ${today} now`;
  const [were, are] = [before.classes.join(', '), now.classes.join(', ')];
  if (were !== are) return `${now.source} had the classes ${were} when the run began, and has ${are} now`;
  return `${now.source} has as many items as when the run began (${then}), but other values, labels, names or order`;
}

async function withLabelFile(
  data: LoadedDataSet,
  file: { readonly setting: string; readonly path: string } | undefined,
): Promise<LoadedDataSet> {
  if (!file) return data;
  const { setting, path } = file;
  let text: string;
  try {
    text = decodeText(await readFile(path));
  } catch (error) {
    throw new ConfigError(`${setting}: ${path}: ${whatFailed(error)}`, { cause: error });
  }
  const digest = createHash('sha256').update(data.provenance.digest).update(text).digest('hex');
  const train = applyLabelFile(data.train, text, path, data.test);
  return { ...data, train, provenance: { ...data.provenance, digest } };
}

/**
 * Cuts the data set to the configured number of items, and puts the validation part in the place of the test items.
 *
 * @throws ConfigError when there are fewer
 */
function limitData(data: LoadedDataSet, { limit, validation }: RunConfig): LoadedDataSet {
  const part = (which: 'train' | 'test'): DataSet => {
    const count = limit?.[which];
    const all = data[which];
    if (count === undefined || count === all.length) return all;
    if (count > all.length) {
      throw new ConfigError(`limit.${which}: ${count} items, but ${data.name} has only ${all.length}`);
    }
    return subset(
      all,
      Uint32Array.from({ length: count }, (_, i) => i),
    );
  };
  const train = part('train');
  if (validation === undefined) return { ...data, train, test: part('test') };
  // Always the same one: what is chosen by it is compared over seeds.
  const split = trainValidation(train, validation, 0);
  return { ...data, train: split.train, test: split.validation };
}
