import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BatchReader, batchOrder, readBatch } from '../../src/data/batches.js';
import { bytesDataSet, floatsDataSet, subset } from '../../src/data/dataSet.js';

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

  test('makes the last batch smaller', () => {
    const order = batchOrder(10, 1, 0);
    expect([0, 4, 8].map((from) => readBatch(ramp, order, from, from + 4).size)).toEqual([4, 4, 2]);
  });

  test('refuses an empty range', () => {
    expect(() => readBatch(ramp, [1, 2], 2, 4)).toThrow('ramp: no batch from 2 to 4 among 2 items');
    expect(() => readBatch(ramp, [1, 2], -1, 1)).toThrow(RangeError);
  });

  test('gives bytes as they are stored, also of a subset', () => {
    const data = subset(ramp, [3, 1, 8]);
    const { bytes, values } = readBatch(data, [2, 0], 0, 2);
    expect(bytes).toEqual({ values: Uint8Array.of(16, 17, 6, 7), maximum: 255 });
    expect([...values]).toEqual([16 / 255, 17 / 255, 6 / 255, 7 / 255].map(Math.fround));
  });
});

describe('BatchReader', () => {
  const floats = floatsDataSet({
    name: 'floats',
    values: Float32Array.from({ length: 20 }, (_, i) => i),
    shape: [2],
    labels: new Int32Array(10),
    classes: ['only'],
    maximum: 4,
  });

  test.each([ramp, floats])('reads into the same memory, and shows only what it read ($name)', (data) => {
    const reader = new BatchReader(data, 3);
    const { buffer } = reader.read([1, 2, 3], 0, 3).values;
    const part = reader.read([5], 0, 3);
    expect([part.size, part.values.buffer]).toEqual([1, buffer]);
    const maximum = data === ramp ? 255 : 4;
    expect([...part.values]).toEqual([10 / maximum, 11 / maximum].map(Math.fround));
  });

  test('refuses more than it has room for', () => {
    const reader = new BatchReader(ramp, 1);
    expect(() => reader.read([1, 2], 0, 2)).toThrow('ramp: room for 1 items a batch, not 2');
  });
});
