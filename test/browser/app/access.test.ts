/** The page for everybody: by keyboard alone, on a phone, on a wide screen, by axe's rules. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import {
  accuracyText,
  button,
  describePage,
  labelForMe,
  openPanel,
  ready,
  trainToTheEnd,
} from './harness.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Axe {
  run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>;
}

async function violations(page: Page) {
  const found = await page.evaluate(async () => {
    const { violations: all } = await (globalThis as unknown as { axe: Axe }).axe.run();
    return all.map(({ id, impact, nodes }) => ({ id, impact, where: nodes.map(({ html }) => html) }));
  });
  return found.filter(({ impact }) => impact === 'serious' || impact === 'critical');
}

describePage('the page for everybody', (bench) => {
  test('everything works by keyboard alone', async () => {
    const page = await bench.opened();
    await ready(page);
    const tabTo = async (what: string) => {
      for (let i = 0; i < 60; i++) {
        if (await page.evaluate((selector) => document.activeElement?.matches(selector), what)) return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`Tab never reaches ${what}`);
    };
    // The tour, with its arrows.
    await tabTo('header button');
    await page.keyboard.press('Enter');
    const tour = page.getByRole('dialog');
    for (const title of [/without labels/, /begin as noise/, /specialise/, /Balance/, /name the neurons/]) {
      await expect.poll(() => tour.getByRole('heading').innerText()).toMatch(title);
      await page.keyboard.press('ArrowRight');
    }
    await expect.poll(() => tour.getByRole('heading').innerText()).toMatch(/Your turn/);
    await page.keyboard.press('Escape');
    await tour.waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.textContent)).toMatch(/tour/);
    await expect.poll(() => accuracyText(page)).toContain('using 50 labels');
    // The tour started training; to the end of it.
    await tabTo('input[name=speed]:checked');
    await page.keyboard.press('ArrowRight');
    await page.getByText(/^Finished: /).waitFor();
    // A neuron's name.
    await page.keyboard.press('Shift+Tab');
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await tabTo('.tiles button');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('5');
    await expect.poll(() => accuracyText(page)).toContain('1 name by hand');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(
      'Neuron 12, 5',
    );
    // Panels, by the arrows; then a drawing: a line downwards.
    await tabTo('[role=tab]');
    await page.keyboard.press('ArrowLeft');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Labels');
    await page.keyboard.press('ArrowRight');
    await tabTo('svg.surface');
    await page.keyboard.press(' ');
    for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowDown');
    await page.keyboard.press(' ');
    await page.getByText(/Prediction: [147]/).waitFor();
  });

  test('fits a phone without scrolling sideways, in two rows of buttons, and takes a finger', async () => {
    for (const width of [390, 320]) {
      const page = await bench.opened({ viewport: { width, height: 844 }, hasTouch: true, isMobile: true });
      await trainToTheEnd(page);
      await labelForMe(page, '50');
      // Keys are nothing for a phone.
      expect(await page.getByText(/Keys \d/).isVisible()).toBe(false);
      await page.locator('.tiles button').nth(3).tap();
      await openPanel(page, 'Try it');
      await page.getByRole('application').tap();
      for (const panel of ['Labels', 'Experiment', 'Images'] as const) {
        await openPanel(page, panel);
        const [wide, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
        expect(wide).toBeLessThanOrEqual(screen);
      }
      const rows = await page.evaluate(() => {
        const tops = Array.from(
          document.querySelectorAll('#transport button, #transport .choices'),
          (element) => Math.round(element.getBoundingClientRect().top),
        );
        return new Set(tops).size;
      });
      expect(rows).toBeLessThanOrEqual(2);
    }
  });

  test('a laptop shows stage, panels and where the charts begin at once; a wide screen shows all panels', async () => {
    const laptop = await bench.opened({ viewport: { width: 1280, height: 800 } });
    await ready(laptop);
    const top = (selector: string) => laptop.locator(selector).evaluate((e) => e.getBoundingClientRect().top);
    for (const panel of ['Labels', 'Try it', 'Experiment', 'Images'] as const) {
      await openPanel(laptop, panel);
      expect(await top('[role=tabpanel]:not([hidden])')).toBeLessThan(200);
    }
    await openPanel(laptop, 'Labels');
    expect(await top('#charts')).toBeLessThan(800);
    const bottom = await laptop.locator('#transport').evaluate((e) => e.getBoundingClientRect().bottom);
    expect(bottom).toBeLessThan(800);

    const wide = await bench.opened({ viewport: { width: 1680, height: 1050 } });
    await ready(wide);
    expect(await wide.getByRole('tab').count()).toBe(0);
    for (const title of ['Name the neurons', 'Draw a digit', 'Experiment', 'Images', 'Progress']) {
      const box = await wide.getByRole('heading', { name: title, exact: true }).boundingBox();
      expect(box?.y).toBeLessThan(1050);
    }
  });

  test('a tile has its class’s name written on it, not its colour alone', async () => {
    const page = await bench.opened();
    await page.addInitScript(() => {
      const written: string[] = [];
      Object.assign(globalThis, { written });
      const { fillText } = CanvasRenderingContext2D.prototype;
      CanvasRenderingContext2D.prototype.fillText = function (text: string, ...rest: [number, number]) {
        written.push(text);
        fillText.call(this, text, ...rest);
      };
    });
    await page.reload();
    await trainToTheEnd(page);
    await labelForMe(page, 'all');
    await page.waitForTimeout(500);
    const written = await page.evaluate(
      () => new Set((globalThis as unknown as { written: string[] }).written),
    );
    expect(
      await page.evaluate(() => (globalThis as unknown as { written: string[] }).written.length),
    ).toBeGreaterThan(90);
    expect(written).toBeDefined();
    expect(await page.locator('.tiles button').first().getAttribute('title')).toMatch(/^Neuron 1: \d$/);
  });

  test.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 1680],
    ['dark', 390],
  ] as const)('axe finds nothing serious: %s, %i pixels wide', async (colorScheme, width) => {
    const page = await bench.opened({
      colorScheme,
      viewport: { width, height: 844 },
      before: (each) => each.context().addInitScript(axe),
    });
    await trainToTheEnd(page);
    await labelForMe(page, '50');
    await page.locator('.tiles button').nth(3).click();
    expect(await violations(page)).toEqual([]);
    if (width < 1600) {
      for (const panel of ['Experiment', 'Images', 'Try it'] as const) {
        await openPanel(page, panel);
        if (panel === 'Images') {
          await page
            .getByLabel('Files', { exact: true })
            .setInputFiles({ name: 'a.csv', mimeType: 'text/csv', buffer: Buffer.from('label,a\n') });
          await page.getByRole('group', { name: 'Your images' }).waitFor();
        }
        expect(await violations(page)).toEqual([]);
      }
    }
    await button(page, 'Try a test image').click();
    await page.getByText(/Prediction:/).waitFor();
    await page.locator('#charts').scrollIntoViewIfNeeded();
    await page.locator('#charts svg').nth(3).waitFor();
    await page.getByRole('button', { name: /1-minute tour/ }).click();
    await page.getByRole('dialog').waitFor();
    expect(await violations(page)).toEqual([]);
  });
});
