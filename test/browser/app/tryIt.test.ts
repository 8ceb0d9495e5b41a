/** What the network says to a drawing, to a picture and to the camera. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { allDigits } from '../../../src/data/digits.js';
import { digitOnPaper } from './digits.js';
import { button, describePage, labelForMe, openPanel, trainToTheEnd } from './harness.js';

async function trained(page: Page): Promise<Page> {
  await trainToTheEnd(page);
  await labelForMe(page, 'all');
  await openPanel(page, 'Try it');
  return page;
}

describePage(
  'trying the network on the page',
  (bench) => {
    test('a drawn digit is predicted, with the neurons that respond', async () => {
      const page = await trained(await bench.opened());
      const surface = page.getByRole('application');
      const draw = async (points: readonly (readonly [number, number])[]) => {
        const box = await surface.boundingBox();
        if (!box) throw new Error('no drawing surface');
        for (const [i, [x, y]] of points.entries()) {
          await page.mouse.move(box.x + x * box.width, box.y + y * box.height);
          if (i === 0) await page.mouse.down();
        }
        await page.mouse.up();
      };
      const circle = Array.from({ length: 30 }, (_, i) => {
        const angle = (2 * Math.PI * i) / 29;
        return [0.5 + 0.14 * Math.sin(angle), 0.4 - 0.25 * Math.cos(angle)] as const;
      });
      await draw(circle);
      await page.getByText(/Prediction: 0/).waitFor();
      await page.getByRole('list', { name: /Mean output/ }).waitFor();
      await button(page, 'Clear').click();
      await draw([
        [0.34, 0.18],
        [0.66, 0.18],
        [0.58, 0.45],
        [0.48, 0.85],
      ]);
      await draw([
        [0.4, 0.5],
        [0.66, 0.5],
      ]);
      await page.getByText(/Prediction: 7/).waitFor();
      await page
        .getByRole('button', { name: /^neuron \d+/ })
        .first()
        .click();
      await page.getByRole('heading', { name: /^Neuron \d+$/ }).waitFor();
    });

    test('test images say whether the prediction is correct', async () => {
      const page = await trained(await bench.opened());
      let correct = 0;
      for (let i = 0; i < 8; i++) {
        await button(page, 'Try a test image').click();
        await page.waitForTimeout(300);
        const said = await page.locator('.verdict').innerText();
        // Once in a while no neuron responds.
        expect(said).toMatch(/^Prediction: \d \((correct|incorrect: it is \d)\)$|^No neuron responds/);
        if (said.endsWith('(correct)')) correct++;
      }
      expect(correct).toBeGreaterThanOrEqual(5);
    });

    test('a picture of a digit on paper is read like the training images; another file is refused', async () => {
      const page = await trained(await bench.opened());
      const digits = allDigits();
      let correct = 0;
      for (const item of [0, 1, 2, 3, 4, 5, 6, 7]) {
        await page.getByLabel('Picture to try').setInputFiles({
          name: 'paper.png',
          mimeType: 'image/png',
          buffer: digitOnPaper(item),
        });
        // Each has its own answer, which may be the same word as the one before.
        await page.waitForTimeout(400);
        const said = await page.locator('.verdict strong').innerText();
        if (said === digits.classes[digits.labels[item]]) correct++;
      }
      expect(correct).toBeGreaterThanOrEqual(6);
      await page.getByLabel('Picture to try').setInputFiles({
        name: 'notes.txt',
        mimeType: 'text/plain',
        buffer: Buffer.from('hello'),
      });
      await page
        .getByRole('alert')
        .getByText(/notes.txt cannot be read as a picture/)
        .waitFor();
    });

    test('the camera takes a picture where it is allowed, and the page says where it is not', async () => {
      const allowed = await bench.opened({ permissions: ['camera'] });
      await trained(allowed);
      await button(allowed, 'Use the camera').click();
      await allowed.waitForFunction(() => (document.querySelector('video')?.videoWidth ?? 0) > 0);
      await button(allowed, 'Take a picture').click();
      await allowed.locator('.verdict').waitFor();
      await button(allowed, 'Stop').click();
      expect(await allowed.locator('video').count()).toBe(0);

      const page = await bench.opened({
        before: (each) =>
          each.addInitScript(() => {
            navigator.mediaDevices.getUserMedia = () =>
              Promise.reject(new DOMException('no', 'NotAllowedError'));
          }),
      });
      await openPanel(page, 'Try it');
      await button(page, 'Use the camera').click();
      await page
        .getByRole('alert')
        .getByText(/did not allow the camera/)
        .waitFor();
      await page.getByRole('application').waitFor();
    });
  },
  { args: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'] },
);
