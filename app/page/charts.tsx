/** The charts of the report, of the network as it is now. Their code is fetched when training starts. */
import { effect } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ChartSet } from './chartSet.js';
import * as state from './state.js';

export function Charts() {
  const [charts, setCharts] = useState<ChartSet>();
  const needed = state.trained.value;
  useEffect(() => {
    if (needed) void import('./chartSet.js').then(({ chartSet }) => setCharts(chartSet));
  }, [needed]);
  const { labelled = true } = state.about.value ?? {};
  return (
    <section class="card" id="charts" aria-labelledby="charts-title">
      <h2 id="charts-title">Progress</h2>
      {!needed && <p class="hint">The charts appear when training starts.</p>}
      <div class="charts">
        {labelled && (
          <Chart
            draw={charts?.curves}
            why="Each dot is the whole network measured on the test images, after 1, 2, 5, 10, 20, 50 … epochs; the last one is now."
          />
        )}
        <Chart
          draw={charts?.wins}
          why="Homeostasis brings the line towards equal shares; without it, a few neurons take all."
        />
        <Chart
          draw={charts?.activity}
          why="How strongly each neuron responds on average. Those at 0 respond to nothing."
        />
        {labelled && (
          <Chart
            draw={charts?.confusion}
            why={
              state.measured.value?.confusion
                ? 'How often each class was predicted for the images of each class.'
                : 'Appears when some neurons have names.'
            }
          />
        )}
      </div>
    </section>
  );
}

/** Milliseconds between two drawings of one chart, so that a page that trains has time for its visitor. */
const REST = 900;

function Chart({ draw, why }: { draw: (() => SVGSVGElement | undefined) | undefined; why: string }) {
  const figure = useRef<HTMLElement>(null);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!draw) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let drawnAt = Number.NEGATIVE_INFINITY;
    let drawn = false;
    let seen = true;
    const paint = () => {
      timer = undefined;
      // Out of sight it is drawn once, and again when it comes into view.
      if (drawn && !seen && state.measured.value) return;
      drawnAt = performance.now();
      const svg = draw();
      place.current?.replaceChildren(...(svg ? [svg] : []));
      drawn = svg !== undefined;
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
      void [state.measured.value, state.curves.value];
      plan();
    });
    return () => {
      stop();
      inView.disconnect();
      clearTimeout(timer);
    };
  }, [draw]);
  return (
    <figure ref={figure}>
      <div ref={place} class="place" />
      {draw && <figcaption class="hint">{why}</figcaption>}
    </figure>
  );
}

function requestIdle(work: () => void): void {
  if ('requestIdleCallback' in globalThis) requestIdleCallback(work, { timeout: 500 });
  else setTimeout(work, 16);
}
