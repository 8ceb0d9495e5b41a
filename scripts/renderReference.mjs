// Renders what docs/reference/ shows of the code: settings with their JSON Schema, presets, and events. With --check it
// only reports whether they are up to date. Needs the built package.
import { readFile, writeFile } from 'node:fs/promises';
import { eventsPage } from './reference/events.mjs';
import { presetsPage } from './reference/presets.mjs';
import { settingsPage, settingsSchema } from './reference/settings.mjs';

const folder = 'docs/reference';
const files = {
  'settings.md': settingsPage(),
  'settings.schema.json': `${JSON.stringify(settingsSchema(), undefined, 2)}\n`,
  'presets.md': await presetsPage(),
  'events.md': await eventsPage('src/run/events.ts'),
};

const check = process.argv.includes('--check');
const stale = [];
for (const [name, content] of Object.entries(files)) {
  const path = `${folder}/${name}`;
  if ((await readFile(path, 'utf8').catch(() => '')) === content) continue;
  stale.push(path);
  if (!check) await writeFile(path, content);
}
if (check && stale.length > 0) {
  console.error(`${stale.join(', ')}: not what the code says; run node scripts/renderReference.mjs`);
  process.exit(1);
}
