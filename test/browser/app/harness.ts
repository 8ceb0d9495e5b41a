/** The built page in a real Chromium, and what tests of it do again and again. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished } from 'vitest';
import { startServing, type Serving } from '../../../src/serve/server.js';
import { launchChromium, withoutChromium } from '../chromium.js';

export const folder = fileURLToPath(new URL('../../../dist/app', import.meta.url));
const built = existsSync(join(folder, 'index.html'));
const without = withoutChromium || (built ? '' : ' (needs dist/app: npm run build)');

/** Others may use the machine: what is waited for comes, but not always soon. */
export const PATIENCE = 90_000;

export interface Bench {
  readonly browser: Browser;
  readonly address: string;
  /** A folder that goes away with the tests. */
  readonly temporary: string;
  /** A page of its own, whose errors fail the test. */
  opened(options?: Opening): Promise<Page>;
}

export interface Opening extends BrowserContextOptions {
  readonly at?: string;
  /** Instead of a new one. */
  readonly context?: BrowserContext;
  readonly before?: (page: Page) => Promise<unknown>;
}

/** Tests of the page; skipped, with the reason in their name, where there is no Chromium or no build. */
export function describePage(
  name: string,
  tests: (bench: Bench) => void,
  options: { readonly prepare?: (temporary: string) => void; readonly args?: readonly string[] } = {},
): void {
  describe.skipIf(without !== '')(`${name}${without}`, { timeout: PATIENCE }, () => {
    let browser: Browser;
    let serving: Serving;
    let temporary: string;

    beforeAll(async () => {
      temporary = mkdtempSync(join(tmpdir(), 'selftarget-app-'));
      options.prepare?.(temporary);
      serving = await startServing({ page: folder, port: 0, dataDir: join(temporary, 'data') });
      browser = await launchChromium(options.args);
    });

    afterAll(async () => {
      await browser?.close();
      await serving?.close();
      rmSync(temporary, { recursive: true, force: true });
    });

    tests({
      get browser() {
        return browser;
      },
      get address() {
        return serving.address;
      },
      get temporary() {
        return temporary;
      },
      async opened({ at = serving.address, before, context, ...rest }: Opening = {}) {
        const page = await (context ?? (await browser.newContext(rest))).newPage();
        page.setDefaultTimeout(PATIENCE);
        const errors = watched(page);
        onTestFinished(async () => {
          if (!page.isClosed()) await page.close();
          if (!context) await page.context().close();
          expect(errors).toEqual([]);
        });
        await before?.(page);
        await page.goto(at);
        return page;
      },
    });
  });
}

function watched(page: Page): string[] {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  return errors;
}

export const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

export async function openPanel(
  page: Page,
  name: 'Labels' | 'Try it' | 'Experiment' | 'Images',
): Promise<void> {
  await page.getByRole('tab', { name }).click();
}

/** The network is there and can be trained. */
export async function ready(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const start = document.querySelector<HTMLButtonElement>('#transport .main');
    return start && !start.disabled;
  });
}

/** To the end of the run, at full speed. */
export async function trainToTheEnd(page: Page): Promise<void> {
  await page.getByLabel('Full speed').check();
  await button(page, 'Start training').click();
  await page.getByText(/^Finished: /).waitFor();
}

/** What the stage says about the accuracy. */
export const accuracyText = (page: Page) => page.locator('#accuracy').innerText();

export async function accuracy(page: Page): Promise<number> {
  return Number.parseFloat(await page.locator('#accuracy strong').innerText());
}

/** Has so many images labelled; answers the accuracy then. */
export async function labelForMe(page: Page, count: '10' | '50' | 'all'): Promise<number> {
  const before = await accuracyText(page);
  await button(page, count).click();
  await expect.poll(() => accuracyText(page), { timeout: PATIENCE }).not.toBe(before);
  return accuracy(page);
}
