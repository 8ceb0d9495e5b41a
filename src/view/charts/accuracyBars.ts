/** Accuracies, each with the floor to beat and the published figure where there is one. */
import { axisY, barX, dot, ruleX, ruleY, text, tickX } from '@observablehq/plot';
import type { ChartOptions } from './chartOptions.js';
import { draw, type LegendEntry, textWidth } from './frame.js';
import { groundColour, quietColour, seriesColour } from './theme.js';

export interface AccuracyBar {
  /** What was measured, or whose it is. */
  readonly name: string;
  /** In percent. */
  readonly value: number;
  /** The same of the untrained network. */
  readonly floor?: number | undefined;
  readonly published?: number | undefined;
  /** Standard deviation of the published figure. */
  readonly spread?: number | undefined;
  /** Between which percentages it may be, or lie several of which it is the mean. */
  readonly range?: readonly [low: number, high: number] | undefined;
  /** Index of its colour; 0 unless given. */
  readonly colour?: number | undefined;
}

/**
 * @param options.rangeName what ranges are; a 95 % interval unless given
 * @param options.publishedName what published figures are called
 * @param options.dots dots instead of bars, on an axis that leaves out what is below all of them: for values close together
 */
export function accuracyBars(
  bars: readonly AccuracyBar[],
  options: ChartOptions & {
    readonly rangeName?: string | undefined;
    readonly publishedName?: string | undefined;
    readonly dots?: boolean | undefined;
  } = {},
): SVGSVGElement {
  const { rangeName = '95 % interval', publishedName = 'published', dots = false } = options;
  const least = dots ? leastOf(bars) : 0;
  const rows = bars.map((bar, row) => ({ ...bar, row }));
  const floors = rows.filter(({ floor = -1 }) => floor >= least);
  const ranges = rows.filter(({ range }) => range !== undefined);
  const published = rows.filter(({ published: figure }) => figure !== undefined);
  const legend: LegendEntry[] = [
    { name: 'measured', colour: seriesColour(bars[0]?.colour ?? 0), shape: dots ? 'dot' : 'square' },
  ];
  if (ranges.length > 0) legend.push({ name: rangeName, colour: 'currentColor', shape: 'line' });
  if (floors.length > 0) legend.push({ name: 'untrained baseline', colour: 'currentColor', shape: 'tick' });
  if (published.length > 0) legend.push({ name: publishedName, colour: 'currentColor', shape: 'ring' });
  return draw(
    {
      title: 'Accuracy',
      description: rows.map(inWords).join(' '),
      legend,
      height: 44 + 30 * bars.length,
      plot: {
        marginLeft: 12 + Math.max(0, ...bars.map(({ name }) => textWidth(name))),
        marginRight: 56,
        x: {
          domain: [least, 100],
          label: 'Accuracy on the test set (%)',
          labelAnchor: 'center',
          labelArrow: 'none',
          grid: true,
        },
        y: { type: 'band', domain: rows.map(({ row }) => row), label: null, padding: 0.3 },
        marks: [
          axisY({ tickSize: 0, tickFormat: (row: number) => bars[row].name }),
          ...(dots
            ? []
            : [barX(rows, { x: 'value', y: 'row', fill: ({ colour = 0 }) => seriesColour(colour) })]),
          ...[
            { stroke: groundColour, strokeWidth: 5, strokeOpacity: 0.9 },
            { stroke: 'currentColor', strokeWidth: 1.5 },
          ].map((stroke) =>
            ruleY(ranges, {
              x1: ({ range }: AccuracyBar) => range?.[0],
              x2: ({ range }: AccuracyBar) => range?.[1],
              y: 'row',
              ...stroke,
            }),
          ),
          tickX(floors, { x: 'floor', y: 'row', stroke: groundColour, strokeWidth: 5, inset: -3 }),
          tickX(floors, { x: 'floor', y: 'row', stroke: 'currentColor', strokeWidth: 2, inset: -3 }),
          ...(dots
            ? [dot(rows, { x: 'value', y: 'row', r: 5, fill: ({ colour = 0 }) => seriesColour(colour) })]
            : []),
          dot(published, {
            ...{ x: 'published', y: 'row', r: dots ? 7 : 4.5 },
            ...{ fill: dots ? 'none' : groundColour, stroke: 'currentColor', strokeWidth: 2 },
          }),
          text(rows, {
            ...{ x: 100, y: 'row', text: ({ value }) => value.toFixed(2) },
            ...{ textAnchor: 'start', dx: 10, fill: 'currentColor', fontWeight: 600 },
          }),
          ruleX([least], { stroke: quietColour }),
        ],
      },
    },
    options,
  );
}

/** A round number below everything that the dots, their ranges and the published figures show. */
function leastOf(bars: readonly AccuracyBar[]): number {
  const values = bars.flatMap(({ value, range = [value, value], published = value }) => [
    value,
    published,
    ...range,
  ]);
  return Math.max(0, 5 * Math.floor((Math.min(100, ...values) - 1) / 5));
}

function inWords({ name, value, range, floor, published }: AccuracyBar): string {
  const others = [
    ...(range ? [`${range[0].toFixed(1)} to ${range[1].toFixed(1)}`] : []),
    ...(floor === undefined ? [] : [`untrained ${floor.toFixed(2)}`]),
    ...(published === undefined ? [] : [`published ${published.toFixed(2)}`]),
  ];
  return `${name}: ${value.toFixed(2)} %${others.length > 0 ? ` (${others.join(', ')})` : ''}.`;
}
