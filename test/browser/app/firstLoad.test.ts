/** The first look: how much is transferred, whether anything moves, and whether anything is said too early. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, get as forward } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { describePage, folder, ready, trainToTheEnd } from './harness.js';

interface Shift {
  readonly value: number;
}

/** Counts layout shifts from the beginning. */
function watchShifts(page: Page): Promise<unknown> {
  return page.addInitScript(() => {
    const shifts: Shift[] = [];
    Object.assign(globalThis, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) shifts.push({ value: (entry as unknown as Shift).value });
    }).observe({ type: 'layout-shift', buffered: true });
  });
}

const shifted = (page: Page) =>
  page.evaluate(() =>
    (globalThis as unknown as { shifts: Shift[] }).shifts.reduce((sum, { value }) => sum + value, 0),
  );

/** Stands between browser and server and counts what the server sends: a browser does not report what workers fetch. */
async function counting(to: string) {
  let bytes = 0;
  const paths: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    paths.push(path);
    const { host: _, ...headers } = request.headers;
    forward(new URL(path, to), { headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      answer.pipe(response);
    }).end();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { address: `http://127.0.0.1:${port}/`, total: () => bytes, paths };
}

describePage('the first look at the page', (bench) => {
  test('takes less than 250 kB until it can be used, and fetches the charts when they are needed', async () => {
    const wire = await counting(bench.address);
    const page = await bench.opened({ at: wire.address });
    await ready(page);
    await page.waitForTimeout(1500);
    const first = wire.total();
    const isCharts = (path: string) => path.includes('chartSet');
    expect(wire.paths.some(isCharts)).toBe(false);
    await trainToTheEnd(page);
    await page.locator('#charts svg').first().waitFor();
    await page.waitForTimeout(500);
    console.log(
      `transferred until the page can be used: ${(first / 1000).toFixed(0)} kB; with the charts ${(wire.total() / 1000).toFixed(0)} kB`,
    );
    expect(wire.paths.some(isCharts)).toBe(true);
    expect(first).toBeGreaterThan(100_000);
    expect(first).toBeLessThan(250_000);
  });

  test('all of it, what few visitors need included, is under 450 kB compressed', () => {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, name))
      .filter((path) => statSync(path).isFile());
    const bytes = files.reduce((sum, path) => sum + gzipSync(readFileSync(path)).length, 0);
    console.log(`all files of the page: ${(bytes / 1000).toFixed(0)} kB compressed`);
    expect(bytes).toBeLessThan(450_000);
  });

  test.each([
    [1280, 800],
    [1680, 1050],
    [390, 844],
  ])('nothing moves at the start: %i x %i', async (width, height) => {
    const page = await bench.opened({ viewport: { width, height }, before: watchShifts });
    await ready(page);
    await page.waitForTimeout(1500);
    const sum = await shifted(page);
    console.log(`layout shift at ${width} x ${height}: ${sum.toFixed(4)}`);
    // Google calls less than 0.1 good; only a word or two may be replaced here.
    expect(sum).toBeLessThan(0.01);
  });

  test('says nothing about data that are not there yet', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const page = await bench.opened({
      before: (each) =>
        each.route(/assets\/worker-[^/]*\.js$/, async (route) => {
          await held;
          await route.continue();
        }),
    });
    await page.getByRole('heading', { name: 'Name the neurons' }).waitFor();
    const text = await page.locator('body').innerText();
    expect(text).toContain('Loading');
    expect(text).not.toMatch(/no labels|without labels, so|No neuron|Not trained|correct|noise/);
    const enabled = await page.locator('main button:enabled:not([role=tab])').count();
    release();
    await ready(page);
    expect(enabled).toBeLessThan(4);
  });
});
