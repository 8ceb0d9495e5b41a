/**
 * The command: what it understands. What a subcommand does stands in a file of its own that is loaded when it runs, so
 * that help and errors of usage come at once.
 */
import { setImmediate } from 'node:timers/promises';
import { Command } from 'commander';
import { packageVersion } from '../run/environment.js';
import { addDatasets } from './datasetsCommand.js';
import { addEvaluate } from './evaluateCommand.js';
import { type Ending, exitStatus, report } from './exitStatus.js';
import { type OutputWatch, watchOutput } from './output.js';
import { addPresets } from './presetsCommand.js';
import { addReport } from './reportCommand.js';
import { addReproduce } from './reproduceCommand.js';
import { addServe } from './serveCommand.js';
import { addTrain } from './trainCommand.js';

export function buildProgram(): Command {
  const program = new Command('selftarget')
    .description('Train neural networks with few or no labels, by the self-defined target.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help for a command')
    .helpCommand('help [command]', 'print help for a command')
    .showHelpAfterError('(see --help)')
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
  selftarget report runs/digits-seed1       what it learned, as a page
  selftarget serve                          watch it learn in a browser
  selftarget help train`,
  );
  return program;
}

/** Runs the command line and answers the exit status. */
export async function runProgram(args: readonly string[]): Promise<number> {
  const output = watchOutput();
  const ending = await carryOut(args);
  const told = ending.message !== undefined && args.includes('--json');
  // The last line, so that a program that reads only this one knows how it ended.
  if (told) process.stdout.write(`${JSON.stringify({ event: 'error', ...ending })}\n`);
  return whereOutputWent(output, ending.status);
}

async function carryOut(args: readonly string[]): Promise<Ending> {
  const program = buildProgram();
  if (args.length === 0) {
    program.outputHelp({ error: true });
    return { status: exitStatus.usage };
  }
  try {
    await program.parseAsync(withoutHelpForNothing(program, args), { from: 'user' });
    return { status: exitStatus.done };
  } catch (error) {
    return report(error);
  }
}

/** `nosuch` for `help nosuch`, which Commander would answer with the whole help and not a word about the mistake. */
function withoutHelpForNothing(program: Command, args: readonly string[]): string[] {
  const [first, name] = args;
  const isMistake =
    first === 'help' &&
    name !== undefined &&
    /^[^-]/.test(name) &&
    name !== 'help' &&
    program.commands.every((command) => command.name() !== name);
  return isMistake ? args.slice(1) : [...args];
}

/** A command whose output is lost has not done all that it was asked for. */
async function whereOutputWent(output: OutputWatch, status: number): Promise<number> {
  // Errors of a write arrive after it.
  await setImmediate();
  const failure = output.failure();
  if (failure === undefined) return status;
  console.error(`error: standard output could not be written: ${failure}; all else has been done`);
  return status === exitStatus.done ? exitStatus.failed : status;
}
