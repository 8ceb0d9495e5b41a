import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batchOrder, readBatch } from '../../src/data/batches.js';
import { bytesDataSet } from '../../src/data/dataSet.js';

const ramp = bytesDataSet({
  name: 'ramp',
  bytes: Uint8Array.from({ length: 20 }, (_, i) => i),
  shape: [2],
  labels: new Int32Array(10),
  classes: ['only'],
});

describe('batchOrder', () => {
  test('visits each item exactly once an epoch', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500 }), fc.nat(), fc.nat(1000), (length, seed, epoch) => {
        const order = [...batchOrder(length, seed, epoch)].toSorted((a, b) => a - b);
        expect(order).toEqual(Array.from({ length }, (_, i) => i));
      }),
    );
  });

  test('is the same for the same seed and epoch, different for another of either', () => {
    const order = batchOrder(100, 3, 0);
    expect(batchOrder(100, 3, 0)).toEqual(order);
    expect(batchOrder(100, 3, 1)).not.toEqual(order);
    expect(batchOrder(100, 4, 0)).not.toEqual(order);
  });
});

describe('readBatch', () => {
  test('reads the chosen rows in their order, scaled to [0, 1]', () => {
    const batch = readBatch(ramp, [9, 4, 0, 7], 1, 3);
    expect({ size: batch.size, width: batch.width }).toEqual({ size: 2, width: 2 });
    expect([...batch.values]).toEqual([8 / 255, 9 / 255, 0, 1 / 255].map(Math.fround));
  });

  test('reuses the given memory, and shows only what it read of a larger one', () => {
    const out = new Float32Array(6).fill(7);
    const whole = readBatch(ramp, [1, 2, 3], 0, 3, out);
    expect(whole.values).toBe(out);
    const part = readBatch(ramp, [5], 0, 1, out);
    expect(part.values.buffer).toBe(out.buffer);
    expect([...part.values]).toEqual([10 / 255, 11 / 255].map(Math.fround));
    expect(out[2]).toBe(Math.fround(4 / 255));
  });

  test('makes the last batch smaller', () => {
    const order = batchOrder(10, 1, 0);
    expect([0, 4, 8].map((from) => readBatch(ramp, order, from, from + 4).size)).toEqual([4, 4, 2]);
  });

  test('refuses an empty range and memory that is too small', () => {
    expect(() => readBatch(ramp, [1, 2], 2, 4)).toThrow('ramp: no batch from 2 to 4 among 2 items');
    expect(() => readBatch(ramp, [1, 2], -1, 1)).toThrow(RangeError);
    expect(() => readBatch(ramp, [1, 2], 0, 2, new Float32Array(3))).toThrow('need 4 places, got 3');
  });
});
