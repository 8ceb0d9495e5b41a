/** The page where something is missing: it works without, or says what it needs. */
import { cpSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { describePage, folder, labelForMe, ready, trainToTheEnd } from './harness.js';

/** A server that knows nothing of isolation. */
async function plainHost(root: string): Promise<string> {
  const types: Record<string, string> = {
    '.html': 'text/html',
    '.js': 'text/javascript',
    '.css': 'text/css',
    '.json': 'application/json',
    '.svg': 'image/svg+xml',
  };
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname.replace(/\/$/, '/index.html');
    try {
      const body = readFileSync(join(root, path));
      response.writeHead(200, { 'Content-Type': types[extname(path)] ?? 'application/octet-stream' });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describePage('the page where something is missing', (bench) => {
  test('trains on one thread from any folder of a plain static host', async () => {
    const root = join(bench.temporary, 'host');
    cpSync(folder, join(root, 'some', 'folder'), { recursive: true });
    const at = await plainHost(root);
    const page = await bench.opened({ at: `${at}/some/folder/` });
    await page.getByText(/does not allow shared memory/).waitFor();
    await trainToTheEnd(page);
    expect(await labelForMe(page, 'all')).toBeGreaterThan(88);
    await page.getByText(/Kernels: \w+, 1 thread\./).waitFor();
  });

  test('shows pictures without a canvas', async () => {
    const page = await bench.opened({
      before: (each) =>
        each.addInitScript(() => {
          HTMLCanvasElement.prototype.getContext = () => null;
        }),
    });
    await page.getByText(/This browser has no canvas/).waitFor();
    await ready(page);
    await trainToTheEnd(page);
    expect(await labelForMe(page, 'all')).toBeGreaterThan(88);
    const size = await page
      .locator('.grid img')
      .evaluate((image) => (image as HTMLImageElement).naturalWidth);
    expect(size).toBe(10 * 9 - 1);
  });

  test('says so without WebAssembly SIMD', async () => {
    const page = await bench.opened({
      before: (each) =>
        each.route(/assets\/worker-[^/]*\.js$/, async (route) => {
          const response = await route.fetch();
          const body = `WebAssembly.validate = () => false;\n${await response.text()}`;
          await route.fulfill({ response, body });
        }),
    });
    await page.getByRole('heading', { name: 'No network can be trained here' }).waitFor();
    expect(await page.getByRole('alert').innerText()).toMatch(/WebAssembly SIMD/);
  });

  test.each(['Worker', 'WebAssembly'])('says so without %s', async (name) => {
    const page = await bench.opened({
      before: (each) => each.addInitScript((global) => Reflect.deleteProperty(globalThis, global), name),
    });
    expect(await page.getByRole('alert').innerText()).toContain(
      name === 'Worker' ? 'Web Workers' : 'WebAssembly',
    );
  });
});
