/** Items in a plane, such as UMAP's of the network's outputs: classes by colour, and by name where they gather. */
import { dot, text } from '@observablehq/plot';
import type { ChartOptions } from './chartOptions.js';
import { draw } from './frame.js';
import { classColour, groundColour } from './theme.js';

export interface ScatterPoint {
  readonly x: number;
  readonly y: number;
  /** Class index, or -1 where it has none. */
  readonly label: number;
}

/** The axes of such a plane have no unit: only who lies near whom has a meaning. */
export function scatter(
  points: readonly ScatterPoint[],
  classes: readonly string[],
  options: ChartOptions = {},
): SVGSVGElement {
  const centres = classes.flatMap((name, c) => {
    const own = points.filter(({ label }) => label === c);
    return own.length === 0 ? [] : [{ name, x: middle(own, 'x'), y: middle(own, 'y') }];
  });
  const hidden = { axis: null, nice: false, inset: 6 } as const;
  return draw(
    {
      title: 'Outputs in a plane (UMAP)',
      description: `${points.length} items of ${centres.length} classes.`,
      height: 400,
      plot: {
        ...{ marginLeft: 4, marginRight: 4, marginBottom: 8, x: hidden, y: hidden },
        marks: [
          dot(points, {
            ...{ x: 'x', y: 'y', r: 1.8, fillOpacity: 0.7 },
            fill: ({ label }: ScatterPoint) => (label < 0 ? 'currentColor' : classColour(label)),
          }),
          text(centres, {
            ...{ x: 'x', y: 'y', text: 'name', fontSize: 15, fontWeight: 700 },
            ...{ fill: 'currentColor', stroke: groundColour, strokeWidth: 4 },
          }),
        ],
      },
    },
    options,
  );
}

/** The median, which strays do not pull away. */
function middle(points: readonly ScatterPoint[], axis: 'x' | 'y'): number {
  const sorted = points.map((point) => point[axis]).sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}
