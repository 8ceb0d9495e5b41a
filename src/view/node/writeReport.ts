/** Reports as files. */
import { readFile } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { DataError } from '../../data/dataSet.js';
import { systemCode } from '../../node/systemErrors.js';
import { trainCommand } from '../../run/command.js';
import { ConfigError, RunError } from '../../run/errors.js';
import { writeWhole, writingFailed } from '../../run/files.js';
import { tidyRun } from '../../run/runFolder.js';
import { comparisonReport } from '../report/comparison.js';
import type { Publication } from '../report/publication.js';
import { type RunRecord, stoppedAfter } from '../report/runRecord.js';
import { runReport } from '../report/runReport.js';
import { drawingTools } from './drawing.js';
import { type PortraitOfRunOptions, portraitOfRun } from './portraitOfRun.js';
import { readRunRecord, type ReadRun } from './readRuns.js';

export interface ReportOptions extends PortraitOfRunOptions {
  /** Where to write it; `report.html` in the run's folder, or `comparison.html` here, unless given. */
  readonly out?: string | undefined;
  /** What was published of a run with the same settings and data, to be shown beside its own figures. */
  readonly publicationOf?: ((run: RunRecord) => Publication | undefined) | undefined;
}

export interface WrittenReport {
  readonly file: string;
  readonly bytes: number;
  readonly seconds: number;
  /** What it leaves out, and why. */
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
  if (folders.length === 0) throw new ConfigError('give the folder of a run, or of several runs to compare');
  const { out } = options;
  if (out !== undefined && !/\.html?$/i.test(out)) {
    throw new ConfigError(`--out ${out}: a report is an HTML file; give it a name that ends in .html`);
  }
  const read: ReadRun[] = [];
  for (const folder of folders) {
    const { run, ...rest } = await readRunRecord(folder);
    read.push({ ...rest, run: { ...run, publication: options.publicationOf?.(run) } });
  }
  for (const { files } of read) await tidyRun(files);
  const warnings = read.flatMap(({ files, unreadable }) =>
    unreadable > 0 ? [`${files.log}: ${unreadable} lines could not be read and are left out`] : [],
  );
  const tools = drawingTools();
  let text: string;
  let file: string;
  if (read.length > 1) {
    const runs = distinctNames(read);
    text = comparisonReport(runs, tools);
    file = out ?? 'comparison.html';
  } else {
    const [one] = read;
    const { portrait, note } = await tryPortrait(one, options);
    if (note !== undefined) warnings.push(note);
    const { config, preset } = one.run;
    // The report may be opened anywhere, and the command pasted anywhere.
    const where = { preset, file: resolve(one.files.config), stopAfter: stoppedAfter(one.run) };
    text = runReport({ run: one.run, portrait, note, command: trainCommand(config, where) }, tools);
    file = out ?? join(one.files.folder, reportName);
    if (note !== undefined && (await holdsMore(file))) {
      const better = file;
      file = `${file.slice(0, -extname(file).length)}-log-only.html`;
      warnings.push(`${better} has the pictures of the network and is kept; this report is ${file}`);
    }
  }
  await writeWhole(file, text);
  const seconds = (performance.now() - began) / 1000;
  return { file, bytes: Buffer.byteLength(text), seconds, warnings };
}

/** Without data or model, the log is still worth a report. */
async function tryPortrait(read: ReadRun, options: ReportOptions) {
  try {
    return { portrait: await portraitOfRun(read, options) };
  } catch (error) {
    if (options.signal?.aborted) throw error;
    if (!(error instanceof RunError || error instanceof DataError)) throw error;
    return { note: `${WITHOUT_NETWORK} ${error.message.split('\n')[0]}` };
  }
}

/** What a report without the network says first. */
const WITHOUT_NETWORK = 'This report has no pictures and no confusion matrix:';

/** Whether there is a file that a report without the network must not replace. */
async function holdsMore(file: string): Promise<boolean> {
  try {
    return !(await readFile(file, 'utf8')).includes(WITHOUT_NETWORK);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw writingFailed(file, error);
  }
}

/** Runs of the same name are told apart by their folders. */
function distinctNames(read: readonly ReadRun[]) {
  return read.map(({ run, files }) => {
    const same = read.filter((other) => other.run.name === run.name).length > 1;
    return same ? { ...run, name: files.folder } : run;
  });
}
