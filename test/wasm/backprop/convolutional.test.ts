import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BackpropNetwork, type NetworkSpec } from '../../../src/wasm/backprop/network.js';
import type { ConvolutionBlock } from '../../../src/wasm/backprop/convolution.js';
import { type Compute, createCompute } from '../../../src/wasm/compute/compute.js';
import type { Batch, StepReport } from '../../../src/learner/learner.js';
import { StateError, type TensorMap } from '../../../src/learner/tensors.js';
import type { TargetRule } from '../../../src/learner/rule.js';
import { SelfDefinedTarget } from '../../../src/target/index.js';
import { AdamReference, type Matrix, matrix, testRandom } from '../compute/reference.js';
import { builds, sameBits, threadCounts } from '../compute/variants.js';
import { NaiveConvolutional } from './naiveConvolutional.js';

let compute: Compute;
beforeAll(async () => {
  compute = await createCompute({ threads: 2 });
});
afterAll(() => compute.dispose());

const same = (size: number) => ({ size, stride: 1, padding: (size - 1) / 2 });
const overlapping = (kind: 'max' | 'average') => ({ kind, size: 4, stride: 2, padding: 1 });

/** As published, small: two blocks and one fully connected layer. */
function published(kind: 'max' | 'average', changes: Partial<NetworkSpec> = {}): NetworkSpec {
  const blocks = [
    { channels: 3, kernel: same(5), pool: overlapping(kind) },
    { channels: 5, kernel: same(3), pool: overlapping(kind) },
  ];
  return {
    convolution: { image: [12, 10, 2], blocks },
    layers: [9],
    activations: ['identity', 'relu', 'relu', 'identity'],
    dropout: [0.2, 0.3],
    loss: 'mse',
    optimizer: 'sgd',
    learningRates: [1, 1, 1],
    ...changes,
  };
}

/** One block on a 7 x 6 map of `channels`, then two fully connected layers. */
function oneBlock(
  channels: number,
  block: ConvolutionBlock,
  changes: Partial<NetworkSpec> = {},
): NetworkSpec {
  return {
    convolution: { image: [7, 6, channels], blocks: [block] },
    layers: [8, 4],
    activations: ['identity', 'tanh', 'sigmoid', 'identity'],
    dropout: [0.2, 0.3, 0],
    loss: 'cross-entropy',
    optimizer: 'sgd',
    learningRates: [1, 1, 1],
    ...changes,
  };
}

const specs: Record<string, NetworkSpec> = {
  'average pooling, as published': published('average'),
  'largest pooling, as published': published('max'),
  'more channels than a vector of sixteen': published('max', {
    convolution: {
      image: [8, 8, 3],
      blocks: [
        { channels: 18, kernel: same(3), pool: overlapping('max') },
        { channels: 17, kernel: same(3) },
      ],
    },
  }),
  'pruned kernels': published('average', {
    convolution: { ...published('average').convolution, prune: 0.5 } as NetworkSpec['convolution'],
  }),
  competition: published('max', { activations: ['identity', 'wta', 'wta', 'identity'] }),
  'competition without pooling': oneBlock(
    3,
    { channels: 6, kernel: same(3) },
    { activations: ['identity', 'wta', 'relu', 'identity'] },
  ),
  'several fully connected layers and cross-entropy': published('max', {
    layers: [20, 4],
    activations: ['identity', 'relu', 'relu', 'relu', 'identity'],
    dropout: [0.2, 0.6, 0],
    learningRates: [1, 1, 1, 1],
    loss: 'cross-entropy',
  }),
  'a kernel that moves by 2 and leaves a rest': oneBlock(2, {
    channels: 5,
    kernel: { size: 3, stride: 2, padding: 0 },
  }),
  'an even kernel and a pool without overlap': oneBlock(1, {
    channels: 4,
    kernel: { size: 2, stride: 1, padding: 1 },
    pool: { kind: 'max', size: 2, stride: 2, padding: 0 },
  }),
  'three blocks, strides and gaps': oneBlock(
    1,
    { channels: 1, kernel: same(1) },
    {
      convolution: {
        image: [11, 9, 1],
        blocks: [
          { channels: 2, kernel: { size: 4, stride: 2, padding: 2 } },
          {
            channels: 3,
            kernel: { size: 3, stride: 2, padding: 1 },
            pool: { kind: 'average', size: 2, stride: 1, padding: 1 },
          },
          {
            channels: 4,
            kernel: { size: 1, stride: 1, padding: 0 },
            pool: { kind: 'max', size: 2, stride: 3, padding: 1 },
          },
        ],
      },
      activations: ['identity', 'relu', 'tanh', 'sigmoid', 'relu', 'identity'],
      learningRates: [1, 1, 1, 1, 1],
    },
  ),
  'a convolution alone before the output': oneBlock(
    2,
    { channels: 3, kernel: same(3) },
    {
      layers: [5],
      activations: ['identity', 'relu', 'hard-sigmoid'],
      dropout: [0, 0.2],
      learningRates: [1, 1],
    },
  ),
};

function batchOf(size: number, spec: NetworkSpec, seed: number): Batch {
  const random = testRandom(seed);
  const width = (spec.convolution?.image ?? []).reduce((a, b) => a * b, 1);
  const values = Float32Array.from({ length: size * width }, () => (random() < 0.4 ? 0 : random()));
  return { size, width, values };
}

function targetOf(size: number, spec: NetworkSpec, seed: number): { d: Matrix; rule: TargetRule } {
  const random = testRandom(seed);
  const width = spec.layers[spec.layers.length - 1];
  const d = matrix(size, width, () => (random() < 0.6 ? 0 : Math.fround(random())));
  return { d, rule: { write: (_, target) => target.set(d.values) } };
}

const dataOf = (state: TensorMap, name: string): Float32Array => state.get(name)?.data as Float32Array;

/** Optimum step sizes aside, larger weights keep values away from the kinks that finite differences cannot see. */
function enlarged(state: TensorMap, factor = 1.5): TensorMap {
  return new Map(
    [...state].map(([name, { shape, data }]) => [
      name,
      { shape, data: data.map((v) => v * factor) as typeof data },
    ]),
  );
}

describe('a step of SGD', () => {
  test.each(Object.entries(specs))('follows the finite differences: %s', (_, spec) => {
    const [seed, step, size] = [3, 9, 3];
    const network = new BackpropNetwork(compute, spec, seed);
    const before = enlarged(network.state());
    network.load(before);
    const naive = new NaiveConvolutional(spec, seed, before);
    const x = batchOf(size, spec, 11);
    const { d, rule } = targetOf(size, spec, 12);
    const { loss } = network.step(x, rule, { step, rate: 1 }) as StepReport;
    const after = network.state();
    network.dispose();
    const wanted = naive.loss(x, d, step);
    expect(Math.abs(loss - wanted)).toBeLessThan(1e-5 * Math.max(1, wanted));
    for (const [name, slopes] of naive.differences(x, d, step, 60)) {
      const largest = Math.max(...slopes.map(({ slope }) => Math.abs(slope)));
      // The comparison says something only where there is a gradient; competition takes a bias away again.
      const competes = spec.activations[Number(name[5])] === 'wta' && name.endsWith('bias');
      if (!competes) expect(largest, name).toBeGreaterThan(1e-4);
      const [from, to] = [dataOf(before, name), dataOf(after, name)];
      const prunes = spec.convolution?.prune && name.endsWith('weight') && !name.startsWith('layer3');
      for (const { at, slope } of slopes) {
        const want = prunes && from[at] === 0 ? 0 : slope;
        const taken = from[at] - to[at];
        const allowed = 1e-3 * Math.abs(want) + 2e-4 * largest + 1e-6;
        if (!(Math.abs(taken - want) <= allowed)) expect.fail(`${name}, entry ${at}: ${taken}, not ${want}`);
      }
    }
  });
});

describe('predictions', () => {
  test.each(Object.entries(specs))("are the reference network's: %s", (_, spec) => {
    const network = new BackpropNetwork(compute, spec, 4);
    const x = batchOf(5, spec, 1);
    const values = network.predict(x).values.slice();
    const { values: wanted } = new NaiveConvolutional(spec, 4, network.state()).forward(x);
    network.dispose();
    values.forEach((v, j) => expect(v).toBeCloseTo(wanted[j], 5));
  });
});

describe('Adam', () => {
  test('follows the published algorithm over several steps', () => {
    const rates = [0.01, 0.02, 0.03];
    const spec = published('average', { optimizer: 'adam', learningRates: rates });
    const network = new BackpropNetwork(compute, spec, 6);
    const naive = new NaiveConvolutional(spec, 6, network.state());
    const adams = new Map(
      [...naive.parameters].map(([name, { length }]) => [name, new AdamReference(length)]),
    );
    for (let step = 0; step < 4; step++) {
      const x = batchOf(3, spec, 20 + step);
      const { d, rule } = targetOf(3, spec, 40 + step);
      network.step(x, rule, { step, rate: 1 - step / 10 });
      const gradients = naive.differences(x, d, step, Infinity);
      for (const [name, values] of naive.parameters) {
        const rate = rates[Number(name[5]) - 1] * (1 - step / 10);
        const slopes = (gradients.get(name) ?? []).map(({ slope }) => slope);
        adams.get(name)?.step(values, slopes, rate);
      }
    }
    const state = network.state();
    network.dispose();
    for (const [name, wanted] of naive.parameters) {
      const allowed = 0.02 * rates[Number(name[5]) - 1];
      dataOf(state, name).forEach((v, i) => expect(Math.abs(v - wanted[i]), name).toBeLessThan(allowed));
    }
  });
});

/** Some steps with the self-defined target; the last batch of an epoch is smaller. */
function trained(on: Compute, spec: NetworkSpec, seed: number, steps = 5): BackpropNetwork {
  const network = new BackpropNetwork(on, spec, seed);
  const target = new SelfDefinedTarget({
    ...{ outputs: network.outputs, winners: 2, gamma: 0.5 },
  });
  for (let s = 0; s < steps; s++)
    network.step(batchOf(s === 3 ? 2 : 5, spec, s), target, { step: s, rate: 1 });
  return network;
}

function allBits(network: BackpropNetwork): Float32Array {
  const bits = Float32Array.from([...network.state().values()].flatMap(({ data }) => [...data]));
  network.dispose();
  return bits;
}

describe('the same bits', () => {
  const wide = published('average', {
    convolution: {
      image: [12, 10, 2],
      blocks: [
        { channels: 20, kernel: same(5), pool: overlapping('max') },
        { channels: 33, kernel: same(3), pool: overlapping('average') },
      ],
      prune: 0.3,
    },
    activations: ['identity', 'relu', 'wta', 'identity'],
    layers: [70],
  });

  test.each(builds)('come from 1, 2 and 3 threads (%s kernels)', async (kernel) => {
    for (const optimizer of ['sgd', 'adam'] as const) {
      const results: Float32Array[] = [];
      for (const threads of threadCounts) {
        const own = await createCompute({ kernel, threads });
        const learningRates = optimizer === 'sgd' ? [1, 1, 1] : [0.01, 0.01, 0.01];
        results.push(allBits(trained(own, { ...wide, optimizer, learningRates }, 1)));
        own.dispose();
      }
      expect(sameBits(results[0], results[1])).toBe(true);
      expect(sameBits(results[0], results[2])).toBe(true);
    }
  });

  test.each(['sgd', 'adam'] as const)('come after a saved state was loaded (%s)', (optimizer) => {
    const spec = { ...wide, optimizer, learningRates: [0.01, 0.01, 0.01] };
    const one = trained(compute, spec, 1);
    const other = new BackpropNetwork(compute, spec, 1);
    other.load(one.state());
    const { rule } = targetOf(5, spec, 1);
    for (let s = 6; s < 9; s++) {
      for (const network of [one, other]) network.step(batchOf(5, spec, s), rule, { step: s, rate: 1 });
    }
    expect(sameBits(allBits(one), allBits(other))).toBe(true);
  });
});

describe('pruning', () => {
  const convolution = { ...published('average').convolution, prune: 0.5 } as NetworkSpec['convolution'];

  test.each(['sgd', 'adam'] as const)(
    'holds its share of each kernel at zero, the same in every step (%s)',
    (optimizer) => {
      const spec = published('average', { convolution, optimizer, learningRates: [0.1, 0.1, 0.1] });
      const network = new BackpropNetwork(compute, spec, 1);
      const before = network.state();
      const after = trained(compute, spec, 1);
      for (const name of ['layer1.weight', 'layer2.weight']) {
        const [from, to] = [dataOf(before, name), dataOf(after.state(), name)];
        expect(from.filter((w) => w === 0).length).toBe(Math.round(from.length / 2));
        from.forEach((w, i) => expect(to[i] === 0).toBe(w === 0));
      }
      expect(dataOf(before, 'layer3.weight').every((w) => w !== 0)).toBe(true);
      network.dispose();
      after.dispose();
    },
  );

  test('draws others from another seed', () => {
    const [a, b] = [1, 2].map((seed) => {
      const network = new BackpropNetwork(compute, published('average', { convolution }), seed);
      const zeros = [...dataOf(network.state(), 'layer1.weight')].map((w) => w === 0);
      network.dispose();
      return zeros;
    });
    expect(a).not.toEqual(b);
  });
});

describe('the initial network', () => {
  test('has weights and biases uniform within 1 / sqrt(inputs)', () => {
    const spec = published('max', {
      convolution: { image: [8, 8, 8], blocks: [{ channels: 40, kernel: same(3) }] },
      layers: [50],
      activations: ['identity', 'relu', 'identity'],
      learningRates: [1, 1],
    });
    const network = new BackpropNetwork(compute, spec, 8);
    const state = network.state();
    network.dispose();
    expect(state.get('layer1.weight')?.shape).toEqual([40, 3, 3, 8]);
    expect(state.get('layer2.weight')?.shape).toEqual([50, 2560]);
    for (const [name, inputs] of [['layer1', 72] as const, ['layer2', 2560] as const]) {
      const bound = 1 / Math.sqrt(inputs);
      for (const kind of ['weight', 'bias']) {
        const values = dataOf(state, `${name}.${kind}`);
        const variance = values.reduce((sum, w) => sum + w * w, 0) / values.length;
        expect(values.every((w) => Math.abs(w) <= bound)).toBe(true);
        const spread = kind === 'weight' ? 0.1 : 0.5;
        expect(Math.abs(variance / (bound ** 2 / 3) - 1)).toBeLessThan(spread);
      }
    }
  });
});

describe('what cannot be', () => {
  const refused: [string, Partial<NetworkSpec>, RegExp][] = [
    [
      'a kernel larger than its map',
      {
        convolution: {
          image: [3, 3, 1],
          blocks: [{ channels: 2, kernel: { size: 5, stride: 1, padding: 0 } }],
        },
      },
      /kernel 1: 5 x 5 does not fit the 3 x 3 map/,
    ],
    [
      'a padding as large as the kernel',
      {
        convolution: {
          image: [9, 9, 1],
          blocks: [{ channels: 2, kernel: { size: 3, stride: 1, padding: 3 } }],
        },
      },
      /padding of 3 leaves windows of 3/,
    ],
    [
      'a pool padded by more than half',
      {
        convolution: {
          image: [9, 9, 1],
          blocks: [{ channels: 2, kernel: same(3), pool: { kind: 'max', size: 3, stride: 1, padding: 2 } }],
        },
      },
      /pool 1: a padding of 2 is more than half/,
    ],
    ['too few activations', { activations: ['identity', 'relu', 'identity'] }, /needs 4 activations, not 3/],
    ['competition of outputs', { activations: ['identity', 'relu', 'relu', 'wta'] }, /"wta" there/],
    ['a rate too many', { learningRates: [1, 1, 1, 1] }, /needs 3 learning rates, not 4/],
    ['dropout of a convolution', { dropout: [0, 0.1, 0.1] }, /needs 2 dropout probabilities/],
  ];
  test.each(refused)('is refused: %s', (_, changes, message) => {
    expect(() => new BackpropNetwork(compute, published('max', changes), 1)).toThrow(message);
  });

  test('a state of other kernels is refused', () => {
    const [one, other] = [3, 5].map((size) => {
      const blocks = [{ channels: 3, kernel: same(size), pool: overlapping('max') }];
      const convolution = { image: [8, 8, 1] as const, blocks };
      const spec = { convolution, activations: ['identity', 'relu', 'identity'], learningRates: [1, 1] };
      return new BackpropNetwork(compute, published('max', spec as Partial<NetworkSpec>), 1);
    });
    expect(() => one.load(other.state())).toThrow(StateError);
    one.dispose();
    other.dispose();
  });
});

test('a convolutional network gives all its memory back', () => {
  const before = compute.memory();
  for (const spec of Object.values(specs)) {
    const network = new BackpropNetwork(compute, { ...spec, optimizer: 'adam' }, 1);
    network.predict(batchOf(4, spec, 1));
    network.predict(batchOf(9, spec, 1));
    expect(compute.memory().blocks).toBeGreaterThan(before.blocks);
    network.dispose();
    expect(compute.memory()).toMatchObject({ used: before.used, blocks: before.blocks });
  }
});
