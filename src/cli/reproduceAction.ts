/** What `selftarget reproduce` does. */
import { ConfigError } from '../run/errors.js';
import { runsFolder } from '../run/runFolder.js';
import { readRunFolders } from '../view/node/readRuns.js';
import { carryOut, findArtefacts, unknownPresets, writeReproduction } from '../reproduction/reproduce.js';
import { Interrupted } from './exitStatus.js';
import { interruptible } from './interruption.js';
import { shellWord } from './invocation.js';
import type { ReproduceFlags } from './reproduceCommand.js';
import { TextReporter } from './textReporter.js';

export async function runReproduce(given: readonly string[], flags: ReproduceFlags): Promise<void> {
  if (flags.list) {
    list();
    return;
  }
  if (given.length === 0) {
    throw new ConfigError(
      'name a table or figure: selftarget reproduce NAME (see "selftarget reproduce --list")',
    );
  }
  const names = given.includes('all') ? undefined : given;
  findArtefacts(names);
  const { seeds, epochs, runs: folder = runsFolder, out, threads, dataDir, quiet = false } = flags;
  const reporter = new TextReporter({ quiet, terminal: process.stdout.isTTY === true });
  await interruptible(
    () => reporter.stopping(),
    async (signal) => {
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
    },
  ).finally(() => reporter.close());
}

function list(): void {
  const artefacts = findArtefacts(undefined);
  const width = Math.max(...artefacts.map(({ name }) => name.length));
  for (const artefact of artefacts) {
    const unknown = unknownPresets(artefact);
    const lacking = unknown.length > 0 ? ` (no preset yet: ${unknown.join(', ')})` : '';
    console.log(`${artefact.name.padEnd(width)}  ${artefact.title}${lacking}`);
  }
}

/** The options that decide what is on the page. */
function typed({ seeds, epochs, run, runs, out }: ReproduceFlags): string[] {
  return [
    ...(seeds > 1 ? [`--seeds ${seeds}`] : []),
    ...(epochs === undefined ? [] : [`--epochs ${epochs}`]),
    ...(run ? [] : ['--no-run']),
    ...(runs === undefined || runs === runsFolder ? [] : [`--runs ${shellWord(runs)}`]),
    ...(out === 'reproduction' ? [] : [`--out ${shellWord(out)}`]),
  ];
}
