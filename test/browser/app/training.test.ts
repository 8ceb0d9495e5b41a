/** The page trains: on digits, by either rule, with and without balance. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeSmallMnist } from './digits.js';
import { button, describePage, labelForMe, openPanel, ready, trainToTheEnd } from './harness.js';

describePage(
  'training on the page',
  (bench) => {
    test('learns digits, and labels make the accuracy jump', async () => {
      const page = await bench.opened();
      await trainToTheEnd(page);
      expect(await page.locator('#accuracy strong').innerText()).toBe('–');
      const ten = await labelForMe(page, '10');
      expect(ten).toBeGreaterThan(45);
      const fifty = await labelForMe(page, '50');
      expect(fifty).toBeGreaterThan(Math.max(70, ten + 5));
      const all = await labelForMe(page, 'all');
      expect(all).toBeGreaterThan(90);
      console.log(`digits correct: ${ten} % with 10 labels, ${fifty} % with 50, ${all} % with all`);
      await page.locator('#charts svg').nth(3).waitFor();
      expect(await page.locator('#charts svg').count()).toBe(4);
      await button(page, 'Forget all').click();
      await page.getByText('No neuron has a name yet').first().waitFor();
      expect(await page.locator('#accuracy strong').innerText()).toBe('–');
    });

    test('measures the learning curve after 1, 2, 5, 10 ... epochs, at full speed, too', async () => {
      const page = await bench.opened();
      await trainToTheEnd(page);
      await page.locator('#charts').scrollIntoViewIfNeeded();
      const dots = page.locator('#charts svg').first().locator('circle');
      await dots.first().waitFor();
      // 1, 2, 5, 10, 20, 50 and the end of the 62 epochs.
      await expect.poll(() => dots.count(), { timeout: 20_000 }).toBe(7);
      expect(await page.locator('#charts svg').first().textContent()).toContain('with 1,000 labels');
    });

    test('the same target teaches equilibrium propagation', async () => {
      const page = await bench.opened();
      await openPanel(page, 'Experiment');
      await page.getByLabel('Learning rule').selectOption('equilibrium');
      await trainToTheEnd(page);
      await openPanel(page, 'Labels');
      expect(await labelForMe(page, 'all')).toBeGreaterThan(85);
    });

    test('without homeostasis a few neurons win everything, which the page says and mends', async () => {
      const page = await bench.opened();
      const silent = async () => Number.parseInt(await page.locator('#stage .title .hint').innerText());
      await trainToTheEnd(page);
      await page.getByLabel('Homeostasis', { exact: true }).uncheck();
      await page.locator('#homeostasis').getByRole('button', { name: 'Train again' }).click();
      await button(page, 'Pause').waitFor();
      await page.getByText(/^Finished: /).waitFor();
      expect(await silent()).toBeGreaterThan(70);
      await page.getByText(/A few neurons win everything/).waitFor();
      await page.getByRole('button', { name: 'Switch it on and train again' }).click();
      await button(page, 'Pause').waitFor();
      await page.getByText(/^Finished: /).waitFor();
      expect(await page.locator('#advice').count()).toBe(0);
      expect(await page.locator('#stage .title .hint').innerText()).toMatch(
        /^(Each neuron|\d won none|1\d won none)/,
      );
    });

    test('winners and strength can be changed while it trains; one step is one batch', async () => {
      const page = await bench.opened();
      await button(page, 'One step').click();
      await page.getByText('16 images seen, epoch 1.').waitFor();
      await button(page, 'Continue').click();
      await openPanel(page, 'Experiment');
      await page.getByLabel('Winners per image').fill('4');
      await page.getByText(/takes effect from the next step/).waitFor();
      await button(page, 'Pause').click();
      await button(page, 'Continue').waitFor();
      const status = await page.locator('.status').innerText();
      await page.waitForTimeout(300);
      expect(await page.locator('.status').innerText()).toBe(status);
      await page.getByRole('combobox', { name: 'Neurons' }).selectOption('36');
      await page.getByText('Not trained yet.').waitFor();
      await page.waitForFunction(() => document.querySelectorAll('.tiles button').length === 36);
    });

    test('another random start is another network, and the same seed the same one', async () => {
      const page = await bench.opened();
      await ready(page);
      const shown = () =>
        page.locator('.grid canvas').evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
      await page.waitForTimeout(300);
      const first = await shown();
      await openPanel(page, 'Experiment');
      await button(page, 'Another random start').click();
      await expect.poll(() => page.getByLabel('Seed').inputValue()).toBe('2');
      await expect.poll(async () => (await shown()) === first).toBe(false);
      await page.getByLabel('Seed').fill('1');
      await page.getByLabel('Seed').blur();
      await expect.poll(async () => (await shown()) === first).toBe(true);
    });

    test.each(['reduce', 'no-preference'] as const)(
      'flashes fade only where motion is wanted: %s',
      async (reducedMotion) => {
        const page = await bench.opened({ reducedMotion });
        await button(page, 'One step').click();
        await page.getByText('16 images seen, epoch 1.').waitFor();
        const canvas = page.locator('.grid canvas');
        const shown = () => canvas.evaluate((element) => (element as HTMLCanvasElement).toDataURL());
        await page.waitForTimeout(200);
        const before = await shown();
        await page.waitForTimeout(300);
        expect((await shown()) === before).toBe(reducedMotion === 'reduce');
      },
    );

    test('offers and trains on MNIST where the server has it', async () => {
      const page = await bench.opened();
      await ready(page);
      await openPanel(page, 'Images');
      await page.getByLabel('Data set').selectOption('mnist');
      await page.getByText(/20,000 images to learn from, 100 to test with, 28 x 28/).waitFor();
      await openPanel(page, 'Experiment');
      await page.getByRole('combobox', { name: 'Neurons' }).selectOption('400');
      await page.getByText(/Kernels: \w+, \d+ thread/).waitFor();
      await page.getByLabel('Full speed').check();
      await button(page, 'Start training').click();
      await page.getByText(/^([4-9]|\d\d),\d{3} images seen/).waitFor();
      await button(page, 'Pause').click();
      await openPanel(page, 'Labels');
      expect(await labelForMe(page, 'all')).toBeGreaterThan(50);
    });

    test('stays smooth while it trains', async () => {
      const page = await bench.opened();
      await ready(page);
      await openPanel(page, 'Images');
      await page.getByLabel('Data set').selectOption('mnist');
      await page.getByText(/20,000 images to learn from/).waitFor();
      await openPanel(page, 'Experiment');
      await page.getByLabel('Learning rule').selectOption('equilibrium');
      await page.getByRole('combobox', { name: 'Neurons' }).selectOption('400');
      await page.getByRole('group', { name: /^400 neurons/ }).waitFor();
      await page.getByLabel('Full speed').check();
      await button(page, 'Start training').click();
      await page.locator('#charts svg').first().waitFor();
      // It sees 200,000 images; 48,000 took idle machines from 1.5 to 4 seconds.
      const { frames, long } = await page.evaluate(async () => {
        const gaps: number[] = [];
        let blocked = 0;
        const observer = new PerformanceObserver((list) => {
          for (const { duration } of list.getEntries()) blocked += duration;
        });
        observer.observe({ type: 'longtask' });
        const end = performance.now() + 1500;
        await new Promise<void>((resolve) => {
          let last = performance.now();
          const frame = (now: number) => {
            gaps.push(now - last);
            last = now;
            if (now < end) requestAnimationFrame(frame);
            else resolve();
          };
          requestAnimationFrame(frame);
        });
        observer.disconnect();
        return { frames: gaps.sort((a, b) => a - b), long: blocked };
      });
      expect(await button(page, 'Pause').count()).toBe(1);
      const median = frames[frames.length >> 1];
      console.log(
        `frames while training: median ${median.toFixed(1)} ms, 95 % within ${frames[Math.floor(0.95 * frames.length)].toFixed(1)} ms, tasks over 50 ms ${long.toFixed(0)} ms of 1500`,
      );
      // Two cores may be busy with other tests; a page that trained on its own thread would show a frame or two a second.
      expect(median).toBeLessThan(60);
      expect(long).toBeLessThan(700);
    });
  },
  { prepare: (temporary) => writeSmallMnist(join(temporary, 'data', 'mnist')) },
);
