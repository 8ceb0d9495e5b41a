/**
 * What a learner must do with the weights of items and with given gradients, where its traits say that it knows them.
 */
import type { ParametricLearner, StepReport } from '../learner/learner.js';
import { Purpose, RandomStream } from '../learner/random.js';
import type { LearningRule, OutputLoss, TargetRule } from '../learner/rule.js';
import type { TensorMap } from '../learner/tensors.js';
import { traitsOf } from '../learner/traits.js';
import { changedState, demand, difference, refusal } from './check.js';
import { anyTarget, isParametric, type Laboratory, weighted } from './laboratory.js';

/** By how much finite differences move the parameter that moves most. */
const PROBE = 0.01;

/** How far losses may be apart that should be the same, as a share. */
const ROUNDING = 1e-4;

/**
 * An output loss that every output bears on, whatever the activation: the mean over items and outputs of a y + y^2 /
 * 2.
 */
const anyLoss: OutputLoss = {
  gradient({ values }, gradient, { step }) {
    const random = new RandomStream(step, Purpose.view);
    let loss = 0;
    for (const [j, y] of values.entries()) {
      const a = 2 * random.uniform() - 1;
      loss += (a * y + (y * y) / 2) / values.length;
      gradient[j] = (a + y) / values.length;
    }
    return loss;
  },
};

export const descending: Readonly<Record<string, (lab: Laboratory) => Promise<void>>> = {
  'weighs items: weights of 1 change nothing': ifWeighing(async (lab) => {
    const [plain, ones] = [await lab.learner(), await lab.learner()];
    const batch = lab.batch(plain, 3, 1);
    const wanted = await plain.step(batch, anyTarget, { step: 0, rate: 1 });
    const { loss } = await ones.step(batch, weighted([1, 1, 1]), { step: 0, rate: 1 });
    demand(isNear(loss, wanted.loss), `with weights of 1 the loss is ${loss}, not ${wanted.loss}`);
    await lab.demandAnswers(ones, await lab.answers(plain), 'after a step with weights of 1');
  }),

  'weighs items: takes the target itself, returned, for no weights': ifWeighing(async (lab) => {
    const [plain, returning] = [await lab.learner(), await lab.learner()];
    // A batch of one item, whose target could be taken for a weight where there is one output.
    const batch = lab.batch(plain, 1, 1);
    await plain.step(batch, anyTarget, { step: 0, rate: 1 });
    const write: TargetRule['write'] = (y, d, at) => {
      void anyTarget.write(y, d, at);
      return d;
    };
    await returning.step(batch, { write }, { step: 0, rate: 1 });
    await lab.demandAnswers(returning, await lab.answers(plain), 'after a rule returned its target');
  }),

  "weighs items: a weight multiplies its item's loss": ifWeighing(async (lab) => {
    const learner = await lab.learner();
    const batch = lab.batch(learner, 2, 1);
    const lossWith = async (...weights: number[]) =>
      (await learner.step(batch, weighted(weights), { step: 3, rate: 0 })).loss;
    const both = await lossWith(1, 1);
    const [first, second] = [await lossWith(2, 0), await lossWith(0, 2)];
    demand(isNear(first + second, 2 * both), `${first} and ${second} of the items make ${both} together`);
    demand(!isNear(first, both) || !isNear(second, both), 'the weights do not bear on the loss');
    const half = await lossWith(0.5, 0.5);
    demand(isNear(half, both / 2), `with weights of 0.5 the loss is ${half}, not half of ${both}`);
  }),

  'weighs items: a weight of 0 leaves the item out': ifWeighing(async (lab) => {
    /** What is predicted after a step on an item and one of two others, which has this weight. */
    const after = async (weight: number, seed: number) => {
      const learner = await lab.learner();
      const { width, values } = lab.batch(learner, 2, 1);
      values.set(lab.batch(learner, 1, seed).values, width);
      await learner.step({ size: 2, width, values }, weighted([1, weight]), { step: 0, rate: 1 });
      return lab.answers(learner);
    };
    const trace = async (weight: number) => difference(await after(weight, 30), await after(weight, 31));
    const [without, withIt] = [await trace(0), await trace(1)];
    demand(
      without <= 0.02 * withIt,
      `an item of weight 0 changes answers by up to ${without}, one of weight 1 by ${withIt}`,
    );
  }),

  'weighs items: refuses weights that are impossible, and learns nothing then': ifWeighing(async (lab) => {
    const learner = await lab.learner();
    const before = await lab.answers(learner);
    for (const weights of [[1], [1, 1, 1], [1, -1], [1, NaN], [1, Infinity]]) {
      const step = () => learner.step(lab.batch(learner, 2, 1), weighted(weights), { step: 0, rate: 1 });
      await refusal(step, `weights of ${weights.join(' and ')} for two items`);
    }
    await lab.demandAnswers(learner, before, 'after weights that are impossible');
    await lab.steps(learner, 0, 1);
  }),

  'weighs items: descends the weighted loss': ifWeighing((lab) => descends(lab, weighted([0.5, 2, 0, 1]))),

  'descends the loss': (lab) => descends(lab, anyTarget),

  'learns from a given gradient: reports its loss and descends it': async (lab) => {
    const learner = await lab.learner();
    if (!traitsOf(learner).givenGradient) {
      const before = await learner.state();
      await refusal(
        () => learner.step(lab.batch(learner, 3, 1), anyLoss, { step: 0, rate: 1 }),
        'a given gradient, where traits.givenGradient is not true,',
      );
      await lab.demandState(learner, before, 'after a gradient that it does not take');
      return;
    }
    let wanted = NaN;
    const loss: OutputLoss = {
      gradient: async (y, gradient, at) => (wanted = await anyLoss.gradient(y, gradient, at)),
    };
    const report = await learner.step(lab.batch(learner, 3, 1), loss, { step: 0, rate: 1 });
    demand(report.loss === wanted, `the loss is ${report.loss}, but the rule said ${wanted}`);
    await descends(lab, anyLoss);
  },
};

/**
 * Makes sure that a step moves the parameters down the loss that it reports: by finite differences of it along the
 * way, and where the learning rate is known by as much as that says.
 */
async function descends(lab: Laboratory, rule: LearningRule): Promise<void> {
  const learner = await lab.learner();
  if (!isParametric(learner)) return;
  const batch = lab.batch(learner, 4, 1);
  const step = (rate: number): Promise<StepReport> =>
    Promise.resolve(learner.step(batch, rule, { step: 1, rate }));
  const start = await learner.parameters();
  await step(1);
  const after = await learner.parameters();
  let square = 0;
  let most = 0;
  for (const [name, { data }] of start) {
    for (let j = 0; j < data.length; j++) {
      const change = (after.get(name)?.data[j] ?? NaN) - data[j];
      square += change ** 2;
      most = Math.max(most, Math.abs(change));
    }
  }
  demand(most > 0, 'the step changed no parameter');
  const probe = PROBE / most;
  const lossAt = async (share: number) => {
    await learner.setParameters(between(start, after, share));
    return (await step(0)).loss;
  };
  const slope = ((await lossAt(probe)) - (await lossAt(-probe))) / (2 * probe);
  demand(slope < 0, `along the step the loss rises, by ${slope}`);
  if (!lab.descent) return;
  const { rate, tolerance = 0.02 } = lab.descent;
  const wanted = -square / rate;
  demand(
    Math.abs(slope - wanted) <= tolerance * Math.abs(wanted),
    `along the step the loss changes by ${slope}; at the learning rate ${rate} it should by ${wanted}`,
  );
}

/** Parameters on the way from `start` to `end`, and beyond. */
function between(
  start: Awaited<ReturnType<ParametricLearner['parameters']>>,
  end: TensorMap,
  share: number,
): TensorMap {
  return changedState(start, ({ shape, data }, name) => {
    const to = end.get(name)?.data ?? [];
    return { shape, data: Float32Array.from(data, (v, j) => v + share * (to[j] - v)) };
  });
}

function ifWeighing(check: (lab: Laboratory) => Promise<void>): (lab: Laboratory) => Promise<void> {
  return async (lab) => {
    if (traitsOf(await lab.learner()).itemWeights) await check(lab);
  };
}

function isNear(a: number, b: number): boolean {
  return Math.abs(a - b) <= ROUNDING * Math.max(Math.abs(a), Math.abs(b));
}
