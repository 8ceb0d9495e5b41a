/** The report of one run. */
import { type AccuracyBar, accuracyBars } from '../charts/accuracyBars.js';
import { confusionMatrix } from '../charts/confusionMatrix.js';
import { labelCurves, learningCurves, timings, winnersPerNeuron } from '../charts/curves.js';
import { histogram } from '../charts/histogram.js';
import { scatter } from '../charts/scatter.js';
import type { Pixels } from '../images/imageGrid.js';
import type { PublishedReadout } from './publication.js';
import { labelLines, learningLines } from './curvesOf.js';
import { Html, html } from './html.js';
import { figure, page, section, table } from './page.js';
import type { Pictures, Portrait } from './portrait.js';
import {
  accuracyOf,
  doneOf,
  epochsOf,
  isComplete,
  labelReadouts,
  labelsAlone,
  lastAlternating,
  mainReadout,
  readouts,
  type RunRecord,
  startOf,
  trainedEpochs,
  trainSeconds,
} from './runRecord.js';
import { accuracy, count, duration } from './wording.js';

export interface ReportTools {
  /** What charts are drawn with. */
  readonly document: Document;
  /** A picture as the bytes of a PNG file, in base64. */
  readonly png: (pixels: Pixels) => string;
}

export interface RunReport {
  readonly run: RunRecord;
  /** Absent where the model or its data could not be had; `note` then says why. */
  readonly portrait?: Portrait | undefined;
  readonly note?: string | undefined;
}

/** The report as one HTML file. */
export function runReport({ run, portrait, note }: RunReport, tools: ReportTools): string {
  return page(`${run.name}: report of a run`, [
    html`<h1>${run.name}</h1>`,
    html`<p>${summary(run)}</p>`,
    keyFigures(run),
    ...(note === undefined ? [] : [html`<p class="note">${note}</p>`]),
    accuracySection(run, tools),
    ...(portrait ? portraitSections(run, portrait, tools) : []),
    timeSection(run, tools),
    setting(run),
  ]);
}

/** One sentence: how, on what, how far. */
export function summary(run: RunRecord): string {
  const { config } = run;
  const { dataset, labelled = 0, unlabelled = 0 } = startOf(run) ?? {};
  const how = {
    unsupervised: 'without labels',
    supervised: 'with labels',
    'semi-supervised': `with ${count(labelled)} labels and ${count(unlabelled)} items without`,
  }[config.regime];
  const items = dataset
    ? ` (${count(dataset.train)} items to train on, ${count(dataset.test)} to test on)`
    : '';
  const epochs = config.epochs + (config.semi?.pretrainEpochs ?? 0);
  const done = trainedEpochs(run);
  const far = isComplete(run) || done === epochs ? `${epochs} epochs` : `${done} of ${epochs} epochs so far`;
  return `Trained ${how} on ${dataset?.name ?? config.dataset}${items}: ${config.layers.join('-')}, ${far}.`;
}

function keyFigures(run: RunRecord): Html {
  const trained = accuracyOf(run, 'trained')?.[mainReadout(run)];
  const floor = accuracyOf(run, 'untrained')?.[mainReadout(run)];
  const alone = labelsAlone(run);
  const [, name] = readouts.find(([metric]) => metric === mainReadout(run)) ?? ['', ''];
  const seconds = trainSeconds(run);
  const keys: [string, string][] = [
    [trained === undefined ? '-' : `${accuracy(trained)} %`, `accuracy (${name})`],
    ...(floor === undefined ? [] : [[`${accuracy(floor)} %`, 'the same, untrained'] as [string, string]]),
    ...(alone === undefined ? [] : [[`${accuracy(alone)} %`, 'labels alone'] as [string, string]]),
    [seconds > 0 ? duration(seconds) : '-', 'of training'],
  ];
  return html`<ul class="keys">${keys.map(
    ([value, what]) => html`<li><strong>${value}</strong><span>${what}</span></li>`,
  )}</ul>`;
}

function accuracySection(run: RunRecord, { document }: ReportTools): Html {
  const lines = learningLines(run);
  const measured = lines.filter(({ points, dashed }) => points.length > 0 && !dashed);
  const bars = finalBars(run);
  const amounts = labelReadouts(run).length;
  const metric = mainReadout(run);
  return section('How well it does', '', [
    bars.length > 0 ? figure(accuracyBars(bars, { document }), finalTable(run, bars)) : undefined,
    measured.length > 0
      ? figure(
          learningCurves(lines, { document, scale: run.config.semi ? 'linear' : undefined }),
          lines.some(({ dashed, points }) => dashed && points.length > 0)
            ? 'Dashed: the published curves, means over the published runs.'
            : '',
        )
      : undefined,
    amounts > 1
      ? figure(
          labelCurves(labelLines(run, metric), { document }),
          'How many labels the readout saw; training saw none of them.',
        )
      : undefined,
  ]);
}

/** The accuracies at the end; of a semi-supervised run those of its stages. */
export function finalBars(run: RunRecord): AccuracyBar[] {
  const floor = accuracyOf(run, 'untrained');
  // Published are accuracies after the last epoch: of a run on its way there is nothing to compare with them.
  const figures = isComplete(run) ? run.publication?.figures : undefined;
  const bar = (name: string, value: number | undefined, key: PublishedReadout, untrained?: number) => {
    if (value === undefined) return [];
    const known = figures?.[key];
    return [{ name, value, floor: untrained, published: known?.mean, spread: known?.sd }];
  };
  if (run.config.semi) {
    const last = lastAlternating(run);
    return [
      ...bar('labels alone', labelsAlone(run), 'labels-alone', floor?.test),
      ...bar('after the unlabelled pass', last?.afterUnlabelled, 'after-unlabelled', floor?.test),
      ...bar('after the labelled pass', last?.test, 'after-labelled', floor?.test),
    ];
  }
  const trained = accuracyOf(run, 'trained');
  return readouts.flatMap(([metric, name]) => bar(name, trained?.[metric], metric, floor?.[metric]));
}

function finalTable(run: RunRecord, bars: readonly AccuracyBar[]): Html {
  const published = bars.some(({ published: figure_ }) => figure_ !== undefined);
  const rows = bars.map(({ name, value, floor, published: mean, spread }) => [
    name,
    accuracy(floor),
    accuracy(value),
    ...(published ? [mean === undefined ? '-' : `${accuracy(mean)} ± ${accuracy(spread)}`] : []),
  ]);
  const labels = labelReadouts(run).at(-1);
  const seen =
    run.config.regime === 'unsupervised' && labels
      ? html` Read out with ${String(run.config.readout.labels)} of the labels.`
      : '';
  return html`${table(['%', 'untrained', 'trained', ...(published ? ['published'] : [])], rows)}${seen}`;
}

function portraitSections(run: RunRecord, portrait: Portrait, tools: ReportTools): Html[] {
  const { document } = tools;
  const { activity, wins, untrainedWins, winners, items, classes, confusion, places, pictures } = portrait;
  const target = run.config.target;
  const equalShare = (items * winners) / wins.length;
  const silent = wins.reduce((sum, count_) => sum + (count_ === 0 ? 1 : 0), 0);
  const many = wins.length > 2 * classes.length;
  return [
    section(
      'What the neurons learned',
      '',
      pictures.map((entry) => pictureFigure(entry, tools)),
    ),
    section(
      'How the work is shared out',
      target
        ? `Homeostasis (gamma ${target.gamma}) takes a little off the output of a neuron that wins too often and adds a ` +
            `little to one that seldom does, so that ${winners === 1 ? 'the winner is' : `the ${winners} winners are`} ` +
            'not always the same.'
        : '',
      [
        figure(
          winnersPerNeuron(
            [
              { name: 'trained', wins },
              ...(untrainedWins ? [{ name: 'untrained', wins: untrainedWins, colour: 2 }] : []),
            ],
            { document, equalShare },
          ),
          `For how many of the ${count(items)} test items each neuron is among the ${winners} most active. ` +
            `${count(silent)} of ${count(wins.length)} win none.`,
        ),
        // Ten numbers are no histogram.
        many
          ? figure(
              histogram(activity, {
                ...{ document, title: 'Activity of the output neurons', counted: 'neurons' },
                label: 'Mean output over the test items',
                mark: target && { name: 'winners, shared equally', value: winners / wins.length },
              }),
            )
          : undefined,
      ],
    ),
    section('What it takes for what', '', [
      figure(
        confusionMatrix(confusion, classes, { document }),
        run.config.regime === 'unsupervised'
          ? 'Answers by association, average.'
          : 'Answers of the most active output.',
      ),
      places.length > 0
        ? figure(
            scatter(places, classes, { document }),
            `${count(places.length)} test items, placed by their outputs alone: what lies near is alike to the network. ` +
              'Axes have no unit.',
          )
        : undefined,
    ]),
  ];
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

function timeSection(run: RunRecord, { document }: ReportTools): Html {
  const epochs = epochsOf(run);
  if (epochs.length === 0) return html``;
  const done = doneOf(run);
  const { environment } = run;
  const rows: [string, string][] = [
    ['training', duration(trainSeconds(run))],
    ...(done
      ? ([
          ['median epoch', duration(done.epochSeconds)],
          ['all, with readouts', duration(done.seconds)],
          ['most memory', `${count(done.peakMemoryMB)} MB`],
        ] as [string, string][])
      : []),
    ['threads', String(done?.threads ?? environment.threads)],
  ];
  const points = epochs.map(({ epoch, trainSeconds: y }) => ({ x: epoch, y }));
  return section('How long it took', '', [
    figure(
      timings([{ name: 'training', points }], { document }),
      'Training only, without readouts and checkpoints.',
    ),
    html`<figure>${table(['', ''], rows)}</figure>`,
  ]);
}

function setting(run: RunRecord): Html {
  const { config, environment, preset } = run;
  const rows: [string, string | Html][] = [
    ['preset', preset],
    ['seed', String(config.seed)],
    ['selftarget', environment.selftarget],
    ['Node', environment.node],
    ['machine', `${environment.cpu}; ${environment.platform}`],
    ['kernels', environment.kernel],
    ['again', html`<code>selftarget train --config ${run.name}/config.json</code>`],
  ];
  return html`<section>
<h2>How it was run</h2>
${table(['', ''], rows, true)}
<details><summary>All settings</summary>
<pre>${JSON.stringify(config, undefined, 2)}</pre></details>
</section>`;
}
