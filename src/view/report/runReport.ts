/** The report of one run. */
import type { Provenance } from '../../data/dataSet.js';
import type { Problem } from '../../run/problems.js';
import { type AccuracyBar, accuracyBars } from '../charts/accuracyBars.js';
import { labelCurves, learningCurves, timings, winnersPerNeuron } from '../charts/curves.js';
import { histogram } from '../charts/histogram.js';
import { winsPerOutput } from '../charts/winsPerOutput.js';
import { confusionSection } from './confusionSection.js';
import { labelLines, learningLines, publishedName } from './curvesOf.js';
import { classesOf, findingsOf } from './findings.js';
import { Html, html } from './html.js';
import { figure, page, section, table } from './page.js';
import type { Pictures, Portrait } from './portrait.js';
import { totalEpochs } from '../../run/plan.js';
import { regimeCalled } from '../../run/registry.js';
import type { Publication } from './publication.js';
import {
  accuracyOf,
  doneOf,
  epochsOf,
  isComplete,
  labelReadouts,
  labelsAlone,
  stagesOf,
  atStage,
  lastReadout,
  mainReadout,
  readouts,
  type RunRecord,
  startOf,
  testItemsOf,
  trainedEpochs,
  trainSeconds,
} from './runRecord.js';
import type { ReportTools } from './tools.js';
import { accuracy, count, duration, intervalBounds, intervalOf } from './wording.js';

export interface RunReport {
  readonly run: RunRecord;
  /** Absent without the model or its data; `note` then says why. */
  readonly portrait?: Portrait | undefined;
  readonly note?: string | undefined;
  /** The command that gives this run. */
  readonly command: string;
}

/** The report as one HTML file. */
export function runReport({ run, portrait, note, command }: RunReport, tools: ReportTools): string {
  const byClass = classesOf(run, portrait);
  return page(`${run.name}: report of a run`, [
    html`<h1>${run.name}</h1>`,
    html`<p>${summary(run)}</p>`,
    findings(findingsOf(run, portrait)),
    keyFigures(run),
    ...(note === undefined ? [] : [html`<p class="note">${note}</p>`]),
    accuracySection(run, tools),
    ...(portrait ? neuronSections(run, portrait, tools) : []),
    ...(portrait && byClass ? [confusionSection(run, portrait, byClass, tools)] : []),
    reproduce(run, command, tools),
  ]);
}

/** What is wrong, before anything else. */
function findings(problems: readonly Problem[]): Html {
  if (problems.length === 0) return html``;
  return html`<section class="findings" aria-label="Warnings">
<h2>${problems.length === 1 ? 'Warning' : 'Warnings'}</h2>
<ul>${problems.map(({ message }) => html`<li>${message}</li>\n`)}</ul>
</section>`;
}

/** One sentence: how, on what, how far. */
export function summary(run: RunRecord): string {
  const { config } = run;
  const { dataset, labelled = 0, unlabelled = 0 } = startOf(run) ?? {};
  const counts = { labelled: count(labelled), unlabelled: count(unlabelled) };
  const how = regimeCalled(config.regime).describe(counts);
  const items = dataset ? ` (${count(dataset.train)} training and ${count(dataset.test)} test items)` : '';
  const epochs = totalEpochs(config);
  const done = trainedEpochs(run);
  const whole = `${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}`;
  const far = isComplete(run) || done === epochs ? whole : `${done} of ${whole} so far`;
  return `Trained ${how} on ${dataset?.name ?? config.dataset}${items}: ${config.layers.join('-')}, ${far}.`;
}

function keyFigures(run: RunRecord): Html {
  const metric = mainReadout(run);
  const trained = accuracyOf(run, 'trained')?.[metric];
  const floor = accuracyOf(run, 'untrained')?.[metric];
  const alone = labelsAlone(run);
  const items = testItemsOf(run);
  const [, name] = readouts.find(([key]) => key === metric) ?? ['', ''];
  const seconds = trainSeconds(run);
  const keys: [value: string, what: string, more?: string][] = [
    [
      trained === undefined ? '-' : `${accuracy(trained)} %`,
      `Accuracy (${name})`,
      trained === undefined || !items
        ? undefined
        : `95 % interval ${intervalOf(trained, items)}; ${count(items)} test items`,
    ],
    ...(floor === undefined ? [] : [[`${accuracy(floor)} %`, 'Untrained baseline'] as [string, string]]),
    ...(alone === undefined ? [] : [[`${accuracy(alone)} %`, 'Labels alone'] as [string, string]]),
    [seconds > 0 ? duration(seconds) : '-', 'Training time'],
  ];
  return html`<ul class="keys">${keys.map(
    ([value, what, more]) =>
      html`<li><strong>${value}</strong><span>${what}</span>${more !== undefined && html`<span>${more}</span>`}</li>`,
  )}</ul>`;
}

function accuracySection(run: RunRecord, { document }: ReportTools): Html {
  const lines = learningLines(run);
  const measured = lines.filter(({ points, dashed }) => points.length > 0 && !dashed);
  const bars = finalBars(run);
  const amounts = labelReadouts(run).length;
  const { publication } = run;
  const published = publication && publishedName(publication);
  return section('Accuracy', publication ? publishedText(publication) : '', [
    bars.length > 0
      ? figure(accuracyBars(bars, { document, publishedName: published }), finalTable(run, bars))
      : undefined,
    measured.length > 0
      ? figure(
          learningCurves(lines, { document, scale: stagesOf(run).length > 0 ? 'linear' : undefined }),
          lines.some(({ dashed, points }) => dashed && points.length > 0) ? 'Dashed: published.' : '',
        )
      : undefined,
    amounts > 1
      ? figure(
          labelCurves(labelLines(run, mainReadout(run)), { document }),
          'Labels that the readout saw. Training saw none of them.',
        )
      : undefined,
  ]);
}

/** Where the published figures come from, and what they do not have in common with the run. */
function publishedText({ source, data, runs, differs }: Publication): string {
  const over = runs === 1 ? 'one run' : `${runs} runs`;
  const same = `Published figures: ${source}, ${over} on ${data}`;
  return differs === undefined
    ? `${same}, with the settings of this run.`
    : `${same}. This run does not have all of their settings: ${differs}.`;
}

/** The accuracies at the end: of the regime's stages where it has several, else of the readouts. */
export function finalBars(run: RunRecord): AccuracyBar[] {
  const floor = accuracyOf(run, 'untrained');
  const items = testItemsOf(run);
  // Published are accuracies after the last epoch: of a run on its way there is nothing to compare with them.
  const figures = isComplete(run) ? run.publication?.figures : undefined;
  const bar = (name: string, value: number | undefined, key: string, untrained?: number) => {
    if (value === undefined) return [];
    const known = figures?.[key];
    const range = items ? intervalBounds(value, items) : undefined;
    return [{ name, value, range, floor: untrained, published: known?.mean, spread: known?.sd }];
  };
  const stages = stagesOf(run);
  if (stages.length > 0) {
    return stages.flatMap((stage) => bar(stage.name, atStage(run, stage).at(-1)?.y, stage.key, floor?.test));
  }
  const trained = accuracyOf(run, 'trained');
  return readouts.flatMap(([metric, name]) => bar(name, trained?.[metric], metric, floor?.[metric]));
}

function finalTable(run: RunRecord, bars: readonly AccuracyBar[]): Html {
  const published = bars.some(({ published: figure_ }) => figure_ !== undefined);
  const rows = bars.map(({ name, value, range, floor, published: mean, spread }) => [
    name,
    accuracy(floor),
    accuracy(value),
    range ? range.map((end) => end.toFixed(1)).join(' to ') : '-',
    ...(published ? [mean === undefined ? '-' : `${accuracy(mean)} ± ${accuracy(spread)}`] : []),
  ]);
  const labels = lastReadout(run);
  const seen =
    regimeCalled(run.config.regime).answers === 'neurons' && labels
      ? html` The readouts saw ${count(labels.labelled)} labels. Training saw none.`
      : '';
  const head = ['%', 'untrained', 'trained', '95 % interval', ...(published ? ['published'] : [])];
  return html`${table(head, rows)}${seen}`;
}

function neuronSections(run: RunRecord, portrait: Portrait, tools: ReportTools): Html[] {
  const { document } = tools;
  const { activity, wins, untrainedWins, winners, items, classes, pictures } = portrait;
  const target = run.config.target;
  const equalShare = (items * winners) / wins.length;
  const silent = wins.reduce((sum, count_) => sum + (count_ === 0 ? 1 : 0), 0);
  // A few outputs are no ranking and no histogram: each has a name.
  const few = wins.length <= 2 * classes.length;
  const among = winners === 1 ? 'the most active' : `among the ${winners} most active`;
  const won = `The number of the ${count(items)} test items for which each ${few ? 'output' : 'neuron'} is ${among}.`;
  return [
    section(
      'What the neurons learned',
      '',
      pictures.map((entry) => pictureFigure(entry, tools)),
    ),
    section(
      'Use of the neurons',
      target && target.gamma > 0
        ? `Homeostasis (gamma ${target.gamma}) holds back neurons that win often and favours those that seldom win, so that ` +
            'all of them take part.'
        : '',
      [
        few
          ? figure(winsPerOutput(outputWins(portrait), { document, equalShare }), won)
          : figure(
              winnersPerNeuron(
                [
                  { name: 'trained', wins },
                  ...(untrainedWins ? [{ name: 'untrained', wins: untrainedWins, colour: 2 }] : []),
                ],
                { document, equalShare },
              ),
              `${won} ${count(silent)} of ${count(wins.length)} neurons win none.`,
            ),
        few
          ? undefined
          : figure(
              histogram(activity, {
                ...{ document, title: 'Activity of the output neurons', counted: 'neurons' },
                label: 'Mean output over the test items',
                mark: target && { name: 'equal shares', value: winners / wins.length },
              }),
            ),
      ],
    ),
  ];
}

/** The outputs by the class that they stand for; a number where a class has several. */
function outputWins({ wins, untrainedWins, classes }: Portrait) {
  const owned = wins.length / classes.length;
  return Array.from(wins, (won, i) => ({
    name: owned === 1 ? classes[i] : `${classes[Math.floor(i / owned)]} (${(i % owned) + 1})`,
    wins: won,
    untrained: untrainedWins?.[i],
  }));
}

function pictureFigure({ title, caption, rows }: Pictures, { png }: ReportTools): Html {
  return html`<figure><h3>${title}</h3>
<div class="pictures">
${rows.map(
  ({ name, alt, pixels }) =>
    html`<span>${name}</span><img alt="${alt}" width="${pixels.width}" height="${pixels.height}" src="data:image/png;base64,${new Html(png(pixels))}">\n`,
)}</div>
<figcaption>${caption}</figcaption></figure>
`;
}

/** Where its data were and what they are known by: a path in the command is one of the folder that it ran in. */
function dataOf({ source, digest }: Provenance): string {
  return `${source} (SHA-256 ${digest.slice(0, 16)}…)`;
}

/** How to get the run again, with what it took. */
function reproduce(run: RunRecord, command: string, { document }: ReportTools): Html {
  const { config, environment, preset } = run;
  const done = doneOf(run);
  const epochs = epochsOf(run);
  const points = epochs.map(({ epoch, trainSeconds: y }) => ({ x: epoch, y }));
  const rows: [string, string | Html][] = [
    ['preset', preset],
    ['seed', String(config.seed)],
    ...(run.provenance ? [['data', dataOf(run.provenance)] as [string, string]] : []),
    ['training', `${duration(trainSeconds(run))}, ${done ? `${duration(done.epochSeconds)} per epoch` : ''}`],
    ...(done
      ? ([
          ['total, with readouts', duration(done.seconds)],
          ['peak memory', `${count(done.peakMemoryMB)} MB`],
        ] as [string, string][])
      : []),
    ['threads', String(done?.threads ?? environment.threads)],
    ['machine', `${environment.cpu}; ${environment.platform}`],
    ['selftarget', `${environment.selftarget}, ${environment.kernel} kernels, Node ${environment.node}`],
  ];
  return html`<section>
<h2>Reproduce</h2>
<pre class="command">${command}</pre>
${table(['', ''], rows, true)}
<details><summary>All settings</summary>
<pre>${JSON.stringify(config, undefined, 2)}</pre></details>
${
  points.length > 1 &&
  html`<details><summary>Training time of each epoch</summary>
<div class="figures">${figure(timings([{ name: 'training', points }], { document }), 'Without readouts and checkpoints.')}</div></details>`
}
</section>`;
}
