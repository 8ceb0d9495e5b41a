import type { Command } from 'commander';
import { DataError } from '../data/dataSet.js';
import { type DataSetStatus, fetchDataSet, listDataSets } from '../data/node/load.js';
import { findDataSet } from '../data/node/registry.js';
import { ConfigError } from '../run/errors.js';
import { Interrupted } from './exitStatus.js';
import { listenForInterruption } from './interruption.js';
import { TextReporter } from './textReporter.js';

const examples = `
Examples:
  selftarget datasets
  selftarget datasets fetch mnist

Data of your own need no entry here: name an image folder or a CSV file by its
path, as in --set dataset=./images or --set dataset=items.csv.`;

export function addDatasets(program: Command): void {
  const datasets = program
    .command('datasets')
    .summary('list the data sets, or download one')
    .description('Lists the data sets that are known by name, and where they lie.')
    .option('--data-dir <folder>', 'where data sets lie')
    .option('--json', 'the list as JSON')
    .addHelpText('after', examples)
    .action(async (flags: { dataDir?: string; json?: boolean }) => {
      const list = await listDataSets({ dataDir: flags.dataDir });
      if (flags.json) console.log(JSON.stringify(list.map(summarise)));
      else for (const status of list) console.log(describe(status));
    });
  datasets
    .command('fetch')
    .description("Downloads a data set into the user's cache, unless it is on this machine.")
    .argument('<name>', 'the data set')
    .action(async (name: string, _flags: unknown, command: Command) =>
      fetch(name, command.optsWithGlobals()),
    );
}

async function fetch(name: string, flags: { dataDir?: string; json?: boolean }): Promise<void> {
  try {
    findDataSet(name);
  } catch (error) {
    if (error instanceof DataError) throw new ConfigError(error.message, { cause: error });
    throw error;
  }
  const reporter = new TextReporter({ quiet: flags.json === true, terminal: process.stdout.isTTY === true });
  const { signal, release } = listenForInterruption(() => {
    reporter.close();
    console.error('Stopping; what has arrived is kept, and the next fetch goes on from there.');
  });
  try {
    const status = await fetchDataSet(name, {
      dataDir: flags.dataDir,
      onProgress: (progress) => reporter.download(progress),
      signal,
    });
    reporter.close();
    console.log(flags.json ? JSON.stringify(summarise(status)) : describe(status));
  } catch (error) {
    if (signal.aborted) throw new Interrupted();
    throw error;
  } finally {
    reporter.close();
    release();
  }
}

function summarise({ entry, available, where, missing }: DataSetStatus) {
  const { name, title, items, shape, classes, licence } = entry;
  return { name, title, items, shape, classes: classes.length, licence, available, where, missing };
}

function describe({ entry, where }: DataSetStatus): string {
  const { name, items, shape, classes } = entry;
  return `${name.padEnd(16)}${items.train} + ${items.test} items of ${shape.join('x')}, ${classes.length} classes; ${where}`;
}
