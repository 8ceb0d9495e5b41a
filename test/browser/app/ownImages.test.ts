/** The visitor's own images: chosen, sized with a look at the result, learned from, kept. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { expect, test } from 'vitest';
import { accuracy, button, describePage, labelForMe, openPanel, ready, trainToTheEnd } from './harness.js';

/** Two classes: bright above, bright below; of several sizes, some of them in colour. */
function writePictures(to: string): string {
  for (const [c, name] of ['down', 'up'].entries()) {
    mkdirSync(join(to, name), { recursive: true });
    for (let i = 0; i < 30; i++) {
      const channels = i % 2 === 0 ? 1 : 3;
      const side = 20 + (i % 5);
      const data = new Uint8Array(side * side * channels);
      for (let at = 0; at < data.length; at++) {
        const row = Math.floor(at / (side * channels));
        const above = row < side / 2;
        data[at] = above === (c === 1) ? 200 + ((at * 7 + i) % 50) : (at * 3 + i) % 20;
      }
      writeFileSync(join(to, name, `${i}.png`), encode({ width: side, height: side, channels, data }));
    }
  }
  return to;
}

describePage(
  'own images on the page',
  (bench) => {
    test('a folder is previewed in the size and colour that are chosen, learned from, and there after a reload', async () => {
      const page = await bench.opened();
      await ready(page);
      await openPanel(page, 'Images');
      await page.getByLabel('Folder', { exact: true }).setInputFiles(join(bench.temporary, 'pets'));
      const offered = page.getByRole('group', { name: 'Your images' });
      await offered.getByText('pets, 60 files').waitFor();
      const preview = offered.getByRole('img');
      // 6 x 2 pictures of 28 pixels, one apart.
      await expect.poll(() => preview.getAttribute('width')).toBe(String(6 * 29 - 1));
      await offered.getByLabel('Size').fill('10');
      await offered.getByLabel('Size').blur();
      await expect.poll(() => preview.getAttribute('width')).toBe(String(6 * 11 - 1));
      await offered.getByLabel('Colour').selectOption('3');
      await button(page, 'Use these images').click();
      await page.getByText(/50 images to learn from, 10 to test with, 10 x 10 in colour/).waitFor();
      // Nothing of digits is said about them.
      await openPanel(page, 'Labels');
      expect(
        await page.getByRole('group', { name: 'What is this?' }).getByRole('button').allInnerTexts(),
      ).toEqual([expect.stringMatching(/^down/), expect.stringMatching(/^up/)]);
      await page.getByText('Keys 1 and 2 work here, too.').waitFor();
      await openPanel(page, 'Experiment');
      await page.getByText('each neuron learns one kind of image').waitFor();
      await openPanel(page, 'Try it');
      await page.getByRole('heading', { name: 'Try an image' }).waitFor();
      expect(await page.locator('main').innerText()).not.toMatch(/digit(?!s, 8)/);

      await trainToTheEnd(page);
      await openPanel(page, 'Labels');
      const all = await labelForMe(page, 'all');
      expect(all).toBeGreaterThan(80);
      await page.locator('#charts').scrollIntoViewIfNeeded();
      await page.locator('#charts svg').first().getByText('with 50 labels').waitFor();
      await page.waitForTimeout(3500);
      await page.reload();
      await page.getByText('Restored from your last visit.').waitFor();
      await expect.poll(() => accuracy(page)).toBe(all);
      await openPanel(page, 'Images');
      await page.getByText(/50 images to learn from, 10 to test with, 10 x 10 in colour/).waitFor();
    });

    test('loose pictures have no labels, but classes that the visitor makes', async () => {
      const page = await bench.opened();
      await ready(page);
      await openPanel(page, 'Images');
      const up = join(bench.temporary, 'pets', 'up');
      await page
        .getByLabel('Files', { exact: true })
        .setInputFiles(readdirSync(up).map((name) => join(up, name)));
      await button(page, 'Use these images').click();
      await page.getByText(/25 images to learn from, 5 to test with/).waitFor();
      await page
        .getByText(/These images have no labels, so accuracy cannot be measured/)
        .first()
        .waitFor();
      await openPanel(page, 'Labels');
      await page.getByText('Change the class names').click();
      await page.getByLabel('Name of class 1', { exact: true }).fill('bright');
      await button(page, 'Add a class').click();
      const group = page.getByRole('group', { name: 'What is this?' });
      await group.getByRole('button', { name: /^bright/ }).click();
      await page
        .getByRole('button', { name: /^Neuron \d+, bright/ })
        .first()
        .waitFor();
      expect(await group.getByRole('button').count()).toBe(3);
      await button(page, 'One step').click();
      await page.getByText('16 images seen, epoch 1.').waitFor();
    });

    test('files that cannot be used are refused in words, and the data stay', async () => {
      const page = await bench.opened();
      await ready(page);
      await openPanel(page, 'Images');
      const files = page.getByLabel('Files', { exact: true });
      const alert = page.getByRole('alert');
      await files.setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') });
      await button(page, 'Use these images').click();
      await alert.getByText(/notes.txt/).waitFor();
      await expect.poll(() => page.getByLabel('Data set').inputValue()).toBe('digits');
      await files.setInputFiles({
        name: 'a.csv',
        mimeType: 'text/csv',
        buffer: Buffer.from('x,y\n1,2\n'),
      });
      await button(page, 'Use these images').click();
      await alert.getByText(/label/).waitFor();
      await button(page, 'Cancel').click();
      expect(await page.getByRole('group', { name: 'Your images' }).count()).toBe(0);
      await button(page, 'One step').click();
      await page.getByText('16 images seen, epoch 1.').waitFor();
    });
  },
  { prepare: (temporary) => void writePictures(join(temporary, 'pets')) },
);
