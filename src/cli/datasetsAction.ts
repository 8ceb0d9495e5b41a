/** What `selftarget datasets` does. */
import { DataError } from '../data/dataSet.js';
import { type DataSetStatus, fetchDataSet, listDataSets } from '../data/node/load.js';
import { findDataSet } from '../data/node/registry.js';
import { ConfigError } from '../run/errors.js';
import type { DatasetsFlags } from './datasetsCommand.js';
import { interruptible } from './interruption.js';
import { TextReporter } from './textReporter.js';

export async function runList({ dataDir, json }: DatasetsFlags): Promise<void> {
  const list = await listDataSets({ dataDir });
  if (json) console.log(JSON.stringify(list.map(summarise)));
  else for (const status of list) console.log(describe(status));
}

export async function runFetch(name: string, { dataDir, json = false }: DatasetsFlags): Promise<void> {
  try {
    findDataSet(name);
  } catch (error) {
    if (error instanceof DataError) throw new ConfigError(error.message, { cause: error });
    throw error;
  }
  const reporter = new TextReporter({ quiet: json, terminal: process.stdout.isTTY === true });
  const status = await interruptible(
    () => reporter.stopping('Stopping; what has arrived is kept, and the next fetch continues from there.'),
    (signal) =>
      fetchDataSet(name, {
        dataDir,
        signal,
        onProgress: (progress) => reporter.tell({ event: 'download', ...progress }),
      }).finally(() => reporter.close()),
  );
  console.log(json ? JSON.stringify(summarise(status)) : describe(status));
}

function summarise({ entry, available, where, missing }: DataSetStatus) {
  const { name, title, items, shape, classes, licence } = entry;
  return { name, title, items, shape, classes: classes.length, licence, available, where, missing };
}

function describe({ entry, where }: DataSetStatus): string {
  const { name, items, shape, classes } = entry;
  return `${name.padEnd(16)}${items.train} + ${items.test} items of ${shape.join('x')}, ${classes.length} classes; ${where}`;
}
