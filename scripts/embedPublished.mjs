// Writes the published figures that the package carries, src/reproduction/published/figures.ts, from docs/published.json.
import { readFile, writeFile } from 'node:fs/promises';

const { source, results } = JSON.parse(await readFile('docs/published.json', 'utf8'));
const notShown = new Set(['train', 'classifier-train']);
const lines = Object.entries(results).map(([key, { n, epochs, ...metrics }]) => {
  const kept = Object.entries(metrics)
    .filter(([metric]) => !notShown.has(metric))
    .map(([metric, { mean, sd, curve }]) => [metric, { mean, sd, curve: curve ?? {} }]);
  return `  ${JSON.stringify(key)}: ${JSON.stringify({ runs: n, epochs, figures: Object.fromEntries(kept) })},`;
});
await writeFile(
  'src/reproduction/published/figures.ts',
  `// Written by scripts/embedPublished.mjs from docs/published.json.
import type { PublishedLog } from './published.js';

/** Where the figures come from. */
export const source =
  ${JSON.stringify(source)};

/** The published error logs, by their path. */
export const logs: Readonly<Record<string, PublishedLog>> = {
${lines.join('\n')}
};
`,
);
