/**
 * The library in a real browser: a page's worker trains the built-in digits through the public interface, bundled
 * as users bundle it, to the same bits as Node with the same kernels.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import type { Browser } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium, withoutChromium } from './chromium.js';
import { trainDigits } from './page/trainDigits.js';

// Generous: threads that share a busy core with other work wait for each other.
describe.skipIf(withoutChromium !== '')(`in Chromium${withoutChromium}`, { timeout: 180_000 }, () => {
  let folder: string;
  let isolated: Server;
  let plain: Server;
  let browser: Browser;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'selftarget-page-'));
    await build({
      root: join(import.meta.dirname, 'page'),
      logLevel: 'error',
      resolve: {
        alias: { '#platform': join(import.meta.dirname, '../../src/wasm/compute/platform/browser.ts') },
      },
      build: { outDir: folder, emptyOutDir: true, target: 'esnext' },
    });
    isolated = await serve(folder, {
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    });
    plain = await serve(folder, {});
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
    isolated?.close();
    plain?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function trainInPage(
    server: Server,
    kernel: string,
  ): Promise<Awaited<ReturnType<typeof trainDigits>>> {
    const page = await browser.newPage();
    try {
      const { port } = server.address() as AddressInfo;
      await page.goto(`http://127.0.0.1:${port}/index.html?kernel=${kernel}`);
      await page.waitForFunction('document.title !== "training"', undefined, { timeout: 120_000 });
      return JSON.parse(await page.title());
    } finally {
      await page.close();
    }
  }

  test.each(['relaxed', 'plain'] as const)(
    'trains with the %s kernels to the same bits as Node',
    async (kernel) => {
      const here = await trainDigits({ kernel, threads: 2 });
      const there = await trainInPage(isolated, kernel);
      expect(there).toMatchObject({ kernel, threads: 2, warnings: [] });
      expect(there.weights).toBe(here.weights);
      expect(there.accuracy).toBe(here.accuracy);
      expect(there.accuracy).toBeGreaterThan(75);
      // The digest itself must tell other weights apart.
      const other = await trainDigits({ kernel, threads: 1, seed: 2 });
      expect(other.weights).not.toBe(here.weights);
    },
  );

  test('trains with one thread, to the same bits, where memory cannot be shared', async () => {
    const here = await trainDigits({ kernel: 'relaxed', threads: 2 });
    const there = await trainInPage(plain, 'relaxed');
    expect(there.threads).toBe(1);
    expect(there.warnings.join()).toMatch(/cannot be shared/);
    expect(there.weights).toBe(here.weights);
  });
});

async function serve(folder: string, headers: Record<string, string>): Promise<Server> {
  const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript' };
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
    try {
      const body = await readFile(join(folder, path));
      response.writeHead(200, {
        ...headers,
        'Content-Type': types[extname(path)] ?? 'application/octet-stream',
      });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
