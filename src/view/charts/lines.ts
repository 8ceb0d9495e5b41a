/** Lines over one quantity, with points where something was measured. */
import { areaY, axisX, dot, gridX, lineY, type Markish, ruleX, text } from '@observablehq/plot';
import type { ChartOptions } from './chartOptions.js';
import { draw, type LegendEntry, textWidth } from './frame.js';
import { quietColour, seriesColour } from './theme.js';

export interface LinePoint {
  readonly x: number;
  readonly y: number;
  /** Standard deviation, drawn above and below. */
  readonly spread?: number | undefined;
  /** Lowest and highest of what `y` is the mean of, drawn as a band. */
  readonly range?: readonly [low: number, high: number] | undefined;
}

export interface Line {
  /** Lines that also look alike share one entry of the legend. */
  readonly name: string;
  readonly points: readonly LinePoint[];
  /** What was published, or is only there to compare with. */
  readonly dashed?: boolean | undefined;
  /** Whether a dashed line, too, has a dot where something was measured. */
  readonly dots?: boolean | undefined;
  /** Index of its colour; lines that belong together share one. Its place in the list by default. */
  readonly colour?: number | undefined;
  /** Only there to be seen behind the others; in no legend. */
  readonly quiet?: boolean | undefined;
}

export interface LineChart {
  readonly title: string;
  readonly x: { readonly label: string; readonly log?: boolean; readonly ticks?: readonly number[] };
  readonly y: {
    readonly label: string;
    readonly zero?: boolean;
    readonly root?: boolean;
    readonly most?: number;
  };
  /** Names at the ends of the lines instead of a legend. */
  readonly direct?: boolean | undefined;
}

/** More points than this are drawn as a line alone. */
const POINTS = 40;

/** Height of the plane, with the axis below it. */
const HEIGHT = 240;
const AXIS = 40;
/** A line of text beside the plane. */
const LABEL = 15;
/** Longer names at the ends of lines are cut. */
const LONGEST = 30;

export function drawLines(lines: readonly Line[], chart: LineChart, options: ChartOptions): SVGSVGElement {
  const shown = lines.filter(({ points }) => points.length > 0);
  const colourOf = (line: Line) =>
    line.quiet ? quietColour : seriesColour(line.colour ?? lines.indexOf(line));
  const legendEntry = (line: Line): LegendEntry => ({
    name: line.name,
    colour: colourOf(line),
    shape: line.dashed ? 'dashes' : 'line',
  });
  const loud = shown.filter(({ quiet }) => !quiet);
  const named = chart.direct ? loud.filter(({ dashed }) => dashed) : loud;
  const xs = shown.flatMap(({ points }) => points.map(({ x }) => x));
  const ys = shown.flatMap(({ points }) =>
    points.flatMap(({ y, spread = 0, range = [y, y] }) => [y - spread, y + spread, ...range]),
  );
  const domain = yDomain(ys, chart.y);
  const ends = chart.direct ? lineEnds(loud, domain) : [];
  const marks: Markish[] = shown.flatMap((line) => {
    const { points, dashed, dots, quiet } = line;
    const stroke = colourOf(line);
    const at = { x: 'x', y: 'y' } as const;
    if (quiet) return [lineY(points, { ...at, stroke, strokeWidth: 1, strokeOpacity: 0.35 })];
    const ranges = points.filter(({ range }) => range);
    return [
      ...(ranges.length > 1
        ? [
            areaY(ranges, {
              x: 'x',
              y1: ({ range, y }: LinePoint) => range?.[0] ?? y,
              y2: ({ range, y }: LinePoint) => range?.[1] ?? y,
              fill: stroke,
              fillOpacity: 0.2,
            }),
          ]
        : []),
      lineY(points, { ...at, stroke, strokeWidth: 2, strokeDasharray: dashed ? '4 3' : undefined }),
      ruleX(
        points.filter(({ spread }) => spread !== undefined),
        { x: 'x', y1: lowEnd, y2: highEnd, stroke, strokeWidth: 1 },
      ),
      ...(points.length > POINTS || (dashed && !dots && points.length > 1)
        ? []
        : [dot(points, { ...at, fill: stroke, r: 3 })]),
    ];
  });
  marks.push(
    ...ends.map(({ line, x, y }) =>
      text([line], { x, y, text: () => cut(line.name), fill: colourOf(line), textAnchor: 'start', dx: 8 }),
    ),
  );
  const xLabel = { label: chart.x.label, labelAnchor: 'center', labelArrow: 'none' } as const;
  const ticks = chart.x.ticks ?? [];
  const logarithmic = chart.x.log === true && ticks.length > 0;
  return draw(
    {
      title: chart.title,
      description: loud.length === 0 ? 'Nothing was measured.' : loud.map(inWords).join(' '),
      legend: [...new Map(named.map(legendEntry).map((entry) => [JSON.stringify(entry), entry])).values()],
      yLabel: chart.y.label,
      height: HEIGHT,
      plot: {
        grid: true,
        ...(chart.direct && {
          marginRight: 16 + Math.max(0, ...loud.map(({ name }) => textWidth(cut(name)))),
        }),
        x: {
          type: chart.x.log ? 'log' : 'linear',
          domain: xs.length > 0 ? [Math.min(...xs), Math.max(...xs)] : [1, 2],
          ...xLabel,
          tickFormat: (x: number) => String(x),
          ...(logarithmic ? { axis: null, grid: false } : chart.x.ticks && { ticks: [...chart.x.ticks] }),
        },
        y: {
          // The root lets what is far above the rest not press it to the ground.
          type: chart.y.root ? 'sqrt' : 'linear',
          domain,
          label: null,
          // Names beside the lines are placed by the very ends of the axis.
          nice: !chart.direct,
          ticks: 6,
        },
        // The library leaves out labels of its own choice on a logarithmic axis.
        marks: [
          ...(logarithmic ? [gridX(ticks), axisX(ticks, { ...xLabel, text: (x: number) => String(x) })] : []),
          ...marks,
        ],
      },
    },
    options,
  );
}

/** About as many round ticks as fit for values up to `most` on a logarithmic axis. */
export function logTicks(least: number, most: number): number[] {
  const ticks: number[] = [];
  for (let power = 10 ** Math.floor(Math.log10(least)); power <= most; power *= 10) {
    for (const step of [1, 2, 5]) if (step * power >= least && step * power <= most) ticks.push(step * power);
  }
  return ticks;
}

/** Where the names of lines go: at their ends, moved apart where they would overlap. */
function lineEnds(lines: readonly Line[], [low, high]: readonly [number, number]) {
  const step = ((high - low) * LABEL) / (HEIGHT - AXIS);
  const right = Math.max(...lines.flatMap(({ points }) => points.map(({ x }) => x)));
  const ends = lines
    .filter(({ dashed }) => !dashed)
    .map((line) => ({ line, x: right, y: line.points[line.points.length - 1].y }))
    .sort((a, b) => a.y - b.y);
  // Up from the bottom, then down from the top where that pushed names out of the plane.
  for (let i = 1; i < ends.length; i++) ends[i].y = Math.max(ends[i].y, ends[i - 1].y + step);
  for (let i = ends.length - 1, top = high; i >= 0; i--, top -= step) ends[i].y = Math.min(ends[i].y, top);
  return ends;
}

function cut(name: string): string {
  return name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name;
}

function lowEnd({ y, spread = 0 }: LinePoint): number {
  return y - spread;
}

function highEnd({ y, spread = 0 }: LinePoint): number {
  return y + spread;
}

function yDomain(ys: readonly number[], { zero, most = Infinity }: LineChart['y']): [number, number] {
  if (ys.length === 0) return [0, Math.min(1, most)];
  const low = zero ? 0 : Math.min(...ys);
  const high = Math.max(...ys);
  const room = high > low ? 0.04 * (high - low) : 0.5;
  return [zero ? 0 : Math.max(0, low - room), Math.min(most, high + room)];
}

function inWords({ name, points }: Line): string {
  const [first, last] = [points[0], points[points.length - 1]];
  const number = (value: number) => String(Number(value.toPrecision(4)));
  return `${name}: ${number(first.y)} at ${number(first.x)}, ${number(last.y)} at ${number(last.x)}.`;
}
