/** What a learner must do when it predicts. */
import { traitsOf } from '../learner/traits.js';
import { demand, difference, areFinite, refusal } from './check.js';
import type { Laboratory } from './laboratory.js';

/** How far an answer to bytes may be from that to their values. */
const ROUNDING = 1e-5;

export const predicting: Readonly<Record<string, (lab: Laboratory) => Promise<void>>> = {
  'says how many values go in and come out': async (lab) => {
    const { inputs, outputs } = await lab.learner();
    for (const [name, width] of Object.entries({ inputs, outputs })) {
      demand(Number.isInteger(width) && width >= 1, `${name} is ${width}; it must be a whole number above 0`);
    }
  },

  'states traits that are possible': async (lab) => {
    const { precision, maskRate, optimisers } = traitsOf(await lab.learner());
    demand(precision === 'f32' || precision === 'f64', `traits.precision is "${precision}"`);
    demand(maskRate >= 0 && maskRate < 1, `traits.maskRate is ${maskRate}; it must be in [0, 1)`);
    if (!optimisers) return;
    demand(optimisers.length > 0, 'traits.optimisers is empty; name at least the default');
    demand(new Set(optimisers).size === optimisers.length, 'traits.optimisers has a name twice');
  },

  'predicts a row of outputs for every item, without a mask, whatever the size of the batch': async (lab) => {
    const learner = await lab.learner();
    for (const size of [3, 1, 9, 2]) {
      const y = await learner.predict(lab.batch(learner, size, size));
      demand(y.size === size, `predict answered ${y.size} items to ${size}`);
      demand(y.width === learner.outputs, `predict answered ${y.width} outputs, not ${learner.outputs}`);
      const length = size * learner.outputs;
      demand(y.values.length === length, `predict answered ${y.values.length} values, not ${length}`);
      demand(areFinite(y.values), 'predict answered something that is not a finite number');
      demand(y.mask === undefined, 'predict answered a mask; dropout is for training');
    }
  },

  'predicts the same again, and is not changed by predicting': async (lab) => {
    const learner = await lab.learner();
    await lab.steps(learner, 0, 2);
    const state = await learner.state();
    const first = await lab.answers(learner);
    await learner.predict(lab.batch(learner, 4, 99));
    await lab.demandAnswers(learner, first, 'after other items were predicted');
    await lab.demandState(learner, state, 'after predicting');
  },

  'leaves the items as they are': async (lab) => {
    const learner = await lab.learner();
    const batch = lab.batch(learner, 3, 5);
    const before = batch.values.slice();
    await learner.predict(batch);
    demand(difference(batch.values, before) === 0, 'predict changed the items');
  },

  'answers to bytes as to the values that they stand for': async (lab) => {
    const learner = await lab.learner();
    const { inputs: width } = learner;
    const bytes = Uint8Array.from({ length: 3 * width }, (_, j) => (j * 37) % 256);
    const values = Float32Array.from(bytes, (byte) => byte / 255);
    const plain = (await learner.predict({ size: 3, width, values })).values.slice();
    const stored = { size: 3, width, values: values.slice(), bytes: { values: bytes, maximum: 255 } };
    const apart = difference((await learner.predict(stored)).values, plain);
    const allowed = ROUNDING + (lab.tolerance(learner) ?? Infinity);
    demand(apart <= allowed, `answers to bytes differ by up to ${apart}`);
  },

  'refuses to predict items of another width': async (lab) => {
    const learner = await lab.learner();
    const wanted = await lab.answers(learner);
    for (const width of [learner.inputs + 1, learner.inputs - 1]) {
      const items = { size: 2, width, values: new Float32Array(2 * width) };
      await refusal(() => learner.predict(items), `predicting items of ${width} values`);
    }
    await lab.demandAnswers(learner, wanted, 'after items of another width');
  },
};
