/** How many neurons do so much: their activity, or how often they win. */
import { rectY, ruleX, ruleY } from '@observablehq/plot';
import { median } from '../../statistics/index.js';
import type { ChartOptions } from './chartOptions.js';
import { draw } from './frame.js';
import { seriesColour } from './theme.js';

export interface HistogramOptions extends ChartOptions {
  readonly title: string;
  /** What the values are, with their unit. */
  readonly label: string;
  /** What is counted, as in "neurons". */
  readonly counted?: string;
  /** A value to compare with: where homeostasis would have every neuron. */
  readonly mark?: { readonly name: string; readonly value: number } | undefined;
}

const BINS = 30;

export function histogram(values: ArrayLike<number>, options: HistogramOptions): SVGSVGElement {
  const { title, label, counted = 'neurons', mark } = options;
  const list = Array.from(values);
  const least = Math.min(0, ...list);
  const most = Math.max(mark?.value ?? 0, ...list);
  const quiet = list.filter((value) => value === 0).length;
  const whole = list.every(Number.isInteger);
  const step = whole ? Math.max(1, Math.ceil((most + 1 - least) / BINS)) : (most - least) / BINS || 1;
  const counts = Array.from({ length: BINS }, () => 0);
  for (const value of list) counts[Math.min(BINS - 1, Math.floor((value - least) / step))]++;
  const bars = counts.map((count, i) => ({ count, from: least + i * step, to: least + (i + 1) * step }));
  return draw(
    {
      title,
      description:
        `${list.length} ${counted}, ${quiet} of them at 0; the median is ${short(list.length === 0 ? 0 : median(list))}` +
        `${mark ? `, ${mark.name} ${short(mark.value)}` : ''}.`,
      legend: mark
        ? [{ name: `${mark.name}: ${short(mark.value)}`, colour: seriesColour(1), shape: 'tick' }]
        : [],
      yLabel: `Number of ${counted}`,
      height: 190,
      plot: {
        x: {
          label,
          labelAnchor: 'center',
          labelArrow: 'none',
          domain: [least, least + BINS * step],
          ticks: 4,
        },
        y: { label: null, grid: true, ticks: 5 },
        marks: [
          rectY(bars, { x1: 'from', x2: 'to', y: 'count', fill: seriesColour(0) }),
          ...(mark ? [ruleX([mark.value], { stroke: seriesColour(1), strokeWidth: 2 })] : []),
          ruleY([0]),
        ],
      },
    },
    options,
  );
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
