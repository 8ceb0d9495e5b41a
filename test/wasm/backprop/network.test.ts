import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BackpropNetwork, type NetworkSpec } from '../../../src/wasm/backprop/network.js';
import { type Loss, losses } from '../../../src/wasm/bricks/loss.js';
import { type Compute, createCompute } from '../../../src/wasm/compute/compute.js';
import { type Activation, activations } from '../../../src/learner/activation.js';
import type { Batch, StepReport } from '../../../src/learner/learner.js';
import { StateError, type TensorMap } from '../../../src/learner/tensors.js';
import type { TargetRule } from '../../../src/learner/rule.js';
import type { LearningRates } from '../../../src/wasm/bricks/parameters.js';
import { SelfDefinedTarget } from '../../../src/target/index.js';
import { AdamReference, type Matrix, matrix, testRandom } from '../compute/reference.js';
import { builds, sameBits, threadCounts } from '../compute/variants.js';
import { expectFairContest } from '../bricks/contest.js';
import { NaiveNetwork } from './naiveNetwork.js';

let compute: Compute;
beforeAll(async () => {
  compute = await createCompute({ threads: 2 });
});
afterAll(() => compute.dispose());

function specOf(changes: Partial<NetworkSpec> & Pick<NetworkSpec, 'layers'>): NetworkSpec {
  const hidden = changes.layers.length - 2;
  return {
    activations: ['identity', ...new Array<Activation>(hidden).fill('relu'), 'hard-sigmoid'],
    dropout: [0.3, ...new Array<number>(hidden).fill(0.2), 0.2],
    loss: 'mse',
    optimizer: 'sgd',
    learningRates: changes.layers.slice(1).map(() => 1),
    gain: 1.5,
    ...changes,
  };
}

/** Weights as initialised and biases that are not zero, so that no value sits on a kink of its activation. */
function withBiases(state: TensorMap, seed = 5): TensorMap {
  const random = testRandom(seed);
  return new Map(
    [...state].map(([name, { shape, data }]) =>
      name.endsWith('.bias')
        ? [name, { shape, data: Float32Array.from(data, () => random() - 0.3) }]
        : [name, { shape, data }],
    ),
  );
}

function batchOf(size: number, width: number, seed: number): Batch {
  const random = testRandom(seed);
  return {
    size,
    width,
    values: Float32Array.from({ length: size * width }, () => (random() < 0.4 ? 0 : random())),
  };
}

function targetOf(size: number, width: number, seed: number): { d: Matrix; rule: TargetRule } {
  const random = testRandom(seed);
  const d = matrix(size, width, () => (random() < 0.6 ? 0 : Math.fround(random())));
  return { d, rule: { write: (_, target) => target.set(d.values) } };
}

const dataOf = (state: TensorMap, name: string): Float32Array => state.get(name)?.data as Float32Array;

/** What one step of SGD at these rates took off, as the gradient that it stands for. */
function takenGradient(before: TensorMap, after: TensorMap, name: string, rate: number): number[] {
  const now = dataOf(after, name);
  return [...dataOf(before, name)].map((v, i) => (v - now[i]) / rate);
}

function expectGradient(taken: ArrayLike<number>, wanted: Float64Array): void {
  const largest = wanted.reduce((a, v) => Math.max(a, Math.abs(v)), 0);
  for (let i = 0; i < wanted.length; i++) {
    const allowed = 1e-3 * Math.abs(wanted[i]) + 1e-4 * largest + 1e-6;
    if (!(Math.abs(taken[i] - wanted[i]) <= allowed))
      expect.fail(`entry ${i}: ${taken[i]}, not ${wanted[i]}`);
  }
}

const shapes: readonly (readonly number[])[] = [
  [7, 5],
  [9, 18, 4],
  [6, 17, 5, 3],
];

/** The only optimiser's learning rates. */
const ratesOf = (spec: { learningRates: LearningRates }) => spec.learningRates as readonly number[];

describe('a step of SGD', () => {
  const cases = shapes.flatMap((layers) =>
    activations.flatMap((activation) => losses.map((loss) => ({ layers, activation, loss }))),
  );

  test.each(cases)(
    'follows the finite differences of $loss through $activation in $layers',
    ({ layers, activation, loss }) => {
      const spec = specOf({
        layers,
        loss,
        activations: ['identity', ...layers.slice(1).map(() => activation)],
      });
      checkStep(spec, 5);
    },
  );

  test('follows them with mixed activations, one of them on the input, and one output', () => {
    const spec = specOf({ layers: [5, 6, 1], activations: ['tanh', 'sigmoid', 'identity'] });
    checkStep(spec, 1);
  });

  test('follows them in layers wider than a panel', () => {
    checkStep(specOf({ layers: [5, 37, 34] }), 3);
  });

  function checkStep(spec: NetworkSpec, size: number): void {
    const seed = 3;
    const network = new BackpropNetwork(compute, spec, seed);
    const before = withBiases(network.state());
    network.load(before);
    const naive = new NaiveNetwork(spec, seed, before);
    const { layers } = spec;
    const x = batchOf(size, layers[0], 11);
    const { d, rule } = targetOf(size, layers[layers.length - 1], 12);
    const step = 9;
    const { loss } = network.step(x, rule, { step, rate: 1 }) as StepReport;
    const after = network.state();
    network.dispose();
    const wanted = naive.loss(x, d, step);
    expect(Math.abs(loss - wanted)).toBeLessThan(1e-5 * Math.max(1, wanted));
    let largest = 0;
    naive.differences(x, d, step).forEach(({ weights, bias }, l) => {
      expectGradient(takenGradient(before, after, `layer${l + 1}.weight`, 1), weights.values);
      expectGradient(takenGradient(before, after, `layer${l + 1}.bias`, 1), bias);
      for (const v of weights.values) largest = Math.max(largest, Math.abs(v));
    });
    // The comparison says something only where there is a gradient.
    expect(largest).toBeGreaterThan(1e-3);
  }

  test("takes each layer's own rate, times the schedule's factor", () => {
    const spec = specOf({ layers: [8, 6, 5], learningRates: [0.5, 2] });
    const network = new BackpropNetwork(compute, spec, 1);
    const before = withBiases(network.state());
    network.load(before);
    const x = batchOf(4, 8, 1);
    const { d, rule } = targetOf(4, 5, 2);
    network.step(x, rule, { step: 0, rate: 0.25 });
    const after = network.state();
    network.dispose();
    const gradients = new NaiveNetwork(spec, 1, before).gradient(x, d, 0);
    gradients.forEach(({ weights, bias }, l) => {
      const rate = ratesOf(spec)[l] * 0.25;
      expectGradient(takenGradient(before, after, `layer${l + 1}.weight`, rate), weights.values);
      expectGradient(takenGradient(before, after, `layer${l + 1}.bias`, rate), bias);
    });
  });

  test('at rate 0 changes nothing', () => {
    const network = new BackpropNetwork(compute, specOf({ layers: [8, 6, 5] }), 1);
    const before = network.state();
    network.step(batchOf(4, 8, 1), targetOf(4, 5, 2).rule, { step: 0, rate: 0 });
    expect(network.state()).toEqual(before);
    network.dispose();
  });

  test('shows the rule the masked outputs and the mask, 0 or 1', () => {
    const spec = specOf({ layers: [8, 6, 40], dropout: [0, 0.2, 0.5] });
    const network = new BackpropNetwork(compute, spec, 2);
    network.load(withBiases(network.state()));
    const x = batchOf(6, 8, 1);
    const { mask, y } = new NaiveNetwork(spec, 2, network.state()).forward(x, 7)[2];
    let asked = 0;
    network.step(
      x,
      {
        write(outputs, target) {
          asked++;
          expect([outputs.size, outputs.width, target.length]).toEqual([6, 40, 240]);
          expect([...(outputs.mask as Float32Array)]).toEqual([...mask.values]);
          outputs.values.forEach((v, j) => expect(v).toBeCloseTo(y.values[j], 5));
          target.fill(0);
        },
      },
      { step: 7, rate: 1 },
    );
    expect(asked).toBe(1);
    network.dispose();
  });

  test('shows no mask where the outputs have no dropout', () => {
    const network = new BackpropNetwork(compute, specOf({ layers: [8, 5], dropout: [0.5, 0] }), 2);
    let mask: Float32Array | undefined = new Float32Array();
    const write: TargetRule['write'] = (outputs, target) => {
      mask = outputs.mask;
      target.fill(0);
    };
    network.step(batchOf(2, 8, 1), { write }, { step: 0, rate: 1 });
    expect(mask).toBeUndefined();
    network.dispose();
  });

  test('of items with another width is refused', () => {
    const network = new BackpropNetwork(compute, specOf({ layers: [8, 5] }), 2);
    expect(() => network.predict(batchOf(2, 7, 1))).toThrow(/7 values.*takes 8/);
    network.dispose();
  });
});

describe('the chain rule of the reference', () => {
  test.each<Loss>(['mse', 'cross-entropy'])('agrees with its own finite differences (%s)', (loss) => {
    const spec = specOf({ layers: [6, 8, 5], loss, activations: ['identity', 'tanh', 'sigmoid'] });
    const network = new BackpropNetwork(compute, spec, 4);
    const naive = new NaiveNetwork(spec, 4, withBiases(network.state()));
    network.dispose();
    const x = batchOf(3, 6, 1);
    const { d } = targetOf(3, 5, 2);
    const differences = naive.differences(x, d, 1);
    naive.gradient(x, d, 1).forEach(({ weights, bias }, l) => {
      expectGradient(weights.values, differences[l].weights.values);
      expectGradient(bias, differences[l].bias);
    });
  });
});

describe('Adam', () => {
  test('follows the published algorithm over several steps', () => {
    const spec = specOf({
      layers: [6, 20, 5],
      activations: ['identity', 'tanh', 'sigmoid'],
      optimizer: 'adam',
      learningRates: [0.01, 0.03],
      loss: 'cross-entropy',
    });
    const network = new BackpropNetwork(compute, spec, 6);
    network.load(new Map([...withBiases(network.state())].filter(([name]) => /weight$|bias$/.test(name))));
    const naive = new NaiveNetwork(spec, 6, network.state());
    const adams = naive.layers.map(({ weights, bias }) => [
      new AdamReference(weights.values.length),
      new AdamReference(bias.length),
    ]);
    for (let step = 0; step < 6; step++) {
      const x = batchOf(5, 6, 20 + step);
      const { d, rule } = targetOf(5, 5, 40 + step);
      const rate = 1 - step / 10;
      network.step(x, rule, { step, rate });
      naive.gradient(x, d, step).forEach((gradient, l) => {
        const { weights, bias } = naive.layers[l];
        adams[l][0].step(weights.values, gradient.weights.values, rate * ratesOf(spec)[l]);
        adams[l][1].step(bias, gradient.bias, rate * ratesOf(spec)[l]);
      });
    }
    const state = network.state();
    network.dispose();
    naive.layers.forEach(({ weights, bias }, l) => {
      const allowed = 0.005 * ratesOf(spec)[l];
      for (const [name, wanted] of [['weight', weights.values] as const, ['bias', bias] as const]) {
        dataOf(state, `layer${l + 1}.${name}`).forEach((v, i) => {
          expect(Math.abs(v - wanted[i])).toBeLessThan(allowed);
        });
      }
    });
  });
});

describe('two Adam optimisers', () => {
  // Layers of all kinds: the input's, a tiled one, and a dense one.
  test('have learning rates, moments and a count of updates each', () => {
    const learningRates = { one: [0.01, 0.02, 0.01], two: [0.04, 0.005, 0.02] };
    const names = ['one', 'two', 'two', 'one', 'two', 'one'] as const;
    const spec = specOf({
      layers: [6, 20, 70, 5],
      activations: ['identity', 'tanh', 'tanh', 'sigmoid'],
      optimizer: 'adam',
      learningRates,
      loss: 'cross-entropy',
    });
    const network = new BackpropNetwork(compute, spec, 6);
    network.load(new Map([...withBiases(network.state())].filter(([name]) => /weight$|bias$/.test(name))));
    const adamsOf = () =>
      new NaiveNetwork(spec, 6, network.state()).layers.map(({ weights, bias }) => ({
        weights: new AdamReference(weights.values.length),
        bias: new AdamReference(bias.length),
      }));
    const adams = { one: adamsOf(), two: adamsOf() };
    for (const [step, name] of names.entries()) {
      const naive = new NaiveNetwork(spec, 6, network.state());
      const x = batchOf(5, 6, 20 + step);
      const { d, rule } = targetOf(5, 5, 40 + step);
      network.step(x, rule, { step, rate: 1, optimiser: name });
      const after = network.state();
      naive.gradient(x, d, step).forEach((gradient, l) => {
        const { weights, bias } = naive.layers[l];
        const rate = learningRates[name][l];
        adams[name][l].weights.step(weights.values, gradient.weights.values, rate);
        adams[name][l].bias.step(bias, gradient.bias, rate);
        for (const [part, wanted] of [['weight', weights.values] as const, ['bias', bias] as const]) {
          dataOf(after, `layer${l + 1}.${part}`).forEach((v, i) => {
            const error = Math.abs(v - wanted[i]);
            if (!(error < 0.05 * rate))
              expect.fail(`step ${step}, layer ${l + 1}, ${part} ${i}: ${error / rate}`);
          });
        }
      });
    }
    network.dispose();
  });
});

function trained(on: Compute, spec: NetworkSpec, seed: number, steps = 6): BackpropNetwork {
  const network = new BackpropNetwork(on, spec, seed);
  const { layers } = spec;
  const outputs = layers[layers.length - 1];
  const target = new SelfDefinedTarget({ outputs, winners: 3, gamma: 0.5 });
  // The last batch of an epoch is smaller.
  for (let s = 0; s < steps; s++)
    network.step(batchOf(s === 3 ? 2 : 7, layers[0], s), target, { step: s, rate: 1 });
  return network;
}

function bitsOf(state: TensorMap): Float32Array {
  return Float32Array.from([...state.values()].flatMap(({ data }) => [...data]));
}

function allBits(network: BackpropNetwork): Float32Array {
  const bits = bitsOf(network.state());
  network.dispose();
  return bits;
}

describe('the same bits', () => {
  const spec = specOf({ layers: [50, 70, 40], learningRates: [2, 4] });

  test.each(builds)('come from 1, 2 and 3 threads (%s kernels)', async (kernel) => {
    for (const optimizer of ['sgd', 'adam'] as const) {
      const results: Float32Array[] = [];
      for (const threads of threadCounts) {
        const own = await createCompute({ kernel, threads });
        const rates = optimizer === 'sgd' ? [2, 4] : [0.01, 0.01];
        results.push(allBits(trained(own, { ...spec, optimizer, learningRates: rates }, 1)));
        own.dispose();
      }
      expect(sameBits(results[0], results[1])).toBe(true);
      expect(sameBits(results[0], results[2])).toBe(true);
    }
  });

  test('come from the same seed, others from another', () => {
    const one = allBits(trained(compute, spec, 1));
    expect(sameBits(one, allBits(trained(compute, spec, 1)))).toBe(true);
    expect(sameBits(one, allBits(trained(compute, spec, 2)))).toBe(false);
  });

  test('come whatever was predicted in between', () => {
    const network = new BackpropNetwork(compute, spec, 1);
    const target = new SelfDefinedTarget({ outputs: 40, winners: 3, gamma: 0.5 });
    for (let s = 0; s < 6; s++) {
      network.predict(batchOf(3 + 4 * s, 50, 100 + s));
      network.step(batchOf(s === 3 ? 2 : 7, 50, s), target, { step: s, rate: 1 });
    }
    expect(sameBits(allBits(network), allBits(trained(compute, spec, 1)))).toBe(true);
  });
});

describe('predictions', () => {
  test("have no dropout, no mask, and are the reference network's", () => {
    const spec = specOf({ layers: [9, 20, 17], dropout: [0.5, 0.5, 0.5] });
    const network = new BackpropNetwork(compute, spec, 3);
    network.load(withBiases(network.state()));
    const x = batchOf(5, 9, 4);
    const first = network.predict(x);
    const values = first.values.slice();
    expect([first.size, first.width, first.mask]).toEqual([5, 17, undefined]);
    const { y } = new NaiveNetwork(spec, 3, network.state()).forward(x)[2];
    values.forEach((v, j) => expect(v).toBeCloseTo(y.values[j], 5));
    expect(network.predict(x).values).toEqual(values);
    network.dispose();
  });

  test('hold a contest that ends as the values say', async () => {
    for (const layers of [
      [9, 17],
      [9, 12, 64],
    ]) {
      for (const dropout of [0, 0.3]) {
        const network = new BackpropNetwork(
          compute,
          specOf({ layers, dropout: layers.map(() => dropout) }),
          3,
        );
        await expectFairContest(
          network,
          [3, 1, 6].map((size) => batchOf(size, 9, size)),
        );
        network.dispose();
      }
    }
  });

  test('of an item do not depend on the batch it comes in', () => {
    const network = trained(compute, specOf({ layers: [50, 70, 40] }), 1);
    const x = batchOf(6, 50, 9);
    const together = network.predict(x).values.slice();
    for (let b = 0; b < 6; b++) {
      const alone = network.predict({
        size: 1,
        width: 50,
        values: x.values.subarray(50 * b, 50 * (b + 1)),
      }).values;
      expect(sameBits(alone.slice(), together.slice(40 * b, 40 * (b + 1)))).toBe(true);
    }
    network.dispose();
  });
});

describe('the initial network', () => {
  test('has weights uniform within gain sqrt(6 / (inputs + outputs)) and no biases', () => {
    const network = new BackpropNetwork(compute, specOf({ layers: [60, 50, 40], gain: undefined }), 8);
    const state = network.state();
    network.dispose();
    for (const [name, fans] of [['layer1', 110] as const, ['layer2', 90] as const]) {
      const bound = 0.5 * Math.sqrt(6 / fans);
      const weights = dataOf(state, `${name}.weight`);
      const variance = weights.reduce((sum, w) => sum + w * w, 0) / weights.length;
      expect(weights.every((w) => Math.abs(w) <= bound)).toBe(true);
      expect(Math.abs(variance / (bound ** 2 / 3) - 1)).toBeLessThan(0.1);
      expect(dataOf(state, `${name}.bias`).every((b) => b === 0)).toBe(true);
    }
  });
});

describe('a saved state', () => {
  test.each(['sgd', 'adam'] as const)('carries a network on to the same bits (%s)', (optimizer) => {
    const spec = specOf({ layers: [20, 33, 12], optimizer, learningRates: [0.01, 0.01] });
    const target = targetOf(7, 12, 1).rule;
    const one = trained(compute, spec, 1);
    const other = new BackpropNetwork(compute, spec, 1);
    other.load(one.state());
    for (let s = 6; s < 9; s++) {
      for (const network of [one, other]) network.step(batchOf(7, 20, s), target, { step: s, rate: 1 });
    }
    expect(sameBits(allBits(one), allBits(other))).toBe(true);
  });

  test('is a copy', () => {
    const network = new BackpropNetwork(compute, specOf({ layers: [20, 16] }), 1);
    const state = network.state();
    const kept = dataOf(state, 'layer1.weight').slice();
    network.step(batchOf(3, 20, 1), targetOf(3, 16, 1).rule, { step: 0, rate: 1 });
    expect(dataOf(state, 'layer1.weight')).toEqual(kept);
    network.dispose();
  });

  test.each([[[20, 34, 12]], [[21, 33, 12]], [[20, 12]]])('of the shape %j is refused', (layers) => {
    const network = new BackpropNetwork(compute, specOf({ layers: [20, 33, 12] }), 1);
    const other = new BackpropNetwork(compute, specOf({ layers }), 1);
    expect(() => network.load(other.state())).toThrow(StateError);
    network.dispose();
    other.dispose();
  });

  test('that is refused leaves the network as it was', () => {
    const network = new BackpropNetwork(compute, specOf({ layers: [20, 33, 12] }), 1);
    const other = new BackpropNetwork(compute, specOf({ layers: [20, 33, 13] }), 2);
    const before = network.state();
    expect(() => network.load(other.state())).toThrow(StateError);
    expect(sameBits(bitsOf(network.state()), bitsOf(before)), 'some of it was loaded').toBe(true);
    network.dispose();
    other.dispose();
  });

  test("without Adam's moments leaves these zero", () => {
    const spec = specOf({ layers: [20, 12], learningRates: [0.01] });
    const plain = new BackpropNetwork(compute, spec, 1);
    const used = trained(compute, { ...spec, optimizer: 'adam' }, 1);
    const fresh = new BackpropNetwork(compute, { ...spec, optimizer: 'adam' }, 1);
    for (const network of [used, fresh]) network.load(plain.state());
    expect(
      sameBits(bitsOf(used.state()), bitsOf(fresh.state())),
      'moments or the count of updates are left',
    ).toBe(true);
    for (const network of [plain, used, fresh]) network.dispose();
  });
});

describe('a network', () => {
  test('gives all its memory back', () => {
    const before = compute.memory();
    for (const optimizer of ['sgd', 'adam'] as const) {
      const network = trained(compute, specOf({ layers: [10, 12, 14, 9], optimizer }), 1);
      network.predict(batchOf(40, 10, 1));
      expect(compute.memory().blocks).toBeGreaterThan(before.blocks);
      network.dispose();
      expect(compute.memory()).toMatchObject({ used: before.used, blocks: before.blocks });
    }
  });
});
