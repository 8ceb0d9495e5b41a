import type { Command } from 'commander';
import { dataDirOption } from './dataDirOption.js';

export interface DatasetsFlags {
  dataDir?: string;
  json?: boolean;
}

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
    .description('Lists the data sets that are known by name, and where they are.')
    .option(...dataDirOption)
    .option('--json', 'the list as JSON')
    .addHelpText('after', examples)
    .action(async (flags: DatasetsFlags) => (await import('./datasetsAction.js')).runList(flags));
  datasets
    .command('fetch')
    .description("Downloads a data set into the user's cache, unless it is on this machine.")
    .argument('<name>', 'the data set')
    .action(async (name: string, _flags: unknown, command: Command) =>
      (await import('./datasetsAction.js')).runFetch(name, command.optsWithGlobals()),
    );
}
