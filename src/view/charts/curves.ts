/** The line charts by what they show. */
import type { ChartOptions } from './chartOptions.js';
import { drawLines, type Line, type LinePoint, logTicks } from './lines.js';

/** Above this ratio of the last epoch to the first, early epochs would be squeezed into the axis. */
const WIDE = 25;

/** Accuracy in percent (`y`) after so many epochs (`x`, from 1); published curves with `dashed`. */
export function learningCurves(
  lines: readonly Line[],
  options: ChartOptions & {
    readonly scale?: 'linear' | 'log' | undefined;
    /** Names at the ends of the lines instead of a legend. */
    readonly direct?: boolean | undefined;
  } = {},
): SVGSVGElement {
  return drawLines(
    lines,
    {
      title: 'Learning curves',
      x: { label: 'Epoch', ...(options.scale === 'linear' ? {} : scaleOf(lines, options.width)) },
      y: { label: 'Accuracy on the test set (%)', most: 100 },
      direct: options.direct,
    },
    options,
  );
}

/**
 * Accuracy in percent (`y`) against labels (`x`): their number, or with `unit` `%` their share of the training items
 * in percent.
 */
export function labelCurves(
  lines: readonly Line[],
  options: ChartOptions & { readonly unit?: 'labels' | '%'; readonly direct?: boolean | undefined } = {},
): SVGSVGElement {
  const share = options.unit === '%';
  const xs = [...new Set(lines.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  return drawLines(
    lines,
    {
      title: share ? 'Accuracy against the share of labels' : 'Accuracy against the number of labels',
      x: {
        label: share ? 'Labelled share of the training items (%)' : 'Labelled training items',
        log: xs.length > 1 && xs[0] > 0,
        ticks: xs.length <= 6 ? xs : logTicks(xs[0], xs[xs.length - 1]),
      },
      y: { label: 'Accuracy on the test set (%)', most: 100 },
      direct: options.direct,
    },
    options,
  );
}

/** Seconds spent in training (`y`) by epoch (`x`). */
export function timings(lines: readonly Line[], options: ChartOptions = {}): SVGSVGElement {
  return drawLines(
    lines,
    {
      title: 'Training time of each epoch',
      x: { label: 'Epoch' },
      y: { label: 'Seconds', zero: true },
    },
    options,
  );
}

/** How evenly the items are shared out: for how many of them each neuron is a winner, the busiest neuron first. */
export function winnersPerNeuron(
  networks: readonly {
    readonly name: string;
    readonly wins: ArrayLike<number>;
    readonly dashed?: boolean;
    readonly colour?: number;
  }[],
  options: ChartOptions & { readonly equalShare?: number | undefined } = {},
): SVGSVGElement {
  const { equalShare } = options;
  const neurons = Math.max(1, ...networks.map(({ wins }) => wins.length));
  const lines: Line[] = networks.map(({ wins, ...line }) => ({ ...line, points: ranked(wins) }));
  if (equalShare !== undefined) {
    const points = [1, neurons].map((x) => ({ x, y: equalShare }));
    lines.push({ name: 'equal shares', dashed: true, colour: 1, points });
  }
  return drawLines(
    lines,
    {
      title: 'Winners per neuron',
      x: { label: 'Neurons, the busiest first' },
      y: { label: 'Test items won (square-root scale)', zero: true, root: true },
    },
    options,
  );
}

/** The states (`y`) of neurons after so many steps (`x`); after step `nudge` they are nudged. */
export function settlingStates(
  lines: readonly Line[],
  options: ChartOptions & { readonly nudge: number },
): SVGSVGElement {
  const most = Math.max(...lines.flatMap(({ points }) => points.map(({ y }) => y)));
  const points = [0, most].map((y) => ({ x: options.nudge, y }));
  return drawLines(
    [...lines, { name: 'the nudge begins', dashed: true, colour: 3, points }],
    { title: 'A network settles', x: { label: 'Step' }, y: { label: 'State', zero: true } },
    options,
  );
}

/** Enough for a curve. */
const RANKS = 120;

function ranked(values: ArrayLike<number>): LinePoint[] {
  const sorted = Array.from(values).sort((a, b) => b - a);
  const last = sorted.length - 1;
  const ranks = Array.from({ length: RANKS }, (_, i) => Math.round((i * last) / (RANKS - 1)));
  return [...new Set(last < 0 ? [] : ranks)].map((rank) => ({ x: rank + 1, y: sorted[rank] }));
}

/** Below this width only powers of ten have room on a logarithmic axis. */
const NARROW = 320;

function scaleOf(lines: readonly Line[], width = Infinity): { log?: boolean; ticks?: readonly number[] } {
  const xs = lines.flatMap(({ points }) => points.map(({ x }) => x));
  const [least, most] = [Math.min(...xs), Math.max(...xs)];
  if (xs.length === 0 || least <= 0 || most / least < WIDE) return {};
  const ticks = logTicks(least, most);
  return {
    log: true,
    ticks: width < NARROW ? ticks.filter((tick) => Number.isInteger(Math.log10(tick))) : ticks,
  };
}
