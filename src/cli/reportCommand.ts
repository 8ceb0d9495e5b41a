import type { Command } from 'commander';
import { publicationOf } from '../reproduction/publications.js';
import { writeReport } from '../view/node/writeReport.js';
import { Interrupted } from './exitStatus.js';
import { listenForInterruption } from './interruption.js';
import { threadCount } from './numberArguments.js';
import { duration } from './wording.js';

interface ReportFlags {
  out?: string;
  threads?: number;
  dataDir?: string;
  json?: boolean;
}

const examples = `
Examples:
  selftarget report runs/digits-seed1                       writes runs/digits-seed1/report.html
  selftarget report runs/digits-seed1 runs/digits-seed2     writes comparison.html`;

export function addReport(program: Command): void {
  program
    .command('report')
    .summary('what a run did as a page, or several side by side')
    .description(
      'Writes the report of a run, or a comparison of several: one HTML file that needs nothing else.',
    )
    .argument('<run...>', 'folders of runs')
    .option('--out <file>', 'where to write it')
    .option('--threads <n>', 'threads to use', threadCount)
    .option('--data-dir <folder>', 'where data sets lie')
    .option('--json', 'what was written as one JSON object on standard output')
    .addHelpText('after', examples)
    .action(runReport);
}

async function runReport(runs: readonly string[], flags: ReportFlags): Promise<void> {
  const { out, threads, dataDir, json } = flags;
  const { signal, release } = listenForInterruption(() => console.error('Stopping.'));
  try {
    const written = await writeReport(runs, { out, threads, dataDir, signal, publicationOf });
    for (const warning of written.warnings) console.error(`warning: ${warning}`);
    if (json) process.stdout.write(`${JSON.stringify(written)}\n`);
    else console.log(`${written.file} (${size(written.bytes)}, ${duration(written.seconds)})`);
  } catch (error) {
    if (signal.aborted) throw new Interrupted();
    throw error;
  } finally {
    release();
  }
}

function size(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1000)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
