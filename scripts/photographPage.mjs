// Photographs the page for docs/: on a laptop in light and dark mode, on a wide screen and on a phone. Needs the built package and Chromium.
//   npm run build && node scripts/photographPage.mjs
import { mkdir, writeFile } from 'node:fs/promises';
import { decode, encode } from 'fast-png';
import { launchChromium } from './chromium.mjs';
import { startServing } from '../dist/serve/server.js';

const shots = [
  { name: 'page-light', colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  { name: 'page-dark', colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
  { name: 'page-wide', colorScheme: 'light', viewport: { width: 1680, height: 1050 } },
  { name: 'page-phone', colorScheme: 'light', viewport: { width: 390, height: 844 }, hasTouch: true },
  { name: 'page-phone-dark', colorScheme: 'dark', viewport: { width: 390, height: 844 }, hasTouch: true },
];

await mkdir('docs/screenshots', { recursive: true });
const serving = await startServing({ page: 'dist/app', port: 0 });
const browser = await launchChromium();
try {
  for (const { name, ...context } of shots) {
    const page = await (await browser.newContext(context)).newPage();
    await page.goto(serving.address);
    await page.getByLabel('Full speed').check();
    await page.getByRole('button', { name: 'Start training' }).click();
    await page.getByText(/^Finished: /).waitFor();
    await page.getByRole('button', { name: '50', exact: true }).click();
    await page
      .getByText(/using 50 labels/)
      .first()
      .waitFor();
    const tryIt = page.getByRole('tab', { name: 'Try it' });
    if (await tryIt.count()) await tryIt.click();
    await drawThree(page);
    await page.evaluate(() => {
      document.activeElement?.blur();
      scrollTo(0, 0);
    });
    await page.mouse.move(2, 2);
    // Flashes fade.
    await page.waitForTimeout(1200);
    await writeFile(`docs/screenshots/${name}.png`, inFewColours(await page.screenshot()));
    await page.context().close();
  }
} finally {
  await browser.close();
  await serving.close();
}

async function drawThree(page) {
  const surface = page.getByRole('application');
  await surface.scrollIntoViewIfNeeded();
  const { x, y, width, height } = await surface.boundingBox();
  const corners = '35,18 55,15 64,28 55,44 45,47 58,50 66,65 55,82 35,82'
    .split(' ')
    .map((corner) => corner.split(','));
  for (const [i, [across, down]] of corners.entries()) {
    await page.mouse.move(x + (across / 100) * width, y + (down / 100) * height, { steps: 4 });
    if (i === 0) await page.mouse.down();
  }
  await page.mouse.up();
  await page.getByText(/Prediction/).waitFor();
}

/** A third of the bytes: flat areas keep their colour, everything else gets one of 16 values a channel. */
function inFewColours(png) {
  const { width, height, channels, data } = decode(png);
  const keyAt = (pixel) =>
    (data[pixel * channels] << 16) | (data[pixel * channels + 1] << 8) | data[pixel * channels + 2];
  const counts = new Map();
  for (let pixel = 0; pixel < width * height; pixel++)
    counts.set(keyAt(pixel), (counts.get(keyAt(pixel)) ?? 0) + 1);
  const few = new Uint8Array(3 * width * height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const isFlat = counts.get(keyAt(pixel)) > 0.001 * width * height;
    for (let c = 0; c < 3; c++) {
      const value = data[pixel * channels + c];
      few[3 * pixel + c] = isFlat ? value : Math.min(255, Math.round(value / 17) * 17);
    }
  }
  return encode({ width, height, data: few, depth: 8, channels: 3 }, { zlib: { level: 9 } });
}
