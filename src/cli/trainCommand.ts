import type { Command } from 'commander';
import type { RunConfig } from '../run/config.js';
import { ConfigError } from '../run/errors.js';
import type { Settings } from '../run/presets.js';
import { readRun } from '../run/runFolder.js';
import { defaultPreset, resolveConfig } from '../run/settings.js';
import { train } from '../run/train.js';
import { Interrupted } from './exitStatus.js';
import { listenForInterruption } from './interruption.js';
import { wholeNumber } from './numberArguments.js';
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
    .option('--set <key=value>', 'one setting; may be repeated', (text, all: string[]) => [...all, text], [])
    .option('--data-dir <folder>', 'where data sets lie')
    .option('--epochs <n>', 'length of the run, over which schedules stretch', wholeNumber(1))
    .option('--stop-after <n>', 'end this call after n epochs; --resume goes on', wholeNumber(1))
    .option('--seed <n>', 'for everything random', wholeNumber(0))
    .option('--threads <n>', 'threads to use; they change no bit', wholeNumber(1))
    .option('--out <folder>', 'folder of the run (default: runs/PRESET-seedN)')
    .option('--resume <folder>', 'go on with the run in this folder')
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
  try {
    const events = train({
      ...{ config, out, resume, threads: flags.threads, dataDir: flags.dataDir, stopAfter: flags.stopAfter },
      preset: preset ?? (flags.config === undefined ? defaultPreset : 'custom'),
      signal: interruption.signal,
      onDownload: (progress) => reporter.download(progress),
    });
    for await (const event of events) {
      reporter.tell(event);
      interrupted = event.event === 'interrupted';
    }
  } finally {
    reporter.close();
    interruption.release();
  }
  if (interrupted) throw new Interrupted();
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
