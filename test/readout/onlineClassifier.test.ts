import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Compute, createCompute } from '../../src/wasm/compute/compute.js';
import { UNLABELLED } from '../../src/data/dataSet.js';
import { StateError } from '../../src/learner/tensors.js';
import { type TargetRule } from '../../src/learner/rule.js';
import { OnlineClassifier } from '../../src/readout/index.js';
import { classifierOn } from '../../src/wasm/classifier.js';
import { LabelTarget } from '../../src/target/index.js';
import { testRandom } from '../wasm/compute/reference.js';

const OUTPUTS = 7;
const CLASSES = 3;
const BATCH = 5;

const options = {
  activation: 'identity',
  learningRate: 0.05,
  epochs: 1,
  optimizer: 'adam',
  labelSmoothing: 0.1,
  dropout: 0.5,
  schedule: { shape: 'steps', factor: 0.5, milestones: [0.5] },
  batchSize: BATCH,
  outputs: OUTPUTS,
  classes: CLASSES,
  seed: 3,
} as const;

/** What is done with a target's outputs is not what is tested here. */
const nothing: TargetRule = { write: (_, d) => d.fill(0) };

interface Seen {
  readonly indices: Uint32Array;
  readonly y: Float32Array;
  readonly mask?: Float32Array;
}

describe('the linear classifier trained beside the network', () => {
  let compute: Compute;
  beforeAll(async () => {
    compute = await createCompute({ threads: 1 });
  });
  afterAll(() => compute.dispose());

  const random = testRandom(5);
  const labels = Int32Array.from({ length: 50 }, (_, i) => (i % 5 === 4 ? UNLABELLED : i % CLASSES));
  const steps = Array.from({ length: 9 }, (_, s): Seen => {
    const size = 3 + (s % 4);
    const mask = Float32Array.from({ length: size * OUTPUTS }, () => (random() < 0.25 ? 1 : 0));
    return {
      indices: Uint32Array.from({ length: size }, () => Math.floor(50 * random())),
      y: mask.map((m) => m * random()),
      mask,
    };
  });

  const show = async (online: OnlineClassifier, seen: readonly Seen[], epoch = 0) => {
    const pass = online.watch(nothing, labels);
    for (const { indices, y, mask } of seen) {
      const size = indices.length;
      const outputs = { size, width: OUTPUTS, values: y, mask, maskRate: 0.75 };
      const rule = pass.rule as TargetRule;
      await rule.write(outputs, new Float32Array(y.length), { step: 0, rate: 1, indices });
      await pass.afterStep?.(epoch, 2, { loss: 0 });
    }
  };

  test('takes the steps of a network whose data are the outputs of labelled items, as they come', async () => {
    const online = new OnlineClassifier(classifierOn(compute), options);
    await show(online, steps);
    await show(online, steps, 1);
    const reference = classifierOn(compute)(OUTPUTS, CLASSES, { ...options, dropout: 0 }, 3);
    const rows = [0, 1].flatMap((epoch) =>
      steps.flatMap(({ indices, y }) =>
        [...indices].flatMap((item, b) =>
          labels[item] === UNLABELLED
            ? []
            : [{ epoch, label: labels[item], values: y.slice(b * OUTPUTS, (b + 1) * OUTPUTS) }],
        ),
      ),
    );
    for (let from = 0; from + BATCH <= rows.length; from += BATCH) {
      const batch = rows.slice(from, from + BATCH);
      const rule = new LabelTarget(
        batch.map(({ label }) => label),
        CLASSES,
        0.1,
      );
      const values = Float32Array.from(batch.flatMap((row) => [...row.values].map((v) => 4 * v)));
      // The rate is that of the step which fills the batch.
      const rate = batch[BATCH - 1].epoch === 0 ? 1 : 0.5;
      const indices = Uint32Array.from(batch.keys());
      await reference.step({ size: BATCH, width: OUTPUTS, values }, rule, { step: 0, rate, indices });
    }
    expect(rows.length % BATCH).toBeGreaterThan(0);
    const state = await online.state();
    for (const [name, tensor] of await reference.state())
      expect(state.get(`classifier.${name}`)).toEqual(tensor);
    expect(state.get('classifier.labels')?.data).toHaveLength(rows.length % BATCH);
  });

  test('goes on from a saved state to the same bits, wherever it was taken', async () => {
    const wanted = new OnlineClassifier(classifierOn(compute), options);
    await show(wanted, steps);
    for (let at = 0; at <= steps.length; at++) {
      const before = new OnlineClassifier(classifierOn(compute), options);
      await show(before, steps.slice(0, at));
      const after = new OnlineClassifier(classifierOn(compute), { ...options, seed: 99 });
      await after.load(await before.state());
      await show(after, steps.slice(at));
      expect(await after.state()).toEqual(await wanted.state());
    }
  });

  test('learns from the outputs that the rule saw, whatever becomes of them in the step', async () => {
    const wanted = new OnlineClassifier(classifierOn(compute), options);
    await show(wanted, steps);
    const online = new OnlineClassifier(classifierOn(compute), options);
    const pass = online.watch(nothing, labels);
    for (const { indices, y, mask } of steps) {
      const values = y.slice();
      const outputs = { size: indices.length, width: OUTPUTS, values, mask, maskRate: 0.75 };
      const rule = pass.rule as TargetRule;
      await rule.write(outputs, new Float32Array(y.length), { step: 0, rate: 1, indices });
      values.fill(99);
      await pass.afterStep?.(0, 2, { loss: 0 });
    }
    expect(await online.state()).toEqual(await wanted.state());
  });

  test('a step that is aborted while its rule is asked counts for nothing', async () => {
    const wanted = new OnlineClassifier(classifierOn(compute), options);
    await show(wanted, steps);
    const online = new OnlineClassifier(classifierOn(compute), options);
    for (const seen of steps) {
      const size = seen.indices.length;
      const outputs = { size, width: OUTPUTS, values: new Float32Array(seen.y.length).fill(5) };
      const { rule } = online.watch(nothing, labels);
      await (rule as TargetRule).write(outputs, new Float32Array(seen.y.length), {
        step: 0,
        rate: 1,
        indices: seen.indices,
      });
      await show(online, [seen]);
    }
    expect(await online.state()).toEqual(await wanted.state());
  });

  test('refuses the state of another one', async () => {
    const online = new OnlineClassifier(classifierOn(compute), options);
    await expect(online.load(new Map())).rejects.toThrow(StateError);
    const wider = new OnlineClassifier(classifierOn(compute), { ...options, outputs: 9 });
    await expect(online.load(await wider.state())).rejects.toThrow(StateError);
    const state = await online.state();
    state.set('classifier.labels', { shape: [1], data: Int32Array.of(1) });
    await expect(online.load(state)).rejects.toThrow(/waiting/);
  });
});
