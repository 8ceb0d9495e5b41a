/** Data of one's own in a real browser, bundled as users bundle it: the same values as in Node. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { build } from 'vite';
import { expect, onTestFinished, test } from 'vitest';
import { launchChromium, withoutChromium } from './chromium.js';
import { readOwnData, tableText } from './dataPage/readOwnData.js';

const fixtures = join(import.meta.dirname, '..', 'data', 'fixtures');

test.skipIf(withoutChromium !== '')(
  `pictures, tables and MAT-files are read in Chromium as in Node${withoutChromium}`,
  { timeout: 120_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'selftarget-data-page-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await build({
      root: join(import.meta.dirname, 'dataPage'),
      logLevel: 'error',
      resolve: {
        alias: { '#platform': join(import.meta.dirname, '../../src/wasm/compute/platform/browser.ts') },
      },
      build: { outDir: folder, emptyOutDir: true, target: 'esnext' },
    });
    const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript' };
    const server = createServer(async (request, response) => {
      const path = new URL(request.url ?? '/', 'http://localhost').pathname;
      const file = path.startsWith('/fixtures/') ? join(fixtures, path.slice(10)) : join(folder, path);
      try {
        const body = await readFile(file);
        response.writeHead(200, { 'Content-Type': types[extname(path)] ?? 'application/octet-stream' });
        response.end(body);
      } catch {
        response.writeHead(404).end();
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const browser = await launchChromium();
    onTestFinished(() => browser.close());
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/index.html`);
    await page.waitForFunction('document.title !== "reading"', undefined, { timeout: 60_000 });
    const here = await readOwnData(
      async (name) => new Uint8Array(await readFile(join(fixtures, name))),
      tableText,
    );
    expect(JSON.parse(await page.title())).toEqual(JSON.parse(JSON.stringify(here)));
    expect(here.pictures).toMatchObject({ shape: [9, 12, 1], classes: ['down', 'up'] });
    expect(here.table.sum).toBeGreaterThan(0);
  },
);
