/** Lines over one quantity, with points where something was measured. */
import { dot, lineY, type Markish, ruleX } from '@observablehq/plot';
import type { ChartOptions } from './chartOptions.js';
import { draw, type LegendEntry } from './frame.js';
import { seriesColour } from './theme.js';

export interface LinePoint {
  readonly x: number;
  readonly y: number;
  /** Standard deviation, drawn above and below. */
  readonly spread?: number | undefined;
}

export interface Line {
  /** Lines that also look alike share one entry of the legend. */
  readonly name: string;
  readonly points: readonly LinePoint[];
  /** What was published, or is only there to compare with. */
  readonly dashed?: boolean | undefined;
  /** Index of its colour; lines that belong together share one. Its place in the list unless told. */
  readonly colour?: number | undefined;
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
}

/** More points than this are drawn as a line alone. */
const POINTS = 40;

export function drawLines(lines: readonly Line[], chart: LineChart, options: ChartOptions): SVGSVGElement {
  const shown = lines.filter(({ points }) => points.length > 0);
  const colourOf = (line: Line) => seriesColour(line.colour ?? lines.indexOf(line));
  const legendEntry = (line: Line): LegendEntry => ({
    name: line.name,
    colour: colourOf(line),
    shape: line.dashed ? 'dashes' : 'line',
  });
  const xs = shown.flatMap(({ points }) => points.map(({ x }) => x));
  const ys = shown.flatMap(({ points }) => points.flatMap(({ y, spread = 0 }) => [y - spread, y + spread]));
  const marks: Markish[] = shown.flatMap((line) => {
    const { points, dashed } = line;
    const stroke = colourOf(line);
    const at = { x: 'x', y: 'y' } as const;
    return [
      lineY(points, { ...at, stroke, strokeWidth: 2, strokeDasharray: dashed ? '4 3' : undefined }),
      ruleX(
        points.filter(({ spread }) => spread !== undefined),
        { x: 'x', y1: lowEnd, y2: highEnd, stroke, strokeWidth: 1 },
      ),
      ...(points.length > POINTS || (dashed && points.length > 1)
        ? []
        : [dot(points, { ...at, fill: stroke, r: 3 })]),
    ];
  });
  return draw(
    {
      title: chart.title,
      description: shown.length === 0 ? 'Nothing was measured.' : shown.map(inWords).join(' '),
      legend: [...new Map(shown.map(legendEntry).map((entry) => [JSON.stringify(entry), entry])).values()],
      yLabel: chart.y.label,
      height: 240,
      plot: {
        grid: true,
        x: {
          type: chart.x.log ? 'log' : 'linear',
          domain: xs.length > 0 ? [Math.min(...xs), Math.max(...xs)] : [1, 2],
          label: chart.x.label,
          labelAnchor: 'center',
          labelArrow: 'none',
          tickFormat: (x: number) => String(x),
          ...(chart.x.ticks && { ticks: [...chart.x.ticks] }),
        },
        y: {
          // The root lets what is far above the rest not press it to the ground.
          type: chart.y.root ? 'sqrt' : 'linear',
          domain: yDomain(ys, chart.y),
          label: null,
          nice: true,
          ticks: 6,
        },
        marks,
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
