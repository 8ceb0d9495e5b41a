/** A reload loses nothing, an address says what to show, and neither can break the page. */
import { expect, test } from 'vitest';
import {
  accuracy,
  accuracyText,
  button,
  describePage,
  labelForMe,
  openPanel,
  ready,
  trainToTheEnd,
} from './harness.js';
import type { Page } from 'playwright-core';

/** Until what is there now is kept: the page writes some seconds after a change. */
async function kept(page: Page): Promise<void> {
  await page.waitForTimeout(3500);
}

const shown = (page: Page) =>
  page.locator('.grid canvas').evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());

/** Puts `value` where the page keeps its session. */
function plant(page: Page, value: unknown): Promise<void> {
  return page.evaluate(
    (planted) =>
      new Promise<void>((resolve, reject) => {
        const request = indexedDB.open('selftarget-page');
        request.onupgradeneeded = () => request.result.createObjectStore('session');
        request.onerror = () => reject(request.error);
        request.onsuccess = () => {
          const write = request.result.transaction('session', 'readwrite');
          write.objectStore('session').put(planted, 'session');
          write.oncomplete = () => {
            request.result.close();
            resolve();
          };
        };
      }),
    value,
  );
}

describePage('what the page remembers', (bench) => {
  test('network, labels, names, words and settings come back after a reload, until the visitor starts over', async () => {
    const page = await bench.opened();
    await ready(page);
    await openPanel(page, 'Experiment');
    await page.getByLabel('Winners per image').fill('2');
    await trainToTheEnd(page);
    await openPanel(page, 'Labels');
    const fifty = await labelForMe(page, '50');
    await page.getByText('Change the class names').click();
    await page.getByLabel('Name of class 1', { exact: true }).fill('zero');
    await page.getByLabel('Name of class 1', { exact: true }).blur();
    await page.getByRole('button', { name: 'zero' }).first().waitFor();
    await page.locator('.tiles button').nth(0).focus();
    const [status, said] = [await page.locator('.status').innerText(), await accuracyText(page)];
    await kept(page);
    await page.reload();
    await page.getByText('Restored from your last visit.').waitFor();
    expect(await accuracy(page)).toBe(fifty);
    expect(await accuracyText(page)).toBe(said.replace(/\n?[+−]\d+\.\d/, ''));
    expect(await page.locator('.status').innerText()).toBe(status);
    await page.getByRole('button', { name: 'zero' }).first().waitFor();
    await openPanel(page, 'Experiment');
    expect(await page.getByLabel('Winners per image').inputValue()).toBe('2');
    // The curve, too: all its points are from before.
    await page.locator('#charts').scrollIntoViewIfNeeded();
    await expect.poll(() => page.locator('#charts svg').first().locator('circle').count()).toBeGreaterThan(6);
    await page.locator('.notices').getByRole('button', { name: 'Start over' }).click();
    await page.getByText('Not trained yet.').waitFor();
    await kept(page);
    await page.reload();
    await page.getByText('Not trained yet.').waitFor();
    expect(await page.getByText('Restored from your last visit.').count()).toBe(0);
    expect(new URL(page.url()).hash).toBe('');
  });

  test('training that was reloaded in the middle continues to the same network', async () => {
    const whole = await bench.opened();
    for (let step = 0; step < 6; step++) await button(whole, 'One step').click();
    await whole.getByText('96 images seen, epoch 1.').waitFor();
    await whole.waitForTimeout(1000);

    const page = await bench.opened();
    for (let step = 0; step < 3; step++) await button(page, 'One step').click();
    await page.getByText('48 images seen, epoch 1.').waitFor();
    await kept(page);
    await page.reload();
    await page.getByText('48 images seen, epoch 1.').waitFor();
    for (let step = 0; step < 3; step++) await button(page, 'One step').click();
    await page.getByText('96 images seen, epoch 1.').waitFor();
    await page.waitForTimeout(1000);
    expect((await shown(page)) === (await shown(whole))).toBe(true);
  });

  test.each([
    ['of another version', { version: 99, choice: { kind: 'digits' } }],
    ['nonsense', 'nonsense'],
    ['half', { version: 1, choice: { kind: 'own' }, settings: {} }],
  ])('what was kept is dropped with a notice where it is odd: %s', async (_, value) => {
    const page = await bench.opened();
    await ready(page);
    await plant(page, value);
    await page.reload();
    await page.getByText(/could not be read, so it was dropped/).waitFor();
    await ready(page);
    await page.getByText('Not trained yet.').waitFor();
  });

  test('a kept network that is damaged is dropped with a notice', async () => {
    const page = await bench.opened();
    await ready(page);
    const settings = {
      rule: 'backprop',
      neurons: 100,
      winners: 1,
      homeostasis: true,
      gamma: 0.4,
      rate: 1,
      seed: 1,
    };
    await page.evaluate(
      (text) => {
        const value = { ...JSON.parse(text), model: new Uint8Array(50).fill(7) };
        return new Promise<void>((resolve) => {
          const request = indexedDB.open('selftarget-page');
          request.onupgradeneeded = () => request.result.createObjectStore('session');
          request.onsuccess = () => {
            const write = request.result.transaction('session', 'readwrite');
            write.objectStore('session').put(value, 'session');
            write.oncomplete = () => {
              request.result.close();
              resolve();
            };
          };
        });
      },
      JSON.stringify({
        version: 1,
        choice: { kind: 'digits' },
        settings,
        curves: { named: [], ceiling: [] },
      }),
    );
    await page.reload();
    await page.getByText('Your last network could not be restored, so it was dropped.').waitFor();
    await ready(page);
    await button(page, 'One step').click();
    await page.getByText('16 images seen, epoch 1.').waitFor();
  });

  test('settings and seed are in the address, which shows the same network elsewhere', async () => {
    const page = await bench.opened();
    await ready(page);
    await openPanel(page, 'Experiment');
    await page.getByRole('combobox', { name: 'Neurons' }).selectOption('36');
    await button(page, 'Another random start').click();
    await expect.poll(() => new URL(page.url()).hash).toBe('#neurons=36&seed=2');
    await page.waitForTimeout(500);
    const other = await bench.opened({ at: page.url() });
    await other.waitForFunction(() => document.querySelectorAll('.tiles button').length === 36);
    await ready(other);
    await expect.poll(async () => (await shown(other)) === (await shown(page))).toBe(true);
  });

  test('an address that asks for the impossible is refused in words, and the rest of it is used', async () => {
    const page = await bench.opened({ at: `${bench.address}#neurons=36&seed=-4&data=nowhere&colour=red` });
    await ready(page);
    const notices = page.locator('.notices');
    await notices.getByText('seed = -4, but it must be a whole number from 0 to 999999; 1 is used').waitFor();
    await notices.getByText('There is no data set “nowhere” here').waitFor();
    await notices.getByText('"colour", which is not a setting').waitFor();
    expect(await page.locator('.tiles button').count()).toBe(36);
  });

  test('another address than that of the last network leaves the choice', async () => {
    const page = await bench.opened();
    await trainToTheEnd(page);
    const fifty = await labelForMe(page, '50');
    await kept(page);
    const other = await bench.opened({ context: page.context(), at: `${bench.address}#neurons=36` });
    await other.getByText('The address asks for other settings than your last network had.').waitFor();
    await other.waitForFunction(() => document.querySelectorAll('.tiles button').length === 36);
    await button(other, 'Restore my last network').click();
    await expect.poll(() => accuracy(other)).toBe(fifty);
  });

  test('works where the browser keeps nothing', async () => {
    const page = await bench.opened({
      before: (each) =>
        each.addInitScript(() => {
          Object.defineProperty(globalThis, 'indexedDB', { value: undefined });
        }),
    });
    await button(page, 'One step').click();
    await page.getByText('16 images seen, epoch 1.').waitFor();
    await page.getByText(/does not let the page keep anything/).waitFor();
  });
});
