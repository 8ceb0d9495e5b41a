/**
 * Colours of the charts, as CSS variables with the light ones to fall back on: one SVG serves light and dark mode.
 * Text and axes take `currentColor`.
 */

/** Told apart by people with any of the common colour blindnesses (after Okabe and Ito), and 3:1 to the ground. */
const series = {
  light: ['#0072b2', '#d55e00', '#00805c', '#b5478a', '#7a6a00', '#5b4fc4'],
  dark: ['#56b4e9', '#f5a04a', '#2bc79a', '#e391c2', '#d8c537', '#a79ff5'],
};

/** Ten, as data sets often have; more than eyes tell apart without the names that the charts write beside them. */
const classes = {
  light: [
    ...['#2f5bd0', '#b07a00', '#d9432c', '#128a7d', '#2d8a35'],
    ...['#d14b93', '#8a44dd', '#3a8fc4', '#8a5636', '#6d7178'],
  ],
  dark: [
    ...['#7d9cf5', '#f0b93a', '#ff8a73', '#5fd0c2', '#6fcf77'],
    ...['#ff9ac5', '#bd8dff', '#8cc9f0', '#c9946f', '#b0b4bb'],
  ],
};

const quiet = { light: '#6b7078', dark: '#9aa0a8' };

/** The colour of the `index`-th series, from 0; they repeat after six. */
export function seriesColour(index: number): string {
  const i = index % series.light.length;
  return `var(--chart-series-${i}, ${series.light[i]})`;
}

/** The colour of class `index`, from 0; they repeat after ten. */
export function classColour(index: number): string {
  const i = index % classes.light.length;
  return `var(--chart-class-${i}, ${classes.light[i]})`;
}

/** The same as one mode has it, for what CSS variables do not reach: a canvas. */
export function classColourIn(mode: 'light' | 'dark', index: number): string {
  return classes[mode][index % classes[mode].length];
}

/** Of marks that everything else is compared with. */
export const quietColour = `var(--chart-quiet, ${quiet.light})`;

/** The page's ground, for outlines around text. */
export const groundColour = 'var(--chart-ground, #ffffff)';

function variables(mode: 'light' | 'dark'): string {
  return [
    ...series[mode].map((colour, i) => `--chart-series-${i}: ${colour};`),
    ...classes[mode].map((colour, i) => `--chart-class-${i}: ${colour};`),
    `--chart-quiet: ${quiet[mode]};`,
    `--chart-ground: ${mode === 'light' ? '#ffffff' : '#16181c'};`,
  ].join(' ');
}

/**
 * CSS that gives the charts their colours, in dark mode too. A page that lets people choose the mode sets
 * `data-theme` to `light` or `dark` on its root element.
 */
export const chartStyle = `
:root { ${variables('light')} }
@media (prefers-color-scheme: dark) { :root:not([data-theme='light']) { ${variables('dark')} } }
:root[data-theme='dark'] { ${variables('dark')} }
svg.chart { --plot-background: var(--chart-ground); max-width: 100%; height: auto; font-family: system-ui, sans-serif; }
`.trim();
