import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BackpropNetwork } from '../../src/wasm/backprop/network.js';
import { type Compute, createCompute } from '../../src/wasm/compute/compute.js';
import { UNLABELLED } from '../../src/data/dataSet.js';
import { StateError, type TargetRule } from '../../src/learner/learner.js';
import { OnlineClassifier } from '../../src/readout/index.js';
import { classifierSpec } from '../../src/readout/linearClassifier.js';
import { LabelTarget } from '../../src/target/index.js';
import { testRandom } from '../wasm/compute/reference.js';

const OUTPUTS = 7;
const CLASSES = 3;
const BATCH = 5;

const options = {
  ...{ activation: 'identity', learningRate: 0.05, epochs: 1, optimizer: 'adam', labelSmoothing: 0.1 },
  ...{ dropout: 0.5, schedule: { shape: 'steps', factor: 0.5, milestones: [0.5] }, batchSize: BATCH },
  ...{ outputs: OUTPUTS, classes: CLASSES, outputDropout: 0.75, seed: 3 },
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

  const show = (online: OnlineClassifier, seen: readonly Seen[], epoch = 0) => {
    const pass = online.watch(nothing, labels);
    for (const { indices, y, mask } of seen) {
      const size = indices.length;
      pass.beforeStep?.(indices, { size, width: 1, values: new Float32Array(size) });
      pass.rule.write({ size, width: OUTPUTS, values: y, mask }, new Float32Array(y.length));
      pass.afterStep?.(epoch, 2);
    }
  };

  test('takes the steps of a network whose data are the outputs of labelled items, as they come', () => {
    const online = new OnlineClassifier(compute, options);
    show(online, steps);
    show(online, steps, 1);
    const reference = new BackpropNetwork(
      compute,
      classifierSpec(OUTPUTS, CLASSES, { ...options, dropout: 0 }),
      3,
    );
    const rule = new LabelTarget(CLASSES, 0.1);
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
      rule.labels = batch.map(({ label }) => label);
      const values = Float32Array.from(batch.flatMap((row) => [...row.values].map((v) => 4 * v)));
      // The rate is that of the step which fills the batch.
      const rate = batch[BATCH - 1].epoch === 0 ? 1 : 0.5;
      reference.step({ size: BATCH, width: OUTPUTS, values }, rule, { step: 0, rate });
    }
    expect(rows.length % BATCH).toBeGreaterThan(0);
    const state = online.state();
    for (const [name, tensor] of reference.state()) expect(state.get(`classifier.${name}`)).toEqual(tensor);
    expect(state.get('classifier.labels')?.data).toHaveLength(rows.length % BATCH);
  });

  test('goes on from a saved state to the same bits, wherever it was taken', () => {
    const wanted = new OnlineClassifier(compute, options);
    show(wanted, steps);
    for (let at = 0; at <= steps.length; at++) {
      const before = new OnlineClassifier(compute, options);
      show(before, steps.slice(0, at));
      const after = new OnlineClassifier(compute, { ...options, seed: 99 });
      after.load(before.state());
      show(after, steps.slice(at));
      expect(after.state()).toEqual(wanted.state());
    }
  });

  test('refuses the state of another one', () => {
    const online = new OnlineClassifier(compute, options);
    expect(() => online.load(new Map())).toThrow(StateError);
    const wider = new OnlineClassifier(compute, { ...options, outputs: 9 });
    expect(() => online.load(wider.state())).toThrow(StateError);
    const state = online.state();
    state.set('classifier.labels', { shape: [1], data: Int32Array.of(1) });
    expect(() => online.load(state)).toThrow(/waiting/);
  });
});
