import { describe, expect, test } from 'vitest';
import { UNLABELLED } from '../../src/data/dataSet.js';
import { LabelTarget } from '../../src/target/index.js';

function write(
  classes: number,
  width: number,
  labels: number[],
  { smoothing, mask }: { smoothing?: number; mask?: number[] } = {},
): number[][] {
  const size = labels.length;
  const target = new LabelTarget(labels, classes, smoothing);
  const d = new Float32Array(size * width).fill(Number.NaN);
  target.write(
    { size, width, values: new Float32Array(size * width), mask: mask && Float32Array.from(mask) },
    d,
    { step: 0, rate: 1, indices: Uint32Array.from(labels.keys()) },
  );
  return labels.map((_, b) => [...d.subarray(b * width, (b + 1) * width)]);
}

describe('the target of a label', () => {
  test('is one-hot with an output per class', () => {
    expect(write(3, 3, [2, 0])).toEqual([
      [0, 0, 1],
      [1, 0, 0],
    ]);
  });

  test('is 1 for all N / C neighbouring outputs of the class', () => {
    expect(write(3, 6, [1, 2])).toEqual([
      [0, 0, 1, 1, 0, 0],
      [0, 0, 0, 0, 1, 1],
    ]);
  });

  test('is smoothed as the self-defined target with one winner: (1 - s) d + s / N', () => {
    const [d] = write(2, 4, [1], { smoothing: 0.2 });
    [0.05, 0.05, 0.85, 0.85].forEach((v, i) => expect(d[i]).toBeCloseTo(v, 6));
  });

  test('is masked as the outputs are', () => {
    const [d] = write(2, 4, [1], { smoothing: 0.2, mask: [0, 1, 1, 0] });
    [0, 0.05, 0.85, 0].forEach((v, i) => expect(d[i]).toBeCloseTo(v, 6));
  });

  test('is refused for outputs that cannot be shared out evenly', () => {
    expect(() => write(3, 7, [0])).toThrow(/7 outputs.*3 classes/);
  });

  test.each([UNLABELLED, 3, Number.NaN])('is refused for the label %f', (label) => {
    expect(() => write(3, 3, [label])).toThrow(RangeError);
  });

  test('takes the labels of the items in the batch, and is refused without their indices', () => {
    const target = new LabelTarget([2, 0, 1], 3);
    const y = { size: 2, width: 3, values: new Float32Array(6) };
    const d = new Float32Array(6);
    target.write(y, d, { step: 0, rate: 1, indices: Uint32Array.of(2, 0) });
    expect([...d]).toEqual([0, 1, 0, 0, 0, 1]);
    expect(() => target.write(y, d, { step: 0, rate: 1 })).toThrow(/indices of the 2 items/);
    expect(() => target.write(y, d, { step: 0, rate: 1, indices: Uint32Array.of(0) })).toThrow(RangeError);
    expect(() => target.write(y, d, { step: 0, rate: 1, indices: Uint32Array.of(0, 3) })).toThrow(/item 3/);
  });

  test.each([
    [0, 0],
    [2.5, 0],
    [3, 1],
    [3, -0.1],
    [3, Number.NaN],
  ])('is refused for %f classes and a smoothing of %f', (classes, smoothing) => {
    expect(() => new LabelTarget([0], classes, smoothing)).toThrow(RangeError);
  });
});
