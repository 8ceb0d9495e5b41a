/** Rates and gains from the power of the input, checked on networks. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  BackpropNetwork,
  bytesDataSet,
  type Compute,
  createCompute,
  inputPower,
  suitableGain,
  suitableRate,
  type TargetRule,
} from '../../src/index.js';

describe('what suits the input', () => {
  let compute: Compute;
  beforeAll(async () => {
    compute = await createCompute({ threads: 1 });
  });
  afterAll(() => compute.dispose());

  /** `count` items of `width` bytes, from a generator of 1988 (Park and Miller). */
  function items(count: number, width: number, brightest: number) {
    let state = 7;
    const bytes = Uint8Array.from({ length: count * width }, () => {
      state = (state * 48271) % 2147483647;
      return (state / 2147483647) * brightest;
    });
    return bytesDataSet({
      name: 'test',
      bytes,
      shape: [width],
      classes: ['a', 'b'],
      labels: new Int32Array(count),
    });
  }

  function networkOf(
    inputs: number,
    outputs: number,
    power: number,
    gain = suitableGain(inputs, outputs, power),
  ) {
    return new BackpropNetwork(
      compute,
      {
        layers: [inputs, outputs],
        activations: ['identity', 'identity'],
        dropout: [0, 0],
        gain,
        loss: 'mse',
        optimizer: 'sgd',
        learningRates: [suitableRate('backprop', outputs, power)],
      },
      5,
    );
  }

  test('the power is the mean sum of squares, and never 0', () => {
    const bytes = Uint8Array.from([255, 0, 255, 255]);
    const two = bytesDataSet({
      name: 'two',
      bytes,
      shape: [2],
      classes: ['a', 'b'],
      labels: new Int32Array(2),
    });
    expect(inputPower(two)).toBeCloseTo(1.5, 6);
    expect(inputPower(items(3, 4, 0))).toBeGreaterThan(0);
  });

  test.each([
    [64, 100, 255],
    [784, 36, 255],
    [784, 400, 30],
  ])(
    '%i inputs, %i neurons, brightness %i: untrained neurons respond equally weakly',
    async (inputs, outputs, brightest) => {
      const data = items(40, inputs, brightest);
      const network = networkOf(inputs, outputs, inputPower(data));
      const values = new Float32Array(40 * inputs);
      for (let item = 0; item < 40; item++) data.read(item, values, item * inputs);
      const y = await network.predict({ size: 40, width: inputs, values });
      const square = y.values.reduce((sum, value) => sum + value * value, 0) / y.values.length;
      expect(Math.sqrt(square)).toBeGreaterThan(0.006);
      expect(Math.sqrt(square)).toBeLessThan(0.012);
      network.dispose();
    },
  );

  test.each([
    [64, 100, 255],
    [784, 36, 255],
    [784, 400, 60],
  ])(
    '%i inputs, %i neurons, brightness %i: a step corrects the same share of an error',
    async (inputs, outputs, brightest) => {
      const data = items(1, inputs, brightest);
      const network = networkOf(inputs, outputs, inputPower(data), 0);
      const values = new Float32Array(inputs);
      data.read(0, values, 0);
      const batch = { size: 1, width: inputs, values };
      const ones: TargetRule = { write: (_, d) => void d.fill(1) };
      await network.step(batch, ones, { step: 0, rate: 1 });
      const response = (await network.predict(batch)).values[3];
      // The bias takes its part, which is large where the input is dark.
      expect(response).toBeGreaterThan(0.15);
      expect(response).toBeLessThan(0.5);
      network.dispose();
    },
  );
});
