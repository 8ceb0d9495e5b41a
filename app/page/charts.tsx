/** The charts of the report, of the network as it is now; their code is fetched when the page stands. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { effect } from '@preact/signals';
import type { ChartSet } from './chartSet.js';
import * as state from './state.js';

export function Charts() {
  const [charts, setCharts] = useState<ChartSet>();
  useEffect(() => {
    void import('./chartSet.js').then(({ chartSet }) => setCharts(chartSet));
  }, []);
  return (
    <section class="card" id="charts" aria-labelledby="charts-title">
      <h2 id="charts-title">How it is going</h2>
      <div class="charts">
        {charts === undefined ? (
          <p class="hint">Fetching the charts…</p>
        ) : (
          <>
            <Chart draw={charts.curves} why="Each point is the whole network measured on the test images." />
            <Chart
              draw={charts.wins}
              why="Homeostasis brings the line to equal shares; without it, it falls off a cliff."
            />
            <Chart
              draw={charts.activity}
              why="How much each neuron says on average: at 0 stand those that never answer."
            />
            <Chart draw={charts.confusion} why="What was answered for the images of each class." />
          </>
        )}
      </div>
    </section>
  );
}

/** Milliseconds between two drawings of one chart, so that a page that trains has time for its visitor. */
const REST = 900;

function Chart({ draw, why }: { draw: () => SVGSVGElement | undefined; why: string }) {
  const figure = useRef<HTMLElement>(null);
  const place = useRef<HTMLDivElement>(null);
  const [shown, setShown] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let drawnAt = Number.NEGATIVE_INFINITY;
    let drawn = false;
    let seen = true;
    const paint = () => {
      timer = undefined;
      // Out of sight it is drawn once, and anew when it comes into view.
      if (drawn && !seen && state.measured.value) return;
      drawnAt = performance.now();
      const svg = draw();
      place.current?.replaceChildren(...(svg ? [svg] : []));
      drawn = svg !== undefined;
      setShown(drawn);
    };
    const plan = () => {
      timer ??= setTimeout(() => requestIdle(paint), Math.max(0, drawnAt + REST - performance.now()));
    };
    const inView = new IntersectionObserver((entries) => {
      seen = entries.some(({ isIntersecting }) => isIntersecting);
      if (seen) plan();
    });
    if (figure.current) inView.observe(figure.current);
    const stop = effect(() => {
      // Read here, so that the effect runs when they change.
      void [state.measured.value, state.history.value];
      plan();
    });
    return () => {
      stop();
      inView.disconnect();
      clearTimeout(timer);
    };
  }, [draw]);
  return (
    <figure ref={figure} hidden={!shown}>
      <div ref={place} />
      <figcaption class="hint">{why}</figcaption>
    </figure>
  );
}

function requestIdle(work: () => void): void {
  if ('requestIdleCallback' in globalThis) requestIdleCallback(work, { timeout: 500 });
  else setTimeout(work, 16);
}
