/** A document to draw with, and ways to look at what was drawn. */
import { parseHTML } from 'linkedom';

export const { document } = parseHTML('<!doctype html><html></html>') as unknown as { document: Document };

/** The text in the chart, mark by mark. */
export function texts(chart: Element): string[] {
  return [...chart.querySelectorAll('text')].map((text) => text.textContent ?? '');
}

/** How many shapes of that kind, outside the legend. */
export function count(chart: Element, selector: string): number {
  return chart.querySelectorAll(`g[aria-label] ${selector}`).length;
}
