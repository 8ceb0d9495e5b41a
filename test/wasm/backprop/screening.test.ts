import { afterAll, beforeAll, expect, test } from 'vitest';
import { Screening } from '../../../src/wasm/backprop/screening.js';
import { activationNumbers } from '../../../src/wasm/compute/kernels.js';
import { Values } from '../../../src/wasm/backprop/values.js';
import { type Compute, createCompute } from '../../../src/wasm/compute/compute.js';
import type { Activation } from '../../../src/learner/activation.js';
import { Parameters } from '../../../src/wasm/bricks/parameters.js';
import { Purpose, RandomStream } from '../../../src/learner/random.js';
import { testRandom } from '../compute/reference.js';

let compute: Compute;
beforeAll(async () => {
  // Their products of whole numbers are right on every engine, if slow.
  compute = withLevels(await createCompute({ threads: 2, kernel: 'plain' }), 255);
});
afterAll(() => compute.dispose());

function withLevels(of: Compute, screenLevels: number): Compute {
  return new Proxy(of, {
    get(target, key) {
      if (key === 'screenLevels') return screenLevels;
      const value = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function parametersOf(inputs: number, outputs: number, optimizer: 'sgd' | 'adam' = 'sgd'): Parameters {
  const parameters = new Parameters(compute, 'layer', inputs, outputs, 'rows', optimizer);
  parameters.initialise(1, new RandomStream(1, Purpose.initialise));
  return parameters;
}

test('fits layers of SGD whose outputs count above zero only, on values that are not negative', () => {
  let levels = 255;
  const fits = (below: Activation, above: Activation, outputs = 64, optimizer: 'sgd' | 'adam' = 'sgd') =>
    Screening.fits(
      withLevels(compute, levels),
      parametersOf(20, outputs, optimizer),
      new Values(20, below),
      new Values(outputs, above),
    );
  expect(fits('relu', 'hard-sigmoid')).toBe(true);
  expect(fits('hard-sigmoid', 'relu')).toBe(true);
  expect(fits('tanh', 'relu')).toBe(false);
  expect(fits('identity', 'relu')).toBe(false);
  expect(fits('relu', 'sigmoid')).toBe(false);
  expect(fits('relu', 'identity')).toBe(false);
  expect(fits('relu', 'relu', 32)).toBe(false);
  expect(fits('relu', 'relu', 64, 'adam')).toBe(false);
  // Sums that would not fit.
  const wide = new Values(2 ** 16, 'relu');
  expect(Screening.fits(compute, parametersOf(20, 64), wide, new Values(64, 'relu'))).toBe(false);
  levels = 0;
  expect(fits('relu', 'relu')).toBe(false);
});

/** At the larger rate rows move so far in a step that what was negative is not. */
test.each([0.01, 1])(
  'follows updates at a rate of %d, whichever way products go, other batches and loading',
  (rate) => {
    const random = testRandom(3);
    const [below, above] = [new Values(70, 'relu'), new Values(100, 'hard-sigmoid')];
    const parameters = parametersOf(70, 100);
    const take = (bytes: number) => compute.allocate(bytes);
    const race = { way: 0 as 0 | 1, took: () => {} };
    const screening = new Screening(compute, parameters, below, above, race);
    const dense = (size: number) =>
      compute.run('forwardDense', {
        h: below.y,
        weights: parameters.weights,
        bias: parameters.bias,
        z: above.y,
        batch: size,
        inputStride: below.stride,
        stride: above.stride,
      });
    const reserve = (size: number) => {
      for (const values of [below, above]) values.reserve(size, take);
      screening.reserve(size, take);
    };
    const fill = (address: number, size: number, width: number, stride: number, value: () => number) => {
      for (let b = 0; b < size; b++) {
        compute.f32(address + 4 * b * stride, width).set(Float32Array.from({ length: width }, value));
      }
    };
    const lists = take(8 * above.stride * 8);
    const counts = take(4 * above.stride);
    const masks = take(4 * 8 * above.stride);
    /** What follows an activation and the mask. */
    const counted = (size: number, mask: number) =>
      compute
        .f32(above.y, size * above.stride)
        .map((z, j) => (mask && !compute.f32(mask, j + 1)[j] ? 0 : Math.min(1, Math.max(0, z))));
    let proven = 0;
    reserve(4);
    for (let step = 0; step < 60; step++) {
      if (step === 40) reserve(8);
      if (step === 50) {
        const state = new Map();
        parameters.save(state);
        for (const { data } of state.values()) data.forEach((v: number, j: number) => (data[j] = -v));
        parameters.load(state);
      }
      const size = step < 40 ? 1 + (step % 4) : 8;
      race.way = step % 7 < 5 ? 1 : 0;
      fill(below.y, size, 70, below.stride, () => Math.max(0, random() - 0.3));
      const mask = step % 3 ? masks : 0;
      compute.f32(masks, size * above.stride).forEach((_, j, all) => {
        all[j] = random() < 0.3 ? 0 : 1.25;
      });
      screening.forward(size, mask, () => dense(size));
      proven += compute.f32(above.y, size * above.stride).filter((z) => z === -1).length;
      const seen = counted(size, mask);
      dense(size);
      expect(seen, `step ${step}`).toEqual(counted(size, mask));
      fill(above.delta, size, 100, above.stride, () => (random() < 0.8 ? 0 : random() - 0.4));
      compute.run('listItems', {
        values: above.delta,
        batch: size,
        stride: above.stride,
        unit: 4 * below.stride,
        lists,
        counts,
      });
      const { weights, bias } = parameters;
      compute.run('backwardDense', {
        lists,
        counts,
        h: below.y,
        weights,
        destination: weights,
        biasDestination: bias,
        dh: 0,
        batch: size,
        stride: above.stride,
        inputStride: below.stride,
        factor: -rate,
      });
      screening.follow(lists, counts, size, -rate);
    }
    expect(proven).toBeGreaterThan(1000);
  },
);

test('a weight or a value that is not a number reaches the same outputs either way, hidden or not', () => {
  const random = testRandom(4);
  const [below, above] = [new Values(70, 'relu'), new Values(100, 'relu')];
  const parameters = parametersOf(70, 100);
  const race = { way: 0 as 0 | 1, took: () => {} };
  const screening = new Screening(compute, parameters, below, above, race);
  const take = (bytes: number) => compute.allocate(bytes);
  const batch = 6;
  for (const values of [below, above]) values.reserve(batch, take);
  screening.reserve(batch, take);
  const { stride } = above;
  const inputStride = below.stride;
  const mask = take(4 * batch * stride);
  compute.f32(mask, batch * stride).forEach((_, j, all) => (all[j] = random() < 0.5 ? 0 : 2));
  compute.f32(parameters.weights, 5 * inputStride).fill(NaN, 4 * inputStride);
  const dense = () => {
    const { weights, bias } = parameters;
    compute.run('forwardDense', { h: below.y, weights, bias, z: above.y, batch, inputStride, stride });
  };
  const activated = (way: 0 | 1) => {
    race.way = way;
    screening.forward(batch, mask, dense);
    const shape = { batch, width: 100, stride, activation: activationNumbers.relu };
    compute.run('activate', { z: above.y, slope: 0, mask, ...shape });
    return compute.f32(above.y, batch * stride).slice();
  };
  for (let trial = 0; trial < 8; trial++) {
    compute.f32(below.y, batch * inputStride).forEach((_, j, all) => {
      all[j] = j % inputStride < 70 && j !== 3 * inputStride + 7 + trial ? random() : 0;
    });
    if (trial > 3) compute.f32(below.y, batch * inputStride)[3 * inputStride + trial] = NaN;
    const screened = activated(1);
    expect(screened).toEqual(activated(0));
    const wrong = [...screened].flatMap((value, j) => (j % stride < 100 && Number.isNaN(value) ? [j] : []));
    const ofItem = trial > 3 ? Array.from({ length: 100 }, (_, i) => 3 * stride + i) : [3 * stride + 4];
    const ofRow = [0, 1, 2, 4, 5].map((b) => b * stride + 4);
    expect(wrong).toEqual([...ofRow, ...ofItem].sort((a, b) => a - b));
  }
});
