/** Published and measured figures side by side, as tables in Markdown. */
import type { Accuracy } from '../run/events.js';
import {
  type PublishedFigure,
  publishedFigure,
  publishedLog,
  publishedRun,
  publishedShares,
} from './published/published.js';
import {
  accuraciesOf,
  epochsOf,
  isComplete,
  labelsAlone,
  lastReadout,
  lastAlternating,
  readouts,
  type RunRecord,
  trainedEpochs,
  trainSeconds,
} from '../view/report/runRecord.js';
import { amounts, modes, outputNeurons, outputWidths } from './catalogue.js';

export type Runs = readonly RunRecord[];

export const networks = [
  { preset: 'unsupervised-bp-1layer', name: '1 layer, 784-2000' },
  { preset: 'unsupervised-bp-2layer', name: '2 layers, 784-2000-2000' },
];
/** The same trained by equilibrium propagation. */
export const equilibriumNetworks = [
  { preset: 'unsupervised-ep-1layer', name: '1 layer, 784-2000' },
  { preset: 'unsupervised-ep-2layer', name: '2 layers, 784-2000-2000' },
  { preset: 'unsupervised-ep-2layer-fast', name: '2 layers, even-odd to a tolerance' },
];
const supervised = [
  { preset: 'supervised-bp-1layer', name: '1 layer, 784-2000' },
  { preset: 'supervised-bp-2layer', name: '2 layers, 784-2000-2000' },
  { preset: 'supervised-ep-1layer', name: 'EP, 1 layer, 784-10' },
  { preset: 'supervised-ep-2layer', name: 'EP, 2 layers, 784-512-10' },
];
/** Trained without labels. */
const convolutional = [
  { preset: 'unsupervised-bp-cnn-mnist', name: 'MNIST' },
  { preset: 'unsupervised-bp-cnn-fashion', name: 'Fashion-MNIST' },
  { preset: 'unsupervised-bp-cnn-svhn', name: 'SVHN' },
];
export const supervisedConvolutional = [
  { preset: 'supervised-bp-cnn-mnist', name: 'CNN, MNIST' },
  { preset: 'supervised-bp-cnn-fashion', name: 'CNN, Fashion-MNIST' },
  { preset: 'supervised-bp-cnn-svhn', name: 'CNN, SVHN' },
];
/** Readouts of networks that were trained without labels. */
export const unsupervisedReadouts = readouts.filter(([metric]) => metric !== 'test');

export function of(runs: Runs, preset: string): Runs {
  return runs.filter((run) => run.preset === preset);
}

export function complete(runs: Runs, preset: string): Runs {
  return of(runs, preset).filter(isComplete);
}

export function mean(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length > 0 ? known.reduce((a, b) => a + b, 0) / known.length : undefined;
}

/** The mean over `runs` of what was read out with that share of labels. */
export function meanReadout(
  runs: Runs,
  metric: keyof Accuracy,
  network: 'trained' | 'untrained' = 'trained',
  labels = '100%',
  set: readonly string[] = [],
): number | undefined {
  return mean(
    runs.map((run) => mean(accuraciesOf(run, network, labels, set).map((accuracy) => accuracy[metric]))),
  );
}

export function keyOf(preset: string, homeostasis = true): string {
  return publishedRun(preset, homeostasis)?.key ?? '';
}

export function number(value: number | undefined): string {
  return value === undefined ? '-' : value.toFixed(2);
}

function pair(figure: PublishedFigure | undefined): string {
  return figure ? `${figure.mean.toFixed(2)} ± ${figure.sd.toFixed(2)}` : '-';
}

/** How far a mean is from the published one, in published standard deviations. */
function distance(value: number | undefined, figure: PublishedFigure | undefined): string {
  if (value === undefined || !figure || figure.sd === 0) return '-';
  const sds = (value - figure.mean) / figure.sd;
  return `${sds >= 0 ? '+' : ''}${sds.toFixed(1)} sd`;
}

function seeds(runs: Runs): string {
  if (runs.length === 0) return 'not run';
  return `seed${runs.length > 1 ? 's' : ''} ${runs.map(({ config }) => config.seed).join(', ')}`;
}

type Cell = string | number;

function table(head: readonly Cell[], rows: readonly (readonly Cell[])[]): string[] {
  return [
    `| ${head.join(' | ')} |`,
    `|${head.map(() => '---').join('|')}|`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ];
}

const titles = unsupervisedReadouts.map(([, title]) => title);

export function finalsTable(runs: Runs, list = networks): string[] {
  const rows = list.flatMap(({ preset, name }) => {
    const done = complete(runs, preset);
    return unsupervisedReadouts.map(([metric, title]) => {
      const value = meanReadout(done, metric);
      const wanted = publishedFigure(keyOf(preset), metric);
      return [name, title, pair(wanted), number(value), distance(value, wanted), seeds(done)];
    });
  });
  return table(['network', 'readout', 'published', 'measured', 'distance', 'runs'], rows);
}

/** Accuracy after some epochs: of `unlabelled` networks by association, of `labelled` ones the answer itself. */
export function curvesTable(
  runs: Runs,
  unlabelled = networks,
  labelled = supervised,
  epochs = [1, 3, 10, 20, 50, 100, 150, 200],
): string[] {
  const rowsOf = (preset: string, metric: keyof Accuracy, name: string): Cell[][] => {
    const list = of(runs, preset);
    const curve = publishedFigure(keyOf(preset), metric)?.curve;
    const measured = epochs.map((epoch) => {
      const values = list
        .map((run) => epochsOf(run).find((event) => event.epoch === epoch)?.accuracy?.[metric])
        .filter((value) => value !== undefined);
      return values.length === 0
        ? '-'
        : `${number(mean(values))}${values.length > 1 ? ` (${values.length})` : ''}`;
    });
    if (!curve) return [[name, 'measured', ...measured]];
    return [
      [name, 'published', ...epochs.map((epoch) => number(curve[epoch]))],
      ['', 'measured', ...measured],
    ];
  };
  const rows = [
    ...unlabelled.flatMap(({ preset, name }) => rowsOf(preset, 'association-average', name)),
    ...labelled.flatMap(({ preset, name }) => rowsOf(preset, 'test', `supervised, ${name}`)),
  ];
  return [
    ...table(['network', '', ...epochs], rows),
    '',
    'In brackets the number of seeds; one where there is none. Epochs are those of the full-length schedule.',
  ];
}

export function fractionsTable(runs: Runs): string[] {
  const rows = networks.flatMap(({ preset, name }) => {
    const published = publishedRun(preset);
    const done = complete(runs, preset);
    return (['trained', 'untrained'] as const).flatMap((network) =>
      publishedShares.map(([share, folder]) => {
        const at = network === 'trained' ? published?.fractions : published?.untrained;
        const cells = unsupervisedReadouts.map(([metric]) => {
          const figure = publishedFigure(`${at}/${folder}`, metric);
          return `${number(meanReadout(done, metric, network, share))} (${pair(figure)})`;
        });
        return [name, network, share, ...cells];
      }),
    );
  });
  return [
    ...table(['network', '', 'labels', ...titles], rows),
    '',
    'Measured (published). Each from `selftarget evaluate RUN --labels SHARE [--untrained]`; where with several choices of the',
    'labelled items (`--seed N`), their mean.',
  ];
}

/** Of the classifier on the untrained network of two layers, without the sigmoid that it has on trained ones. */
export function untrainedClassifierTable(runs: Runs): string[] {
  const preset = 'unsupervised-bp-2layer';
  const done = complete(runs, preset);
  const measured = (share: string, set: readonly string[] = []) =>
    number(meanReadout(done, 'linear-classifier', 'untrained', share, set));
  const rows = publishedShares.map(([share, folder]) => {
    const figure = publishedFigure(`${publishedRun(preset)?.untrained}/${folder}`, 'linear-classifier');
    return [share, pair(figure), measured(share), measured(share, ['classifier.activation=identity'])];
  });
  return table(['labels', 'published', 'sigmoid', 'identity'], rows);
}

export function supervisedTable(runs: Runs): string[] {
  const rows = [...supervised, ...supervisedConvolutional].map(({ preset, name }) => {
    const list = of(runs, preset);
    const last = list.map((run) => epochsOf(run).findLast(({ accuracy }) => accuracy !== undefined));
    const epoch = last[0]?.epoch;
    const figure = publishedFigure(keyOf(preset), 'test');
    const { epochs = 0 } = publishedLog(keyOf(preset)) ?? {};
    const there = epoch === undefined ? undefined : figure?.curve[epoch];
    const value = mean(last.map((event) => event?.accuracy?.test));
    return [
      name,
      figure ? `${number(figure.mean)} after ${epochs}` : '-',
      number(value),
      epoch ?? '-',
      number(there),
      seeds(list),
    ];
  });
  return table(['network', 'published', 'measured', 'after epochs', 'published there', 'runs'], rows);
}

/** How the published semi-supervised networks are trained, and by equilibrium propagation that settles faster. */
export type Method = 'bp' | 'ep' | 'ep-fast';

/** The runs with that many labels, with homeostasis or without. */
export function semiRuns(runs: Runs, labels: number, homeostasis: boolean, method: Method = 'bp'): Runs {
  const [kind, ...settling] = method.split('-');
  const all = of(runs, ['semi', kind, labels, ...settling].join('-'));
  // The published backprop run with 3000 labels has no homeostasis to begin with.
  if (method === 'bp' && labels === 3000 && homeostasis) return all;
  return all.filter(({ config }) => (config.target?.gamma ?? 0) > 0 === homeostasis);
}

/** What was published of it; also of 3000 labels, with and without. */
export function semiPublished(labels: number, homeostasis: boolean, method: Method = 'bp') {
  const key = `semi_${method.split('-')[0]}/${homeostasis ? '' : 'without_homeo/'}${labels}labels`;
  return {
    alone: publishedFigure(`${key}/pre_supervised`, 'test'),
    final: publishedFigure(`${key}/semi_supervised`, 'after-supervised-pass'),
  };
}

export function semiTable(runs: Runs, method: Method = 'bp'): string[] {
  const rows = amounts.flatMap((labels) =>
    [true, false].map((homeostasis) => {
      const { alone, final } = semiPublished(labels, homeostasis, method);
      const list = semiRuns(runs, labels, homeostasis, method);
      const ends = list.map(lastAlternating).filter((end) => end !== undefined);
      const epoch = Math.min(...ends.map((end) => end.epoch));
      const length = list[0]?.config.epochs;
      const full = ends.filter((end) => end.epoch === length);
      const value = mean((full.length > 0 ? full : ends).map(({ test }) => test));
      const there =
        full.length > 0 || ends.length === 0 ? '' : ` after ${epoch} (${number(final?.curve[epoch])})`;
      return [
        labels,
        homeostasis ? 'yes' : 'no',
        `${number(mean(list.map(labelsAlone)))} (${pair(alone)})`,
        pair(final),
        `${number(value)}${there}`,
        full.length > 0 ? distance(value, final) : '-',
        seeds(list),
      ];
    }),
  );
  return table(
    ['labels', 'homeostasis', 'labels alone (published)', 'published', 'measured', 'distance', 'runs'],
    rows,
  );
}

export function semiBetterTable(runs: Runs): string[] {
  const rows = amounts.flatMap((labels) => {
    const done = complete(runs, `semi-bp-${labels}-better`);
    if (done.length === 0) return [];
    const { epochs, semi } = done[0].config;
    const finals = done.map((run) => lastAlternating(run)?.test);
    const each = finals.length > 1 ? ` (${finals.map(number).join(', ')})` : '';
    return [
      [
        labels,
        `\`semi-bp-${labels}-better\``,
        `${semi?.pretrainEpochs} + ${epochs}`,
        number(mean(done.map(labelsAlone))),
        `${number(mean(finals))}${each}`,
        pair(semiPublished(labels, true, 'bp').final),
        pair(semiPublished(labels, true, 'ep').final),
        seeds(done),
      ],
    ];
  });
  return table(
    ['labels', 'preset', 'epochs', 'labels alone', 'measured', 'published', 'published, EP', 'runs'],
    rows,
  );
}

export function modesTable(runs: Runs): string[] {
  const rows = modes.map(({ preset, name }) => {
    const done = complete(runs, preset);
    const cells = unsupervisedReadouts.map(
      ([metric]) => `${number(meanReadout(done, metric))} (${pair(publishedFigure(keyOf(preset), metric))})`,
    );
    return [name, `\`${preset}\``, ...cells, seeds(done)];
  });
  return table(['mode', 'preset', ...titles, 'runs'], rows);
}

export function outputNeuronsTable(runs: Runs): string[] {
  const rows = outputWidths.map((width) => {
    const done = complete(runs, outputNeurons(width));
    const { target, learningRates } = done[0]?.config ?? {};
    return [
      width,
      target?.winners ?? '-',
      learningRates?.join(', ') ?? '-',
      ...unsupervisedReadouts.map(([metric]) => number(meanReadout(done, metric))),
      seeds(done),
    ];
  });
  return table(['output neurons', 'winners', 'rate', ...titles, 'runs'], rows);
}

export function convolutionTable(runs: Runs): string[] {
  const presets = ['unsupervised-bp-2layer', ...convolutional.map(({ preset }) => preset)];
  const rows = presets.map((preset) => {
    const list = runsAtEnd(runs, preset);
    const cells = unsupervisedReadouts.map(
      ([metric]) => `${number(meanReadout(list, metric))} (${pair(publishedFigure(keyOf(preset), metric))})`,
    );
    const epochs = list.map((run) => `${trainedEpochs(run)} of ${run.config.epochs}`);
    return [`\`${preset}\``, [...new Set(epochs)].join(', ') || '-', ...cells, seeds(list)];
  });
  return table(['preset', 'epochs', ...titles, 'runs'], rows);
}

/** The linear classifier of the convolutional networks, epoch by epoch. */
export function classifierCurvesTable(runs: Runs): string[] {
  const epochs = [1, 2, 3, 5, 10, 15, 20, 30, 50];
  const rows = convolutional.flatMap(({ preset, name }): Cell[][] => {
    const list = runsAtEnd(runs, preset);
    if (list.length === 0) return [];
    const curve = publishedFigure(keyOf(preset), 'linear-classifier')?.curve ?? {};
    const after = list.map((run) => lastReadout(run)?.classifierCurve ?? {});
    const beside = (epoch: number) =>
      list.map(
        (run) => epochsOf(run).find((event) => event.epoch === epoch)?.accuracy?.['linear-classifier'],
      );
    return [
      [name, 'published', ...epochs.map((epoch) => number(curve[epoch]))],
      ['', 'afterwards', ...epochs.map((epoch) => number(mean(after.map((each) => each[epoch]))))],
      ['', 'beside', ...epochs.map((epoch) => number(mean(beside(epoch))))],
    ];
  });
  return table(['CNN', 'linear classifier', ...epochs], rows);
}

/** The complete runs or, where there are none, those that were at least measured where they stopped. */
function runsAtEnd(runs: Runs, preset: string): Runs {
  const done = complete(runs, preset);
  return done.length > 0 ? done : of(runs, preset).filter((run) => lastReadout(run) !== undefined);
}

export function beyondTable(runs: Runs): string[] {
  const presets = [...new Set(runs.map(({ preset }) => preset))].filter((preset) =>
    /-(fast|better)$/.test(preset),
  );
  const rows = presets.flatMap((preset) => {
    const base = [...networks, ...equilibriumNetworks].find((entry) => preset.startsWith(entry.preset));
    const done = complete(runs, preset);
    if (!base || done.length === 0) return [];
    const cells = unsupervisedReadouts.map(
      ([metric]) => `${number(meanReadout(done, metric))} (${pair(publishedFigure(keyOf(preset), metric))})`,
    );
    const { epochs } = publishedLog(`${keyOf(preset)}/results`) ?? {};
    return [[base.name, `\`${preset}\``, `${done[0].config.epochs} (${epochs})`, ...cells, seeds(done)]];
  });
  return table(['network', 'preset', 'epochs', ...titles, 'runs'], rows);
}

/** @param folder where the runs lie, as seen from the page */
export function runsTable(runs: Runs, folder: string): string[] {
  const rows = runs.map((run) => {
    const { name, preset, config, environment } = run;
    const epochs = epochsOf(run);
    const gamma =
      config.target?.gamma === 0 && /^semi-(bp|ep)-[0-9]+(-fast)?$/.test(preset) && preset !== 'semi-bp-3000';
    const command = preset.startsWith('output-neurons-')
      ? `selftarget reproduce output-neurons`
      : `selftarget train ${preset} --seed ${config.seed}${gamma ? ' --set target.gamma=0' : ''}`;
    const all = config.epochs + (config.semi?.pretrainEpochs ?? 0);
    const stop = epochs.length < all ? ` --stop-after ${epochs.length}` : '';
    return [
      `[${name}](${folder}/${name}/log.jsonl)`,
      `\`${command}${stop}\``,
      `${epochs.length} of ${all}`,
      `${(trainSeconds(run) / 60).toFixed(1)} min`,
      `${environment.threads}, ${environment.kernel}, ${environment.node}`,
    ];
  });
  return table(['run', 'command', 'epochs', 'training', 'threads, kernels, Node'], rows);
}

/** The README's rows. */
export function summaryTable(runs: Runs): string[] {
  const rows = networks.map(({ preset, name }) => {
    const done = complete(runs, preset);
    return [
      name,
      ...unsupervisedReadouts.map(
        ([metric]) =>
          `${number(meanReadout(done, metric))} (${number(publishedFigure(keyOf(preset), metric)?.mean)})`,
      ),
    ];
  });
  return table(['MNIST, no labels in training; measured (published), %', ...titles], rows);
}
