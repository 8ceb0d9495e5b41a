/** A run's log as lines of the charts, with what was published of the same run beside them. */
import type { Accuracy } from '../../run/events.js';
import type { Line, LinePoint } from '../charts/lines.js';
import type { Publication, PublishedFigure } from './publication.js';
import type { Stage } from '../../run/entry.js';
import {
  atStage,
  epochsBefore,
  epochsOf,
  isComplete,
  labelReadouts,
  readouts,
  type RunRecord,
  stagesOf,
} from './runRecord.js';

/** What published figures are called in a legend. */
export function publishedName({ differs }: Publication): string {
  return differs === undefined ? 'published' : 'published, other settings';
}

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

/** The published curve of a readout, where the run repeats a publication. */
function publishedLine(
  { publication }: RunRecord,
  metric: string,
  colour: number,
  at?: { shift?: number; end?: number },
): Line[] {
  if (!publication) return [];
  const points = publishedPoints(publication.figures[metric], at);
  return [{ name: publishedName(publication), colour, dashed: true, points }];
}

/** Everything that was measured of one run after its epochs. */
export function learningLines(run: RunRecord): Line[] {
  const stages = stagesOf(run);
  if (stages.length > 0) return stageLines(run, stages);
  return readouts.flatMap(([metric, name], colour) => {
    const points = measured(run, metric);
    if (points.length === 0) return [];
    // Published of the linear classifier are its own epochs, on the network as it was at the end.
    if (metric === 'linear-classifier') {
      return [{ name: `${name}, trained beside the network`, colour, points }];
    }
    return [{ name, colour, points }, ...publishedLine(run, metric, colour)];
  });
}

function stageLines(run: RunRecord, stages: readonly Stage[]): Line[] {
  const shift = epochsBefore(run);
  const end = Math.max(shift, ...epochsOf(run).map(({ epoch }) => epoch));
  return stages.flatMap((stage, s) => {
    const { name, key, phase } = stage;
    const isLast = phase === stages[stages.length - 1].phase;
    const colour = stages.length - 1 - s;
    return [
      { name, colour, points: atStage(run, stage) },
      ...publishedLine(run, key, colour, isLast ? { shift, end } : { end: shift }),
    ];
  });
}

/** A readout after every epoch that was measured. */
export function measured(run: RunRecord, metric: keyof Accuracy): LinePoint[] {
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
  const { publication } = run;
  const published =
    publication && isComplete(run)
      ? publication.byLabels.flatMap(({ labelled, figures }) => {
          const figure = figures[metric];
          return figure ? [{ x: labelled, y: figure.mean, spread: figure.sd }] : [];
        })
      : [];
  return [
    { name: 'trained', colour: 0, points: points('trained') },
    ...(publication
      ? [{ name: publishedName(publication), colour: 0, dashed: true, points: published }]
      : []),
    { name: 'untrained', colour: 1, points: points('untrained') },
  ];
}
