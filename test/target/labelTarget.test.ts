import { describe, expect, test } from 'vitest';
import { UNLABELLED } from '../../src/data/dataSet.js';
import { LabelTarget } from '../../src/target/index.js';

function write(target: LabelTarget, width: number, labels: number[], mask?: number[]): number[][] {
  const size = labels.length;
  target.labels = labels;
  const d = new Float32Array(size * width).fill(Number.NaN);
  target.write(
    { size, width, values: new Float32Array(size * width), mask: mask && Float32Array.from(mask) },
    d,
  );
  return labels.map((_, b) => [...d.subarray(b * width, (b + 1) * width)]);
}

describe('the target of a label', () => {
  test('is one-hot with an output per class', () => {
    expect(write(new LabelTarget(3), 3, [2, 0])).toEqual([
      [0, 0, 1],
      [1, 0, 0],
    ]);
  });

  test('is 1 for all N / C neighbouring outputs of the class', () => {
    expect(write(new LabelTarget(3), 6, [1, 2])).toEqual([
      [0, 0, 1, 1, 0, 0],
      [0, 0, 0, 0, 1, 1],
    ]);
  });

  test('is smoothed as the self-defined target with one winner: (1 - s) d + s / N', () => {
    const [d] = write(new LabelTarget(2, 0.2), 4, [1]);
    [0.05, 0.05, 0.85, 0.85].forEach((v, i) => expect(d[i]).toBeCloseTo(v, 6));
  });

  test('is masked as the outputs are', () => {
    const [d] = write(new LabelTarget(2, 0.2), 4, [1], [0, 1, 1, 0]);
    [0, 0.05, 0.85, 0].forEach((v, i) => expect(d[i]).toBeCloseTo(v, 6));
  });

  test('is refused for outputs that cannot be shared out evenly', () => {
    expect(() => write(new LabelTarget(3), 7, [0])).toThrow(/7 outputs.*3 classes/);
  });

  test.each([UNLABELLED, 3, Number.NaN])('is refused for the label %f', (label) => {
    expect(() => write(new LabelTarget(3), 3, [label])).toThrow(RangeError);
  });

  test('is refused when there are fewer labels than items', () => {
    const target = new LabelTarget(3);
    target.labels = [1];
    expect(() =>
      target.write({ size: 2, width: 3, values: new Float32Array(6) }, new Float32Array(6)),
    ).toThrow(RangeError);
  });
});
