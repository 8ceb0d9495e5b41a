import type { Command } from 'commander';
import { ConfigError } from '../run/errors.js';
import { runsFolder } from '../run/runFolder.js';
import { readRunFolders } from '../view/node/readRuns.js';
import { carryOut, findArtefacts, unknownPresets, writeReproduction } from '../reproduction/reproduce.js';
import { Interrupted } from './exitStatus.js';
import { listenForInterruption } from './interruption.js';
import { threadCount, wholeNumber } from './numberArguments.js';
import { TextReporter } from './textReporter.js';

interface ReproduceFlags {
  list?: boolean;
  seeds: number;
  epochs?: number;
  runs: string;
  out: string;
  run: boolean;
  threads?: number;
  dataDir?: string;
  quiet?: boolean;
}

const examples = `
Runs that are complete are reused, others go on where they were: the same command
again after Ctrl-C loses nothing. The published lengths take hours.

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
      "Carries out the runs behind the paper's tables and figures where they are missing, and writes\n" +
        'reproduction.md with published and measured figures side by side.',
    )
    .argument('[names...]', 'tables and figures, or "all"')
    .option('--list', 'name them')
    .option('--seeds <n>', 'runs with seeds 1 to n', wholeNumber(1), 1)
    .option('--epochs <n>', 'shorter or longer runs than published', wholeNumber(1))
    .option('--runs <folder>', 'where run folders are looked for and made', runsFolder)
    .option('--out <folder>', 'where the page and its figures go', 'reproduction')
    .option('--no-run', 'render what is there')
    .option('--threads <n>', 'threads to use; they change no bit', threadCount)
    .option('--data-dir <folder>', 'where data sets lie')
    .option('--quiet', 'print the result only')
    .addHelpText('after', examples)
    .action(runReproduce);
}

async function runReproduce(given: readonly string[], flags: ReproduceFlags): Promise<void> {
  if (flags.list) {
    for (const artefact of findArtefacts(undefined)) {
      const unknown = unknownPresets(artefact);
      const lacking = unknown.length > 0 ? ` (no preset yet: ${unknown.join(', ')})` : '';
      console.log(`${artefact.name.padEnd(18)}${artefact.title}${lacking}`);
    }
    return;
  }
  if (given.length === 0) {
    throw new ConfigError(
      'say what: selftarget reproduce NAME; "selftarget reproduce --list" names what there is',
    );
  }
  const names = given.includes('all') ? undefined : given;
  findArtefacts(names);
  const { seeds, epochs, runs: folder, out, threads, dataDir, quiet = false } = flags;
  const reporter = new TextReporter({ quiet, terminal: process.stdout.isTTY === true });
  const { signal, release } = listenForInterruption(() => reporter.stopping());
  try {
    const carried = flags.run
      ? await carryOut({
          ...{ names, seeds, epochs, runs: folder, threads, dataDir, signal },
          onEvent: (event) => reporter.tell(event),
          onStep: (line) => quiet || console.log(line),
        })
      : {
          runs: await readRunFolders(folder, (message) => console.error(`warning: ${message}`)),
          missing: undefined,
          interrupted: false,
        };
    reporter.close();
    if (carried.interrupted) {
      console.error('The same command goes on from there.');
      throw new Interrupted();
    }
    const command = ['selftarget reproduce', ...(names ?? ['all']), ...typed(flags)].join(' ');
    const page = await writeReproduction({
      ...{ names, runs: carried.runs, missing: carried.missing, runsFolder: folder, out, command },
      ...{ epochs, threads, dataDir, signal },
    });
    for (const line of carried.missing?.values() ?? []) console.error(line);
    console.log(page);
  } catch (error) {
    if (signal.aborted) throw new Interrupted();
    throw error;
  } finally {
    reporter.close();
    release();
  }
}

/** The options that decide what is on the page. */
function typed({ seeds, epochs, run, runs, out }: ReproduceFlags): string[] {
  return [
    ...(seeds > 1 ? [`--seeds ${seeds}`] : []),
    ...(epochs === undefined ? [] : [`--epochs ${epochs}`]),
    ...(run ? [] : ['--no-run']),
    ...(runs === runsFolder ? [] : [`--runs ${runs}`]),
    ...(out === 'reproduction' ? [] : [`--out ${out}`]),
  ];
}
