/** An update that waits for the next product changes nothing but the time that it takes. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BackpropNetwork } from '../../../src/wasm/backprop/network.js';
import { type Compute, createCompute } from '../../../src/wasm/compute/compute.js';
import { EquilibriumNetwork } from '../../../src/wasm/equilibrium/network.js';
import type { Batch, Learner, Outputs, StepReport } from '../../../src/learner/learner.js';
import type { TensorMap } from '../../../src/learner/tensors.js';
import type { TargetRule } from '../../../src/learner/rule.js';
import { testRandom } from '../compute/reference.js';

let compute: Compute;
beforeAll(async () => {
  compute = await createCompute({ threads: 2 });
});
afterAll(() => compute.dispose());

const layers = [30, 70, 90];
const shared = { layers, dropout: [0.3, 0.2, 0.2], loss: 'mse', optimizer: 'sgd' } as const;
const learners = {
  'backpropagation, one layer': () =>
    new BackpropNetwork(
      compute,
      {
        ...{ ...shared, layers: [30, 90], dropout: [0.3, 0.2], learningRates: [0.5] },
        activations: ['identity', 'hard-sigmoid'],
      },
      1,
    ),
  'backpropagation, two layers': () =>
    new BackpropNetwork(
      compute,
      { ...shared, learningRates: [0.5, 0.5], activations: ['identity', 'relu', 'hard-sigmoid'] },
      1,
    ),
  'equilibrium propagation': () =>
    new EquilibriumNetwork(
      compute,
      {
        ...shared,
        learningRates: [0.5, 0.5],
        beta: 0.5,
        dt: 0.5,
        freeSteps: 20,
        nudgedSteps: 5,
        estimate: 'one-sided',
      },
      1,
    ),
} satisfies Record<string, () => Learner>;

const target: TargetRule = {
  write: ({ values }, d) => d.forEach((_, j) => (d[j] = values[j] > 0.2 ? 1 : 0)),
};

function batchOf(size: number, seed: number): Batch {
  const random = testRandom(seed);
  const values = Float32Array.from({ length: size * layers[0] }, () => (random() < 0.5 ? 0 : random()));
  return { size, width: layers[0], values };
}

/** Everything that is learned and shown when `look` is called after every step. */
function trained(make: () => Learner, look: (learner: Learner) => void) {
  const learner = make();
  try {
    // Batches that grow have new memory, one item goes another way, and items are shown without being learned.
    const seen = [3, 7, 1, 20, 2, 20].map((size, step) => {
      const { loss } = learner.step(batchOf(size, step), target, { step, rate: 1 }) as StepReport;
      look(learner);
      const shown = step % 2 ? [...(learner.predict(batchOf(9 * step, step)) as Outputs).values] : [];
      return [loss, ...shown];
    });
    return { seen, state: [...(learner.state() as TensorMap)].map(([name, { data }]) => [name, [...data]]) };
  } finally {
    void learner.dispose?.();
  }
}

describe('an update that waits', () => {
  test.each(Object.entries(learners))('comes to the same bits as one that does not: %s', (_, make) => {
    expect(trained(make, () => undefined)).toEqual(trained(make, (learner) => learner.state()));
  });

  test('is dropped by nothing but its making: a state that is put there replaces it', () => {
    const learner = learners['backpropagation, two layers']();
    const before = learner.state();
    void learner.step(batchOf(5, 1), target, { step: 0, rate: 1 });
    learner.load(before);
    const after = learner.state();
    learner.predict(batchOf(5, 2));
    expect(learner.state()).toEqual(after);
    expect(after).toEqual(before);
    learner.dispose();
  });
});
