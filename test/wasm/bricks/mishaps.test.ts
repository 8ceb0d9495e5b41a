/** What may go wrong in the middle of a step: memory that runs out, and rules that answer too late. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Batch, Outputs, ParametricLearner, StepContext } from '../../../src/learner/learner.js';
import type { OutputLoss, TargetRule } from '../../../src/learner/rule.js';
import { BackpropNetwork } from '../../../src/wasm/backprop/network.js';
import { type Compute, createCompute } from '../../../src/wasm/compute/compute.js';
import { EquilibriumNetwork } from '../../../src/wasm/equilibrium/network.js';
import { testRandom } from '../compute/reference.js';

type Network = ParametricLearner & { dispose(): void };

let compute: Compute;
beforeAll(async () => {
  compute = await createCompute({ threads: 2 });
});
afterAll(() => compute.dispose());

const layers = [20, 80, 32];
const common = { layers, dropout: [0.1, 0.1, 0], learningRates: [0.5, 0.5] } as const;
const dynamics = { beta: 0.5, dt: 0.5, freeSteps: 4, nudgedSteps: 2, estimate: 'one-sided' } as const;

const makers: Record<string, (machine: Compute) => Network> = {
  backprop: (machine) =>
    new BackpropNetwork(
      machine,
      { ...common, loss: 'mse', optimizer: 'sgd', activations: ['identity', 'relu', 'hard-sigmoid'] },
      1,
    ),
  'backprop with Adam': (machine) =>
    new BackpropNetwork(
      machine,
      { ...common, loss: 'cross-entropy', optimizer: 'adam', activations: ['identity', 'relu', 'identity'] },
      1,
    ),
  equilibrium: (machine) =>
    new EquilibriumNetwork(machine, { ...common, ...dynamics, loss: 'mse', optimizer: 'sgd' }, 1),
  'equilibrium with a readout': (machine) =>
    new EquilibriumNetwork(machine, { ...common, ...dynamics, loss: 'cross-entropy', optimizer: 'adam' }, 1),
};

function batchOf(size: number, seed: number): Batch {
  const random = testRandom(seed);
  const values = Float32Array.from({ length: size * layers[0] }, () => (random() < 0.4 ? 0 : random()));
  return { size, width: layers[0], values };
}

const halves: TargetRule = { write: (_, d) => void d.fill(0.5) };
const winners: TargetRule = {
  write(y, d) {
    const selection = { count: 3, offsets: new Float64Array(y.width), selected: 1, others: 0 };
    void y.offers?.selectLargest?.(d, selection);
  },
};

/** The same, but `fails` decides whether an allocation fails. */
function failing(machine: Compute, fails: () => boolean): Compute {
  return new Proxy(machine, {
    get(target, key) {
      if (key === 'arena') {
        return (owner: object, what: string) => failing(target.arena(owner, what), fails);
      }
      if (key === 'allocate') {
        return (bytes: number) => {
          if (fails()) throw new Error('out of memory, on purpose');
          return target.allocate(bytes);
        };
      }
      const value = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

describe.each(Object.entries(makers))('%s', (_, make) => {
  test('works on after memory has run out at any place of a step', async () => {
    const wanted = make(compute);
    for (const [step, size] of [4, 3, 40].entries())
      await wanted.step(batchOf(size, step), winners, { step, rate: 1 });
    let left = Infinity;
    let failures = 0;
    for (let most = 0, isEnough = false; !isEnough; most++) {
      left = Infinity;
      const network = make(failing(compute, () => left-- <= 0));
      await network.step(batchOf(4, 0), winners, { step: 0, rate: 1 });
      left = most;
      try {
        await network.predict(batchOf(40, 2));
        isEnough = true;
      } catch (error) {
        expect(error).toMatchObject({ message: 'out of memory, on purpose' });
        failures++;
      }
      left = Infinity;
      // What other owners have taken meanwhile must stay as it is.
      const other = make(compute);
      await other.predict(batchOf(50, 9));
      const before = await other.state();
      await network.step(batchOf(3, 1), winners, { step: 1, rate: 1 });
      await network.step(batchOf(40, 2), winners, { step: 2, rate: 1 });
      expect(await network.state()).toEqual(await wanted.state());
      expect(await other.state()).toEqual(before);
      network.dispose();
      other.dispose();
    }
    expect(failures).toBeGreaterThan(8);
    wanted.dispose();
    expect(compute.memory()).toMatchObject({ used: 0 });
  }, 60_000);

  /** A rule that answers when it is told to, by then writing nonsense. */
  function late() {
    let answer = () => {};
    let seen: Outputs | undefined;
    const rule: TargetRule = {
      async write(y, d) {
        seen = y;
        await new Promise<void>((resolve) => {
          answer = resolve;
        });
        d.fill(1e9);
      },
    };
    return { rule, answer: () => answer(), seen: () => seen };
  }
  const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

  test('a rule that answers after its step was aborted changes nothing', async () => {
    const wanted = make(compute);
    const network = make(compute);
    const { rule, answer } = late();
    const aborting = new AbortController();
    const step = network.step(batchOf(4, 0), rule, { step: 0, rate: 1, signal: aborting.signal });
    aborting.abort();
    await expect(step).rejects.toBe(aborting.signal.reason);
    const slowly: TargetRule = {
      async write(_y, d) {
        d.fill(0.5);
        answer();
        await settled();
      },
    };
    await network.step(batchOf(4, 1), slowly, { step: 1, rate: 1 });
    await network.step(batchOf(4, 2), halves, { step: 2, rate: 1 });
    await wanted.step(batchOf(4, 1), halves, { step: 1, rate: 1 });
    await wanted.step(batchOf(4, 2), halves, { step: 2, rate: 1 });
    expect(await network.state()).toEqual(await wanted.state());
    network.dispose();
    wanted.dispose();
    expect(compute.memory()).toMatchObject({ used: 0 });
  });

  test('a rule that answers after its network was disposed writes into nobody else', async () => {
    const network = make(compute);
    const { rule, answer } = late();
    const step = network.step(batchOf(4, 0), rule, { step: 0, rate: 1 });
    network.dispose();
    const other = make(compute);
    await other.step(batchOf(4, 0), halves, { step: 0, rate: 1 });
    const before = await other.state();
    const outcome = expect(step).rejects.toThrow(/disposed during a step/);
    answer();
    await outcome;
    expect(await other.state()).toEqual(before);
    const { values } = await other.predict(batchOf(4, 3));
    expect(Math.max(...values)).toBeLessThan(1e6);
    other.dispose();
    await settled();
    expect(compute.memory()).toMatchObject({ used: 0 });
  });

  test.each([
    [{ rate: 1 }, /step's number .* not undefined/],
    [{ step: 0.5, rate: 1 }, /step's number .* not 0.5/],
    [{ step: 0 }, /learning rates .* not undefined/],
    [{ step: 0, rate: NaN }, /learning rates .* not NaN/],
    [{ step: 0, rate: -1 }, /learning rates .* not -1/],
  ])('a step at %j is refused and changes nothing', async (at, message) => {
    const network = make(compute);
    const before = await network.state();
    expect(() => network.step(batchOf(2, 0), halves, at as StepContext)).toThrow(message);
    expect(await network.state()).toEqual(before);
    network.dispose();
  });

  test('a gradient without a loss is refused and changes nothing', async () => {
    const network = make(compute);
    const before = await network.state();
    const gradient = (_y: Outputs, into: Float32Array) => void into.fill(1);
    const rule = { gradient } as unknown as OutputLoss;
    const step = async () => network.step(batchOf(2, 0), rule, { step: 0, rate: 1 });
    await expect(step()).rejects.toThrow(
      network.traits?.givenGradient ? /must return its loss, a number, not undefined/ : /takes targets only/,
    );
    expect(await network.state()).toEqual(before);
    network.dispose();
  });
});
