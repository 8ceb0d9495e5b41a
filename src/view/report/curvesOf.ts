/** A run's log as lines of the charts, with the published ones beside them. */
import type { Accuracy } from '../../run/events.js';
import type { Line, LinePoint } from '../charts/lines.js';
import {
  type PublishedFigure,
  publishedFigure,
  publishedShares,
} from '../../reproduction/published/published.js';
import { epochsOf, labelReadouts, mainReadout, publishedFor, readouts, type RunRecord } from './runRecord.js';

/** The points of a published curve, `shift` epochs later; nothing beyond epoch `end`. */
export function publishedPoints(
  figure: PublishedFigure | undefined,
  { shift = 0, end = Infinity } = {},
): LinePoint[] {
  return Object.entries(figure?.curve ?? {})
    .map(([epoch, y]) => ({ x: Number(epoch) + shift, y }))
    .filter(({ x }) => x <= end)
    .sort((a, b) => a.x - b.x);
}

/** Everything that was measured of one run after its epochs. */
export function learningLines(run: RunRecord): Line[] {
  if (run.config.semi) return semiSupervisedLines(run);
  const published = publishedFor(run);
  return readouts.flatMap(([metric, name], colour) => {
    const points = measured(run, metric);
    if (points.length === 0) return [];
    // Published of the linear classifier are its own epochs, on the network as it was at the end.
    if (metric === 'linear-classifier') return [{ name: `${name}, beside the network`, colour, points }];
    const figure = published && publishedFigure(published.key, metric);
    return [
      { name, colour, points },
      { name: `published`, colour, dashed: true, points: publishedPoints(figure) },
    ];
  });
}

function semiSupervisedLines(run: RunRecord): Line[] {
  const { semi } = run.config;
  const shift = semi?.pretrainEpochs ?? 0;
  const epochs = epochsOf(run);
  const published = publishedFor(run);
  const points = (phase: string, key: 'accuracy' | 'afterUnlabelled') =>
    epochs.flatMap((event) => {
      const y = event[key]?.test;
      return event.phase === phase && y !== undefined ? [{ x: event.epoch, y }] : [];
    });
  const curve = (key: string | undefined, metric: string, at = {}) =>
    publishedPoints(key === undefined ? undefined : publishedFigure(key, metric), at);
  const { key, pretrained } = published ?? {};
  const end = Math.max(shift, ...epochs.map(({ epoch }) => epoch));
  return [
    { name: 'labels alone', colour: 2, points: points('pretraining', 'accuracy') },
    { name: 'published', colour: 2, dashed: true, points: curve(pretrained, 'test', { end: shift }) },
    { name: 'after the unlabelled pass', colour: 1, points: points('alternating', 'afterUnlabelled') },
    {
      ...{ name: 'published', colour: 1, dashed: true },
      points: curve(key, 'after-unsupervised-pass', { shift, end }),
    },
    { name: 'after the labelled pass', colour: 0, points: points('alternating', 'accuracy') },
    {
      ...{ name: 'published', colour: 0, dashed: true },
      points: curve(key, 'after-supervised-pass', { shift, end }),
    },
  ];
}

/** The figure to watch of several runs, each in its own colour, and what was published of them. */
export function comparedLines(runs: readonly RunRecord[]): Line[] {
  const seen = new Set<string>();
  const lines = runs.map((run, colour) => ({
    ...{ name: run.name, colour },
    points: measured(run, mainReadout(run)),
  }));
  const published = runs.flatMap((run, colour) => {
    const key = publishedFor(run)?.key;
    if (key === undefined || seen.has(key)) return [];
    seen.add(key);
    const semi = run.config.semi;
    const figure = publishedFigure(key, semi ? 'after-supervised-pass' : mainReadout(run));
    const points = publishedPoints(figure, { shift: semi?.pretrainEpochs ?? 0 });
    return [{ name: `published, ${run.preset}`, colour, dashed: true, points }];
  });
  return [...lines, ...published];
}

function measured(run: RunRecord, metric: keyof Accuracy): LinePoint[] {
  return epochsOf(run).flatMap(({ epoch, accuracy }) => {
    const y = accuracy?.[metric];
    return y === undefined ? [] : [{ x: epoch, y }];
  });
}

/** Accuracy against the labels that the readout was given: trained, untrained and published. */
export function labelLines(run: RunRecord, metric: keyof Accuracy): Line[] {
  const all = labelReadouts(run);
  const points = (network: 'trained' | 'untrained') =>
    all.flatMap((readout) => {
      const y = readout[network]?.[metric];
      return y === undefined ? [] : [{ x: readout.labelled, y }];
    });
  const fractions = publishedFor(run)?.fractions;
  // Published with shares of MNIST's 60,000 training items.
  const figures = publishedShares.flatMap(([share, folder]) => {
    const figure = fractions === undefined ? undefined : publishedFigure(`${fractions}/${folder}`, metric);
    return figure ? [{ x: 600 * Number.parseFloat(share), y: figure.mean, spread: figure.sd }] : [];
  });
  return [
    { name: 'trained', colour: 0, points: points('trained') },
    { name: 'published', colour: 0, dashed: true, points: figures },
    { name: 'untrained', colour: 1, points: points('untrained') },
  ];
}
