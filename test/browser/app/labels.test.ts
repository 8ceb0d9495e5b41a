/** The visitor names neurons by labels, by hand and with words of their own, and takes it back. */
import { expect, test } from 'vitest';
import { classOfPicture } from './digits.js';
import {
  accuracy,
  accuracyText,
  button,
  describePage,
  labelForMe,
  PATIENCE,
  trainToTheEnd,
} from './harness.js';

describePage('labels on the page', (bench) => {
  test('come by click and by key, and are taken back one by one', async () => {
    const page = await bench.opened();
    await trainToTheEnd(page);
    const labels = page.locator('#labels');
    const picture = labels.getByRole('img');
    const pixels = () => picture.evaluate((element) => (element as HTMLCanvasElement).toDataURL());
    // The page does not tell what an image shows, so it is looked up by its pixels.
    for (let round = 0; round < 6; round++) {
      const truth = await classOfPicture(picture);
      const [before, asked] = [await accuracyText(page), await pixels()];
      const answer = labels
        .getByRole('group', { name: 'What is this?' })
        .getByRole('button', { name: truth });
      if (round % 2 === 0) await answer.click();
      else {
        await answer.focus();
        await page.keyboard.press(truth);
      }
      await expect
        .poll(() => accuracyText(page), { timeout: PATIENCE })
        .toContain(`using ${round + 1} label`);
      expect(await accuracyText(page)).not.toBe(before);
      await expect.poll(() => labels.getByRole('button', { name: /^Undo label/ }).count()).toBe(1);
      await expect.poll(async () => (await pixels()) === asked).toBe(false);
    }
    // Six labels cannot name ten classes; chance is 10.
    const six = await accuracy(page);
    expect(six).toBeGreaterThan(25);

    await labels.getByRole('button', { name: /^Undo label/ }).click();
    await expect.poll(() => accuracyText(page)).toContain('using 5 labels');
    await button(page, 'Redo').click();
    await expect.poll(() => accuracyText(page)).toContain('using 6 labels');
    expect(await accuracy(page)).toBe(six);
  });

  test('asks again about the image whose label was taken back', async () => {
    const page = await bench.opened();
    await trainToTheEnd(page);
    const picture = page.locator('#labels').getByRole('img');
    const pixels = () => picture.evaluate((element) => (element as HTMLCanvasElement).toDataURL());
    const first = await pixels();
    await page.locator('#labels').getByRole('button', { name: '4', exact: true }).click();
    await expect.poll(() => accuracyText(page)).toContain('using 1 label');
    await expect.poll(async () => (await pixels()) === first).toBe(false);
    await page.getByRole('button', { name: 'Undo label “4”' }).click();
    await expect.poll(pixels).toBe(first);
    expect(await accuracyText(page)).toContain('No neuron has a name yet');
  });

  test('forgetting all can be undone', async () => {
    const page = await bench.opened();
    await trainToTheEnd(page);
    const fifty = await labelForMe(page, '50');
    await button(page, 'Forget all').click();
    await expect.poll(() => accuracyText(page)).toContain('No neuron has a name yet');
    await button(page, 'Undo forgetting all').click();
    await expect.poll(() => accuracy(page)).toBe(fifty);
  });

  test('classes take the visitor’s words, on buttons, tiles and in the prediction', async () => {
    const page = await bench.opened();
    await trainToTheEnd(page);
    await labelForMe(page, 'all');
    await page.getByText('Change the class names').click();
    for (let c = 0; c < 10; c++) {
      const field = page.getByLabel(`Name of class ${c + 1}`, { exact: true });
      await field.fill(`kind ${c}`);
      await field.blur();
    }
    const group = page.getByRole('group', { name: 'What is this?' });
    await group.getByRole('button', { name: 'kind 9' }).waitFor();
    await page
      .getByRole('button', { name: /^Neuron \d+, kind \d$/ })
      .first()
      .waitFor();
    // No digits any more, so keys go by place.
    await page.getByText('Keys 1 to 9 work here').waitFor();
    await page.getByRole('tab', { name: 'Try it' }).click();
    await button(page, 'Try a test image').click();
    await page.getByText(/Prediction: kind \d/).waitFor();
    // Two classes cannot have one name.
    await page.getByRole('tab', { name: 'Labels' }).click();
    const field = page.getByLabel('Name of class 2', { exact: true });
    await field.fill('kind 3');
    await field.blur();
    await expect.poll(() => field.inputValue()).toBe('kind 1');
  });
});
