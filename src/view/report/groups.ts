/** Runs that differ in nothing but the seed, as one: what a comparison compares. */
import { configKey } from '../../run/sameConfig.js';
import { mainMetric } from '../../run/problems.js';
import type { Accuracy } from '../../run/events.js';
import { mean } from '../../statistics/index.js';
import type { LinePoint } from '../charts/lines.js';
import { measured } from './curvesOf.js';
import { accuracyOf, isComplete, type RunRecord, startOf, trainedEpochs } from './runRecord.js';
import { flatten } from './wording.js';

export interface RunGroup {
  /** The preset, with what tells it apart from others of the same preset. */
  readonly name: string;
  /** By seed. */
  readonly runs: readonly RunRecord[];
}

/** Settings that a name can hold; groups that differ in more are named by their first run's folder. */
const MOST = 2;

/** The groups, the most accurate first. */
export function groupRuns(runs: readonly RunRecord[]): RunGroup[] {
  const groups = new Map<string, RunRecord[]>();
  for (const run of runs) {
    // A run on its way says nothing about the end of one that is complete, and the same path may hold other items.
    const { dataset } = startOf(run) ?? {};
    const data = run.provenance?.digest ?? [dataset?.train, dataset?.test];
    const far = isComplete(run) ? 'complete' : trainedEpochs(run);
    const key = JSON.stringify([configKey(run.config), data, far]);
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  const all = [...groups.values()].map((each) => each.toSorted((a, b) => a.config.seed - b.config.seed));
  return all
    .map((each) => ({ name: nameOf(each, all), runs: each }))
    .sort((a, b) => (groupAccuracy(b) ?? -1) - (groupAccuracy(a) ?? -1));
}

function nameOf(group: readonly RunRecord[], all: readonly (readonly RunRecord[])[]): string {
  const [{ preset, name }] = group;
  const others = all.filter((each) => each !== group && each[0].preset === preset);
  if (others.length === 0) return preset;
  const settings = flatten({ ...group[0].config, seed: undefined });
  const differing = new Set(
    others.flatMap(([other]) => {
      const theirs = flatten({ ...other.config, seed: undefined });
      return [...new Set([...settings.keys(), ...theirs.keys()])].filter(
        (key) => settings.get(key) !== theirs.get(key),
      );
    }),
  );
  const far = isComplete(group[0]) ? '' : `, ${trainedEpochs(group[0])} epochs so far`;
  if (differing.size > MOST || (differing.size === 0 && far === '')) return name.replace(/-seed\d+$/, '');
  return (
    [
      preset,
      ...[...differing].map((key) => `${key.split('.').at(-1)} ${settings.get(key) ?? 'not set'}`),
    ].join(', ') + far
  );
}

/** The readout that a group is judged by. */
export function mainOf({ runs: [run] }: RunGroup): keyof Accuracy {
  return mainMetric(run.config.regime);
}

/** Its values over the seeds. */
export function groupValues(
  group: RunGroup,
  metric: keyof Accuracy,
  network: 'trained' | 'untrained' = 'trained',
) {
  return group.runs.flatMap((run) => accuracyOf(run, network)?.[metric] ?? []);
}

/** The mean over the seeds of what a group is judged by. */
export function groupAccuracy(group: RunGroup): number | undefined {
  const values = groupValues(group, mainOf(group));
  return values.length > 0 ? mean(values) : undefined;
}

/** Means over the seeds after the epochs that all of them were measured at, with the lowest and the highest. */
export function groupCurve(group: RunGroup): LinePoint[] {
  return meanPoints(group.runs.map((run) => measured(run, mainOf(group))));
}

/** Where all `curves` have a point, the mean of them. */
export function meanPoints(curves: readonly (readonly LinePoint[])[]): LinePoint[] {
  const [first = []] = curves;
  return first.flatMap(({ x }) => {
    const ys = curves.flatMap((points) => points.find((point) => point.x === x)?.y ?? []);
    if (ys.length < curves.length) return [];
    return [{ x, y: mean(ys), ...(ys.length > 1 && { range: [Math.min(...ys), Math.max(...ys)] as const }) }];
  });
}
