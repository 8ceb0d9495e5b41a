/** Several runs side by side. */
import { accuracyBars } from '../charts/accuracyBars.js';
import { labelCurves, learningCurves, timings } from '../charts/curves.js';
import { publishedFigure } from '../../reproduction/published/published.js';
import { comparedLines, labelLines } from './curvesOf.js';
import { html, type Html } from './html.js';
import { figure, page, section, table } from './page.js';
import {
  accuracyOf,
  epochsOf,
  isComplete,
  labelReadouts,
  mainReadout,
  publishedFor,
  readouts,
  type RunRecord,
  trainedEpochs,
  trainSeconds,
} from './runRecord.js';
import type { ReportTools } from './runReport.js';
import { accuracy, duration, flatten } from './wording.js';

/** The comparison as one HTML file. */
export function comparisonReport(
  runs: readonly RunRecord[],
  { document }: Pick<ReportTools, 'document'>,
): string {
  const lines = comparedLines(runs);
  const labels = runs.flatMap((run, colour) =>
    labelReadouts(run).length < 2
      ? []
      : labelLines(run, mainReadout(run)).flatMap(({ name, points }) =>
          name === 'trained' ? [{ name: run.name, colour, points }] : [],
        ),
  );
  const times = runs.map((run, colour) => ({
    ...{ name: run.name, colour },
    points: epochsOf(run).map(({ epoch, trainSeconds: y }) => ({ x: epoch, y })),
  }));
  return page(`Comparison of ${runs.length} runs`, [
    html`<h1>Comparison of ${runs.length} runs</h1>`,
    overview(runs),
    section('How well they do', '', [
      lines.some(({ points }) => points.length > 0)
        ? figure(
            learningCurves(lines, { document }),
            'Association, average, of runs without labels; test accuracy of the others.',
          )
        : undefined,
      ...readouts.map(([metric, name]) => {
        const bars = runs.flatMap((run, colour) => {
          const value = accuracyOf(run, 'trained')?.[metric];
          if (value === undefined) return [];
          const floor = accuracyOf(run, 'untrained')?.[metric];
          const key = publishedFor(run)?.key;
          const semi = run.config.semi !== undefined;
          const known =
            key === undefined ? undefined : publishedFigure(key, semi ? 'after-supervised-pass' : metric);
          return [{ name: run.name, value, floor, published: known?.mean, colour }];
        });
        const title = `Accuracy, ${name}`;
        return bars.length > 0 ? figure(accuracyBars(bars, { document, title })) : undefined;
      }),
      labels.length > 0 ? figure(labelCurves(labels, { document })) : undefined,
    ]),
    section('How long they took', '', [
      times.some(({ points }) => points.length > 0)
        ? figure(timings(times, { document }), 'Training only, without readouts and checkpoints.')
        : undefined,
    ]),
    differences(runs),
  ]);
}

function overview(runs: readonly RunRecord[]): Html {
  const used = readouts.filter(([metric]) =>
    runs.some((run) => accuracyOf(run, 'trained')?.[metric] !== undefined),
  );
  const rows = runs.map((run) => {
    const trained = accuracyOf(run, 'trained');
    return [
      run.name,
      `${trainedEpochs(run)}${isComplete(run) ? '' : ' so far'}`,
      ...used.map(([metric]) => accuracy(trained?.[metric])),
      duration(trainSeconds(run)),
    ];
  });
  return table(['run', 'epochs', ...used.map(([, name]) => `${name} (%)`), 'training'], rows);
}

/** The settings that are not the same everywhere. */
function differences(runs: readonly RunRecord[]): Html {
  const settings = runs.map(({ config, environment }) => {
    const { cpu, kernel, threads, node } = environment;
    return flatten({ ...config, machine: { cpu, kernel, threads, node } });
  });
  const keys = [...new Set(settings.flatMap((each) => [...each.keys()]))];
  const rows = keys
    .map((key) => [key, ...settings.map((each) => each.get(key) ?? '-')])
    .filter(([, ...values]) => new Set(values).size > 1);
  if (rows.length === 0) return html`<p>All settings are the same.</p>`;
  return html`<section>
<h2>What is different</h2>
${table(['setting', ...runs.map(({ name }) => name)], rows, true)}
</section>`;
}
