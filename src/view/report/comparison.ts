/** Several runs side by side: runs of the same settings as one, the most accurate first. */
import type { Accuracy } from '../../run/events.js';
import { mean } from '../../statistics/index.js';
import { type AccuracyBar, accuracyBars } from '../charts/accuracyBars.js';
import { labelCurves, learningCurves } from '../charts/curves.js';
import type { Line } from '../charts/lines.js';
import { labelLines, publishedName, publishedPoints } from './curvesOf.js';
import { groupCurve, groupRuns, groupValues, mainOf, meanPoints, type RunGroup } from './groups.js';
import { html, type Html } from './html.js';
import { figure, page, section, table } from './page.js';
import {
  epochsBefore,
  isComplete,
  labelReadouts,
  readouts,
  type RunRecord,
  stagesOf,
  testItemsOf,
  trainedEpochs,
  trainSeconds,
} from './runRecord.js';
import type { ReportTools } from './tools.js';
import { accuracy, duration, flatten, intervalBounds } from './wording.js';

/** More curves than this are drawn in a chart each, before the others. */
const TOGETHER = 5;
/** More curves than this in the background are a grey area. */
const BACKGROUND = 30;
const SMALL = { width: 256, height: 210 };
/** Width of charts that have names beside their lines. */
const WIDE = 560;

/** The comparison as one HTML file. */
export function comparisonReport(
  runs: readonly RunRecord[],
  { document }: Pick<ReportTools, 'document'>,
): string {
  const groups = groupRuns(runs);
  const many = groups.length < runs.length ? ` in ${groups.length} groups` : '';
  return page(`Comparison of ${runs.length} runs`, [
    html`<h1>Comparison of ${runs.length} runs${many}</h1>`,
    html`<p>${
      many === ''
        ? 'The most accurate first.'
        : 'Runs that differ only in their seed are one group: its accuracy is the mean over the seeds. The most accurate first.'
    }</p>`,
    overview(groups),
    section(
      'Accuracy',
      `Lines: the lowest and the highest seed; of a single run its 95 % interval.${publishedNote(groups)}`,
      readouts.map(([metric, name]) => {
        const bars = groups.flatMap((group) => groupBar(group, metric));
        const title = `Accuracy, ${name}`;
        if (bars.length === 0) return undefined;
        return figure(accuracyBars(bars, { document, title, rangeName: 'range', dots: true, width: WIDE }));
      }),
      'medium',
    ),
    curves(groups, document),
    labelSection(groups, document),
    differences(groups),
  ]);
}

/** The value to show for `metric`, and its range over the seeds or, of a single run, the interval of its test items. */
function groupFigures(group: RunGroup, metric: keyof Accuracy) {
  const values = groupValues(group, metric);
  if (values.length === 0) return undefined;
  const items = testItemsOf(group.runs[0]);
  const range: readonly [number, number] | undefined =
    values.length > 1
      ? [Math.min(...values), Math.max(...values)]
      : items
        ? intervalBounds(values[0], items)
        : undefined;
  return { value: mean(values), range };
}

function groupBar(group: RunGroup, metric: keyof Accuracy): AccuracyBar[] {
  const shown = groupFigures(group, metric);
  if (!shown) return [];
  const floors = groupValues(group, metric, 'untrained');
  const [run] = group.runs;
  const figures = isComplete(run) ? run.publication?.figures : undefined;
  return [
    {
      name: group.name,
      ...shown,
      floor: floors.length > 0 ? mean(floors) : undefined,
      published: figures?.[publishedReadout(run, metric)]?.mean,
    },
  ];
}

/** What a run's `metric` is called among the published figures. */
function publishedReadout(run: RunRecord, metric: keyof Accuracy): string {
  return stagesOf(run).at(-1)?.key ?? metric;
}

/** That published runs are not in all respects the same, where it is so. */
function publishedNote(groups: readonly RunGroup[]): string {
  const published = groups.filter(({ runs: [run] }) => isComplete(run) && run.publication);
  if (!published.some(({ runs: [run] }) => run.publication?.differs)) return '';
  return ' Not all settings are those of the published runs; the report of each run says what differs.';
}

function overview(groups: readonly RunGroup[]): Html {
  const used = readouts.filter(([metric]) => groups.some((group) => groupValues(group, metric).length > 0));
  const rows = groups.map((group) => {
    const { name, runs } = group;
    const [run] = runs;
    return [
      name,
      runs.map(({ config }) => config.seed).join(', '),
      `${trainedEpochs(run)}${isComplete(run) ? '' : ' so far'}`,
      ...used.map(([metric]) => {
        const { value, range } = groupFigures(group, metric) ?? {};
        return range
          ? `${accuracy(value)} (${range.map((end) => end.toFixed(1)).join(' to ')})`
          : accuracy(value);
      }),
      duration(mean(runs.map(trainSeconds))),
    ];
  });
  return table(['group', 'seeds', 'epochs', ...used.map(([, name]) => `${name} (%)`), 'training'], rows);
}

function curves(groups: readonly RunGroup[], document: Document): Html {
  const drawn = groups
    .map((group) => ({ group, points: groupCurve(group) }))
    .filter(({ points }) => points.length > 0);
  const lineOf = ({ group, points }: (typeof drawn)[number], colour: number): Line => ({
    name: group.name,
    colour,
    points,
  });
  const caption =
    'Bands: from the lowest to the highest seed. Runs without labels by association, average; others by test accuracy.';
  if (drawn.length <= TOGETHER) {
    if (drawn.length === 0) return html``;
    const lines = drawn.flatMap((each, colour) => [
      lineOf(each, colour),
      ...publishedLine(each.group, colour),
    ]);
    return section(
      'Learning curves',
      '',
      [figure(learningCurves(lines, { document, direct: true, width: WIDE }), caption)],
      'wide',
    );
  }
  return section(
    'Learning curves',
    `Each group before the others. ${caption} Dashed: published.`,
    drawn.map((each) => {
      const behind = drawn
        .filter((other) => other !== each)
        .slice(0, BACKGROUND)
        .map((other): Line => ({ ...lineOf(other, 0), quiet: true }));
      const lines = [...behind, lineOf(each, 0), ...publishedLine(each.group, 0)];
      return figure(learningCurves(lines, { document, ...SMALL, title: each.group.name, legend: false }));
    }),
    'small',
  );
}

function publishedLine({ runs: [run] }: RunGroup, colour: number): Line[] {
  const { publication } = run;
  if (!publication) return [];
  const figures = publication.figures[publishedReadout(run, mainOf({ name: '', runs: [run] }))];
  const points = publishedPoints(figures, { shift: epochsBefore(run) });
  return [{ name: `${publishedName(publication)}, ${run.preset}`, colour, dashed: true, points }];
}

/** Accuracy against the labels of the readout, of groups that were read out with several amounts. */
function labelSection(groups: readonly RunGroup[], document: Document): Html {
  const lines = groups.flatMap((group): Line[] => {
    if (!group.runs.every((run) => labelReadouts(run).length > 1)) return [];
    const each = group.runs.map(
      (run) => labelLines(run, mainOf(group)).find(({ name }) => name === 'trained')?.points ?? [],
    );
    return [{ name: group.name, points: meanPoints(each) }];
  });
  if (lines.length === 0) return html``;
  const shown = lines.slice(0, TOGETHER).map((line, colour) => ({ ...line, colour }));
  const left = lines.length - shown.length;
  return section(
    'Labels for the readout',
    '',
    [
      figure(
        labelCurves(shown, { document, direct: true, width: WIDE }),
        `Labels that only the readout saw.${left > 0 ? ` Left out: the ${left} least accurate groups.` : ''}`,
      ),
    ],
    'wide',
  );
}

/** The settings that are not the same everywhere. */
function differences(groups: readonly RunGroup[]): Html {
  const settings = groups.map(({ runs }) => {
    const each = runs.map(({ config, environment: { cpu, kernel, threads, node } }) =>
      flatten({ ...config, seed: undefined, machine: { cpu, kernel, threads, node } }),
    );
    const keys = new Set(each.flatMap((one) => [...one.keys()]));
    return new Map(
      [...keys].map((key) => [key, [...new Set(each.map((one) => one.get(key) ?? '-'))].join(' and ')]),
    );
  });
  const keys = [...new Set(settings.flatMap((each) => [...each.keys()]))];
  const rows = keys
    .map((key) => [key, ...settings.map((each) => each.get(key) ?? '-')])
    .filter(([, ...values]) => new Set(values).size > 1);
  if (rows.length === 0) return html`<p>All settings but the seed are the same.</p>`;
  return html`<section>
<h2>Differences</h2>
${table(['setting', ...groups.map(({ name }) => name)], rows, true)}
</section>`;
}
