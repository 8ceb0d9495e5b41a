import type { Command } from 'commander';
import { dataDirOption } from './dataDirOption.js';
import { threadCount, wholeNumber } from './numberArguments.js';
import { repeated } from './repeated.js';
import { addUse } from './useOption.js';

export interface EvaluateFlags {
  labels?: string;
  seed?: number;
  untrained?: boolean;
  set?: string[];
  threads?: number;
  dataDir?: string;
  json?: boolean;
}

const examples = `
The result is also added to the run's log.jsonl.

Examples:
  selftarget evaluate runs/digits-seed1
  selftarget evaluate runs/digits-seed1 --labels 1% --seed 2
  selftarget evaluate runs/digits-seed1 --labels 600 --json
  selftarget evaluate runs/digits-seed1 --untrained
  selftarget evaluate runs/digits-seed1 --set classifier.epochs=100
  selftarget evaluate runs/cats-seed1 --set dataset=/new/place/cats`;

export function addEvaluate(program: Command): void {
  addUse(program.command('evaluate'))
    .summary('measure a run with any number of labels')
    .description('Measures how well the neurons of a run know the classes, with any number of labels.')
    .argument('<run>', "the run's folder")
    .option('--labels <amount>', 'a share (1%) or a number of items (600)')
    .option('--seed <n>', "which items, and the classifier (default: the run's seed)", wholeNumber(0))
    .option('--untrained', 'measure the random network that the run began with')
    .option('--set <key=value>', 'a setting of the linear classifier, or dataset=PATH', repeated)
    .option('--threads <n>', 'threads to use', threadCount)
    .option(...dataDirOption)
    .option('--json', 'the result as one JSON object on standard output')
    .addHelpText('after', examples)
    .action(async (run: string, flags: EvaluateFlags) =>
      (await import('./evaluateAction.js')).runEvaluate(run, flags),
    );
}
