import type { Command } from 'commander';
import { parseAmount } from '../data/split.js';
import { ConfigError } from '../run/errors.js';
import { evaluateRun } from '../run/evaluate.js';
import { Interrupted } from './exitStatus.js';
import { listenForInterruption } from './interruption.js';
import { threadCount, wholeNumber } from './numberArguments.js';
import { repeated } from './repeated.js';
import { accuracyTable, duration, neuronTable } from './wording.js';

interface EvaluateFlags {
  labels?: string;
  seed?: number;
  untrained?: boolean;
  set: string[];
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
  selftarget evaluate runs/digits-seed1 --set classifier.epochs=100`;

export function addEvaluate(program: Command): void {
  program
    .command('evaluate')
    .summary('measure a run with any amount of labels')
    .description('Measures how well the neurons of a run know the classes, with any amount of labels.')
    .argument('<run>', "the run's folder")
    .option('--labels <amount>', 'a share (1%) or a number of items (600)')
    .option('--seed <n>', "which items, and the classifier; the run's own unless told", wholeNumber(0))
    .option('--untrained', 'measure the random network that the run began with')
    .option('--set <key=value>', 'a setting of the linear classifier; may be repeated', repeated, [])
    .option('--threads <n>', 'threads to use', threadCount)
    .option('--data-dir <folder>', 'where data sets lie')
    .option('--json', 'the result as one JSON object on standard output')
    .addHelpText('after', examples)
    .action(runEvaluate);
}

async function runEvaluate(run: string, flags: EvaluateFlags): Promise<void> {
  const { labels, seed, untrained, set, threads, dataDir, json } = flags;
  if (labels !== undefined) checkAmount(labels);
  const command = [
    'selftarget evaluate',
    run,
    ...(labels === undefined ? [] : ['--labels', labels]),
    ...(seed === undefined ? [] : ['--seed', seed]),
    ...(untrained ? ['--untrained'] : []),
    ...set.flatMap((assignment) => ['--set', assignment]),
  ].join(' ');
  const interruption = listenForInterruption(() => {
    if (!json) console.error('Stopping.');
  });
  const { signal } = interruption;
  try {
    const { evaluation, warnings } = await evaluateRun(run, {
      ...{ labels, seed, untrained, set, threads, dataDir, signal, command },
    });
    for (const { message } of warnings) console.error(`warning: ${message}`);
    if (json) {
      process.stdout.write(`${JSON.stringify(evaluation)}\n`);
      return;
    }
    const { network, epoch, labelled, neuronsPerClass, unnamedNeurons = 0, accuracy } = evaluation;
    const with_ = neuronsPerClass ? `, read out with ${labelled} labelled items` : '';
    console.log(`${run} after ${epoch} epochs${with_} (${duration(evaluation.seconds)}):\n`);
    console.log(accuracyTable([[network, accuracy]]));
    if (neuronsPerClass) {
      console.log(`\nNeurons that answer to each class:\n${neuronTable(neuronsPerClass, unnamedNeurons)}`);
    }
  } catch (error) {
    if (signal.aborted) throw new Interrupted();
    throw error;
  } finally {
    interruption.release();
  }
}

function checkAmount(labels: string): void {
  try {
    parseAmount(labels);
  } catch (error) {
    throw new ConfigError(`--labels: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}
