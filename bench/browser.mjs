// The same training in Chromium and in Node, in turn: npm run bench -- browser [PRESET] [--items 4000] [--rounds 5].
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launchChromium } from '../scripts/chromium.mjs';
import { build } from 'vite';
import { describeDataSet } from '../dist/data/node/load.js';
import { resolveConfig } from '../dist/run/settings.js';
import { startServing } from '../dist/serve/server.js';
import { median } from '../dist/statistics/describe.js';

const beside = (path) => fileURLToPath(new URL(path, import.meta.url));

/** @param {{ preset: string, items: number, rounds: number, threads: number, dataDir: string, node: string }} options */
export async function compareWithBrowser({ preset, items, rounds, threads, dataDir, node }) {
  const config = await resolveConfig({ preset });
  const work = { config, items, threads, kernel: 'relaxed' };
  const { found } = await describeDataSet('mnist', { dataDir });
  const [images, labels] = ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte'].map(
    (name) => found.find(({ file }) => file === name)?.path,
  );
  if (!images || !labels) throw new Error('MNIST is not here; selftarget datasets fetch mnist');
  const page = await mkdtemp(join(tmpdir(), 'selftarget-bench-'));
  const cleanUp = [() => rm(page, { recursive: true })];
  try {
    await build({
      root: beside('browser'),
      logLevel: 'error',
      build: { outDir: page, emptyOutDir: true, target: 'esnext' },
      worker: { format: 'es' },
    });
    const serving = await startServing({ page, port: 0, dataDir });
    cleanUp.unshift(() => serving.close());
    const browser = await launchChromium();
    cleanUp.unshift(() => browser.close());
    const inBrowser = [];
    const inNode = [];
    for (let round = 0; round < rounds; round++) {
      inBrowser.push(await runInBrowser(browser, serving.address, work));
      inNode.push(runInNode(node, work, images, labels));
    }
    report({ preset, items, rounds, threads, version: browser.version(), inBrowser, inNode });
  } finally {
    for (const each of cleanUp) await each();
  }
}

async function runInBrowser(browser, address, work) {
  const page = await browser.newPage();
  await page.goto(`${address}?work=${encodeURIComponent(JSON.stringify(work))}`);
  await page.waitForFunction(() => document.title !== 'training', undefined, { timeout: 300_000 });
  const result = JSON.parse(await page.title());
  await page.close();
  if (result.error) throw new Error(result.error);
  return result;
}

function runInNode(node, work, images, labels) {
  const args = [beside('browser/inNode.mjs'), JSON.stringify(work), images, labels];
  const { stdout, status } = spawnSync(node, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error('training in Node failed');
  return JSON.parse(stdout);
}

function report({ preset, items, rounds, threads, version, inBrowser, inNode }) {
  const losses = new Set([...inBrowser, ...inNode].map(({ loss }) => loss));
  if (losses.size > 1)
    throw new Error(`different losses: ${[...losses].join(', ')}; this is not the same training`);
  const browserSeconds = median(inBrowser.map(({ seconds }) => seconds));
  const nodeSeconds = median(inNode.map(({ seconds }) => seconds));
  const used = inBrowser[0];
  if (used.threads !== threads) throw new Error(`the page got ${used.threads} threads, not ${threads}`);
  console.log(
    `${preset}, ${items} MNIST items after as many to warm up, ${used.kernel} kernels, ${threads} threads, medians of ${rounds} rounds in turn`,
  );
  console.log(`  Node ${process.versions.node.padEnd(12)} ${nodeSeconds.toFixed(2)} s`);
  console.log(
    `  Chromium ${version.split('.')[0].padEnd(8)} ${browserSeconds.toFixed(2)} s, ${(browserSeconds / nodeSeconds).toFixed(2)} x as long; same loss to the last bit`,
  );
}
