/** What was answered for the items of each class. */
import { cell, text } from '@observablehq/plot';
import type { ChartOptions } from './chartOptions.js';
import { draw, textWidth, WIDTH } from './frame.js';
import { seriesColour } from './theme.js';

/** Above this many classes numbers would not be readable. */
const NUMBERS = 12;
const TICKS = 26;

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
      title: 'Answers for the items of each class',
      description: counts.map((row, c) => `${classes[c]}: ${percentOf(row, c)} % right.`).join(' '),
      yLabel: 'Class of the item',
      height: width - marginLeft - 16 + marginBottom,
      plot: {
        ...{ marginLeft, marginBottom, marginRight: 16, padding: 0.04 },
        x: {
          ...{
            ...axis,
            label: 'Answer (numbers: % of the class)',
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
        ],
      },
    },
    options,
  );
}

interface Cell {
  readonly truth: number;
  readonly answer: number;
  readonly share: number;
}

function shown({ share }: Cell): string {
  if (share === 0) return '';
  return share >= 99.95 ? '100' : share.toFixed(1);
}

function percentOf(row: ArrayLike<number>, c: number): string {
  const all = Array.from(row).reduce((a, b) => a + b, 0);
  return all === 0 ? '-' : ((100 * row[c]) / all).toFixed(1);
}
