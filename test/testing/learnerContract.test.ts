import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NetworkSpec } from '../../src/wasm/backprop/network.js';
import { BackpropNetwork } from '../../src/wasm/backprop/network.js';
import { type Compute, createCompute } from '../../src/wasm/compute/compute.js';
import { EquilibriumNetwork } from '../../src/wasm/equilibrium/network.js';
import type { EquilibriumSpec } from '../../src/wasm/equilibrium/spec.js';
import { type LearnerContractOptions, learnerContract } from '../../src/testing/index.js';
import { RemoteLearner } from './remoteLearner.js';

let compute: Compute;
beforeAll(async () => {
  compute = await createCompute({ threads: 1 });
});
afterAll(() => {
  expect(compute.memory()).toMatchObject({ used: 0, blocks: 0 });
  compute.dispose();
});

const sgd = { optimizer: 'sgd', loss: 'mse' } as const;
const adam = { optimizer: 'adam' } as const;

const window = (size: number, stride: number, padding: number) => ({ size, stride, padding });

/** Rates of plain gradient descent are those that the update is compared with. */
const backprop: Record<string, [NetworkSpec, LearnerContractOptions]> = {
  'one layer': [
    {
      ...sgd,
      layers: [7, 5],
      activations: ['identity', 'hard-sigmoid'],
      dropout: [0.2, 0],
      learningRates: [0.5],
    },
    { descent: { rate: 0.5 } },
  ],
  'two layers with an output mask': [
    {
      ...sgd,
      layers: [7, 40, 20],
      activations: ['identity', 'tanh', 'sigmoid'],
      dropout: [0.2, 0.3, 0.25],
      learningRates: { labelled: [0.5, 0.5], unlabelled: [2, 2] },
    },
    { descent: { rate: 0.5 } },
  ],
  'cross-entropy': [
    {
      ...sgd,
      layers: [7, 18, 6],
      activations: ['identity', 'tanh', 'identity'],
      dropout: [0, 0.2, 0],
      loss: 'cross-entropy',
      learningRates: [0.25, 0.25],
    },
    { descent: { rate: 0.25 } },
  ],
  'Adam, three layers': [
    {
      ...adam,
      layers: [7, 40, 70, 6],
      activations: ['identity', 'relu', 'relu', 'identity'],
      dropout: [0.2, 0.2, 0.2, 0],
      loss: 'cross-entropy',
      learningRates: { pretraining: [0.01, 0.01, 0.01], labelled: [0.02, 0.01, 0.01] },
    },
    {},
  ],
  convolutions: [
    {
      ...sgd,
      convolution: {
        image: [6, 6, 1],
        blocks: [{ channels: 3, kernel: window(3, 1, 1), pool: { kind: 'average', ...window(2, 2, 0) } }],
      },
      layers: [5],
      activations: ['identity', 'tanh', 'sigmoid'],
      dropout: [0.2, 0.2],
      learningRates: [0.5, 0.5],
    },
    { descent: { rate: 0.5 } },
  ],
  'pruned convolutions that compete, with Adam': [
    {
      ...adam,
      loss: 'mse',
      convolution: {
        image: [6, 6, 2],
        blocks: [{ channels: 4, kernel: window(3, 1, 1), pool: { kind: 'max', ...window(2, 2, 0) } }],
        prune: 0.3,
      },
      layers: [40],
      activations: ['identity', 'wta', 'hard-sigmoid'],
      dropout: [0.2, 0.2],
      learningRates: [0.01, 0.01],
    },
    {},
  ],
};

describe.each(Object.entries(backprop))('a BackpropNetwork keeps the contract: %s', (_, [spec, options]) => {
  for (const { name, run } of learnerContract((seed) => new BackpropNetwork(compute, spec, seed), options)) {
    test(name, run);
  }
});

/** Settled to the end, so that an item without weight is at rest. */
const settled = { dt: 0.5, freeSteps: 60, nudgedSteps: 60, beta: 0.04, estimate: 'symmetric' } as const;

const equilibrium: Record<string, [EquilibriumSpec, LearnerContractOptions]> = {
  // The reported loss is a mean over the N outputs, the cost that is descended half of their sum.
  'one layer': [
    { ...sgd, ...settled, layers: [7, 5], dropout: [0.2, 0], activation: 'tanh', learningRates: [0.2] },
    { descent: { rate: (0.2 * 5) / 2, tolerance: 0.05 } },
  ],
  'two layers with an output mask': [
    {
      ...sgd,
      ...settled,
      layers: [7, 20, 40],
      dropout: [0.2, 0.2, 0.25],
      activation: 'tanh',
      learningRates: { labelled: [0.1, 0.1], unlabelled: [0.2, 0.2] },
    },
    { descent: { rate: (0.1 * 40) / 2, tolerance: 0.05 } },
  ],
  'even-odd, one-sided, with Adam': [
    {
      ...adam,
      ...settled,
      loss: 'mse',
      layers: [7, 20, 12],
      // Without dropout, or Adam would enlarge what rounding leaves where the other items have no gradient.
      dropout: [0, 0, 0],
      activation: 'tanh',
      minimizer: 'even-odd',
      estimate: 'one-sided',
      dt: 1,
      learningRates: [0.002, 0.002],
    },
    {},
  ],
  'softmax readout': [
    {
      ...adam,
      ...settled,
      loss: 'cross-entropy',
      layers: [7, 20, 6],
      dropout: [0, 0.2, 0],
      activation: 'tanh',
      learningRates: { first: [0.002, 0.002], second: [0.002, 0.002] },
    },
    {},
  ],
};

describe.each(Object.entries(equilibrium))(
  'an EquilibriumNetwork keeps the contract: %s',
  (_, [spec, options]) => {
    for (const { name, run } of learnerContract(
      (seed) => new EquilibriumNetwork(compute, spec, seed),
      options,
    )) {
      test(name, run);
    }
  },
);

describe('a learner that answers later, in single precision, keeps the contract', () => {
  for (const { name, run } of learnerContract((seed) => new RemoteLearner(6, 9, seed))) test(name, run);
});

describe('and so it does without momentum, where its update can be foreseen', () => {
  const options = { descent: { rate: 0.5 } };
  for (const { name, run } of learnerContract((seed) => new RemoteLearner(6, 9, seed, 0), options)) {
    test(name, run);
  }
});
