/** What the log of a run tells, by question. */
import type { RunConfig } from '../../run/config.js';
import type { Stage } from '../../run/entry.js';
import { totalEpochs } from '../../run/plan.js';
import { regimeCalled } from '../../run/registry.js';
import type { LinePoint } from '../charts/lines.js';
import type {
  Accuracy,
  DoneEvent,
  Environment,
  EpochEvent,
  ReadoutEvent,
  StartEvent,
} from '../../run/events.js';
import type { LogEntry } from '../../run/log.js';
import { mainMetric } from '../../run/problems.js';
import type { Provenance } from '../../data/dataSet.js';
import type { Publication } from './publication.js';

export interface RunRecord {
  /** The folder's name. */
  readonly name: string;
  /** Path of its `config.json`. */
  readonly file: string;
  readonly preset: string;
  readonly config: RunConfig;
  readonly environment: Environment;
  readonly log: readonly LogEntry[];
  /** Of its data; runs of earlier versions have none. */
  readonly provenance?: Provenance | undefined;
  /** Published figures of the same settings and data, to compare the record with. */
  readonly publication?: Publication | undefined;
}

/** The readouts by the names that people know, in the order in which to show them. */
export const readouts: readonly (readonly [keyof Accuracy, string])[] = [
  ['association-average', 'association, average'],
  ['association-max', 'association, max'],
  ['linear-classifier', 'linear classifier'],
  ['test', 'test'],
];

export function epochsOf({ log }: RunRecord): EpochEvent[] {
  return log.filter((entry) => entry.event === 'epoch');
}

/** The beginning of every call that carried a part of it out. */
export function startsOf({ log }: Pick<RunRecord, 'log'>): StartEvent[] {
  return log.filter(
    (entry): entry is LogEntry & StartEvent => entry.event === 'start' || entry.event === 'resume',
  );
}

export function startOf(run: Pick<RunRecord, 'log'>): StartEvent | undefined {
  return startsOf(run).at(-1);
}

export function doneOf({ log }: RunRecord): DoneEvent | undefined {
  return log.findLast((entry) => entry.event === 'done');
}

/** Whether it went through all its epochs and was measured then. */
export function isComplete({ log }: RunRecord): boolean {
  return log.some((entry) => entry.event === 'done' && entry.epochs === entry.ofEpochs);
}

/** Epochs after which it was stopped; nothing where it went to its end, or has not begun. */
export function stoppedAfter(run: RunRecord): number | undefined {
  const epochs = trainedEpochs(run);
  return isComplete(run) || epochs === 0 ? undefined : epochs;
}

/** Epochs of training that the log knows. */
export function trainedEpochs(run: RunRecord): number {
  return Math.max(0, ...epochsOf(run).map(({ epoch }) => epoch));
}

/** What was last read out of the trained network, with the run's own labels, where it stands. */
export function lastReadout(run: RunRecord): ReadoutEvent | undefined {
  return run.log.findLast(
    (entry): entry is LogEntry & ReadoutEvent =>
      entry.event === 'readout' &&
      entry.network === 'trained' &&
      entry.labels === ownLabels(run) &&
      entry.epoch === trainedEpochs(run),
  );
}

/** The curve's figure to watch. */
export function mainReadout({ config }: RunRecord): keyof Accuracy {
  return mainMetric(config.regime);
}

/**
 * The accuracies last measured with `labels` (the run's own by default) on the network that is trained so far, or on
 * the untrained one; of several measurements the later ones stand.
 */
export function accuracyOf(
  run: RunRecord,
  network: ReadoutEvent['network'],
  labels = ownLabels(run),
): Accuracy | undefined {
  const measured = measurements(run, network, labels);
  if (measured.length > 0) return Object.assign({}, ...measured.map(({ accuracy }) => accuracy));
  if (network === 'untrained' || labels !== ownLabels(run)) return undefined;
  return epochsOf(run).findLast(({ accuracy }) => accuracy !== undefined)?.accuracy;
}

/**
 * The same for every choice of the labelled items that was measured; {@link accuracyOf} where that is none. With `set`,
 * measured with the classifier set so.
 */
export function accuraciesOf(
  run: RunRecord,
  network: ReadoutEvent['network'],
  labels: string,
  set: readonly string[] = [],
): Accuracy[] {
  const choices = new Map<number, Accuracy>();
  for (const { seed, accuracy } of measurements(run, network, labels, set)) {
    choices.set(seed, { ...choices.get(seed), ...accuracy });
  }
  if (choices.size > 0 || set.length > 0) return [...choices.values()];
  const accuracy = accuracyOf(run, network, labels);
  return accuracy ? [accuracy] : [];
}

function measurements(
  run: RunRecord,
  network: ReadoutEvent['network'],
  labels: string,
  set: readonly string[] = [],
): readonly ReadoutEvent[] {
  const epochs = network === 'trained' ? trainedEpochs(run) : 0;
  return run.log.filter(
    (entry): entry is LogEntry & ReadoutEvent =>
      entry.event === 'readout' &&
      entry.network === network &&
      entry.labels === labels &&
      String(entry.set ?? []) === String(set) &&
      (network === 'untrained' || entry.epoch === epochs),
  );
}

function ownLabels({ config, log }: RunRecord): string {
  const first = log.find((entry) => entry.event === 'readout');
  if (regimeCalled(config.regime).answers === 'outputs' && first?.event === 'readout') return first.labels;
  return String(config.readout.labels);
}

export interface LabelledReadout {
  readonly labels: string;
  readonly labelled: number;
  readonly trained: Accuracy | undefined;
  readonly untrained: Accuracy | undefined;
}

/** Everything that was measured with different amounts of labels, from few to many. */
export function labelReadouts(run: RunRecord): LabelledReadout[] {
  const amounts = new Map<string, number>();
  for (const entry of run.log) if (entry.event === 'readout') amounts.set(entry.labels, entry.labelled);
  return [...amounts]
    .map(([labels, labelled]) => ({
      ...{ labels, labelled },
      trained: accuracyOf(run, 'trained', labels),
      untrained: accuracyOf(run, 'untrained', labels),
    }))
    .filter(({ trained, untrained }) => trained !== undefined || untrained !== undefined)
    .sort((a, b) => a.labelled - b.labelled);
}

/** The moments at which a regime with several phases or passes is measured; none of one with a single pass. */
export function stagesOf({ config }: RunRecord): readonly Stage[] {
  return regimeCalled(config.regime).stages ?? [];
}

/** Test accuracy at a stage, epoch by epoch, where it was measured. */
export function atStage(run: RunRecord, { phase, after }: Stage): LinePoint[] {
  return epochsOf(run).flatMap((event) => {
    const y = (after === 'epoch' ? event.accuracy : event.afterUnlabelled)?.test;
    return event.phase === phase && y !== undefined ? [{ x: event.epoch, y }] : [];
  });
}

/** Epochs before the last phase. */
export function epochsBefore({ config }: RunRecord): number {
  return totalEpochs(config) - config.epochs;
}

/** What a first phase on the labelled items alone gave. */
export function labelsAlone(run: RunRecord): number | undefined {
  return epochsOf(run).findLast(({ phase, accuracy }) => phase === 'pretraining' && accuracy)?.accuracy?.test;
}

/** Its last measured epoch of the second phase, counted from that phase's beginning. */
export function lastAlternating(
  run: RunRecord,
): { epoch: number; test: number; afterUnlabelled: number | undefined } | undefined {
  const last = epochsOf(run).findLast(({ phase, accuracy }) => phase === 'alternating' && accuracy);
  if (last?.accuracy?.test === undefined) return undefined;
  return {
    epoch: last.epoch - epochsBefore(run),
    test: last.accuracy.test,
    afterUnlabelled: last.afterUnlabelled?.test,
  };
}

export function trainSeconds(run: RunRecord): number {
  return epochsOf(run).reduce((sum, { trainSeconds: seconds }) => sum + seconds, 0);
}

/** Labelled test items that accuracies are shares of; earlier versions logged only the number of all test items. */
export function testItemsOf(run: RunRecord): number | undefined {
  const { byClass } = lastReadout(run) ?? {};
  if (byClass) return byClass.reduce((sum, { items }) => sum + items, 0);
  return doneOf(run)?.testItems ?? startOf(run)?.dataset.test;
}
