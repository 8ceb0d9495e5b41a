/** What a learner must do with its state, its parameters, and at its end. */
import { DisposedError, type Learner, type ParametricLearner } from '../learner/learner.js';
import { StateError, type TensorMap } from '../learner/tensors.js';
import { changedState, copied, demand, demandSameState, difference, misshapen, refusal } from './check.js';
import { anyTarget, isParametric, type Laboratory } from './laboratory.js';

export const saving: Readonly<Record<string, (lab: Laboratory) => Promise<void>>> = {
  'gives its state as tensors whose shapes and lengths agree': async (lab) => {
    const learner = await lab.learner();
    await lab.steps(learner, 0, 1);
    for (const [name, { shape, data }] of await learner.state()) {
      const length = shape.reduce((a, b) => a * b, 1);
      demand(data.length === length, `"${name}" has ${data.length} values in a shape of ${length}`);
    }
  },

  'takes a state and gives it back': async (lab) => {
    const [one, other] = [await lab.learner(1), await lab.learner(2)];
    await lab.steps(one, 0, 3);
    const saved = await one.state();
    await other.load(saved);
    demandSameState(await other.state(), saved, 0, 'after loading');
    await lab.demandAnswers(other, await lab.answers(one), 'after loading');
  },

  'gives its state as a copy, and takes a copy': async (lab) => {
    const learner = await lab.learner();
    const wanted = copied(await learner.state());
    for (const { data } of (await learner.state()).values()) data.fill(0);
    demandSameState(await learner.state(), wanted, 0, 'after its saved state was changed');
    const given = await learner.state();
    await learner.load(given);
    await lab.steps(learner, 0, 2);
    demandSameState(given, wanted, 0, 'the loaded state after further steps');
  },

  'resumes from a state as if nothing had happened': async (lab) => {
    const [straight, resumed] = [await lab.learner(), await lab.learner()];
    await lab.steps(straight, 0, 3);
    const saved = await straight.state();
    await lab.steps(straight, 3, 6);
    // Whatever it was before must be gone.
    await lab.steps(resumed, 20, 22);
    await resumed.load(saved);
    await lab.steps(resumed, 3, 6);
    await lab.demandState(resumed, await straight.state(), 'after resuming');
  },

  'refuses a state that does not fit, and takes nothing of it': async (lab) => {
    const learner = await lab.learner();
    await lab.steps(learner, 0, 2);
    const before = await learner.state();
    if (before.size === 0) return;
    await expectStateError(() => learner.load(new Map()), 'an empty state');
    const other = changedState(before, ({ shape, data }) => ({ shape, data: data.map((v) => v + 1) }));
    for (const [name] of before) {
      const wrong = changedState(other, (tensor, of) => (of === name ? misshapen(tensor) : tensor));
      await expectStateError(() => learner.load(wrong), `a state with "${name}" in another shape`);
      demandSameState(await learner.state(), before, 0, `after "${name}" in another shape`);
    }
    if (!isParametric(learner)) return;
    for (const [name] of await learner.parameters()) {
      const lacking = changedState(other, (tensor, of) => (of === name ? undefined : tensor));
      // Marks such as which weights are pruned follow from the others.
      if (!name.endsWith('.mask')) {
        await expectStateError(() => learner.load(lacking), `a state without "${name}"`);
        demandSameState(await learner.state(), before, 0, `after a state without "${name}"`);
      }
    }
  },

  'ends: dispose may be repeated, and later use is refused': async (lab) => {
    const learner = await lab.learner();
    if (!learner.dispose) return;
    await lab.steps(learner, 0, 1);
    const state = await learner.state();
    const batch = lab.batch(learner, 2, 1);
    await learner.dispose();
    await learner.dispose();
    const uses: Record<string, () => unknown> = {
      predict: () => learner.predict(batch),
      step: () => learner.step(batch, anyTarget, { step: 1, rate: 1 }),
      state: () => learner.state(),
      load: () => learner.load(state),
    };
    if (isParametric(learner)) {
      uses.parameters = () => learner.parameters();
      uses.setParameters = () => learner.setParameters(state);
      uses.clone = () => learner.clone(1);
    }
    for (const [name, use] of Object.entries(uses)) {
      const error = await refusal(use, `${name} after dispose`);
      demand(
        error instanceof DisposedError,
        `${name} after dispose failed with ${String(error)}, not a DisposedError`,
      );
    }
    await learner.dispose();
  },

  'ends without harm to others': async (lab) => {
    const [one, other] = [await lab.learner(1), await lab.learner(2)];
    for (const learner of [one, other]) await lab.steps(learner, 0, 1);
    const wanted = await lab.answers(other);
    await one.dispose?.();
    const third = await lab.learner(3);
    await lab.steps(third, 0, 2);
    await lab.demandAnswers(other, wanted, 'after another learner was disposed');
  },
};

export const parametric: Readonly<Record<string, (lab: Laboratory) => Promise<void>>> = {
  'gives its parameters without the state of optimisers, and takes them so': withTwo(
    async (lab, one, other) => {
      await lab.steps(one, 0, 3);
      await lab.steps(other, 0, 2);
      const parameters = await one.parameters();
      const before = await other.state();
      await other.setParameters(parameters);
      demandSameState(await other.parameters(), parameters, 0, 'the parameters that were set');
      const rest = (state: TensorMap) =>
        changedState(state, (tensor, name) => (parameters.has(name) ? undefined : tensor));
      demandSameState(rest(await other.state()), rest(before), 0, "the optimisers' state");
      await lab.demandAnswers(other, await lab.answers(one), 'with the parameters of another learner');
    },
  ),

  'refuses parameters that do not fit, and takes nothing of them': withTwo(async (lab, learner) => {
    await lab.steps(learner, 0, 1);
    const before = await learner.state();
    const parameters = await learner.parameters();
    await expectStateError(() => learner.setParameters(new Map()), 'no parameters');
    const other = changedState(parameters, ({ shape, data }) => ({ shape, data: data.map((v) => v + 1) }));
    for (const [name] of parameters) {
      const wrong = changedState(other, (tensor, of) => (of === name ? misshapen(tensor) : tensor));
      await expectStateError(() => learner.setParameters(wrong), `"${name}" in another shape`);
    }
    demandSameState(await learner.state(), before, 0, 'after parameters that do not fit');
  }),

  'blends its parameters with those of another: (1 - share) own + share other': withTwo(async (lab, one) => {
    await lab.steps(one, 0, 2);
    const other = lab.keep(await one.clone(2));
    await lab.steps(other, 0, 2);
    const theirs = await other.parameters();
    for (const share of [0, 0.25, 1]) {
      const own = await one.parameters();
      await one.blend(other, share);
      const wanted = changedState(own, ({ shape, data }, name) => {
        const from = theirs.get(name)?.data ?? [];
        return { shape, data: Float64Array.from(data, (v, j) => (1 - share) * v + share * from[j]) };
      });
      const allowed = share === 0.25 ? 1e-6 * largestOf(wanted) : 0;
      demandSameState(await one.parameters(), wanted, allowed, `blended with a share of ${share}`);
    }
    demandSameState(await other.parameters(), theirs, 0, 'the other learner, after it was blended');
    for (const share of [-0.1, 1.1, NaN]) {
      await refusal(() => one.blend(other, share), `a share of ${share}`);
    }
    demandSameState(await one.parameters(), theirs, 0, 'after shares that are impossible');
  }),

  'makes a clone with the same parameters that learns by itself': withTwo(async (lab, learner) => {
    await lab.steps(learner, 0, 2);
    const parameters = await learner.parameters();
    const clone = lab.keep(await learner.clone(9));
    demandSameState(await clone.parameters(), parameters, 0, "the clone's parameters");
    await lab.demandAnswers(clone, await lab.answers(learner), 'the clone');
    await lab.steps(clone, 0, 2);
    demandSameState(await learner.parameters(), parameters, 0, "the original's, after its clone learned");
    const now = await clone.parameters();
    const moved = [...now].some(([name, { data }]) => difference(data, parameters.get(name)?.data ?? []) > 0);
    demand(moved, 'the clone does not learn');
  }),
};

function withTwo(
  check: (lab: Laboratory, one: ParametricLearner, other: ParametricLearner) => Promise<void>,
): (lab: Laboratory) => Promise<void> {
  return async (lab) => {
    const [one, other] = [await lab.parametric(1), await lab.parametric(2)];
    if (one && other) await check(lab, one, other);
  };
}

function largestOf(state: TensorMap): number {
  let most = 0;
  for (const { data } of state.values()) for (const value of data) most = Math.max(most, Math.abs(value));
  return most;
}

async function expectStateError(load: () => ReturnType<Learner['load']>, what: string): Promise<void> {
  const error = await refusal(load, what);
  demand(error instanceof StateError, `${what} must be refused with a StateError, not ${String(error)}`);
}
