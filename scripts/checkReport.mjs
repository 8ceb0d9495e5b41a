// Whether a run's report stays small and opens at once: under 3 MB, drawn within a second in Chromium.
//   node scripts/checkReport.mjs runs/unsupervised-bp-2layer-seed1/report.html
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { launchChromium } from './chromium.mjs';

const [file] = process.argv.slice(2);
if (!file) {
  console.error('usage: node scripts/checkReport.mjs RUN/report.html');
  process.exit(2);
}
const ROUNDS = 5;
const { size } = await stat(file);
const browser = await launchChromium();
const times = [];
for (let round = 0; round < ROUNDS; round++) {
  const page = await browser.newPage();
  await page.goto(pathToFileURL(resolve(file)).href);
  // Two frames after loading: everything has been laid out and painted.
  const milliseconds = await page.evaluate(
    () =>
      new Promise((done) => {
        requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())));
      }),
  );
  times.push(milliseconds);
  await page.close();
}
await browser.close();
const median = times.sort((a, b) => a - b)[ROUNDS >> 1];
console.log(
  `${file}: ${(size / 1e6).toFixed(2)} MB, on the screen after ${median.toFixed(0)} ms (median of ${ROUNDS})`,
);
if (size >= 3e6 || median >= 1000) {
  console.error('too much: a report is to stay under 3 MB and to open within a second');
  process.exit(1);
}
