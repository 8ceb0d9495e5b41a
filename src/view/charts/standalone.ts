/** A chart as a separate file, which brings its colours and ground along. */
import { chartStyle } from './theme.js';

const MARGIN = 10;

const ground = `
svg.chart { color: #1b1d21; background: var(--chart-ground); }
@media (prefers-color-scheme: dark) { svg.chart { color: #e6e8eb; } }`;

/** The text of an SVG file that shows `chart` in light and dark mode, in an `<img>` too. */
export function standaloneSvg(chart: SVGSVGElement): string {
  const svg = chart.cloneNode(true) as SVGSVGElement;
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  // Room around it, which a page would give.
  const [width, height] = ['width', 'height'].map((side) => Number(svg.getAttribute(side)) + 2 * MARGIN);
  svg.setAttribute('viewBox', `${-MARGIN} ${-MARGIN} ${width} ${height}`);
  svg.setAttribute('width', String(width));
  svg.setAttribute('height', String(height));
  const style = chart.ownerDocument.createElementNS('http://www.w3.org/2000/svg', 'style');
  style.textContent = chartStyle + ground;
  svg.insertBefore(style, svg.firstChild);
  return `${svg.outerHTML}\n`;
}
