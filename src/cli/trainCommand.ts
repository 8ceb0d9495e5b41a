import type { Command } from 'commander';
import { dataDirOption } from './dataDirOption.js';
import { threadCount, wholeNumber } from './numberArguments.js';
import { repeated } from './repeated.js';
import { addUse } from './useOption.js';

export interface TrainFlags {
  config?: string;
  set?: string[];
  dataDir?: string;
  skipDamaged?: boolean;
  epochs?: number;
  stopAfter?: number;
  seed?: number;
  threads?: number;
  out?: string;
  resume?: string;
  json?: boolean;
  quiet?: boolean;
  report: boolean;
}

const examples = `
Settings come from the preset, then --config, then --set, then other options;
later ones win. "selftarget presets NAME" prints those of a preset. Quote
--set 'key=[1,2]': some shells read the brackets themselves.

Examples:
  selftarget train
  selftarget train unsupervised-bp-1layer --epochs 10 --seed 2
  selftarget train digits --set target.winners=4 --set 'learningRates=[5]'
  selftarget train unsupervised-bp-2layer --stop-after 3 --out runs/mine
  selftarget train --resume runs/mine
  selftarget train --config runs/mine/config.json --seed 7   repeat a run
  selftarget train digits --use mine.mjs --set rule=mine     a rule of your own`;

export function addTrain(program: Command): void {
  addUse(program.command('train'))
    .summary('train a network, without labels unless the preset uses them')
    .description('Trains a network; without arguments on the built-in digits, without labels, in seconds.')
    .argument('[preset]', 'what to train; "selftarget presets" lists them')
    .option('--config <file>', "settings as JSON, or a run's config.json")
    .option('--set <key=value>', 'one setting; may be repeated', repeated)
    .option(...dataDirOption)
    .option('--skip-damaged', 'leave out pictures that cannot be read, and name them')
    .option('--epochs <n>', 'length of the run, over which schedules stretch', wholeNumber(1))
    .option('--stop-after <n>', 'end this call after n epochs; resume it with --resume', wholeNumber(1))
    .option('--seed <n>', 'for everything random', wholeNumber(0))
    .option('--threads <n>', 'threads to use; they do not affect the result', threadCount)
    .option('--out <folder>', 'folder of the run (default: runs/NAME-seedN)')
    .option('--resume <folder>', 'resume the run in this folder')
    .option('--no-report', 'write no report.html at the end')
    .option('--json', 'one JSON object per event and line on standard output')
    .option('--quiet', 'print the result only')
    .addHelpText('after', examples)
    .action(async (preset: string | undefined, flags: TrainFlags) =>
      (await import('./trainAction.js')).runTrain(preset, flags),
    );
}
