import type { Command } from 'commander';
import { dataDirOption } from './dataDirOption.js';
import { threadCount } from './numberArguments.js';
import { repeated } from './repeated.js';
import { addUse } from './useOption.js';

export interface ReportFlags {
  out?: string;
  set?: string[];
  threads?: number;
  dataDir?: string;
  json?: boolean;
}

const examples = `
Examples:
  selftarget report runs/digits-seed1                     report.html in there
  selftarget report runs/digits-seed1 runs/digits-seed2   comparison.html here`;

export function addReport(program: Command): void {
  addUse(program.command('report'))
    .summary('show a run as a page, or compare several')
    .description(
      'Writes the report of a run, or a comparison of several: one HTML file that needs nothing else.',
    )
    .argument('<run...>', 'folders of runs')
    .option('--out <file>', 'where to write it; a name that ends in .html')
    .option('--set <dataset=path>', 'where the data of the run are now', repeated)
    .option('--threads <n>', 'threads to use', threadCount)
    .option(...dataDirOption)
    .option('--json', 'what was written as one JSON object on standard output')
    .addHelpText('after', examples)
    .action(async (runs: readonly string[], flags: ReportFlags) =>
      (await import('./reportAction.js')).runReport(runs, flags),
    );
}
