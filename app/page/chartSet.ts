/** What each chart shows. A module of its own, because the drawing library is as large as the rest of the page. */
import { confusionMatrix, histogram, learningCurves, winnersPerNeuron } from 'selftarget/view';
import * as state from './state.js';

export interface ChartSet {
  readonly curves: () => SVGSVGElement | undefined;
  readonly wins: () => SVGSVGElement | undefined;
  readonly activity: () => SVGSVGElement | undefined;
  readonly confusion: () => SVGSVGElement | undefined;
}

/** More points than this are thinned out. */
const POINTS = 200;

export const chartSet: ChartSet = {
  curves() {
    const { named, ceiling } = state.history.value;
    if (ceiling.length + named.length === 0) return undefined;
    return learningCurves(
      [
        { name: 'by your labels', points: thinned(named), colour: 0 },
        { name: 'if 1000 images were labelled', points: thinned(ceiling), colour: 1, dashed: true },
      ],
      { scale: 'linear', title: 'Learning curve' },
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
    const classes = state.about.value?.classes;
    return now?.confusion && classes ? confusionMatrix(now.confusion, classes) : undefined;
  },
};

function thinned<T>(points: readonly T[]): readonly T[] {
  const every = Math.ceil(points.length / POINTS);
  return points.filter((_, i) => i % every === 0 || i === points.length - 1);
}
