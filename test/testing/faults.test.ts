/** The contracts notice what they are for: every check fails for at least one learner or rule that breaks it. */
import { expect, test } from 'vitest';
import type { Batch, Outputs, ParametricLearner, StepContext } from '../../src/learner/learner.js';
import { DisposedError } from '../../src/learner/learner.js';
import type { LearningRule, TargetRule } from '../../src/learner/rule.js';
import { type TensorMap } from '../../src/learner/tensors.js';
import type { LearnerTraits } from '../../src/learner/traits.js';
import { SelfDefinedTarget } from '../../src/target/index.js';
import { type Check, ContractError, learnerContract, ruleContract } from '../../src/testing/index.js';
import { RemoteLearner } from './remoteLearner.js';

type Methods = ParametricLearner & { readonly traits: LearnerTraits; dispose(): void };
type Change = (good: Methods) => Partial<Methods>;

/** A learner that keeps the contract, but for what is changed. */
function altered(seed: number, change: Change): ParametricLearner {
  const inner = new RemoteLearner(6, 9, seed);
  const good: Methods = {
    inputs: inner.inputs,
    outputs: inner.outputs,
    traits: inner.traits,
    predict: (x, options) => inner.predict(x, options),
    step: (x, rule, at) => inner.step(x, rule, at),
    state: () => inner.state(),
    load: (state) => inner.load(state),
    parameters: () => inner.parameters(),
    setParameters: (parameters) => inner.setParameters(parameters),
    blend: (other, share) => inner.blend(other, share),
    clone: (of) => inner.clone(of),
    dispose: () => inner.dispose(),
  };
  return { ...good, ...change(good) };
}

const cut = (x: Batch): Batch => ({ ...x, width: 6, values: fitted(x) });
const fitted = (x: Batch) => Float32Array.from({ length: 6 * x.size }, (_, j) => x.values[j] ?? 0);
const target = (rule: LearningRule) => rule as TargetRule;
/** A rule in place of the step's own, which still sees everything. */
const through = (good: Methods, change: (rule: TargetRule) => TargetRule['write']): Partial<Methods> => ({
  step: (x, rule, at) => good.step(x, 'write' in rule ? { write: change(target(rule)) } : rule, at),
});
const traits = (good: Methods, change: Partial<LearnerTraits>) => ({ traits: { ...good.traits, ...change } });
const without = (state: TensorMap, name: string) => new Map([...state].filter(([of]) => of !== name));

let calls = 0;
const faults: Record<string, Change> = {
  'says how many': () => ({ outputs: 2.5 }),
  'states traits': (good) => traits(good, { optimisers: ['first', 'first'] }),
  'predicts a row': (good) => ({
    predict: async (x) => ({ ...(await good.predict(x)), mask: new Float32Array(9 * x.size).fill(1) }),
  }),
  'predicts the same again': (good) => ({
    predict: async (x) => {
      const y = await good.predict(x);
      return { ...y, values: y.values.map((v) => v + 1e-6 * calls++) };
    },
  }),
  'leaves the items as they are': (good) => ({
    predict: async (x) => {
      const y = await good.predict(x);
      x.values[0] = 2;
      return y;
    },
  }),
  'answers to bytes': (good) => ({
    predict: (x) =>
      good.predict(x.bytes ? { ...x, bytes: undefined, values: Float32Array.from(x.bytes.values) } : x),
  }),
  'refuses to predict items of another width': (good) => ({ predict: (x) => good.predict(cut(x)) }),
  'learns: a step': (good) => ({ step: (x, rule, at) => good.step(x, rule, { ...at, rate: 0 }) }),
  'learns at the rate': (good) => ({ step: (x, rule, at) => good.step(x, rule, { ...at, rate: 1 }) }),
  'asks the rule once': (good) =>
    through(good, (rule) => async (y, d, at) => {
      await rule.write(y, d, at);
      return rule.write(y, d, at);
    }),
  'tells the rule of the step': (good) =>
    through(good, (rule) => (y, d, at) => rule.write(y, d, { ...at, indices: at.indices?.slice() })),
  'waits for a rule': (good) =>
    through(good, (rule) => (y, d, at) => {
      const answer = rule.write(y, d, at);
      return answer instanceof Promise ? undefined : answer;
    }),
  'passes an error': (good) => ({
    step: async (x, rule, at) => {
      try {
        return await good.step(x, rule, at);
      } catch {
        return { loss: 0 };
      }
    },
  }),
  'shows masked outputs': (good) =>
    through(good, (rule) => (y, d, at) => rule.write({ ...y, mask: undefined, maskRate: undefined }, d, at)),
  'selects the largest': (good) => traits(good, { precision: 'f64' }),
  'leaves the items as they are in a step': (good) => ({
    step: (x, rule, at) => {
      const report = good.step({ ...x, values: x.values.slice() }, rule, at);
      x.values.fill(0);
      return report;
    },
  }),
  'does the same for the same seed': (good) => ({
    step: (x, rule, at) => good.step(x, rule, { ...at, step: at.step + calls++ }),
  }),
  'takes its first optimiser': (good) => ({
    step: (x, rule, at) => good.step(x, rule, { ...at, optimiser: undefined }),
  }),
  'refuses to learn from items': (good) => ({ step: (x, rule, at) => good.step(cut(x), rule, at) }),
  'ends a step that waits': (good) => ({
    step: (x, rule, at) => {
      const never = at.signal && new Promise<{ loss: number }>((r) => setTimeout(() => r({ loss: 1 }), 100));
      return never ?? good.step(x, rule, at);
    },
  }),
  'weighs items: weights of 1': (good) => ({
    step: (x, rule, at) => weighing(good, x, rule, at, (w) => 2 * w),
  }),
  'weighs items: a weight multiplies': (good) => ({
    step: (x, rule, at) => weighing(good, x, rule, at, () => 1),
  }),
  'weighs items: takes the target': (good) =>
    through(
      good,
      (rule) => async (y, d, at) => ((await rule.write(y, d, at)) ? Float32Array.of(2) : undefined),
    ),
  'weighs items: a weight of 0': (good) => ({
    step: (x, rule, at) => weighing(good, x, rule, at, (w) => w || 0.2),
  }),
  'weighs items: refuses': (good) => ({
    step: (x, rule, at) => weighing(good, x, rule, at, (w) => Math.max(0, w)),
  }),
  'weighs items: descends': (good) => ({
    step: async (x, rule, at) => ({
      loss: -(await weighing(good, x, rule, at, (w) => w)).loss,
    }),
  }),
  'descends the loss': (good) => ({
    step: async (x, rule, at) => ({ loss: -(await good.step(x, rule, at)).loss }),
  }),
  'learns from a given gradient': (good) => traits(good, { givenGradient: false }),
  'gives its state as tensors': (good) => ({
    state: async () =>
      new Map([...(await good.state()), ['extra', { shape: [2], data: new Float32Array(3) }]]),
  }),
  'takes a state and': (good) => ({ load: async (state) => good.load(await halved(good, state)) }),
  'gives its state as a copy': (good) => {
    let kept: TensorMap | undefined;
    return { state: async () => (kept ??= await good.state()) };
  },
  'resumes from a state': (good) => ({ state: async () => good.parameters(), load: good.setParameters }),
  'refuses a state that': (good) => ({
    load: async (state) => {
      await good.setParameters(state);
      return good.load(state);
    },
  }),
  'ends: dispose': () => ({ dispose: () => undefined }),
  'gives its parameters': (good) => ({
    setParameters: async (parameters) => {
      const state = await good.state();
      for (const [name, { shape, data }] of without(state, 'weights'))
        state.set(name, { shape, data: data.map(() => 0) });
      await good.load(new Map([...state, ...parameters]));
    },
  }),
  'refuses parameters': (good) => ({
    setParameters: async (parameters) => {
      for (const [name, { data }] of parameters) {
        const [of, tensor] = [name, (await good.parameters()).get(name)];
        if (tensor)
          await good.setParameters(new Map([[of, { ...tensor, data: data.slice(0, tensor.data.length) }]]));
      }
    },
  }),
  'blends its parameters': (good) => ({ blend: (other, share) => good.blend(other, share ** 2) }),
  'makes a clone': (good) => ({ clone: async () => altered(1, () => good) }),
};

/** A step with other weights; impossible ones are passed by `change` as well. */
async function weighing(
  good: Methods,
  x: Batch,
  rule: LearningRule,
  at: StepContext,
  change: (weight: number) => number,
) {
  if (!('write' in rule)) return good.step(x, rule, at);
  const write = async (y: Outputs, d: Float32Array, told: StepContext) => {
    const weights = await rule.write(y, d, told);
    return weights?.map(change);
  };
  return good.step(x, { write }, at);
}

async function halved(good: Methods, state: TensorMap): Promise<TensorMap> {
  // What does not fit is refused as ever.
  if (state.size !== (await good.state()).size) return state;
  return new Map(
    [...state].map(([name, { shape, data }]) => [name, { shape, data: data.map((v) => v / 2) }]),
  );
}

const named = (checks: Check[], start: string) => checks.filter(({ name }) => name.startsWith(start));

test.each(Object.keys(faults))('a learner is found out by "%s"', async (start) => {
  const checks = named(
    learnerContract((seed) => altered(seed, faults[start]), { descent: { rate: 0.5, tolerance: 0.7 } }),
    start,
  );
  expect(checks.length).toBeGreaterThan(0);
  const results = await Promise.allSettled(checks.map(({ run }) => run()));
  const errors = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  );
  expect(errors.length).toBeGreaterThan(0);
  for (const error of errors) expect(error).toBeInstanceOf(ContractError);
});

test('every check of learners has a fault that it finds', () => {
  const missed = learnerContract(() => new RemoteLearner(6, 9, 1))
    .map(({ name }) => name)
    .filter((name) => !Object.keys(faults).some((start) => name.startsWith(start)));
  // One learner cannot harm another one here: it has no memory in common with it.
  expect(missed).toEqual(['ends without harm to others']);
});

test('use of a learner that harms others is found out', async () => {
  const all: RemoteLearner[] = [];
  const checks = learnerContract((seed) => {
    const learner = new RemoteLearner(6, 9, seed);
    all.push(learner);
    return Object.assign(learner, {
      dispose: () => all.forEach((one) => RemoteLearner.prototype.dispose.call(one)),
    });
  });
  const [check] = named(checks, 'ends without harm');
  await expect(check.run()).rejects.toThrow(DisposedError);
});

/** The self-defined target, but for what is changed. */
function alteredRule(change: (good: SelfDefinedTarget) => Partial<TargetRule>): TargetRule {
  const good = new SelfDefinedTarget({ outputs: 8, winners: 2, gamma: 0.5, smoothing: 0.2 });
  return {
    write: (y, d) => good.write(y, d),
    reset: () => good.reset(),
    state: () => good.state(),
    load: (state) => good.load(state),
    describe: () => good.describe(),
    ...change(good),
  };
}

const ruleFaults: Record<string, (good: SelfDefinedTarget) => Partial<TargetRule>> = {
  'writes every value': (good) => ({
    write: (y, d) => {
      const last = d[d.length - 1];
      void good.write(y, d);
      d[d.length - 1] = last;
    },
  }),
  'writes the same': (good) => ({
    write: (y, d) => {
      void good.write(y, d);
      d[0] = calls++;
    },
  }),
  'leaves the outputs': (good) => ({
    write: (y, d) => {
      void good.write(y, d);
      y.values[1] = 9;
    },
  }),
  'reads nothing but': (good) => ({
    write: (y, d) => {
      void good.write(y, d);
      d[0] = new Float32Array(y.values.buffer)[0];
    },
  }),
  'takes outputs with and': (good) => ({
    write: (y, d) => good.write({ ...y, mask: undefined, maskRate: undefined }, d),
  }),
  'refuses outputs': () => ({ write: (_, d) => void d.fill(0) }),
  'returns weights': (good) => ({
    write: (y, d) => {
      void good.write(y, d);
      return new Float32Array(y.size).fill(-1);
    },
  }),
  'forgets everything': () => ({ reset: () => undefined }),
  'takes a state': (good) => ({ load: () => good.reset() }),
  'refuses a state': (good) => ({
    load: (state) => {
      const first = state.get('target.homeostasis');
      if (first) good.homeostasis.set(first.data);
      good.load(state);
    },
  }),
  'describes itself': () => ({ describe: () => ({ kind: 'mine', outputs: new Float64Array(2) }) }),
};

test.each(Object.keys(ruleFaults))('a rule is found out by "%s"', async (start) => {
  const checks = named(
    ruleContract(() => alteredRule(ruleFaults[start]), { outputs: 8 }),
    start,
  );
  expect(checks.length).toBe(1);
  await expect(checks[0].run()).rejects.toThrow(ContractError);
});

test('a rule that writes beyond its target is found out', async () => {
  const write: TargetRule['write'] = (_, d) => {
    d.fill(0);
    new Float32Array(d.buffer)[0] = 1;
  };
  const [check] = ruleContract(() => ({ write }), { outputs: 8 });
  await expect(check.run()).rejects.toThrow(/beyond its target/);
});

test('an output loss with the wrong gradient is found out', async () => {
  const checks = ruleContract(
    () => ({
      gradient: ({ values }, gradient) => {
        for (const [j, y] of values.entries()) gradient[j] = y;
        return values.reduce((sum, y) => sum + y * y, 0);
      },
    }),
    { outputs: 8, anyWidth: true },
  );
  await expect(named(checks, 'writes the gradient')[0].run()).rejects.toThrow(/the gradient is/);
});
