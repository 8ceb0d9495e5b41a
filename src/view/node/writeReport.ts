/** Reports as files. */
import { join } from 'node:path';
import { DataError } from '../../data/dataSet.js';
import { ConfigError, RunError } from '../../run/errors.js';
import { writeWhole } from '../../run/files.js';
import { comparisonReport } from '../report/comparison.js';
import { runReport } from '../report/runReport.js';
import { drawingTools } from './drawing.js';
import { type PortraitOfRunOptions, portraitOfRun } from './portraitOfRun.js';
import { readRunRecord, type ReadRun } from './readRuns.js';

export interface ReportOptions extends PortraitOfRunOptions {
  /** Where to write it; `report.html` in the run's folder, or `comparison.html` here, unless told. */
  readonly out?: string | undefined;
}

export interface WrittenReport {
  readonly file: string;
  readonly bytes: number;
  readonly seconds: number;
  /** What it had to leave out, and why. */
  readonly warnings: readonly string[];
}

/** The report's name in a run's folder. */
export const reportName = 'report.html';

/**
 * Writes the report of one run, or the comparison of several.
 *
 * @throws ConfigError when a folder holds no run; RunError when a log cannot be read or the report not be written
 */
export async function writeReport(
  folders: readonly string[],
  options: ReportOptions = {},
): Promise<WrittenReport> {
  const began = performance.now();
  if (folders.length === 0) throw new ConfigError('name the folder of a run, or of several to compare');
  const read: ReadRun[] = [];
  for (const folder of folders) read.push(await readRunRecord(folder));
  const warnings = read.flatMap(({ files, unreadable }) =>
    unreadable > 0 ? [`${files.log}: ${unreadable} lines could not be read and are left out`] : [],
  );
  const tools = drawingTools();
  let text: string;
  let file: string;
  if (read.length > 1) {
    const runs = distinctNames(read);
    text = comparisonReport(runs, tools);
    file = options.out ?? 'comparison.html';
  } else {
    const [one] = read;
    const { portrait, note } = await tryPortrait(one, options);
    if (note !== undefined) warnings.push(note);
    text = runReport({ run: one.run, portrait, note }, tools);
    file = options.out ?? join(one.files.folder, reportName);
  }
  await writeWhole(file, text);
  const seconds = (performance.now() - began) / 1000;
  return { file, bytes: Buffer.byteLength(text), seconds, warnings };
}

/** Without data or model the log still tells its part. */
async function tryPortrait(read: ReadRun, options: ReportOptions) {
  try {
    return { portrait: await portraitOfRun(read, options) };
  } catch (error) {
    if (options.signal?.aborted) throw error;
    if (!(error instanceof RunError || error instanceof DataError)) throw error;
    return { note: `The network itself could not be looked at: ${error.message.split('\n')[0]}` };
  }
}

/** Runs of the same name are told apart by their folders. */
function distinctNames(read: readonly ReadRun[]) {
  return read.map(({ run, files }) => {
    const same = read.filter((other) => other.run.name === run.name).length > 1;
    return same ? { ...run, name: files.folder } : run;
  });
}
