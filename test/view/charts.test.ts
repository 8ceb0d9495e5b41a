import { describe, expect, test } from 'vitest';
import {
  accuracyBars,
  chartStyle,
  confusionMatrix,
  histogram,
  labelCurves,
  learningCurves,
  scatter,
  settlingStates,
  timings,
  winnersPerNeuron,
  winsPerOutput,
} from '../../src/view/index.js';
import { standaloneSvg } from '../../src/view/charts/standalone.js';
import { document, texts } from './drawing.js';

const curve = (...ys: number[]) => ys.map((y, i) => ({ x: i + 1, y }));

describe('learning curves', () => {
  const chart = learningCurves(
    [
      { name: 'mine', points: curve(80, 90, 95), colour: 0 },
      { name: 'published', points: curve(79, 91, 94), colour: 0, dashed: true },
      { name: 'nothing', points: [] },
    ],
    { document },
  );
  const lines = [...chart.querySelectorAll('g[data-mark="line"]')];

  test('are one line for each that was measured, the published one dashed and in the same colour', () => {
    expect(lines).toHaveLength(2);
    expect(lines.map((line) => line.getAttribute('stroke-dasharray'))).toEqual([null, '4 3']);
    expect(lines[0].getAttribute('stroke')).toBe(lines[1].getAttribute('stroke'));
    expect(chart.querySelectorAll('g[data-mark="dot"] circle')).toHaveLength(3);
  });

  test('say what they are: title, legend, axes with units, and words for those who do not see them', () => {
    const all = texts(chart);
    for (const text of ['Learning curves', 'mine', 'published', 'Epoch', 'Accuracy on the test set (%)']) {
      expect(all).toContain(text);
    }
    expect(all).not.toContain('nothing');
    expect(chart.getAttribute('role')).toBe('img');
    expect(chart.getAttribute('aria-label')).toContain('mine: 80 at 1, 95 at 3.');
  });

  test('take their colours from the page, light and dark', () => {
    const names = [...chart.outerHTML.matchAll(/var\((--chart-[\w-]+)/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) expect(chartStyle.split(`${name}:`)).toHaveLength(4);
  });

  test('of long runs do not squeeze the first epochs', () => {
    const points = [1, 10, 200].map((x) => ({ x, y: x }));
    const ticks = texts(learningCurves([{ name: 'long', points }], { document }));
    expect(ticks).toEqual(expect.arrayContaining(['1', '10', '100', '200']));
  });

  test('of nothing are an empty chart', () => {
    expect(learningCurves([], { document }).getAttribute('aria-label')).toContain('Nothing was measured');
  });
});

test('accuracy bars show the floor and the published figure where there is one', () => {
  const bars = [
    { name: 'average', value: 95.888, floor: 60, published: 95.8 },
    { name: 'max', value: 94, floor: 40, range: [92, 95.5] as const },
  ];
  const chart = accuracyBars(bars, { document });
  expect(chart.querySelectorAll('g[data-mark="bar"] rect')).toHaveLength(2);
  // Each with an outline below.
  expect(chart.querySelectorAll('g[data-mark="tick"] line')).toHaveLength(4);
  expect(chart.querySelectorAll('g[data-mark="dot"] circle')).toHaveLength(1);
  expect(texts(chart)).toEqual(expect.arrayContaining(['95.89', '94.00', 'untrained baseline', 'published']));
  expect(chart.getAttribute('aria-label')).toContain('average: 95.89 % (untrained 60.00, published 95.80).');
  expect(chart.getAttribute('aria-label')).toContain('max: 94.00 % (92.0 to 95.5, untrained 40.00).');
});

test('a histogram counts every neuron once', () => {
  const values = [0, 0, 0.1, 0.2, 0.2, 1];
  const chart = histogram(values, { document, title: 'Activity', label: 'Mean output' });
  const heights = [...chart.querySelectorAll('g[data-mark="rect"] rect')].map((rect) =>
    Number(rect.getAttribute('height')),
  );
  const unit = Math.max(...heights) / 2;
  expect(heights.reduce((sum, height) => sum + height / unit, 0)).toBeCloseTo(6);
  expect(chart.getAttribute('aria-label')).toContain('6 neurons, 2 of them at 0');
});

test('a histogram takes values below 0', () => {
  const chart = histogram([-2, -1, 0, 3], { document, title: 'Activity', label: 'Mean output' });
  expect(chart.outerHTML).not.toContain('NaN');
});

test('winners per neuron are in order, beside equal shares', () => {
  const chart = winnersPerNeuron([{ name: 'trained', wins: [1, 5, 3] }], { document, equalShare: 3 });
  expect(chart.getAttribute('aria-label')).toContain('trained: 5 at 1, 1 at 3.');
  expect(texts(chart)).toContain('equal shares');
});

test('a confusion matrix gives counts, and the recall of each class', () => {
  const chart = confusionMatrix([Uint32Array.of(3, 1), Uint32Array.of(0, 0)], ['cat', 'dog'], { document });
  expect(chart.querySelectorAll('g[data-mark="cell"] rect')).toHaveLength(4);
  expect(texts(chart)).toEqual(expect.arrayContaining(['3', '1', '75.0 %', 'cat', 'dog']));
  expect(chart.getAttribute('aria-label')).toContain('dog: - % correct');
});

test('accuracy against labels has the amounts as ticks, and spreads', () => {
  const points = [100, 600, 3000].map((x) => ({ x, y: 90, spread: 2 }));
  const chart = labelCurves([{ name: 'measured', points }], { document });
  expect(texts(chart)).toEqual(expect.arrayContaining(['100', '600', '3000', 'Labelled training items']));
  expect(chart.querySelectorAll('g[data-mark="rule"] line')).toHaveLength(3);
});

test('a scatter names each class where it gathers', () => {
  const points = [0, 1, -1, 0].map((label, i) => ({ x: i, y: i * i, label }));
  const chart = scatter(points, ['cat', 'dog', 'bird'], { document });
  expect(chart.querySelectorAll('g[data-mark="dot"] circle')).toHaveLength(4);
  expect(texts(chart)).toEqual(expect.arrayContaining(['cat', 'dog']));
  expect(texts(chart)).not.toContain('bird');
});

test('timings begin at 0', () => {
  const chart = timings([{ name: 'training', points: curve(5, 6) }], { document });
  expect(texts(chart)).toEqual(expect.arrayContaining(['0', 'Seconds']));
});

test('settling states are a line a neuron, one legend entry a kind, and show where the nudge begins', () => {
  const states = [
    { name: 'winners', colour: 0, points: curve(0, 0.4, 0.6) },
    { name: 'winners', colour: 0, points: curve(0, 0.3, 0.5) },
    { name: 'others', colour: 1, points: curve(0, 0.2, 0.1) },
  ];
  const chart = settlingStates(states, { document, nudge: 2 });
  expect(chart.querySelectorAll('g[data-mark="line"]')).toHaveLength(4);
  expect(texts(chart).filter((text) => text === 'winners')).toHaveLength(1);
  expect(chart.getAttribute('aria-label')).toContain('the nudge begins: 0 at 2, 0.6 at 2.');
});

test('a chart can stand alone as a file with its colours', () => {
  const chart = timings([{ name: 'a < b & "c"', points: curve(5, 6) }], { document });
  const file = standaloneSvg(chart);
  expect(file).toMatch(/^<svg[^>]* xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  expect(file).toContain('prefers-color-scheme: dark');
  expect(file).toContain('a &lt; b &amp; ');
  expect(chart.querySelector('style')?.textContent).not.toContain('prefers-color-scheme');
});

test('names at the ends of lines do not overlap, and need no legend', () => {
  const names = ['first', 'second', 'third'];
  const lines = names.map((name, i) => ({ name, points: curve(80, 95 + i / 100), colour: i }));
  const chart = learningCurves(lines, { document, direct: true });
  const places = names.map((name) => {
    const own = [...chart.querySelectorAll('text')].filter((text) => text.textContent === name);
    expect(own).toHaveLength(1);
    const [, y] = /translate\([-\d.]+,([-\d.]+)\)/.exec(own[0].outerHTML) ?? [];
    return Number(y);
  });
  // Higher accuracy, higher name: a line of text apart, and inside the plane.
  expect(places[0] - places[1]).toBeGreaterThan(12);
  expect(places[1] - places[2]).toBeGreaterThan(12);
  for (const y of places) expect(y).toBeLessThan(290);
});

test('a line over several runs has a band, and lines behind it are in no legend', () => {
  const points = [1, 2].map((x) => ({ x, y: 90, range: [88, 93] as const }));
  const chart = learningCurves(
    [
      { name: 'mean', points },
      { name: 'behind', points: curve(80, 81), quiet: true },
    ],
    { document },
  );
  expect(chart.querySelectorAll('g[data-mark="area"] path')).toHaveLength(1);
  expect(texts(chart)).toContain('mean');
  expect(texts(chart)).not.toContain('behind');
  expect(chart.getAttribute('aria-label')).not.toContain('behind');
});

test('a few outputs have a bar each, by name', () => {
  const outputs = [
    { name: 'cat', wins: 7, untrained: 9 },
    { name: 'ship', wins: 2, untrained: 0 },
  ];
  const chart = winsPerOutput(outputs, { document, equalShare: 4.33 });
  expect(chart.querySelectorAll('g[data-mark="bar"] rect')).toHaveLength(2);
  expect(texts(chart)).toEqual(expect.arrayContaining(['cat', 'ship', '7', '2', 'equal shares: 4.33']));
  expect(chart.getAttribute('aria-label')).toContain('cat: 7. ship: 2.');
});
