/** What each chart shows. A module of its own, because the drawing library is as large as the rest of the page. */
import { confusionMatrix, histogram, learningCurves, winnersPerNeuron } from 'selftarget/view';
import type { CurvePoint } from './memory.js';
import * as state from './state.js';

export interface ChartSet {
  readonly curves: () => SVGSVGElement | undefined;
  readonly wins: () => SVGSVGElement | undefined;
  readonly activity: () => SVGSVGElement | undefined;
  readonly confusion: () => SVGSVGElement | undefined;
}

/** From here on the first epochs would be squeezed into the axis, and the scale is logarithmic. */
const MANY_EPOCHS = 25;

export const chartSet: ChartSet = {
  curves() {
    const { named, ceiling } = state.curves.value;
    const now = state.measured.value;
    if (!now || ceiling.length + named.length === 0) return undefined;
    const last = Math.max(...[...named, ...ceiling].map(({ x }) => x));
    const shown = (points: readonly CurvePoint[]) =>
      last < MANY_EPOCHS ? points : points.filter(({ x }) => x >= 1);
    return learningCurves(
      [
        { name: 'by your labels', points: shown(named), colour: 0 },
        {
          name: `with ${now.ceilingLabels.toLocaleString('en')} labels`,
          points: shown(ceiling),
          colour: 1,
          dashed: true,
          dots: true,
        },
      ],
      { title: 'Learning curve' },
    );
  },
  wins() {
    const now = state.measured.value;
    if (!now) return undefined;
    const equalShare = (now.testItems * state.settings.value.winners) / now.wins.length;
    return winnersPerNeuron([{ name: 'this network', wins: now.wins }], { equalShare });
  },
  activity() {
    const now = state.measured.value;
    if (!now) return undefined;
    return histogram(now.activity, { title: 'Activity', label: 'Mean output over the test images' });
  },
  confusion() {
    const now = state.measured.value;
    return now?.confusion ? confusionMatrix(now.confusion, now.classes) : undefined;
  },
};
