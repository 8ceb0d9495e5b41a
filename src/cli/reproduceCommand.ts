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
Complete runs are reused and unfinished ones resumed: after Ctrl-C, the same command
loses nothing. Runs of the published length take hours.

Examples:
  selftarget reproduce --list
  selftarget reproduce label-fractions
  selftarget reproduce number-of-labels --seeds 3 --epochs 20
  selftarget reproduce all --no-run        only renders existing runs`;

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
    .option('--runs <folder>', 'folder of the runs, existing and new', runsFolder)
    .option('--out <folder>', 'folder for the page and its figures', 'reproduction')
    .option('--no-run', 'only render existing runs')
    .option('--threads <n>', 'threads to use; they do not affect the result', threadCount)
    .option('--data-dir <folder>', 'directory that holds the data sets')
    .option('--quiet', 'print the result only')
    .addHelpText('after', examples)
    .action(runReproduce);
}

async function runReproduce(given: readonly string[], flags: ReproduceFlags): Promise<void> {
  if (flags.list) {
    const all = findArtefacts(undefined);
    const width = Math.max(...all.map(({ name }) => name.length));
    for (const artefact of all) {
      const unknown = unknownPresets(artefact);
      const lacking = unknown.length > 0 ? ` (no preset yet: ${unknown.join(', ')})` : '';
      console.log(`${artefact.name.padEnd(width)}  ${artefact.title}${lacking}`);
    }
    return;
  }
  if (given.length === 0) {
    throw new ConfigError(
      'name a table or figure: selftarget reproduce NAME (see "selftarget reproduce --list")',
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
      console.error('Run the same command again to resume.');
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
