import { expect, test } from 'vitest';
import { averageAnswer, labelAnswer, survey } from '../../src/readout/index.js';
import { numbered, TableLearner } from '../regimes/fakes.js';

test('a survey tells what every neuron does and how the network errs', async () => {
  const learner = new TableLearner([
    [0.9, 0.1, 0, 0],
    [0.5, 0, 0.4, 0],
    [0, 0.2, 0.8, 0],
    [0, 0, 0.6, 0],
  ]);
  const data = numbered([0, 1, 1, -1], 2);
  const seen = await survey(learner, data, {
    ...{ winners: 2, top: 2, sample: [2], answer: labelAnswer(4, 2) },
  });
  expect(seen.items).toBe(4);
  [1.4, 0.3, 1.8, 0].forEach((sum, i) => expect(seen.activity[i]).toBeCloseTo(sum / 4));
  // A silent neuron wins nothing, even where it takes two to win.
  expect([...seen.wins]).toEqual([2, 2, 3, 0]);
  expect(seen.top).toEqual([[0, 1], [2, 0], [2, 3], []]);
  expect(seen.confusion.map((row) => [...row])).toEqual([
    [1, 0],
    [1, 1],
  ]);
  expect([...seen.outputs.keys()]).toEqual([2]);
  expect(seen.outputs.get(2)?.[2]).toBeCloseTo(0.8);
});

test('answers by association are those of the class with the largest mean output', () => {
  const answer = averageAnswer({ classes: 3, classOf: Int32Array.of(0, 1, 1, -1) });
  expect(answer(Float32Array.of(9, 0.5, 0.6, 0.2, 8), 1)).toBe(0);
  expect(answer(Float32Array.of(0.5, 0.9, 0.6, 5), 0)).toBe(1);
});

test('a survey keeps the surest mistakes, the surest first, and none of items without a label', async () => {
  // Answers: the larger of two outputs; labels make items 1, 2 and 3 wrong, and leave item 4 open.
  const learner = new TableLearner([
    [0.9, 0],
    [0.6, 0],
    [0, 0.8],
    [0.7, 0],
    [1, 0],
  ]);
  const seen = await survey(learner, numbered([0, 1, 0, 1, -1], 2), {
    ...{ winners: 1, top: 0, answer: labelAnswer(2, 2) },
    mistakes: { most: 2, confidence: (values, from, answer) => values[from + answer] },
  });
  expect(seen.mistakes.map(({ item, label, answer }) => [item, label, answer])).toEqual([
    [2, 0, 1],
    [3, 1, 0],
  ]);
  expect(seen.mistakes[0].confidence).toBeCloseTo(0.8);
});
