/** The paper's figures from run logs, as SVG files that stand alone. */
import { learningCurves, labelCurves } from '../view/charts/curves.js';
import { accuracyBars } from '../view/charts/accuracyBars.js';
import { drawLines, type Line, logTicks } from '../view/charts/lines.js';
import { standaloneSvg } from '../view/charts/standalone.js';
import { figureAtShare, publishedShares } from './published/published.js';
import type { RunSet } from './runSet.js';
import { publishedPoints } from '../view/report/curvesOf.js';
import { epochsOf, lastAlternating } from '../view/report/runRecord.js';
import { amounts, modes, outputNeurons, outputWidths } from './catalogue.js';
import {
  mean,
  meanReadout,
  networks,
  publishedLogs,
  publishedOf,
  semiPublished,
  semiRuns,
} from './tables.js';

export interface Figure {
  /** The file's name. */
  readonly name: string;
  /** What is to be seen, for those who do not see it. */
  readonly alt: string;
  readonly svg: string;
}

const WIDTH = 520;

export function curvesFigure(runs: RunSet, document: Document): Figure {
  const lines = networks.flatMap(({ preset, name }, colour): Line[] => {
    const events = runs.of(preset).flatMap(epochsOf);
    const epochs = [...new Set(events.map(({ epoch }) => epoch))].sort((a, b) => a - b);
    const points = epochs.flatMap((x) => {
      const y = mean(
        events.filter(({ epoch }) => epoch === x).map(({ accuracy }) => accuracy?.['association-average']),
      );
      return y === undefined ? [] : [{ x, y }];
    });
    const figure = publishedOf(preset, 'association-average');
    return [
      { name, colour, points },
      { name: 'published', colour, dashed: true, points: publishedPoints(figure) },
    ];
  });
  const title = 'Learning without labels (association, average)';
  return file('learning-curves', title, learningCurves(lines, { document, width: WIDTH, title }));
}

export function fractionsFigures(runs: RunSet, document: Document): Figure[] {
  return networks.map(({ preset, name }) => {
    const published = publishedLogs(preset);
    const done = runs.complete(preset);
    const lines = (['trained', 'untrained'] as const).flatMap((network, colour): Line[] => {
      const each = publishedShares.map(([share, folder]) => ({
        x: Number.parseFloat(share),
        y: meanReadout(done, 'association-average', network, share),
        figure: figureAtShare(published, network, folder, 'association-average'),
      }));
      return [
        {
          ...{ name: network, colour },
          points: each.flatMap(({ x, y }) => (y === undefined ? [] : [{ x, y }])),
        },
        {
          ...{ name: 'published', colour, dashed: true },
          points: each.flatMap(({ x, figure }) => (figure ? [{ x, y: figure.mean, spread: figure.sd }] : [])),
        },
      ];
    });
    const title = `Association, average, ${name}`;
    const chart = labelCurves(lines, { document, width: WIDTH, title, unit: '%' });
    return file(`label-fractions-${preset.slice(-6)}`, title, chart);
  });
}

export function semiFigure(runs: RunSet, document: Document): Figure {
  const lines = [true, false].flatMap((homeostasis, colour): Line[] => {
    const name = homeostasis ? 'with homeostasis' : 'without';
    const points = amounts.flatMap((x) => {
      const ends = semiRuns(runs, x, homeostasis)
        .map(lastAlternating)
        .filter((end) => end?.epoch === 400);
      const y = mean(ends.map((end) => end?.test));
      return y === undefined ? [] : [{ x, y }];
    });
    const published = amounts.flatMap((x) => {
      const figure = semiPublished(x, homeostasis).final;
      return figure ? [{ x, y: figure.mean, spread: figure.sd }] : [];
    });
    return [
      { name, colour, points },
      { name: `published, ${name}`, colour, dashed: true, points: published },
    ];
  });
  const better = amounts.flatMap((x) => {
    const y = mean(runs.complete(`semi-bp-${x}-better`).map((run) => lastAlternating(run)?.test));
    return y === undefined ? [] : [{ x, y }];
  });
  const all = [...lines, { name: 'our settings', colour: 2, points: better }];
  const title = 'Accuracy against the number of labels';
  return file('number-of-labels', title, labelCurves(all, { document, width: WIDTH, title }));
}

export function modesFigure(runs: RunSet, document: Document): Figure | undefined {
  const bars = modes.flatMap(({ preset, name }) => {
    const value = meanReadout(runs.complete(preset), 'association-average');
    if (value === undefined) return [];
    const published = publishedOf(preset, 'association-average')?.mean;
    return [{ name, value, published }];
  });
  if (bars.length === 0) return undefined;
  const title = 'Batch against sequential mode (association, average)';
  return file('modes', title, accuracyBars(bars, { document, width: WIDTH, title }));
}

export function outputNeuronsFigure(runs: RunSet, document: Document): Figure | undefined {
  const metrics = [
    ['association-average', 'association, average'],
    ['association-max', 'association, max'],
    ['linear-classifier', 'linear classifier'],
  ] as const;
  const lines = metrics.map(([metric, name], colour) => ({
    ...{ name, colour },
    points: outputWidths.flatMap((x) => {
      const y = meanReadout(runs.complete('unsupervised-bp-1layer', outputNeurons(x)), metric);
      return y === undefined ? [] : [{ x, y }];
    }),
  }));
  if (lines[0].points.length < 2) return undefined;
  const title = 'Accuracy against the number of output neurons';
  const chart = drawLines(
    lines,
    {
      title,
      x: { label: 'Output neurons', log: true, ticks: logTicks(outputWidths[0], outputWidths.at(-1) ?? 0) },
      y: { label: 'Accuracy on test items (%)', most: 100 },
    },
    { document, width: WIDTH },
  );
  return file('output-neurons', title, chart);
}

export function file(name: string, alt: string, chart: SVGSVGElement): Figure {
  return { name: `${name}.svg`, alt, svg: standaloneSvg(chart) };
}
