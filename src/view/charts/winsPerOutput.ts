/** How the items are shared out among a few outputs, each by its name: a ranked curve would have nothing to show. */
import { axisY, barX, ruleX, text, tickX } from '@observablehq/plot';
import type { ChartOptions } from './chartOptions.js';
import { draw, type LegendEntry, textWidth } from './frame.js';
import { groundColour, quietColour, seriesColour } from './theme.js';

export interface OutputWins {
  readonly name: string;
  /** Items for which it is among the most active outputs. */
  readonly wins: number;
  /** The same of the untrained network. */
  readonly untrained?: number | undefined;
}

/** @param options.equalShare what each output would win if all won equally often */
export function winsPerOutput(
  outputs: readonly OutputWins[],
  options: ChartOptions & { readonly equalShare: number },
): SVGSVGElement {
  const { equalShare } = options;
  const rows = outputs.map((output, row) => ({ ...output, row }));
  const untrained = rows.filter((row) => row.untrained !== undefined);
  const legend: LegendEntry[] = [
    { name: 'trained', colour: seriesColour(0), shape: 'square' },
    ...(untrained.length > 0 ? [{ name: 'untrained', colour: 'currentColor', shape: 'tick' } as const] : []),
    { name: `equal shares: ${short(equalShare)}`, colour: seriesColour(1), shape: 'tick' },
  ];
  return draw(
    {
      title: 'Items won by each output',
      description: rows.map(({ name, wins }) => `${name}: ${wins}.`).join(' '),
      legend,
      height: 44 + 26 * outputs.length,
      plot: {
        marginLeft: 16 + Math.max(0, ...outputs.map(({ name }) => textWidth(name))),
        marginRight: 56,
        x: {
          label: 'Test items won',
          labelAnchor: 'center',
          labelArrow: 'none',
          domain: [0, Math.max(equalShare, ...rows.flatMap((row) => [row.wins, row.untrained ?? 0]))],
          ticks: 5,
          grid: true,
        },
        y: { type: 'band', domain: rows.map(({ row }) => row), label: null, padding: 0.3 },
        marks: [
          axisY({ tickSize: 0, tickFormat: (row: number) => outputs[row].name }),
          barX(rows, { x: 'wins', y: 'row', fill: seriesColour(0) }),
          ruleX([equalShare], { stroke: seriesColour(1), strokeWidth: 2 }),
          tickX(untrained, { x: 'untrained', y: 'row', stroke: groundColour, strokeWidth: 5, inset: -3 }),
          tickX(untrained, { x: 'untrained', y: 'row', stroke: 'currentColor', strokeWidth: 2, inset: -3 }),
          text(rows, {
            y: 'row',
            text: ({ wins }: OutputWins) => String(wins),
            frameAnchor: 'right',
            textAnchor: 'start',
            dx: 10,
            fill: 'currentColor',
            fontWeight: 600,
          }),
          ruleX([0], { stroke: quietColour }),
        ],
      },
    },
    options,
  );
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
