/** What was answered for the items of each class. */
import { cell, text } from '@observablehq/plot';
import type { ChartOptions } from './chartOptions.js';
import { draw, textWidth, WIDTH } from './frame.js';
import { seriesColour } from './theme.js';

/** Above this many classes numbers would not be readable. */
const NUMBERS = 12;
const TICKS = 26;
/** Room for the recall beside each row. */
const RECALL = 56;

/**
 * @param counts one row for each class of the items, one column for each answer
 * @param classes their names
 */
export function confusionMatrix(
  counts: readonly ArrayLike<number>[],
  classes: readonly string[],
  options: ChartOptions = {},
): SVGSVGElement {
  const cells = counts.flatMap((row, truth) => {
    const all = Array.from(row).reduce((a, b) => a + b, 0);
    return Array.from(row, (count, answer) => ({
      truth,
      answer,
      count,
      share: all === 0 ? 0 : (100 * count) / all,
    }));
  });
  const every = Math.ceil(classes.length / TICKS);
  const ticks = classes.map((_, c) => c).filter((c) => c % every === 0);
  const names = (c: number) => (classes[c].length > 14 ? `${classes[c].slice(0, 13)}…` : classes[c]);
  const widest = Math.max(0, ...classes.map((_, c) => textWidth(names(c))));
  const wide = widest > 26;
  const { width = WIDTH } = options;
  const marginLeft = 30 + widest;
  const marginBottom = 36 + (wide ? widest * 0.75 : 8);
  const axis = {
    type: 'band',
    domain: classes.map((_, c) => c),
    ticks,
    tickSize: 0,
    tickFormat: names,
  } as const;
  return draw(
    {
      title: 'Confusion matrix',
      description: counts.map((row, c) => `${classes[c]}: ${percentOf(row, c)} % correct.`).join(' '),
      yLabel: 'Class of the item; at the right, its recall',
      height: width - marginLeft - RECALL + marginBottom,
      plot: {
        ...{ marginLeft, marginBottom, marginRight: RECALL, padding: 0.04 },
        x: {
          ...{
            ...axis,
            label: 'Answer (number of items)',
            labelAnchor: 'center',
            labelArrow: 'none',
          },
          ...(wide && { tickRotate: -40 }),
        },
        y: { ...axis, label: null },
        marks: [
          cell(cells, {
            ...{ x: 'answer', y: 'truth', fill: (c: Cell) => seriesColour(c.answer === c.truth ? 0 : 1) },
            // The square root shows the few that went wrong.
            fillOpacity: ({ share }: Cell) => 0.03 + 0.62 * Math.sqrt(share / 100),
          }),
          ...(classes.length > NUMBERS
            ? []
            : [
                text(cells, {
                  ...{ x: 'answer', y: 'truth', text: shown, fontSize: 11 },
                  fill: 'currentColor',
                }),
              ]),
          text(
            ticks.filter((c) => percentOf(counts[c], c) !== '-'),
            {
              ...{ y: (c: number) => c, text: (c: number) => `${percentOf(counts[c], c)} %`, fontSize: 11 },
              ...{ frameAnchor: 'right', textAnchor: 'start', dx: 8, fill: 'currentColor' },
            },
          ),
        ],
      },
    },
    options,
  );
}

interface Cell {
  readonly truth: number;
  readonly answer: number;
  readonly count: number;
  readonly share: number;
}

function shown({ count, truth, answer }: Cell): string {
  return count === 0 && truth !== answer ? '' : String(count);
}

function percentOf(row: ArrayLike<number>, c: number): string {
  const all = Array.from(row).reduce((a, b) => a + b, 0);
  return all === 0 ? '-' : ((100 * row[c]) / all).toFixed(1);
}
