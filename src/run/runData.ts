/** The data of a run: loaded, with the labels that its configuration grants, cut to the items that it asks for. */
import { readFile } from 'node:fs/promises';
import { type DataSet, type SplitDataSet, subset } from '../data/dataSet.js';
import { applyLabelFile } from '../data/labelFile.js';
import { type LoadOptions, loadDataSet } from '../data/node/load.js';
import { trainValidation } from '../data/split.js';
import type { RunConfig } from './config.js';
import { checkAgainstData } from './configChecks.js';
import { ConfigError } from './errors.js';
import { systemCode } from '../node/systemErrors.js';

/**
 * Loads the data set of `config`.
 *
 * @throws DataError when it cannot be had, or does not fit the label file
 * @throws ConfigError when it does not fit the configuration
 */
export async function loadRunData(
  config: RunConfig,
  options: Pick<LoadOptions, 'dataDir' | 'onProgress' | 'onLoading' | 'signal'>,
): Promise<SplitDataSet> {
  const loaded = await loadDataSet(config.dataset, { ...options, image: config.image });
  const train = await withLabelFile(loaded.train, config.semi?.labelFile);
  const data = limitData({ ...loaded, train }, config);
  checkAgainstData(config, data.train);
  return data;
}

async function withLabelFile(train: DataSet, path: string | undefined): Promise<DataSet> {
  if (path === undefined) return train;
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const why = systemCode(error) === 'ENOENT' ? 'there is no such file' : String(error);
    throw new ConfigError(`semi.labelFile: ${path}: ${why}`, { cause: error });
  }
  return applyLabelFile(train, text, path);
}

/**
 * Cuts the data set to the configured number of items, and puts the validation part in the place of the test items.
 *
 * @throws ConfigError when there are fewer
 */
function limitData(data: SplitDataSet, { limit, validation }: RunConfig): SplitDataSet {
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
