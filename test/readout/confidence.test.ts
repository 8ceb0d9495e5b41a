import { describe, expect, test } from 'vitest';
import { associationConfidence, NO_CLASS, outputConfidence } from '../../src/readout/index.js';
import { accuracyOfConfusion, classResults } from '../../src/readout/classResults.js';

describe('confidence', () => {
  test("by association is the answer's share in the classes' mean outputs", () => {
    // Means: class 0 (0.4 + 0.2) / 2 = 0.3, class 1 0.1; the last neuron stands for none.
    const of = associationConfidence({ classes: 3, classOf: Int32Array.of(0, 1, 0, NO_CLASS) });
    const values = Float32Array.of(9, 0.4, 0.1, 0.2, 5);
    expect(of(values, 1, 0)).toBeCloseTo(0.75, 6);
    expect(of(values, 1, 1)).toBeCloseTo(0.25, 6);
    expect(of(values, 1, 2)).toBe(0);
  });

  test('is none where all neurons are silent', () => {
    const of = associationConfidence({ classes: 2, classOf: Int32Array.of(0, 1) });
    expect(of(new Float32Array(2), 0, 0)).toBe(0);
  });

  test('of logits is their softmax, also of large ones', () => {
    const of = outputConfidence(2, 2, true);
    expect(of(Float32Array.of(1, 0), 0, 0)).toBeCloseTo(1 / (1 + Math.exp(-1)), 6);
    expect(of(Float32Array.of(1001, 1000), 0, 0)).toBeCloseTo(1 / (1 + Math.exp(-1)), 6);
  });

  test('of other outputs is a share of their sum, each class with its neighbours', () => {
    const of = outputConfidence(4, 2, false);
    expect(of(Float32Array.of(0.1, 0.2, 0.3, 0.4), 0, 1)).toBeCloseTo(0.7, 6);
  });
});

test('a confusion matrix sums up to its classes and its accuracy', () => {
  const confusion = [Uint32Array.of(3, 1), Uint32Array.of(0, 0)];
  expect(classResults(confusion, ['a', 'b'])).toEqual([
    { name: 'a', items: 4, correct: 3, answered: 3 },
    { name: 'b', items: 0, correct: 0, answered: 1 },
  ]);
  expect(accuracyOfConfusion(confusion)).toBe(75);
});
