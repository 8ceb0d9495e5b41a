// Renders docs/results/reproduction.md with its figures, as `selftarget reproduce all --no-run --runs docs/results/runs
// --out docs/results` does, and the README's table. With --check it only reports whether they are up to date. Needs the
// built package.
import { readFile, writeFile } from 'node:fs/promises';
import { readRunFolders } from '../dist/view/node/readRuns.js';
import { renderReproduction, writeReproduction } from '../dist/reproduction/reproduce.js';
import { RunSet } from '../dist/reproduction/runSet.js';
import { summaryTable } from '../dist/reproduction/tables.js';

const runs = await readRunFolders('docs/results/runs');
const command = 'selftarget reproduce all --no-run --runs docs/results/runs --out docs/results';
const options = { runs, runsFolder: 'docs/results/runs', out: 'docs/results', command };
const before = await readFile('README.md', 'utf8');
const table = [
  '<!-- table -->',
  ...summaryTable(new RunSet(runs.map(({ run }) => run))),
  '<!-- /table -->',
].join('\n');
const readme = before.replace(/<!-- table -->[^]*<!-- \/table -->/, () => table);

if (process.argv.includes('--check')) {
  const stale = readme === before ? [] : ['README.md'];
  for (const [path, content] of await renderReproduction(options)) {
    if ((await readFile(path, 'utf8').catch(() => '')) !== content) stale.push(path);
  }
  if (stale.length > 0) {
    console.error(`${stale.join(', ')}: not what the logs say; run node scripts/renderReproduction.mjs`);
    process.exit(1);
  }
} else {
  await writeReproduction(options);
  await writeFile('README.md', readme);
}
