/** The library in pages, bundled by Vite and by esbuild with their defaults, in Chromium. */
import { cpSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { Browser } from 'playwright-core';
import { createServer as createDevServer } from 'vite';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { launchChromium, withoutChromium } from '../browser/chromium.js';
import { esbuild, packed, project, type Tarballs, tool, withoutRegistry } from './packages.js';

const without = withoutRegistry || withoutChromium;

const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Percent; guessing gives 10, and the few epochs here about 59. */
const LEARNED = 40;

interface Trained {
  readonly threads: number;
  readonly accuracy: number;
  readonly warnings: readonly string[];
}

describe.skipIf(without !== '')(`the library in a bundle${without}`, { timeout: 180_000 }, () => {
  let tarballs: Tarballs;
  let folder: string;
  let remove: () => void;
  let browser: Browser;
  const built = new Map<string, string>();

  beforeAll(async () => {
    tarballs = await packed();
    ({ folder, remove } = await project([tarballs.library]));
    cpSync(join(import.meta.dirname, 'page'), folder, { recursive: true });
    writeFileSync(join(folder, 'index.html'), '<script type="module" src="/vitePage.js"></script>');
    browser = await launchChromium();
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    remove?.();
    tarballs?.remove();
  });

  const bundlers = {
    async vite() {
      const printed = await tool(folder, 'vite/bin/vite.js', ['build']);
      expect(printed).not.toMatch(/warn|externalized/i);
      return join(folder, 'dist');
    },
    async esbuild() {
      const out = join(folder, 'out');
      await esbuild(folder, ['plainPage.js', 'trainer.js', '--bundle', '--outdir=out']);
      writeFileSync(join(out, 'index.html'), '<script src="plainPage.js"></script>');
      return out;
    },
  };

  async function trainIn(bundler: keyof typeof bundlers, headers: Record<string, string>) {
    let page = built.get(bundler);
    if (page === undefined) built.set(bundler, (page = await bundlers[bundler]()));
    const server = await serve(page, headers);
    try {
      return await trainAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}/index.html`);
    } finally {
      server.close();
    }
  }

  async function trainAt(address: string) {
    const tab = await browser.newPage();
    try {
      const errors: string[] = [];
      tab.on('pageerror', (error) => errors.push(String(error)));
      await tab.goto(address);
      // By asking again and again: the page's policy may forbid evaluating what would wait inside it.
      await expect.poll(() => tab.title(), { timeout: 120_000, interval: 200 }).toMatch(/^\{/);
      expect(errors).toEqual([]);
      return JSON.parse(await tab.title()) as { inPage: Trained; inWorker: Trained };
    } finally {
      await tab.close();
    }
  }

  test.each(['vite', 'esbuild'] as const)(
    'of %s trains with threads where the page is isolated',
    async (bundler) => {
      const { inPage, inWorker } = await trainIn(bundler, isolation);
      expect(inWorker).toMatchObject({ threads: 2, warnings: [] });
      expect(inWorker.accuracy).toBeGreaterThan(LEARNED);
      // A page's main thread must not wait, so it does all by itself, to the same result.
      expect(inPage.threads).toBe(1);
      expect(inPage.warnings.join()).toMatch(/main thread/);
      expect(inPage.accuracy).toBe(inWorker.accuracy);
    },
  );

  test.each(['vite', 'esbuild'] as const)('of %s trains on one thread where it is not', async (bundler) => {
    const { inPage, inWorker } = await trainIn(bundler, {});
    for (const { threads, warnings, accuracy } of [inPage, inWorker]) {
      expect(threads).toBe(1);
      expect(warnings.join()).toMatch(/cross-origin isolation/);
      expect(accuracy).toBeGreaterThan(LEARNED);
    }
  });

  test("trains in pages of Vite's development server", async () => {
    const server = await createDevServer({
      root: folder,
      logLevel: 'error',
      server: { port: 0, headers: isolation },
    });
    onTestFinished(() => server.close());
    await server.listen();
    const { inPage, inWorker } = await trainAt(server.resolvedUrls?.local[0] ?? '');
    expect(inWorker).toMatchObject({ threads: 2, warnings: [] });
    expect(inPage.accuracy).toBe(inWorker.accuracy);
  });

  test('trains on one thread, and says why, where a policy forbids workers from text', async () => {
    const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";
    const { inWorker } = await trainIn('vite', { ...isolation, 'Content-Security-Policy': policy });
    expect(inWorker.threads).toBe(1);
    expect(inWorker.warnings.join()).toMatch(/worker-src blob:/);
    expect(inWorker.accuracy).toBeGreaterThan(LEARNED);
  });
});

async function serve(folder: string, headers: Record<string, string>): Promise<Server> {
  const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript' };
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    try {
      const body = await readFile(join(folder, pathname));
      const type = types[extname(pathname)] ?? 'application/octet-stream';
      response.writeHead(200, { ...headers, 'Content-Type': type }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
