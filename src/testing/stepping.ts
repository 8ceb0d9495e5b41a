/** What a learner must do when it takes a step. */
import type { StepContext } from '../learner/learner.js';
import { AbilityError, traitsOf } from '../learner/traits.js';
import { demand, difference, refusal } from './check.js';
import { anyTarget, delayed, fullContext, type Laboratory, watched } from './laboratory.js';

/** Until an aborted call must have come to an end. */
const PATIENCE_MS = 5000;

export const stepping: Readonly<Record<string, (lab: Laboratory) => Promise<void>>> = {
  'learns: a step reports a finite loss and changes what is predicted': async (lab) => {
    const learner = await lab.learner();
    const before = await lab.answers(learner);
    const { loss } = await learner.step(lab.batch(learner, 4, 1), anyTarget, { step: 0, rate: 1 });
    demand(Number.isFinite(loss), `the step reported the loss ${loss}`);
    demand(difference(await lab.answers(learner), before) > 0, 'the step changed nothing that is predicted');
  },

  'learns at the rate of the schedule: not at all at rate 0': async (lab) => {
    const learner = await lab.learner();
    await lab.steps(learner, 0, 1);
    const before = await lab.answers(learner);
    await learner.step(lab.batch(learner, 4, 1), anyTarget, { step: 1, rate: 0 });
    await lab.demandAnswers(learner, before, 'after a step at rate 0');
  },

  'asks the rule once in a step, with outputs and a target of the right size': async (lab) => {
    const learner = await lab.learner();
    const { outputs } = learner;
    for (const size of [4, 1, 7, 2]) {
      let asked = 0;
      const rule = watched(anyTarget, (y, d) => {
        asked++;
        demand(y.size === size, `the rule sees ${y.size} items, not ${size}`);
        demand(y.width === outputs, `the rule sees ${y.width} outputs, not ${outputs}`);
        for (const [name, { length }] of Object.entries({ values: y.values, target: d })) {
          demand(length === size * outputs, `the rule gets ${length} for ${name}, not ${size * outputs}`);
        }
      });
      await learner.step(lab.batch(learner, size, size), rule, { step: size, rate: 1 });
      demand(asked === 1, `the rule was asked ${asked} times in a step`);
    }
  },

  'tells the rule of the step what it was told': async (lab) => {
    const learner = await lab.learner();
    const at: StepContext = { ...fullContext(5, 3), optimiser: traitsOf(learner).optimisers?.[0] };
    let seen: StepContext | undefined;
    const rule = watched(anyTarget, (_y, _d, told) => {
      seen = told;
    });
    await learner.step(lab.batch(learner, 3, 1), rule, at);
    for (const name of ['step', 'rate', 'optimiser', 'epoch', 'indices', 'random', 'signal'] as const) {
      demand(Object.is(seen?.[name], at[name]), `the rule was told another ${name} than the step`);
    }
  },

  'waits for a rule that answers later, to the same result': async (lab) => {
    const [now, later] = [await lab.learner(), await lab.learner()];
    await lab.steps(now, 0, 3);
    await lab.steps(later, 0, 3, delayed(anyTarget));
    await lab.demandState(later, await now.state(), 'with a rule that answers later');
  },

  'passes an error of the rule on, learns nothing from that step, and can be used further': async (lab) => {
    const learner = await lab.learner();
    await lab.steps(learner, 0, 1);
    const before = await learner.state();
    const wrong = new Error('the rule fails');
    const fail = () => {
      throw wrong;
    };
    for (const rule of [{ write: fail }, { write: () => Promise.reject(wrong) }]) {
      const error = await refusal(
        () => learner.step(lab.batch(learner, 3, 1), rule, { step: 1, rate: 1 }),
        'a step whose rule fails',
      );
      demand(error === wrong, `the step failed with another error than the rule's: ${String(error)}`);
      await lab.demandState(learner, before, 'after a rule failed');
    }
    await lab.steps(learner, 1, 2);
  },

  'shows masked outputs with their mask, drawn by the step, where it drops outputs': async (lab) => {
    const learner = await lab.learner();
    const { maskRate, deterministic } = traitsOf(learner);
    const masks: Float32Array[] = [];
    const look = watched(anyTarget, ({ mask, maskRate: p, values }) => {
      demand(
        (mask !== undefined) === maskRate > 0,
        `traits.maskRate is ${maskRate}, but there is ${mask ? 'a' : 'no'} mask`,
      );
      if (!mask) return;
      demand(p === maskRate, `outputs say maskRate ${p}, traits ${maskRate}`);
      demand(mask.length === values.length, `${values.length} outputs have a mask of ${mask.length}`);
      demand(
        mask.every((m) => m === 0 || m === 1),
        'a mask has a value other than 0 and 1',
      );
      demand(
        mask.every((m, j) => m === 1 || values[j] === 0),
        'an output that is dropped is not 0',
      );
      masks.push(mask.slice());
    });
    const size = Math.ceil(200 / learner.outputs);
    // The last of them is a step again whose number there was.
    for (const step of [0, 1, 2, 3, 1]) {
      await learner.step(lab.batch(learner, size, 1), look, { step, rate: 0 });
    }
    if (maskRate === 0) return;
    const dropped = masks.slice(0, 4).reduce((sum, mask) => sum + mask.filter((m) => m === 0).length, 0);
    const count = 4 * masks[0].length;
    const spread = Math.sqrt(count * maskRate * (1 - maskRate));
    demand(
      Math.abs(dropped - maskRate * count) < 6 * spread,
      `${dropped} of ${count} outputs were dropped, not about ${Math.round(maskRate * count)}`,
    );
    demand(difference(masks[0], masks[1]) > 0, 'two steps have the same mask');
    if (deterministic) demand(difference(masks[4], masks[1]) === 0, 'a mask depends on more than the step');
  },

  'selects the largest outputs as their values say, where it offers to': async (lab) => {
    const learner = await lab.learner();
    const { precision } = traitsOf(learner);
    const exact = precision === 'f32' ? Math.fround : (value: number) => value;
    const { outputs: n } = learner;
    for (const [step, count] of [1, 1, Math.ceil(n / 2), Math.ceil(n / 2), n].entries()) {
      const rule = {
        write: async (...[y, d, at]: Parameters<typeof anyTarget.write>) => {
          await anyTarget.write(y, d, at);
          if (!y.offers?.selectLargest) return;
          // Some outputs tie, at least where they are 0; with large offsets all do in single precision, and none in
          // double.
          const large = step % 2 === 0 ? 0 : 2 ** 24;
          const offsets = Float64Array.from({ length: n }, (_, i) => large + (i % 3) / 7);
          const [selected, others] = [0.875, 0.125];
          d.fill(7);
          const sums = Float64Array.from(
            await y.offers.selectLargest(d, { count, offsets, selected, others }),
          );
          const wantedSums = new Float64Array(n);
          for (let b = 0; b < y.size; b++) {
            const leads = Array.from(offsets, (h, i) => exact(exact(y.values[b * n + i]) - exact(h)));
            const order = leads.map((_, i) => i).sort((i, k) => leads[k] - leads[i] || i - k);
            const isSelected = new Set(order.slice(0, count));
            for (let i = 0; i < n; i++) {
              const wanted = (isSelected.has(i) ? selected : others) * (y.mask?.[b * n + i] ?? 1);
              demand(d[b * n + i] === wanted, `of ${count} selected outputs, output ${i} is wrong`);
              wantedSums[i] += wanted;
            }
          }
          demand(difference(sums, wantedSums) < 1e-9, 'selectLargest returns other sums than those of d');
        },
      };
      await learner.step(lab.batch(learner, 5, step), rule, { step, rate: 1 });
    }
  },

  'leaves the items as they are in a step': async (lab) => {
    const learner = await lab.learner();
    const batch = lab.batch(learner, 3, 5);
    const before = batch.values.slice();
    await learner.step(batch, anyTarget, { step: 0, rate: 1 });
    demand(difference(batch.values, before) === 0, 'the step changed the items');
  },

  'does the same for the same seed and steps, where it is deterministic': async (lab) => {
    const [one, other] = [await lab.learner(3), await lab.learner(3)];
    await lab.demandState(other, await one.state(), 'two new learners of the same seed');
    for (const learner of [one, other]) await lab.steps(learner, 0, 4);
    await lab.demandState(other, await one.state(), 'after the same steps');
  },

  'takes its first optimiser by default, and refuses one that it does not have': async (lab) => {
    const learner = await lab.learner();
    const { optimisers } = traitsOf(learner);
    if (!optimisers) return;
    const step = (of: typeof learner, optimiser?: string) =>
      of.step(lab.batch(of, 3, 1), anyTarget, { step: 0, rate: 1, optimiser });
    const before = await learner.state();
    const error = await refusal(() => step(learner, 'no such optimiser'), 'an unknown optimiser');
    demand(error instanceof AbilityError, 'an unknown optimiser must be refused with an AbilityError');
    await lab.demandState(learner, before, 'after an unknown optimiser');
    await step(learner);
    const named = await lab.learner();
    await step(named, optimisers[0]);
    await lab.demandState(named, await learner.state(), `with the optimiser "${optimisers[0]}" by name`);
    for (const name of optimisers) await step(learner, name);
  },

  'refuses to learn from items of another width, and learns nothing from them': async (lab) => {
    const learner = await lab.learner();
    const before = await learner.state();
    for (const width of [learner.inputs + 1, learner.inputs - 1]) {
      const items = { size: 2, width, values: new Float32Array(2 * width) };
      await refusal(() => learner.step(items, anyTarget, { step: 0, rate: 1 }), `items of ${width} values`);
    }
    await lab.demandState(learner, before, 'after items of another width');
    await lab.steps(learner, 0, 1);
  },

  'ends a step that waits for its rule when the signal is aborted, and can be used further': async (lab) => {
    const learner = await lab.learner();
    const before = await learner.state();
    const controller = new AbortController();
    let answer = () => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const rule = { write: () => answered };
    const at = { step: 0, rate: 1, signal: controller.signal };
    const step = learner.step(lab.batch(learner, 3, 1), rule, at);
    setTimeout(() => controller.abort(new Error('enough')), 5);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve('late'), PATIENCE_MS);
    });
    const ending = Promise.resolve(step).then(
      () => 'done',
      () => 'ended',
    );
    const end = await Promise.race([ending, patience]);
    clearTimeout(timer);
    demand(end === 'ended', end === 'late' ? 'the step still waits' : 'the step is done without a target');
    await lab.demandState(learner, before, 'after a step that was aborted');
    await lab.steps(learner, 0, 1);
    // A learner may keep the rule's memory until then.
    answer();
    await answered;
  },
};
