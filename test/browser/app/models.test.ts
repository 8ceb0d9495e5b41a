/** The network as a file: out, and in again with its names and its progress. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decodeSafetensors } from '../../../src/learner/safetensors.js';
import { accuracy, accuracyText, button, describePage, labelForMe, ready, trainToTheEnd } from './harness.js';

describePage('model files on the page', (bench) => {
  test('a downloaded model is loaded elsewhere as it was: trained, named, measured alike', async () => {
    const page = await bench.opened();
    await trainToTheEnd(page);
    await page.locator('.tiles button').nth(7).click();
    await page.getByRole('group', { name: 'Name this neuron' }).getByRole('button', { name: '3' }).click();
    const fifty = await labelForMe(page, '50');
    const status = await page.locator('.status').innerText();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      button(page, 'Download the model').click(),
    ]);
    const file = join(bench.temporary, download.suggestedFilename());
    await download.saveAs(file);
    const { tensors, metadata } = decodeSafetensors(new Uint8Array(readFileSync(file)));
    const field = (name: string) => JSON.parse(metadata.get(name) ?? '');
    expect(tensors.get('layer1.weight')?.shape).toEqual([100, 64]);
    expect(field('config')).toMatchObject({ learner: 'backprop', layers: [64, 100] });
    expect(field('names')).toMatchObject({ 7: '3' });
    // The names that labels gave, too, and the labels.
    expect(Object.keys(field('names')).length).toBeGreaterThan(80);
    expect(field('classOf')).toHaveLength(100);
    expect(field('labels').items).toHaveLength(50);
    expect(field('progress')).toMatchObject({ epoch: 62 });

    const other = await bench.opened();
    await ready(other);
    await other.getByLabel('Model file').setInputFiles(file);
    await other.getByText(`Loaded ${download.suggestedFilename()}.`).waitFor();
    await expect.poll(() => accuracy(other)).toBe(fifty);
    expect(await accuracyText(other)).toContain('using 50 labels and 1 name by hand');
    expect(await other.locator('.status').innerText()).toContain(status);
    expect(await other.locator('body').innerText()).not.toMatch(/Not trained yet|No neuron has a name/);
    await button(other, 'Keep training').waitFor();

    await other.getByLabel('Model file').setInputFiles({
      name: 'other.safetensors',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from('nothing of the kind'),
    });
    await other
      .getByRole('alert')
      .getByText(/other.safetensors cannot be read/)
      .waitFor();
    expect(await accuracy(other)).toBe(fifty);
  });
});
