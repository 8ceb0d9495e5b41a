/** Parameters that move from one network to another: what the contract does not cover. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ParametricLearner } from '../../../src/learner/learner.js';
import { StateError, type TensorMap } from '../../../src/learner/tensors.js';
import { BackpropNetwork, type NetworkSpec } from '../../../src/wasm/backprop/network.js';
import { type Compute, createCompute } from '../../../src/wasm/compute/compute.js';
import { EquilibriumNetwork } from '../../../src/wasm/equilibrium/network.js';
import { testRandom } from '../compute/reference.js';

let compute: Compute;
beforeAll(async () => {
  compute = await createCompute({ threads: 1 });
});
afterAll(() => compute.dispose());

const common = { dropout: [0, 0, 0], loss: 'mse', optimizer: 'adam', learningRates: [0.01, 0.01] } as const;

function backprop(seed: number, changes: Partial<NetworkSpec> = {}): BackpropNetwork {
  const activations = ['identity', 'tanh', 'sigmoid'] as const;
  return new BackpropNetwork(compute, { ...common, layers: [6, 9, 5], activations, ...changes }, seed);
}

function equilibrium(seed: number, layers = [6, 9, 40]): EquilibriumNetwork {
  const dynamics = { dt: 0.5, freeSteps: 10, nudgedSteps: 5, beta: 0.2, estimate: 'symmetric' } as const;
  return new EquilibriumNetwork(compute, { ...common, ...dynamics, layers }, seed);
}

function step(network: ParametricLearner, number: number): void {
  const random = testRandom(number);
  const values = Float32Array.from({ length: 18 }, () => random());
  const rule = { write: (_: unknown, d: Float32Array) => void d.fill(0.5) };
  void network.step({ size: 3, width: 6, values }, rule, { step: number, rate: 1 });
}

const flat = (state: TensorMap) => [...state.values()].flatMap(({ data }) => [...data]);

describe.each<[string, (seed: number) => BackpropNetwork | EquilibriumNetwork]>([
  ['backpropagation', backprop],
  ['equilibrium propagation', equilibrium],
])('a teacher that follows its student by %s', (_, make) => {
  test('is the exponential moving average of its parameters', () => {
    const student = make(1);
    const teacher = student.clone(2);
    const decay = 0.9;
    const wanted = Float64Array.from(flat(student.parameters()));
    for (let s = 0; s < 10; s++) {
      step(student, s);
      teacher.blend(student, 1 - decay);
      flat(student.parameters()).forEach((v, j) => (wanted[j] = decay * wanted[j] + (1 - decay) * v));
    }
    const own = flat(teacher.parameters());
    expect(own.length).toBe(wanted.length);
    own.forEach((v, j) => expect(Math.abs(v - wanted[j])).toBeLessThan(1e-6));
    // It has not learned by itself, and the student not from it.
    expect(flat(student.parameters()).some((v, j) => Math.abs(v - own[j]) > 1e-3)).toBe(true);
    student.dispose();
    teacher.dispose();
  });

  test('keeps no memory when it is disposed', () => {
    const before = compute.memory().used;
    const student = make(1);
    step(student, 1);
    const teacher = student.clone(2);
    step(teacher, 1);
    expect(compute.memory().used).toBeGreaterThan(before);
    teacher.dispose();
    student.dispose();
    expect(compute.memory().used).toBe(before);
  });
});

test('a clone starts with optimisers that have no past', () => {
  const original = backprop(1);
  for (let s = 0; s < 3; s++) step(original, s);
  const clone = original.clone(1);
  const state = clone.state();
  expect(state.get('optimizer.updates')?.data).toEqual(Int32Array.of(0));
  for (const [name, { data }] of state) {
    if (/first|second/.test(name))
      expect(
        data.every((v) => v === 0),
        name,
      ).toBe(true);
  }
  expect(original.state().get('optimizer.updates')?.data).toEqual(Int32Array.of(3));
  original.dispose();
  clone.dispose();
});

test('a clone of a pruned network is pruned alike, and stays so', () => {
  const convolution = {
    image: [4, 4, 1],
    blocks: [{ channels: 3, kernel: { size: 3, stride: 1, padding: 1 } }],
    prune: 0.5,
  } as const;
  const spec = {
    convolution,
    layers: [5],
    activations: ['identity', 'tanh', 'sigmoid'],
    dropout: [0, 0],
  } as const;
  const original = backprop(1, spec);
  const clone = original.clone(7);
  const zeros = (network: BackpropNetwork) =>
    Array.from(network.state().get('layer1.weight')?.data ?? [], (v) => v === 0);
  const wanted = zeros(original);
  expect(wanted.filter(Boolean).length).toBe(Math.round(0.5 * 27));
  const random = testRandom(1);
  const values = Float32Array.from({ length: 32 }, () => random());
  const rule = { write: (_: unknown, d: Float32Array) => void d.fill(0.5) };
  void clone.step({ size: 2, width: 16, values }, rule, { step: 0, rate: 1 });
  expect(zeros(clone)).toEqual(wanted);
  // Another's parameters leave none of its pruned weights alive.
  clone.blend(backprop(2, { ...spec, convolution: { ...convolution, prune: 0 } }), 0.5);
  expect(zeros(clone)).toEqual(wanted);
  for (const network of [original, clone]) network.dispose();
});

test('what cannot be blended is refused in words, and nothing changes', () => {
  const [one, wider, other] = [backprop(1), backprop(1, { layers: [6, 10, 5] }), equilibrium(1)];
  const before = flat(one.state());
  expect(() => one.blend(wider, 0.5)).toThrow(StateError);
  expect(() => one.blend(wider, 0.5)).toThrow(/the networks differ.*layer1 9 x 6.*layer1 10 x 6/);
  expect(() => one.blend(other, 0.5)).toThrow('a BackpropNetwork can only be blended with another one');
  expect(() => other.blend(one, 0.5)).toThrow('an EquilibriumNetwork can only be blended with another one');
  expect(() => other.blend(equilibrium(1, [6, 9, 41]), 0.5)).toThrow(StateError);
  expect(() => one.blend(backprop(2), 1.5)).toThrow('share must be in [0, 1], not 1.5');
  const disposed = backprop(3);
  disposed.dispose();
  expect(() => one.blend(disposed, 0.5)).toThrow(/disposed/);
  expect(flat(one.state())).toEqual(before);
  for (const network of [one, wider, other]) network.dispose();
});

test('two halves of a federated mean are the mean', () => {
  const server = backprop(1);
  const clients = [2, 3].map((seed) => server.clone(seed));
  clients.forEach((client, c) => step(client, c));
  const [a, b] = clients.map((client) => flat(client.parameters()));
  server.blend(clients[0], 1);
  server.blend(clients[1], 1 / 2);
  flat(server.parameters()).forEach((v, j) => expect(v).toBeCloseTo((a[j] + b[j]) / 2, 6));
  for (const network of [server, ...clients]) network.dispose();
});
