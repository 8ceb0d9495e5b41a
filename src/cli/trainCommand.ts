import type { Command } from 'commander';
import type { SplitDataSet } from '../data/dataSet.js';
import type { RunConfig } from '../run/config.js';
import { ConfigError } from '../run/errors.js';
import type { DoneEvent } from '../run/events.js';
import type { Settings } from '../run/presets.js';
import { readRun } from '../run/runFolder.js';
import { defaultPreset, resolveConfig } from '../run/settings.js';
import { train } from '../run/train.js';
import { publicationOf } from '../reproduction/publications.js';
import { writeReport } from '../view/node/writeReport.js';
import { Interrupted } from './exitStatus.js';
import { listenForInterruption } from './interruption.js';
import { threadCount, wholeNumber } from './numberArguments.js';
import { repeated } from './repeated.js';
import { jsonReporter } from './reporter.js';
import { TextReporter } from './textReporter.js';

interface TrainFlags {
  config?: string;
  set: string[];
  dataDir?: string;
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
what comes later wins. "selftarget presets NAME" prints those of a preset.

Examples:
  selftarget train
  selftarget train unsupervised-bp-1layer --epochs 10 --seed 2
  selftarget train digits --set target.winners=4 --set 'learningRates=[5]'
  selftarget train unsupervised-bp-2layer --stop-after 3 --out runs/mine
  selftarget train --resume runs/mine
  selftarget train --config runs/mine/config.json --seed 7   repeat a run`;

export function addTrain(program: Command): void {
  program
    .command('train')
    .summary('train a network, without labels unless the preset says so')
    .description('Trains a network; without arguments the built-in digits, without labels, in seconds.')
    .argument('[preset]', 'what to train; "selftarget presets" lists them')
    .option('--config <file>', "settings as JSON, or a run's config.json")
    .option('--set <key=value>', 'one setting; may be repeated', repeated, [])
    .option('--data-dir <folder>', 'where data sets lie')
    .option('--epochs <n>', 'length of the run, over which schedules stretch', wholeNumber(1))
    .option('--stop-after <n>', 'end this call after n epochs; --resume goes on', wholeNumber(1))
    .option('--seed <n>', 'for everything random', wholeNumber(0))
    .option('--threads <n>', 'threads to use; they change no bit', threadCount)
    .option('--out <folder>', 'folder of the run (default: runs/PRESET-seedN)')
    .option('--resume <folder>', 'go on with the run in this folder')
    .option('--no-report', 'write no report.html at the end')
    .option('--json', 'one JSON object per event and line on standard output')
    .option('--quiet', 'print the result only')
    .addHelpText('after', examples)
    .action(runTrain);
}

async function runTrain(preset: string | undefined, flags: TrainFlags): Promise<void> {
  const { json = false, quiet = false, resume, out } = flags;
  if (resume !== undefined && out !== undefined) {
    throw new ConfigError('--out is for new runs; a resumed run stays in its folder');
  }
  const config = await configOf(preset, flags);
  const reporter = json
    ? jsonReporter(quiet)
    : new TextReporter({ quiet, terminal: process.stdout.isTTY === true });
  const interruption = listenForInterruption(() => reporter.stopping());
  let interrupted = false;
  let data: SplitDataSet | undefined;
  try {
    const events = train({
      ...{ config, out, resume, threads: flags.threads, dataDir: flags.dataDir, stopAfter: flags.stopAfter },
      preset: preset ?? (flags.config === undefined ? defaultPreset : 'custom'),
      signal: interruption.signal,
      onDownload: (progress) => reporter.download(progress),
      onData: (loaded) => {
        data = loaded;
      },
    });
    let done: DoneEvent | undefined;
    for await (const event of events) {
      // Kept back, so that it stays the last word.
      if (event.event === 'done') done = event;
      else reporter.tell(event);
      interrupted = event.event === 'interrupted';
    }
    if (done && flags.report) {
      for (const message of await reportOf(done.run, flags, { data, signal: interruption.signal })) {
        reporter.tell({ event: 'warning', message });
      }
    }
    if (done) reporter.tell(done);
  } finally {
    reporter.close();
    interruption.release();
  }
  if (interrupted) throw new Interrupted();
}

/** Writes the report; whatever goes wrong, the run is there, and the report can be had later. Answers warnings. */
async function reportOf(
  run: string,
  { threads, dataDir }: TrainFlags,
  { data, signal }: { data: SplitDataSet | undefined; signal: AbortSignal },
): Promise<readonly string[]> {
  try {
    return (await writeReport([run], { threads, dataDir, signal, data, publicationOf })).warnings;
  } catch (error) {
    const why = signal.aborted ? 'interrupted' : error instanceof Error ? error.message : String(error);
    return [`no report was written (${why}); later: selftarget report ${run}`];
  }
}

/** The configuration asked for; nothing when resuming without any setting. */
async function configOf(preset: string | undefined, flags: TrainFlags): Promise<RunConfig | undefined> {
  const { config: file, set, epochs, seed, resume } = flags;
  const named: Settings = { ...(epochs !== undefined && { epochs }), ...(seed !== undefined && { seed }) };
  if (resume === undefined) return resolveConfig({ preset, file, set, flags: named });
  if (preset === undefined && file === undefined && set.length === 0 && Object.keys(named).length === 0)
    return undefined;
  const { config: base } = await readRun(resume);
  return resolveConfig({ preset, file, set, flags: named, base });
}
