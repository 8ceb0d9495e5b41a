import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Compute, createCompute } from '../../../src/wasm/compute/compute.js';
import { EquilibriumNetwork } from '../../../src/wasm/equilibrium/network.js';
import {
  type EquilibriumSpec,
  equilibriumActivations,
  estimates,
  minimizers,
} from '../../../src/wasm/equilibrium/spec.js';
import type { Batch, StepReport } from '../../../src/learner/learner.js';
import { StateError, type Tensor, type TensorMap } from '../../../src/learner/tensors.js';
import type { TargetRule } from '../../../src/learner/rule.js';
import { Purpose, RandomStream } from '../../../src/learner/random.js';
import type { LearningRates } from '../../../src/wasm/bricks/parameters.js';
import { SelfDefinedTarget } from '../../../src/target/index.js';
import { AdamReference, type Matrix, matrix, testRandom } from '../compute/reference.js';
import { builds, sameBits, threadCounts } from '../compute/variants.js';
import { expectFairContest } from '../bricks/contest.js';
import { type Direction, NaiveEquilibrium } from './naiveEquilibrium.js';

let compute: Compute;
beforeAll(async () => {
  compute = await createCompute({ threads: 2 });
});
afterAll(() => compute.dispose());

function specOf(changes: Partial<EquilibriumSpec> & Pick<EquilibriumSpec, 'layers'>): EquilibriumSpec {
  const hidden = Math.max(0, changes.layers.length - 2);
  const outputDropout = changes.loss === 'cross-entropy' ? 0 : 0.2;
  return {
    dropout: [0.3, ...new Array<number>(hidden).fill(0.2), outputDropout],
    loss: 'mse',
    optimizer: 'sgd',
    learningRates: changes.layers.slice(1).map(() => 1),
    gain: 1,
    ...{ dt: 0.2, freeSteps: 30, nudgedSteps: 8, beta: 0.2, estimate: 'one-sided' },
    ...changes,
  };
}

/** Biases above zero, so that states are inside their range and the network is far from silent. */
function withBiases(state: TensorMap, [low, high] = [-0.1, 0.7]): TensorMap {
  const random = testRandom(5);
  return new Map(
    [...state].map(([name, { shape, data }]) =>
      name.endsWith('.bias')
        ? [name, { shape, data: Float32Array.from(data, () => low + (high - low) * random()) }]
        : [name, { shape, data }],
    ),
  );
}

function batchOf(size: number, width: number, seed: number): Batch {
  const random = testRandom(seed);
  const values = Float32Array.from({ length: size * width }, () => (random() < 0.4 ? 0 : random()));
  return { size, width, values };
}

function targetOf(size: number, width: number, seed: number): { d: Matrix; rule: TargetRule } {
  const random = testRandom(seed);
  const winner = Array.from({ length: size }, () => Math.floor(random() * width));
  const d = matrix(size, width, (b, i) => Math.fround((winner[b] === i ? 0.8 : 0) + 0.2 / width));
  return { d, rule: { write: (_, target) => target.set(d.values) } };
}

const dataOf = (state: TensorMap, name: string): Float32Array => state.get(name)?.data as Float32Array;

/** The random sign of one-sided nudges. */
const signOf = (seed: number, step: number) =>
  new RandomStream(seed, Purpose.nudge, step).below(2) === 0 ? 1 : -1;

const shapes: readonly (readonly number[])[] = [
  [7, 5],
  [9, 18, 4],
  [6, 37, 140],
  [6, 17, 8, 5],
];

/** The largest distance between two directions, and the largest entry of the second. */
function distance(a: readonly Direction[], b: readonly Direction[]): { error: number; size: number } {
  let error = 0;
  let size = 0;
  a.forEach((layer, l) => {
    for (const [x, y] of [
      [layer.weights.values, b[l].weights.values],
      [layer.bias, b[l].bias],
    ]) {
      x.forEach((value, i) => {
        error = Math.max(error, Math.abs(value - y[i]));
        size = Math.max(size, Math.abs(y[i]));
      });
    }
  });
  return { error, size };
}

/** What one step of SGD at rate 1 added. */
function added(before: TensorMap, after: TensorMap): Direction[] {
  const layers = [...before.keys()].filter((name) => name.endsWith('.weight')).length;
  return Array.from({ length: layers }, (_, l) => {
    const difference = (name: string) => {
      const then = dataOf(before, `layer${l + 1}.${name}`);
      return Float64Array.from(dataOf(after, `layer${l + 1}.${name}`), (v, i) => v - then[i]);
    };
    const { shape } = before.get(`layer${l + 1}.weight`) as Tensor;
    const [rows, columns] = shape;
    return { weights: { rows, columns, values: difference('weight') }, bias: difference('bias') };
  });
}

/** The only optimiser's learning rates. */
const ratesOf = (spec: { learningRates: LearningRates }) => spec.learningRates as readonly number[];

describe('a step of SGD', () => {
  const cases = shapes.flatMap((layers) =>
    minimizers.flatMap((minimizer) =>
      estimates.flatMap((estimate) =>
        (layers.length > 2 ? (['mse', 'cross-entropy'] as const) : (['mse'] as const)).flatMap((loss) =>
          equilibriumActivations.map((activation) => ({ layers, minimizer, estimate, loss, activation })),
        ),
      ),
    ),
  );

  test.each(cases)(
    'does what is published: $layers, $loss, $minimizer, $estimate, $activation',
    (changes) => {
      // Of the even-odd minimizer all the way and beyond, too.
      const dt = changes.minimizer === 'even-odd' && changes.activation === 'hard-sigmoid' ? 1.1 : 0.2;
      const spec = specOf({ ...changes, dt });
      const [seed, step, size] = [3, 9, 5];
      const network = new EquilibriumNetwork(compute, spec, seed);
      const before = withBiases(network.state());
      network.load(before);
      const naive = new NaiveEquilibrium(spec, seed, before);
      const { layers } = spec;
      const x = batchOf(size, layers[0], 11);
      const { d, rule } = targetOf(size, layers[layers.length - 1], 12);
      const { loss } = network.step(x, rule, { step, rate: 1 }) as StepReport;
      const after = network.state();
      network.dispose();
      const wanted = naive.direction(x, d, signOf(seed, step), step);
      const { error, size: largest } = distance(added(before, after), wanted);
      // The comparison says something only where there is a change.
      expect(largest).toBeGreaterThan(1e-3);
      expect(error).toBeLessThan(1e-4 * Math.max(1, largest));
      // Our loss is the mean over all elements, the naive one half the sum.
      const perElement = spec.loss === 'mse' ? 2 / layers[layers.length - 1] : 1;
      expect(loss).toBeCloseTo(naive.loss(x, d, step) * perElement, 5);
    },
  );

  test.each(minimizers)('does so where most outputs are at rest: %s', (minimizer) => {
    const dt = minimizer === 'even-odd' ? 1.1 : 0.2;
    const phases = { freeSteps: 60, nudgedSteps: 20, minimizer, dt };
    const spec = specOf({ layers: [12, 150, 300], gain: 1.2, ...phases });
    const network = new EquilibriumNetwork(compute, spec, 3);
    const before = withBiases(network.state(), [-0.9, 0.3]);
    network.load(before);
    const naive = new NaiveEquilibrium(spec, 3, before);
    const x = batchOf(6, 12, 11);
    const silent = naive.outputs(naive.free(x, 9)).values.filter((v) => v === 0).length / 1800;
    expect(silent).toBeGreaterThan(0.6);
    expect(silent).toBeLessThan(0.95);
    const { d, rule } = targetOf(6, 300, 12);
    network.step(x, rule, { step: 9, rate: 1 });
    const wanted = naive.direction(x, d, signOf(3, 9), 9);
    const { error, size } = distance(added(before, network.state()), wanted);
    network.dispose();
    expect(error).toBeLessThan(1e-4 * Math.max(1, size));
  });

  // Half of the hidden states are slow, and always there; the other half are fast, and there in every second step. Outputs
  // learn from the slow ones alone to wake. Beside the fast ones their drive is below zero for long, so whether they may
  // rest follows from the norms of their weights, as they are after the last update.
  test.each(minimizers)('does so step after step, as weights grow that wake outputs: %s', (minimizer) => {
    const phases = { dt: 0.1, freeSteps: 60, nudgedSteps: 40, beta: 0.9, estimate: 'symmetric' } as const;
    const learningRates = [0.01, 12];
    const layers = [2, 150, 300];
    const dropout = [0, 0, 0];
    const spec = specOf({ layers, dropout, gain: 0.05, learningRates, minimizer, ...phases });
    const network = new EquilibriumNetwork(compute, spec, 3);
    const start = network.state();
    const isFast = (i: number) => i % 2 === 0;
    dataOf(start, 'layer1.weight').forEach((v, j, weights) => {
      weights[j] = j % 2 === 0 && isFast(j / 2) ? 5 : v;
    });
    dataOf(start, 'layer1.bias').forEach((_, i, bias) => {
      bias[i] = isFast(i) ? -0.5 : 0.3;
    });
    dataOf(start, 'layer2.bias').fill(-0.5);
    network.load(start);
    let awake = 0;
    for (let step = 0; step < 4; step++) {
      const before = network.state();
      const naive = new NaiveEquilibrium(spec, 3, before);
      const values = Float32Array.from({ length: 12 }, (_, j) => (j % 2 === 0 ? step % 2 : 0.1 * j));
      const x = { size: 6, width: 2, values };
      const { d, rule } = targetOf(6, 300, 12);
      awake = Math.max(awake, naive.outputs(naive.free(x, step)).values.filter((v) => v > 0).length);
      network.step(x, rule, { step, rate: 1 });
      const after = network.state();
      const taken = added(before, after);
      naive.direction(x, d, signOf(3, step), step).forEach(({ weights, bias }, l) => {
        const rate = learningRates[l];
        const largest = rate * weights.values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
        const allowed = 1e-4 * Math.max(1, largest);
        weights.values.forEach((v, i) => {
          const error = Math.abs(taken[l].weights.values[i] - rate * v);
          if (!(error <= allowed))
            expect.fail(`step ${step}, layer ${l + 1}, weight ${i} is off by ${error}`);
        });
        bias.forEach((v, i) => {
          const error = Math.abs(taken[l].bias[i] - rate * v);
          if (!(error <= allowed)) expect.fail(`step ${step}, layer ${l + 1}, bias ${i} is off by ${error}`);
        });
      });
    }
    network.dispose();
    // Each of the six items woke its winner.
    expect(awake).toBeGreaterThanOrEqual(6);
  });

  test("takes each layer's own rate, times the schedule's factor", () => {
    const spec = specOf({ layers: [8, 6, 5], learningRates: [0.5, 2] });
    const network = new EquilibriumNetwork(compute, spec, 1);
    const before = withBiases(network.state());
    network.load(before);
    const x = batchOf(4, 8, 1);
    const { d, rule } = targetOf(4, 5, 2);
    network.step(x, rule, { step: 0, rate: 0.25 });
    const taken = added(before, network.state());
    network.dispose();
    const wanted = new NaiveEquilibrium(spec, 1, before).direction(x, d, signOf(1, 0), 0);
    [0.125, 0.5].forEach((rate, l) => {
      for (let i = 0; i < wanted[l].weights.values.length; i++) {
        expect(taken[l].weights.values[i]).toBeCloseTo(rate * wanted[l].weights.values[i], 5);
      }
    });
  });

  test('shows the rule the masked outputs of the free phase and the mask', () => {
    const spec = specOf({ layers: [8, 6, 40], dropout: [0, 0.2, 0.5] });
    const network = new EquilibriumNetwork(compute, spec, 2);
    network.load(withBiases(network.state()));
    const x = batchOf(6, 8, 1);
    const naive = new NaiveEquilibrium(spec, 2, network.state());
    const y = naive.outputs(naive.free(x, 7));
    let asked = 0;
    const write: TargetRule['write'] = (outputs, target) => {
      asked++;
      expect([outputs.size, outputs.width, target.length]).toEqual([6, 40, 240]);
      expect([...(outputs.mask as Float32Array)]).toEqual([...naive.masks(6, 7)[2].values]);
      outputs.values.forEach((v, j) => expect(v).toBeCloseTo(y.values[j], 5));
      target.fill(0);
    };
    network.step(x, { write }, { step: 7, rate: 1 });
    expect(asked).toBe(1);
    network.dispose();
  });

  test('shows the rule logits where the readout is a softmax', () => {
    const spec = specOf({ layers: [8, 20, 4], loss: 'cross-entropy' });
    const network = new EquilibriumNetwork(compute, spec, 2);
    network.load(withBiases(network.state()));
    const x = batchOf(3, 8, 1);
    const naive = new NaiveEquilibrium(spec, 2, network.state());
    const y = naive.outputs(naive.free(x, 1));
    const write: TargetRule['write'] = (outputs, target) => {
      expect(outputs.mask).toBeUndefined();
      outputs.values.forEach((v, j) => expect(v).toBeCloseTo(y.values[j], 5));
      target.fill(0.25);
    };
    network.step(x, { write }, { step: 1, rate: 1 });
    network.dispose();
  });
});

test('the free phase ends in a contest as the values say', async () => {
  for (const loss of ['mse', 'cross-entropy'] as const) {
    const network = new EquilibriumNetwork(compute, specOf({ layers: [8, 20, 18], loss }), 2);
    await expectFairContest(
      network,
      [3, 1, 6].map((size) => batchOf(size, 8, size)),
    );
    network.dispose();
  }
});

describe('the update', () => {
  // Without dropout, settled to the end, with all states inside their range.
  const settled = { dropout: [0, 0, 0], layers: [5, 6, 4], freeSteps: 150, nudgedSteps: 150, gain: 0.5 };

  test.each(
    estimates.flatMap((estimate) => (['mse', 'cross-entropy'] as const).map((loss) => ({ estimate, loss }))),
  )(
    'comes closer to the gradient through the equilibrium with beta: $estimate, $loss',
    ({ estimate, loss }) => {
      const errors = [0.2, 0.1, 0.05].map((beta) => {
        const spec = specOf({ ...settled, estimate, loss, beta });
        const network = new EquilibriumNetwork(compute, spec, 3);
        const naive = new NaiveEquilibrium(spec, 3, withBiases(network.state(), [0.3, 0.5]));
        network.dispose();
        const x = batchOf(3, 5, 11);
        const { d } = targetOf(3, 4, 12);
        const { error, size } = distance(naive.direction(x, d, 1), naive.descent(x, d));
        expect(size).toBeGreaterThan(1e-2);
        return error / size;
      });
      // Half of beta: half of the error, or a quarter.
      const order = estimate === 'symmetric' ? 2 : 1;
      for (const i of [0, 1]) {
        expect(Math.log2(errors[i] / errors[i + 1])).toBeGreaterThan(order - 0.35);
      }
      expect(errors[2]).toBeLessThan(estimate === 'symmetric' ? 0.04 : 0.15);
    },
  );
});

describe('the free phase', () => {
  test.each(
    minimizers.flatMap((minimizer) =>
      equilibriumActivations.map((activation) => ({ minimizer, activation })),
    ),
  )('ends at a fixed point: $minimizer, $activation', ({ minimizer, activation }) => {
    const spec = specOf({ layers: [9, 30, 20], minimizer, activation, freeSteps: 400, gain: 0.7 });
    const network = new EquilibriumNetwork(compute, spec, 4);
    network.load(withBiases(network.state()));
    const x = batchOf(4, 9, 1);
    const naive = new NaiveEquilibrium(spec, 4, network.state());
    const states = naive.free(x);
    const [, hidden, output] = naive.settle(states, naive.masks(4), 1);
    expect(Math.max(...hidden.values.map((v, i) => Math.abs(v - states[1].values[i])))).toBeLessThan(1e-6);
    expect(Math.max(...output.values.map((v, i) => Math.abs(v - states[2].values[i])))).toBeLessThan(1e-6);
    network.predict(x).values.forEach((v, i) => expect(v).toBeCloseTo(output.values[i], 5));
    network.dispose();
  });

  test('is the same equilibrium whatever the minimizer, and ends early on a tolerance', () => {
    const x = batchOf(4, 9, 1);
    const [published, ...others] = [
      { freeSteps: 400 },
      { freeSteps: 400, tolerance: 1e-6 },
      { freeSteps: 100, minimizer: 'even-odd', dt: 1 } as const,
      { freeSteps: 100, minimizer: 'even-odd', dt: 1.1 } as const,
      { freeSteps: 1e9, minimizer: 'even-odd', dt: 1, tolerance: 1e-6 } as const,
    ].map((changes) => {
      const network = new EquilibriumNetwork(
        compute,
        specOf({ layers: [9, 30, 20], gain: 0.7, ...changes }),
        4,
      );
      network.load(withBiases(network.state()));
      const outputs = network.predict(x).values.slice();
      network.dispose();
      return outputs;
    });
    for (const other of others) other.forEach((v, i) => expect(v).toBeCloseTo(published[i], 4));
  });
});

describe('Adam', () => {
  test.each(['mse', 'cross-entropy'] as const)(
    'follows the published algorithm over several steps: %s',
    (loss) => {
      const spec = specOf({ layers: [6, 40, 5], optimizer: 'adam', learningRates: [0.01, 0.03], loss });
      const network = new EquilibriumNetwork(compute, spec, 6);
      network.load(new Map([...withBiases(network.state())].filter(([name]) => /weight$|bias$/.test(name))));
      const naive = new NaiveEquilibrium(spec, 6, network.state());
      const adams = naive.layers.map(({ weights, bias }) => [
        new AdamReference(weights.values.length),
        new AdamReference(bias.length),
      ]);
      for (let step = 0; step < 4; step++) {
        const x = batchOf(5, 6, 20 + step);
        const { d, rule } = targetOf(5, 5, 40 + step);
        const rate = 1 - step / 10;
        network.step(x, rule, { step, rate });
        naive.direction(x, d, signOf(6, step), step).forEach((direction, l) => {
          const { weights, bias } = naive.layers[l];
          const minus = (values: Float64Array) => values.map((v) => -v);
          adams[l][0].step(weights.values, minus(direction.weights.values), rate * ratesOf(spec)[l]);
          adams[l][1].step(bias, minus(direction.bias), rate * ratesOf(spec)[l]);
        });
      }
      const state = network.state();
      network.dispose();
      naive.layers.forEach(({ weights, bias }, l) => {
        const allowed = 0.01 * ratesOf(spec)[l];
        for (const [name, wanted] of [['weight', weights.values] as const, ['bias', bias] as const]) {
          dataOf(state, `layer${l + 1}.${name}`).forEach((v, i) => {
            expect(Math.abs(v - wanted[i])).toBeLessThan(allowed);
          });
        }
      });
    },
  );
});

describe('two Adam optimisers', () => {
  test('have learning rates, moments and a count of updates each', () => {
    const learningRates = { one: [0.01, 0.02, 0.01], two: [0.04, 0.005, 0.02] };
    const names = ['one', 'two', 'two', 'one', 'two', 'one'] as const;
    const spec = specOf({ layers: [6, 70, 40, 5], optimizer: 'adam', learningRates });
    const network = new EquilibriumNetwork(compute, spec, 6);
    network.load(new Map([...withBiases(network.state())].filter(([name]) => /weight$|bias$/.test(name))));
    const adams = { one: adamsOf(network.state()), two: adamsOf(network.state()) };
    for (const [step, name] of names.entries()) {
      const before = network.state();
      const naive = new NaiveEquilibrium(spec, 6, before);
      const x = batchOf(5, 6, 20 + step);
      const { d, rule } = targetOf(5, 5, 40 + step);
      network.step(x, rule, { step, rate: 1, optimiser: name });
      const after = network.state();
      naive.direction(x, d, signOf(6, step), step).forEach((direction, l) => {
        const { weights, bias } = naive.layers[l];
        const minus = (values: Float64Array) => values.map((v) => -v);
        const rate = learningRates[name][l];
        adams[name][l].weights.step(weights.values, minus(direction.weights.values), rate);
        adams[name][l].bias.step(bias, minus(direction.bias), rate);
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

  const adamsOf = (state: TensorMap) =>
    [1, 2, 3].map((l) => ({
      weights: new AdamReference(dataOf(state, `layer${l}.weight`).length),
      bias: new AdamReference(dataOf(state, `layer${l}.bias`).length),
    }));
});

/** Many small operations on three threads take long where there are fewer cores. */
const brief = { freeSteps: 5, nudgedSteps: 3 };

const bitSpecs: readonly [string, EquilibriumSpec][] = [
  ['one layer', specOf({ ...brief, layers: [20, 70] })],
  ['two layers', specOf({ ...brief, layers: [20, 100, 300] })],
  ['even-odd', specOf({ ...brief, layers: [20, 100, 70], minimizer: 'even-odd', dt: 1.1, tolerance: 1e-3 })],
  [
    'three layers, symmetric',
    specOf({ ...brief, layers: [20, 70, 40, 33], estimate: 'symmetric', activation: 'tanh' }),
  ],
  [
    'softmax readout with Adam',
    specOf({
      ...brief,
      layers: [20, 100, 10],
      loss: 'cross-entropy',
      optimizer: 'adam',
      learningRates: { first: [1e-3, 1e-3], second: [1e-2, 1e-3] },
    }),
  ],
];

/** The network after steps `from` to `to`, its target rule's state carried over. */
function train(network: EquilibriumNetwork, target: SelfDefinedTarget, from: number, to: number): void {
  for (let step = from; step < to; step++) {
    network.step(batchOf(step % 3 === 2 ? 2 : 7, 20, step), target, {
      step,
      rate: 1 - step / 20,
      optimiser: network.traits.optimisers[0],
    });
  }
}

const targetFor = (spec: EquilibriumSpec) =>
  new SelfDefinedTarget({
    outputs: spec.layers[spec.layers.length - 1],
    winners: 3,
    gamma: 0.5,
  });

function expectSame(a: TensorMap, b: TensorMap): void {
  expect([...a.keys()]).toEqual([...b.keys()]);
  for (const [name, { data }] of a) {
    const other = b.get(name)?.data;
    if (data instanceof Float32Array) expect(sameBits(data, other as Float32Array), name).toBe(true);
    else expect(other).toEqual(data);
  }
}

describe('training gives the same bits', () => {
  const computes: Compute[] = [];
  beforeAll(async () => {
    for (const kernel of builds) {
      for (const threads of threadCounts) computes.push(await createCompute({ kernel, threads }));
    }
  });
  afterAll(() => {
    for (const on of computes) on.dispose();
  });

  test.each(bitSpecs)('on any number of threads: %s', (_, spec) => {
    for (const kernel of builds) {
      let first: TensorMap | undefined;
      for (const on of computes.filter((one) => one.kernel === kernel)) {
        const network = new EquilibriumNetwork(on, spec, 8);
        network.load(
          new Map([...withBiases(network.state())].filter(([name]) => /weight$|bias$/.test(name))),
        );
        train(network, targetFor(spec), 0, 4);
        const state = network.state();
        network.dispose();
        if (first) expectSame(state, first);
        else first = state;
      }
    }
  });

  test.each(bitSpecs)('across state and load: %s', (_, spec) => {
    const target = targetFor(spec);
    const straight = new EquilibriumNetwork(compute, spec, 8);
    train(straight, target, 0, 3);
    const saved = straight.state();
    const targetThen = target.state();
    train(straight, target, 3, 6);
    const resumed = new EquilibriumNetwork(compute, spec, 8);
    resumed.load(saved);
    const again = targetFor(spec);
    again.load(targetThen);
    train(resumed, again, 3, 6);
    expectSame(resumed.state(), straight.state());
    straight.dispose();
    resumed.dispose();
  });
});

describe('what goes wrong', () => {
  test('a step size that does not settle is told, and nothing is learned from it', () => {
    const network = new EquilibriumNetwork(compute, specOf({ layers: [8, 20, 12], dt: 2.5 }), 1);
    network.load(withBiases(network.state()));
    const before = network.state();
    const { loss, cause } = network.step(batchOf(4, 8, 1), targetOf(4, 12, 2).rule, {
      step: 0,
      rate: 1,
    }) as StepReport;
    expect(loss).toBeNaN();
    expect(cause).toMatch(/does not settle.*step size.*equilibrium\.dt is 2\.5/);
    expectSame(network.state(), before);
    network.dispose();
  });

  test.each([[[8, 12]], [[8, 20, 12]]])('weights that are not numbers are told: %j', (layers) => {
    const network = new EquilibriumNetwork(compute, specOf({ layers }), 1);
    const state = network.state();
    dataOf(state, 'layer1.weight').fill(NaN);
    network.load(state);
    const { loss, cause } = network.step(batchOf(4, 8, 1), targetOf(4, 12, 2).rule, {
      step: 0,
      rate: 1,
    }) as StepReport;
    expect(loss).toBeNaN();
    expect(cause).toMatch(/no longer a number/);
    network.dispose();
  });

  test('a state of another network is refused and changes nothing', () => {
    const network = new EquilibriumNetwork(compute, specOf({ layers: [8, 6, 5] }), 1);
    const other = new EquilibriumNetwork(compute, specOf({ layers: [8, 6, 4] }), 2);
    const before = network.state();
    expect(() => network.load(other.state())).toThrow(StateError);
    expectSame(network.state(), before);
    network.dispose();
    other.dispose();
  });

  test('items of another width are refused', () => {
    const network = new EquilibriumNetwork(compute, specOf({ layers: [8, 5] }), 2);
    expect(() => network.predict(batchOf(2, 7, 1))).toThrow(/7 values.*takes 8/);
    network.dispose();
  });

  test.each<[Partial<EquilibriumSpec>, RegExp]>([
    [{ layers: [8], dropout: [0] }, /two widths/],
    [{ dropout: [0, 1] }, /dropout/],
    [{ learningRates: [1, 1] }, /1 learning rates, not 2/],
    [{ beta: 1 }, /beta/],
    [{ dt: 0 }, /dt/],
    [{ loss: 'cross-entropy', dropout: [0, 0] }, /no.* hidden layer|hidden layer.*none/],
    [{ layers: [8, 6, 5], loss: 'cross-entropy', dropout: [0, 0, 0.1], learningRates: [1, 1] }, /no states/],
  ])('%j is refused', (changes, message) => {
    expect(() => new EquilibriumNetwork(compute, specOf({ layers: [8, 5], ...changes }), 1)).toThrow(message);
  });
});
