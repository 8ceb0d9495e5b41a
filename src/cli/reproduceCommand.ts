import type { Command } from 'commander';
import { dataDirOption } from './dataDirOption.js';
import { threadCount, wholeNumber } from './numberArguments.js';

export interface ReproduceFlags {
  list?: boolean;
  seeds: number;
  epochs?: number;
  runs?: string;
  out: string;
  run: boolean;
  threads?: number;
  dataDir?: string;
  quiet?: boolean;
}

const examples = `
Complete runs are reused and unfinished ones resumed: after Ctrl-C, the same
command loses nothing. Runs of the published length take hours.

Examples:
  selftarget reproduce --list
  selftarget reproduce label-fractions
  selftarget reproduce number-of-labels --seeds 3 --epochs 20
  selftarget reproduce all --no-run        renders the runs that are there`;

export function addReproduce(program: Command): void {
  program
    .command('reproduce')
    .summary("the paper's tables and figures, published and measured")
    .description(
      "Carries out the missing runs behind the paper's tables and figures, and writes reproduction.md with " +
        'published and measured figures side by side.',
    )
    .argument('[names...]', 'tables and figures, or "all"')
    .option('--list', 'list them')
    .option('--seeds <n>', 'runs with seeds 1 to n', wholeNumber(1), 1)
    .option('--epochs <n>', 'length of all runs, instead of the published one', wholeNumber(1))
    .option('--runs <folder>', 'folder of the runs, existing and new (default: runs)')
    .option('--out <folder>', 'folder for the page and its figures', 'reproduction')
    .option('--no-run', 'only render existing runs')
    .option('--threads <n>', 'threads to use; they do not affect the result', threadCount)
    .option(...dataDirOption)
    .option('--quiet', 'print the result only')
    .addHelpText('after', examples)
    .action(async (names: readonly string[], flags: ReproduceFlags) =>
      (await import('./reproduceAction.js')).runReproduce(names, flags),
    );
}
