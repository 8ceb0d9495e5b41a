/** What every chart has: a title, a legend where there is something to tell apart, and a name for screen readers. */
import { plot, type PlotOptions } from '@observablehq/plot';
import type { ChartOptions } from './chartOptions.js';

export interface LegendEntry {
  readonly name: string;
  readonly colour: string;
  readonly shape: 'line' | 'dashes' | 'square' | 'tick' | 'ring' | 'dot';
}

export interface Frame {
  readonly title: string;
  /** What is to be seen, in words. */
  readonly description: string;
  readonly legend?: readonly LegendEntry[];
  /** Of the vertical axis, written above it. */
  readonly yLabel?: string;
  /** Height without title and legend. */
  readonly height: number;
  readonly plot: PlotOptions;
}

/** That of a chart, in pixels, by default: a phone shrinks it little. */
export const WIDTH = 400;
const FONT = 12;
/** Mean width of a character, over its size: there is nothing to measure text with outside a browser. */
const CHARACTER = 0.56;
const TITLE = 26;
const ROW = 18;
const KEY = 22;
const GAP = 14;

/** Draws `frame`; the SVG stands alone but for the colours of `chartStyle`. */
export function draw(frame: Frame, options: ChartOptions): SVGSVGElement {
  const { document = globalThis.document, width = WIDTH, title = frame.title } = options;
  const rows = layOut(options.legend === false ? [] : (frame.legend ?? []), width);
  const heading = TITLE + rows.length * ROW;
  const top = heading + (frame.yLabel ? 28 : 8);
  const height = Math.round(options.height ?? frame.height + top);
  const svg = plot({
    ...{ marginLeft: 48, marginRight: 16, marginBottom: 40, ...frame.plot },
    ...{ document, width, height, marginTop: top },
    style: { fontSize: `${FONT}px`, fontFamily: 'system-ui, sans-serif', overflow: 'visible' },
  }) as SVGSVGElement;
  // A chart is one picture with one description; groups inside it may have none of their own.
  for (const mark of Array.from(svg.querySelectorAll('[aria-label]'))) {
    mark.setAttribute('data-mark', mark.getAttribute('aria-label') ?? '');
    mark.removeAttribute('aria-label');
  }
  svg.setAttribute('class', `${svg.getAttribute('class') ?? ''} chart`.trim());
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', `${title}. ${frame.description}`);
  const pen = new Pen(document, svg);
  pen.text(title, 0, 15, { 'font-weight': '600', 'font-size': '14' });
  if (frame.yLabel) pen.text(frame.yLabel, 0, heading + (rows.length > 0 ? 14 : 10), {});
  for (const [r, row] of rows.entries()) {
    const y = TITLE + r * ROW + 8;
    for (const { entry, x } of row) {
      pen.key(entry, x, y);
      pen.text(entry.name, x + KEY, y + 4, {});
    }
  }
  return svg;
}

/** Width of `text` in pixels, about. */
export function textWidth(text: string, size = FONT): number {
  return text.length * size * CHARACTER;
}

function layOut(legend: readonly LegendEntry[], width: number) {
  const rows: { entry: LegendEntry; x: number }[][] = [];
  let x = Infinity;
  for (const entry of legend) {
    const wide = KEY + textWidth(entry.name);
    if (x + wide > width) {
      rows.push([]);
      x = 0;
    }
    rows[rows.length - 1].push({ entry, x });
    x += wide + GAP;
  }
  return rows;
}

class Pen {
  readonly #document: Document;
  readonly #svg: SVGSVGElement;

  constructor(document: Document, svg: SVGSVGElement) {
    this.#document = document;
    this.#svg = svg;
  }

  text(content: string, x: number, y: number, attributes: Record<string, string>): void {
    this.#add('text', { x, y, fill: 'currentColor', 'text-anchor': 'start', ...attributes }).textContent =
      content;
  }

  key({ colour, shape }: LegendEntry, x: number, y: number): void {
    const stroke = { stroke: colour, 'stroke-width': 2, fill: 'none' };
    if (shape === 'square') this.#add('rect', { x, y: y - 6, width: 16, height: 12, fill: colour });
    else if (shape === 'tick') this.#add('path', { d: `M${x + 8},${y - 7}V${y + 7}`, ...stroke });
    else if (shape === 'dot') this.#add('circle', { cx: x + 8, cy: y, r: 5, fill: colour });
    else if (shape === 'ring') this.#add('circle', { cx: x + 8, cy: y, r: 4, ...stroke });
    else {
      const dashes = shape === 'dashes' ? '4 3' : 'none';
      this.#add('path', { d: `M${x},${y}H${x + 16}`, ...stroke, 'stroke-dasharray': dashes });
    }
  }

  #add(name: string, attributes: Record<string, string | number>): Element {
    const element = this.#document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
    this.#svg.append(element);
    return element;
  }
}
