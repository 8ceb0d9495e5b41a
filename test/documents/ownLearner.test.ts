/** docs/guide/own-learner.md shows files that are tested: these. */
import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { trainPerceptron } from './ownLearner/train.js';

const page = readFileSync('docs/guide/own-learner.md', 'utf8');

test.each(['perceptron.ts', 'contract.test.ts', 'train.ts'])('the page shows %s as it is', (name) => {
  const file = readFileSync(`test/documents/ownLearner/${name}`, 'utf8');
  expect(page).toContain(`\`\`\`ts\n// ${name}\n${file}\`\`\``);
});

test('the perceptron learns what the page says', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  const accuracy = await trainPerceptron();
  log.mockRestore();
  const [, said] = /(\d+) % of the test digits/.exec(page) ?? [];
  expect(Math.round(accuracy)).toBe(Number(said));
});
