// Photographs the report of `selftarget train` for README. Needs the built package and Chromium.
//   npm run build && node scripts/photographReport.mjs
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { launchChromium } from './chromium.mjs';

const folder = await mkdtemp(join(tmpdir(), 'selftarget-report-'));
const run = join(folder, 'digits-seed1');
const { status } = spawnSync(process.execPath, ['dist/cli/main.js', 'train', '--out', run], {
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);
const browser = await launchChromium();
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' });
  await page.goto(pathToFileURL(join(run, 'report.html')).href);
  await page.screenshot({ path: 'docs/screenshots/report.png' });
} finally {
  await browser.close();
  await rm(folder, { recursive: true });
}
