/** What `selftarget evaluate` does. */
import { parseAmount } from '../data/split.js';
import { ConfigError } from '../run/errors.js';
import { evaluateRun } from '../run/evaluate.js';
import type { EvaluateFlags } from './evaluateCommand.js';
import { interruptible } from './interruption.js';
import { shellWord } from './invocation.js';
import { TextReporter } from './textReporter.js';
import { accuracyTable, counted, duration, neuronTable } from './wording.js';

export async function runEvaluate(run: string, flags: EvaluateFlags): Promise<void> {
  const { labels, seed, untrained, set = [], threads, dataDir, json = false } = flags;
  if (labels !== undefined) checkAmount(labels);
  const command = [
    'selftarget evaluate',
    shellWord(run),
    ...(labels === undefined ? [] : ['--labels', labels]),
    ...(seed === undefined ? [] : ['--seed', seed]),
    ...(untrained ? ['--untrained'] : []),
    ...set.flatMap((assignment) => ['--set', shellWord(assignment)]),
  ].join(' ');
  const reporter = new TextReporter({ quiet: json, terminal: process.stdout.isTTY === true });
  const { evaluation, warnings } = await interruptible(
    () => reporter.stopping('Stopping.'),
    (signal) =>
      evaluateRun(run, {
        labels,
        seed,
        untrained,
        set,
        threads,
        dataDir,
        signal,
        command,
        onLoading: (progress) => reporter.tell({ event: 'loading', ...progress }),
        onProgress: (progress) => reporter.tell(progress),
      }).finally(() => reporter.close()),
  );
  for (const { message } of warnings) console.error(`warning: ${message}`);
  if (json) {
    process.stdout.write(`${JSON.stringify(evaluation)}\n`);
    return;
  }
  const { network, epoch, labelled, neuronsPerClass, unnamedNeurons = 0, accuracy, byClass } = evaluation;
  const means = neuronsPerClass ? `, read out with ${counted(labelled, 'labelled item')}` : '';
  console.log(`${run} after ${counted(epoch, 'epoch')}${means} (${duration(evaluation.seconds)}):\n`);
  const testItems = byClass?.reduce((sum, { items }) => sum + items, 0);
  console.log(accuracyTable([[network, accuracy, testItems]]));
  if (neuronsPerClass) console.log(`\n${neuronTable(neuronsPerClass, unnamedNeurons)}`);
}

function checkAmount(labels: string): void {
  try {
    parseAmount(labels);
  } catch (error) {
    throw new ConfigError(`--labels: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}
