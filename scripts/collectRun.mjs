// Copies what docs/ keeps of a run, its configuration and log, to docs/results/runs/NAME. Paths of the machine it ran on are
// left out.
//   node scripts/collectRun.mjs runs/unsupervised-bp-1layer-seed1 ...
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

for (const folder of process.argv.slice(2)) {
  const to = join('docs/results/runs', basename(folder));
  await mkdir(to, { recursive: true });
  await writeFile(join(to, 'config.json'), await readFile(join(folder, 'config.json')));
  const entries = (await readFile(join(folder, 'log.jsonl'), 'utf8')).trim().split('\n');
  const kept = entries
    .map((line) => JSON.parse(line))
    .filter(({ event }) => event !== 'checkpoint')
    .map((entry) => JSON.stringify(entry).replaceAll(folder, `runs/${basename(folder)}`));
  await writeFile(join(to, 'log.jsonl'), `${kept.join('\n')}\n`);
}
