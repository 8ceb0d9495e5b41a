/** What `selftarget train` does. */
import { basename } from 'node:path';
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
import { commandLine } from './invocation.js';
import { jsonReporter } from './reporter.js';
import { TextReporter } from './textReporter.js';
import type { TrainFlags } from './trainCommand.js';

export async function runTrain(preset: string | undefined, flags: TrainFlags): Promise<void> {
  const { json = false, quiet = false, resume, out, threads, dataDir, stopAfter } = flags;
  if (resume !== undefined && out !== undefined) {
    throw new ConfigError('--out is for new runs; a resumed run stays in its folder');
  }
  const config = await configOf(preset, flags);
  const reporter = json
    ? jsonReporter(quiet)
    : new TextReporter({ quiet, terminal: process.stdout.isTTY === true });
  const { signal, release } = listenForInterruption(() => reporter.stopping());
  let interrupted = false;
  let data: SplitDataSet | undefined;
  try {
    const events = train({
      config,
      out,
      resume,
      threads,
      dataDir,
      stopAfter,
      signal,
      preset: preset ?? nameOfFile(flags.config) ?? defaultPreset,
      onDownload: (progress) => reporter.tell({ event: 'download', ...progress }),
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
    if (done) {
      if (flags.report) reporter.working('writing the report');
      const { report, warnings } = flags.report
        ? await reportOf(done.run, flags, { data, signal })
        : { report: undefined, warnings: [] };
      for (const message of warnings) reporter.tell({ event: 'warning', message });
      reporter.tell(report === undefined ? done : { ...done, report });
      interrupted = signal.aborted;
    }
  } finally {
    reporter.close();
    release();
  }
  if (interrupted) throw new Interrupted();
}

/** A configuration file's name stands for its settings, unless it is called as every run's. */
function nameOfFile(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  const name = basename(file).replace(/\.json$/i, '');
  return name === 'config' || name === '' ? 'custom' : name;
}

/** Writes the report; whatever goes wrong, the run is there, and the report can be written later. */
async function reportOf(
  run: string,
  { threads, dataDir }: TrainFlags,
  { data, signal }: { data: SplitDataSet | undefined; signal: AbortSignal },
): Promise<{ report?: string; warnings: readonly string[] }> {
  try {
    const { file, warnings } = await writeReport([run], { threads, dataDir, signal, data, publicationOf });
    return { report: file, warnings };
  } catch (error) {
    const why = signal.aborted ? 'interrupted' : error instanceof Error ? error.message : String(error);
    return { warnings: [`no report was written (${why}); to write it: ${commandLine('report', run)}`] };
  }
}

/** The configuration asked for; nothing when resuming without any setting. */
async function configOf(preset: string | undefined, flags: TrainFlags): Promise<RunConfig | undefined> {
  const { config: file, set = [], epochs, seed, skipDamaged, resume } = flags;
  const named: Settings = {
    ...(epochs !== undefined && { epochs }),
    ...(seed !== undefined && { seed }),
    ...(skipDamaged && { skipDamaged }),
  };
  if (resume === undefined) return resolveConfig({ preset, file, set, flags: named });
  if (preset === undefined && file === undefined && set.length === 0 && Object.keys(named).length === 0)
    return undefined;
  const { config: base } = await readRun(resume);
  return resolveConfig({ preset, file, set, flags: named, base });
}
