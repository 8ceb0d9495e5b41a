/** Published and measured figures side by side, as tables in Markdown. */
import { relative } from 'node:path';
import type { Accuracy } from '../run/events.js';
import { trainCommand } from '../run/command.js';
import { findPreset } from '../run/presets.js';
import type { PublishedLogs } from '../run/publishedLogs.js';
import { mean as meanOf } from '../statistics/index.js';
import type { PublishedFigure } from '../view/report/publication.js';
import {
  accuraciesOf,
  epochsOf,
  labelsAlone,
  lastReadout,
  lastAlternating,
  readouts,
  stoppedAfter,
  trainedEpochs,
  trainSeconds,
} from '../view/report/runRecord.js';
import { amounts, modes, outputNeurons, outputWidths, ownPresets, withoutHomeostasis } from './catalogue.js';
import { figureAtShare, logOf, publishedFigure, publishedShares } from './published/published.js';
import type { Runs, RunSet } from './runSet.js';

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

/** The mean of what is known. */
export function mean(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length > 0 ? meanOf(known) : undefined;
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

/** The published logs of `preset`, those of its variant without homeostasis where that is asked for. */
export function publishedLogs(preset: string, homeostasis = true): PublishedLogs {
  const published = findPreset(preset).published ?? [];
  return published[homeostasis ? 0 : 1] ?? { key: '' };
}

/** `metric` as it was published of `preset`. */
export function publishedOf(preset: string, metric: string): PublishedFigure | undefined {
  return publishedFigure(publishedLogs(preset).key, metric);
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

/** Over which runs a figure is the mean. */
function seeds(runs: Runs): string {
  const list = runs.map(({ config }) => config.seed).join(', ');
  if (runs.length === 0) return 'not run';
  return runs.length === 1 ? `1 run, seed ${list}` : `mean of ${runs.length}, seeds ${list}`;
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

export function finalsTable(runs: RunSet, list = networks): string[] {
  const rows = list.flatMap(({ preset, name }) => {
    const done = runs.complete(preset);
    return unsupervisedReadouts.map(([metric, title]) => {
      const value = meanReadout(done, metric);
      const wanted = publishedOf(preset, metric);
      const apart = runs.isTrial ? '-' : distance(value, wanted);
      return [name, title, pair(wanted), number(value), apart, seeds(done)];
    });
  });
  return table(['network', 'readout', 'published', 'measured', 'distance', 'runs'], rows);
}

/** Accuracy after some epochs: of `unlabelled` networks by association, of `labelled` ones the answer itself. */
export function curvesTable(
  runs: RunSet,
  unlabelled = networks,
  labelled = supervised,
  epochs = [1, 3, 10, 20, 50, 100, 150, 200],
): string[] {
  const rowsOf = (preset: string, metric: keyof Accuracy, name: string): Cell[][] => {
    const list = runs.of(preset);
    const curve = publishedOf(preset, metric)?.curve;
    const each = epochs.map((epoch) =>
      list.flatMap((run) => epochsOf(run).find((event) => event.epoch === epoch)?.accuracy?.[metric] ?? []),
    );
    const counts = new Set(each.map(({ length }) => length).filter((length) => length > 0));
    // Said once where it is the same for all epochs.
    const [count = 1] = counts;
    const label = counts.size === 1 && count > 1 ? `measured, mean of ${count}` : 'measured';
    const measured = each.map((values) =>
      counts.size > 1 && values.length > 1
        ? `${number(mean(values))} (mean of ${values.length})`
        : number(mean(values)),
    );
    if (!curve) return [[name, label, ...measured]];
    return [
      [name, 'published', ...epochs.map((epoch) => number(curve[epoch]))],
      ['', label, ...measured],
    ];
  };
  const rows = [
    ...unlabelled.flatMap(({ preset, name }) => rowsOf(preset, 'association-average', name)),
    ...labelled.flatMap(({ preset, name }) => rowsOf(preset, 'test', `supervised, ${name}`)),
  ];
  return [
    ...table(['network', '', ...epochs], rows),
    '',
    'One run unless a mean is named. Epochs are those of the full-length schedule.',
  ];
}

export function fractionsTable(runs: RunSet): string[] {
  const rows = networks.flatMap(({ preset, name }) => {
    const published = publishedLogs(preset);
    const done = runs.complete(preset);
    return (['trained', 'untrained'] as const).flatMap((network) =>
      publishedShares.map(([share, folder]) => {
        const readBy = (metric?: keyof Accuracy) =>
          done.filter((run) =>
            accuraciesOf(run, network, share).some((each) => !metric || each[metric] !== undefined),
          );
        const read = readBy();
        const cells = unsupervisedReadouts.map(([metric]) => {
          const figure = figureAtShare(published, network, folder, metric);
          const measured = readBy(metric);
          // Not every run was read out in every way.
          const fewer = measured.length < read.length ? `, ${seeds(measured)}` : '';
          return `${number(meanReadout(measured, metric, network, share))}${fewer} (${pair(figure)})`;
        });
        return [name, network, share, ...cells, seeds(read)];
      }),
    );
  });
  return [
    ...table(['network', '', 'labels', ...titles, 'runs'], rows),
    '',
    'Measured (published). Each row comes from `selftarget evaluate RUN --labels SHARE [--untrained]`. Where a run was',
    'read out with several choices of the labelled items (`--seed N`), their mean counts as one.',
  ];
}

/** Of the classifier on the untrained network of two layers, without the sigmoid that it has on trained ones. */
export function untrainedClassifierTable(runs: RunSet): string[] {
  const preset = 'unsupervised-bp-2layer';
  const done = runs.complete(preset);
  const measured = (share: string, set: readonly string[] = []) =>
    number(meanReadout(done, 'linear-classifier', 'untrained', share, set));
  const rows = publishedShares.map(([share, folder]) => {
    const figure = figureAtShare(publishedLogs(preset), 'untrained', folder, 'linear-classifier');
    return [share, pair(figure), measured(share), measured(share, ['classifier.activation=identity'])];
  });
  return table(['labels', 'published', 'sigmoid', 'identity'], rows);
}

export function supervisedTable(runs: RunSet): string[] {
  const rows = [...supervised, ...supervisedConvolutional].map(({ preset, name }) => {
    const measured = runs.of(preset).flatMap((run) => {
      const last = epochsOf(run).findLast(({ accuracy }) => accuracy !== undefined);
      return last ? [{ run, epoch: last.epoch, test: last.accuracy?.test }] : [];
    });
    // Of runs that stopped at different epochs those that went on for longest.
    const epoch = measured.length > 0 ? Math.max(...measured.map((each) => each.epoch)) : undefined;
    const list = measured.filter((each) => each.epoch === epoch);
    const figure = publishedOf(preset, 'test');
    const { epochs = 0 } = logOf(publishedLogs(preset).key, 'test') ?? {};
    const there = epoch === undefined ? undefined : figure?.curve[epoch];
    const value = mean(list.map(({ test }) => test));
    return [
      name,
      figure ? `${number(figure.mean)} after ${epochs}` : '-',
      number(value),
      epoch ?? '-',
      number(there),
      seeds(list.map(({ run }) => run)),
    ];
  });
  return table(['network', 'published', 'measured', 'after epochs', 'published there', 'runs'], rows);
}

/** How the published semi-supervised networks are trained, and by equilibrium propagation that settles faster. */
export type Method = 'bp' | 'ep' | 'ep-fast';

/** What a network with that many labels is trained with. */
export function semiPreset(labels: number, method: Method = 'bp'): string {
  const [kind, ...settling] = method.split('-');
  return ['semi', kind, labels, ...settling].join('-');
}

/** The runs with that many labels, with homeostasis or without. */
export function semiRuns(runs: RunSet, labels: number, homeostasis: boolean, method: Method = 'bp'): Runs {
  // The published backprop run with 3000 labels has no homeostasis to begin with, and stands in both rows.
  return runs.of(semiPreset(labels, method), homeostasis ? {} : withoutHomeostasis);
}

/** What was published of it. */
export function semiPublished(labels: number, homeostasis: boolean, method: Method = 'bp') {
  const { key, pretrained } = publishedLogs(semiPreset(labels, method), homeostasis);
  return {
    alone: publishedFigure(pretrained, 'test'),
    final: publishedFigure(key, 'after-supervised-pass'),
  };
}

export function semiTable(runs: RunSet, method: Method = 'bp'): string[] {
  const rows = amounts.flatMap((labels) =>
    [true, false].map((homeostasis) => {
      const { alone, final } = semiPublished(labels, homeostasis, method);
      const ends = semiRuns(runs, labels, homeostasis, method).flatMap((run) => {
        const end = lastAlternating(run);
        return end ? [{ run, ...end }] : [];
      });
      // Of runs that stopped at different epochs those that went on for longest.
      const epoch = Math.max(0, ...ends.map((end) => end.epoch));
      const list = ends.filter((end) => end.epoch === epoch);
      const full = list.length > 0 && epoch === list[0].run.config.epochs;
      const value = mean(list.map(({ test }) => test));
      const there = full || list.length === 0 ? '' : ` after ${epoch} (${number(final?.curve[epoch])})`;
      return [
        labels,
        homeostasis ? 'yes' : 'no',
        `${number(mean(list.map(({ run }) => labelsAlone(run))))} (${pair(alone)})`,
        pair(final),
        `${number(value)}${there}`,
        full && !runs.isTrial ? distance(value, final) : '-',
        seeds(list.map(({ run }) => run)),
      ];
    }),
  );
  return table(
    ['labels', 'homeostasis', 'labels alone (published)', 'published', 'measured', 'distance', 'runs'],
    rows,
  );
}

export function semiBetterTable(runs: RunSet): string[] {
  const rows = amounts.flatMap((labels) => {
    const done = runs.complete(`semi-bp-${labels}-better`);
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

export function modesTable(runs: RunSet): string[] {
  const rows = modes.map(({ preset, name }) => {
    const done = runs.complete(preset);
    const cells = unsupervisedReadouts.map(
      ([metric]) => `${number(meanReadout(done, metric))} (${pair(publishedOf(preset, metric))})`,
    );
    return [name, `\`${preset}\``, ...cells, seeds(done)];
  });
  return table(['mode', 'preset', ...titles, 'runs'], rows);
}

export function outputNeuronsTable(runs: RunSet): string[] {
  const rows = outputWidths.map((width) => {
    const done = runs.complete('unsupervised-bp-1layer', outputNeurons(width));
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

export function convolutionTable(runs: RunSet): string[] {
  const presets = ['unsupervised-bp-2layer', ...convolutional.map(({ preset }) => preset)];
  const rows = presets.map((preset) => {
    const list = runsAtEnd(runs, preset);
    const cells = unsupervisedReadouts.map(
      ([metric]) => `${number(meanReadout(list, metric))} (${pair(publishedOf(preset, metric))})`,
    );
    const epochs = list.map((run) => `${trainedEpochs(run)} of ${run.config.epochs}`);
    return [`\`${preset}\``, [...new Set(epochs)].join(', ') || '-', ...cells, seeds(list)];
  });
  return table(['preset', 'epochs', ...titles, 'runs'], rows);
}

/** The linear classifier of the convolutional networks, epoch by epoch. */
export function classifierCurvesTable(runs: RunSet): string[] {
  const epochs = [1, 2, 3, 5, 10, 15, 20, 30, 50];
  const rows = convolutional.flatMap(({ preset, name }): Cell[][] => {
    const list = runsAtEnd(runs, preset);
    if (list.length === 0) return [];
    const curve = publishedOf(preset, 'linear-classifier')?.curve ?? {};
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
function runsAtEnd(runs: RunSet, preset: string): Runs {
  const done = runs.complete(preset);
  return done.length > 0 ? done : runs.of(preset).filter((run) => lastReadout(run) !== undefined);
}

export function beyondTable(runs: RunSet): string[] {
  const rows = ownPresets.flatMap(({ preset, network }) => {
    const done = runs.complete(preset);
    if (done.length === 0) return [];
    const cells = unsupervisedReadouts.map(
      ([metric]) => `${number(meanReadout(done, metric))} (${pair(publishedOf(preset, metric))})`,
    );
    const { epochs } = logOf(publishedLogs(preset).key, 'association-average') ?? {};
    return [[network, `\`${preset}\``, `${done[0].config.epochs} (${epochs})`, ...cells, seeds(done)]];
  });
  return table(['network', 'preset', 'epochs', ...titles, 'runs'], rows);
}

/**
 * The runs that the tables and figures before it are made of.
 *
 * @param folder where the runs are, as seen from the page
 */
export function runsTable({ used }: RunSet, folder: string): string[] {
  const rows = used.map((run) => {
    const { name, preset, file, config, environment } = run;
    const all = config.epochs + (config.semi?.pretrainEpochs ?? 0);
    const where = { preset, file: relative('', file), stopAfter: stoppedAfter(run) };
    return [
      `[${name}](${folder}/${name}/log.jsonl)`,
      `\`${trainCommand(config, where)}\``,
      `${trainedEpochs(run)} of ${all}`,
      `${(trainSeconds(run) / 60).toFixed(1)} min`,
      `${environment.threads}, ${environment.kernel}, ${environment.node}`,
    ];
  });
  return table(['run', 'command', 'epochs', 'training', 'threads, kernels, Node'], rows);
}

/** The README's rows. */
export function summaryTable(runs: RunSet): string[] {
  const rows = networks.map(({ preset, name }) => {
    const done = runs.complete(preset);
    return [
      name,
      ...unsupervisedReadouts.map(
        ([metric]) => `${number(meanReadout(done, metric))} (${number(publishedOf(preset, metric)?.mean)})`,
      ),
    ];
  });
  return table(['MNIST, no labels in training; measured (published), %', ...titles], rows);
}
