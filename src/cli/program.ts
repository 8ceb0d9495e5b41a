/** The command: what it understands. What the subcommands do stands in a file each. */
import { Command } from 'commander';
import { packageVersion } from '../run/environment.js';
import { addDatasets } from './datasetsCommand.js';
import { addEvaluate } from './evaluateCommand.js';
import { report, exitStatus } from './exitStatus.js';
import { addPresets } from './presetsCommand.js';
import { addReport } from './reportCommand.js';
import { addReproduce } from './reproduceCommand.js';
import { addServe } from './serveCommand.js';
import { addTrain } from './trainCommand.js';

export function buildProgram(): Command {
  const program = new Command('selftarget')
    .description('Train a network without labels, or with a few, by the self-defined target.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help for a command')
    .helpCommand('help [command]', 'print help for a command')
    .showHelpAfterError('(--help tells what there is)')
    .exitOverride();
  for (const add of [addTrain, addEvaluate, addReport, addReproduce, addServe, addPresets, addDatasets])
    add(program);
  program.addHelpText(
    'after',
    `
Examples:
  selftarget train                          learn the built-in digits, no labels
  selftarget train unsupervised-bp-1layer   a published run on MNIST
  selftarget evaluate runs/digits-seed1 --labels 1%
  selftarget report runs/digits-seed1       what it learnt, as a page
  selftarget serve                          watch it learn in a browser
  selftarget help train`,
  );
  return program;
}

/** Runs the command line and answers the exit status. */
export async function runProgram(args: readonly string[]): Promise<number> {
  const program = buildProgram();
  if (args.length === 0) {
    program.outputHelp({ error: true });
    return exitStatus.usage;
  }
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitStatus.done;
  } catch (error) {
    return report(error);
  }
}
