/** What `selftarget report` does. */
import { ConfigError } from '../run/errors.js';
import { datasetIn, parseAssignment } from '../run/settings.js';
import { publicationOf } from '../reproduction/publications.js';
import { writeReport } from '../view/node/writeReport.js';
import { interruptible } from './interruption.js';
import type { ReportFlags } from './reportCommand.js';
import { TextReporter } from './textReporter.js';
import { duration } from './wording.js';

export async function runReport(runs: readonly string[], flags: ReportFlags): Promise<void> {
  const { out, threads, dataDir, set = [], json = false } = flags;
  const other = set.find((assignment) => parseAssignment(assignment).path.join('.') !== 'dataset');
  if (other !== undefined) {
    throw new ConfigError(
      `--set ${other}: only the place of the data can be set here, as --set dataset=PATH`,
    );
  }
  const reporter = new TextReporter({ quiet: json, terminal: process.stdout.isTTY === true });
  const written = await interruptible(
    () => reporter.stopping('Stopping.'),
    (signal) =>
      writeReport(runs, {
        out,
        threads,
        dataDir,
        signal,
        publicationOf,
        movedTo: datasetIn(set),
        onLoading: (progress) => reporter.tell({ event: 'loading', ...progress }),
      }).finally(() => reporter.close()),
  );
  for (const warning of written.warnings) console.error(`warning: ${warning}`);
  if (json) process.stdout.write(`${JSON.stringify(written)}\n`);
  else console.log(`${written.file} (${size(written.bytes)}, ${duration(written.seconds)})`);
}

function size(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1000)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
