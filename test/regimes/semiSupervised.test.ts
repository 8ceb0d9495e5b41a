import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BackpropNetwork, type NetworkSpec } from '../../src/wasm/backprop/network.js';
import { type Compute, createCompute } from '../../src/wasm/compute/compute.js';
import { DataError, type DataSet, subset, UNLABELLED } from '../../src/data/dataSet.js';
import { digits } from '../../src/data/digits.js';
import { stratified } from '../../src/data/split.js';
import type { Batch, StepContext, StepReport } from '../../src/learner/learner.js';
import type { TensorMap } from '../../src/learner/tensors.js';
import { isOutputLoss, type LearningRule, type TargetRule } from '../../src/learner/rule.js';
import { labelAccuracy } from '../../src/readout/index.js';
import {
  type Position,
  type SemiSupervisedTraining,
  semiSupervised,
  splitByLabels,
  type TrainEvent,
} from '../../src/regimes/index.js';
import { SelfDefinedTarget } from '../../src/target/index.js';
import { numbered, TableLearner } from './fakes.js';

let compute: Compute;
beforeAll(async () => {
  compute = await createCompute({ threads: 1 });
});
afterAll(() => compute.dispose());

const { train, test: held } = digits();
const constant = { shape: 'constant' } as const;
const schedules = {
  pretraining: { shape: 'exponential', factor: 0.5 },
  unlabelled: { shape: 'linear', from: 0, to: 0.4 },
  labelled: { shape: 'linear', from: 0.8, to: 0.2, until: 0.5 },
} as const;

async function collect(events: AsyncGenerator<TrainEvent>): Promise<TrainEvent[]> {
  const all: TrainEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

const flat = (...states: TensorMap[]): number[] =>
  states.flatMap((state) => [...state.values()].flatMap(({ data }) => [...data]));

/** Items 0 to 2 are labelled with their class, items 3 to 8 are not; output i mod 3 of item i is the largest. */
function tiny() {
  const rows = Array.from({ length: 9 }, (_, i) => [0, 1, 2].map((c) => (c === i % 3 ? 0.9 : 0.1)));
  const data = numbered([0, 1, 2, 0, 1, 2, 0, 1, 2], 3);
  const learner = new TableLearner(rows);
  const target = new SelfDefinedTarget({ outputs: 3, winners: 1, gamma: 0 });
  const training: SemiSupervisedTraining = {
    ...{ learner, target, seed: 1, ...splitByLabels(data, Uint32Array.of(0, 1, 2)) },
    ...{ pretrainEpochs: 2, epochs: 3, batchSize: 4, labelledBatchSize: 2, schedules },
  };
  return { learner, training };
}

describe('semi-supervised training', () => {
  test('takes the labels first, then all the rest and the labels in turn, each pass with its optimiser and schedule', async () => {
    const { learner, training } = tiny();
    await collect(semiSupervised(training));
    const told = learner.steps.map(({ items, at }) => [items.length, at.optimiser, at.rate]);
    const pass = (sizes: number[], optimiser: string, rate: number) =>
      sizes.map((size) => [size, optimiser, expect.closeTo(rate, 12)]);
    expect(told).toEqual([
      ...pass([2, 1], 'pretraining', 1),
      ...pass([2, 1], 'pretraining', 0.5),
      ...[0, 1, 2].flatMap((e) => [
        ...pass([4, 2], 'unlabelled', (0.4 * e) / 3),
        ...pass([2, 1], 'labelled', 0.8 - 0.6 * Math.min(1, e / 1.5)),
      ]),
    ]);
    // A number of its own for every step: masks are drawn by it.
    expect(learner.steps.map(({ at }) => at.step)).toEqual(learner.steps.map((_, i) => i));
  });

  test('the first phase may have batches of another size', async () => {
    const { learner, training } = tiny();
    await collect(semiSupervised({ ...training, epochs: 1, pretrainBatchSize: 3 }));
    const sizes = (optimiser: string) =>
      learner.steps.filter(({ at }) => at.optimiser === optimiser).map(({ items }) => items.length);
    expect([sizes('pretraining'), sizes('unlabelled'), sizes('labelled')]).toEqual([
      [3, 3],
      [4, 2],
      [2, 1],
    ]);
  });

  test('targets a label where there is one and the winner elsewhere', async () => {
    const { learner, training } = tiny();
    await collect(semiSupervised(training));
    for (const { items, target, at } of learner.steps) {
      expect(items.every((i) => (at.optimiser === 'unlabelled' ? i > 2 : i <= 2))).toBe(true);
      expect(target).toEqual(items.flatMap((i) => [0, 1, 2].map((c) => (c === i % 3 ? 1 : 0))));
    }
  });

  test('reports steps, the end of the unlabelled pass, and epochs', async () => {
    const { training } = tiny();
    const events = await collect(semiSupervised({ ...training, epochs: 1 }));
    const brief = events.map((e) => (e.kind === 'step' ? `${e.pass} ${e.step}/${e.steps}` : e.kind));
    const pretraining = ['labelled 1/2', 'labelled 2/2', 'epoch'];
    expect(brief).toEqual([
      ...[...pretraining, ...pretraining],
      ...['unlabelled 1/4', 'unlabelled 2/4', 'pass', 'labelled 3/4', 'labelled 4/4', 'epoch'],
    ]);
    expect(events.filter((e) => e.kind === 'epoch').map((e) => e.epoch)).toEqual([1, 2, 3]);
  });

  test('starts every unlabelled pass without homeostasis', async () => {
    const learner = new TableLearner([[2, 1, 0], ...[1, 2].map(() => [3, 2, 1])]);
    const target = new SelfDefinedTarget({ outputs: 3, winners: 1, gamma: 3 });
    const data = numbered([0, 0, 0], 1);
    await collect(
      semiSupervised({
        ...{ learner, target, seed: 1, ...splitByLabels(data, Uint32Array.of(0)) },
        ...{ pretrainEpochs: 0, epochs: 2, batchSize: 1, labelledBatchSize: 1 },
        schedules: { pretraining: constant, unlabelled: constant, labelled: constant },
      }),
    );
    const unlabelled = learner.steps.filter(({ at }) => at.optimiser === 'unlabelled');
    expect(unlabelled.map((s) => s.target)).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [1, 0, 0],
      [0, 1, 0],
    ]);
  });

  test('refuses a labelled part with an item that has no label', () => {
    const { training } = tiny();
    const labelled = numbered([0, UNLABELLED], 3);
    expect(() => semiSupervised({ ...training, labelled })).toThrow(DataError);
  });
});

const spec: NetworkSpec = {
  layers: [64, 200, 10],
  activations: ['identity', 'relu', 'sigmoid'],
  dropout: [0.2, 0.5, 0],
  loss: 'cross-entropy',
  optimizer: 'adam',
  learningRates: {
    pretraining: [0.002, 0.005],
    unlabelled: [0.002, 0.005],
    labelled: [0.002, 0.005],
  },
};

function setUp(data: DataSet, labels: number, seed: number) {
  const parts = splitByLabels(data, stratified(data.labels, { count: labels }, seed));
  return {
    learner: new BackpropNetwork(compute, spec, seed),
    target: new SelfDefinedTarget({ outputs: 10, winners: 1, gamma: 0.5 }),
    training: {
      ...{ ...parts, seed, pretrainEpochs: 60, epochs: 60, batchSize: 64, labelledBatchSize: 16 },
      schedules: {
        pretraining: { shape: 'exponential', factor: 0.97 },
        unlabelled: { shape: 'linear', from: 0.01, to: 0.5 },
        labelled: { shape: 'linear', from: 0.7, to: 0.05 },
      } as const,
    },
  };
}

describe('a network that sees few labels', () => {
  test.each([
    ['winners of the trained pass', 0.5, false],
    ['winners of a clean pass', 0.5, true],
    ['no homeostasis', 0, false],
  ] as const)(
    'learns from the items without, as long as homeostasis keeps its classes apart: %s',
    async (...row) => {
      const [, gamma, cleanWinners] = row;
      for (const seed of [1, 2]) {
        const { learner, training } = setUp(train, 50, seed);
        const target = new SelfDefinedTarget({ outputs: 10, winners: 1, gamma });
        let before = 0;
        for await (const event of semiSupervised({ ...training, learner, target, cleanWinners })) {
          if (event.kind === 'epoch' && event.epoch === 60) before = await labelAccuracy(learner, held);
        }
        const after = await labelAccuracy(learner, held);
        learner.dispose();
        // Measured: 79 and 81 before; after 87 and 88, 85 and 89, 38 and 66.
        expect(before).toBeGreaterThan(70);
        if (gamma > 0) expect(after).toBeGreaterThan(before + 3);
        else expect(after).toBeLessThan(before);
      }
    },
  );

  test('with winners of a clean pass takes none of those that dropout makes', async () => {
    // Item 0 is labelled, item 1 is not; with dropout the network answers the other way round.
    class Dropping extends TableLearner {
      override async step(x: Batch, rule: LearningRule, at: StepContext): Promise<StepReport> {
        if (isOutputLoss(rule)) throw new Error('targets only');
        const write: TargetRule['write'] = (y, d) =>
          rule.write(
            {
              ...y,
              values: y.values.map((v) => 1 - v),
              offers: {
                selectLargest: () => {
                  throw new Error('the selection of the pass that is trained');
                },
              },
            },
            d,
            at,
          );
        return super.step(x, { write }, at);
      }
    }
    const items = numbered([0, 1], 2);
    const learner = new Dropping([
      [0.9, 0.1],
      [0.1, 0.9],
    ]);
    const target = new SelfDefinedTarget({ outputs: 2, winners: 1, gamma: 0 });
    await collect(
      semiSupervised({
        ...{ learner, target, seed: 1, cleanWinners: true, pretrainEpochs: 0, epochs: 1 },
        ...{ batchSize: 1, labelledBatchSize: 1, ...splitByLabels(items, Uint32Array.of(0)) },
        schedules: { pretraining: constant, unlabelled: constant, labelled: constant },
      }),
    );
    expect(learner.steps.map((step) => step.target)).toEqual([
      [0, 1],
      [1, 0],
    ]);
  });

  test('with winners of a clean pass chooses them among the outputs that are not dropped, and says so', async () => {
    // Cleanly output 0 is the largest; it is dropped, so output 2 wins, which is the next.
    class Masking extends TableLearner {
      override async step(x: Batch, rule: LearningRule, at: StepContext): Promise<StepReport> {
        const write: TargetRule['write'] = (y, d) =>
          (rule as TargetRule).write(
            {
              ...y,
              values: Float32Array.of(0, 0.5, 0.1),
              mask: Float32Array.of(0, 1, 1),
              maskRate: 0.25,
            },
            d,
            at,
          );
        return super.step(x, at.optimiser === 'unlabelled' ? { write } : rule, at);
      }
    }
    const learner = new Masking([
      [0.9, 0.1, 0.4],
      [0.9, 0.1, 0.4],
    ]);
    const seen: (number | undefined)[][] = [];
    const inner = new SelfDefinedTarget({ outputs: 3, winners: 1, gamma: 1 });
    const target: TargetRule = {
      write(y, d) {
        seen.push([...y.values, ...(y.mask ?? []), y.maskRate]);
        return inner.write(y, d);
      },
    };
    await collect(
      semiSupervised({
        ...{ learner, target, seed: 1, cleanWinners: true, pretrainEpochs: 0, epochs: 1 },
        ...{ batchSize: 1, labelledBatchSize: 1 },
        ...splitByLabels(numbered([0, 1], 3), Uint32Array.of(0)),
        schedules: { pretraining: constant, unlabelled: constant, labelled: constant },
      }),
    );
    expect(seen).toEqual([[0, Math.fround(0.1), Math.fround(0.4), 0, 1, 1, 0.25]]);
    expect(learner.steps[0].target).toEqual([0, 0, 1]);
  });

  test('never looks at the labels of the others', async () => {
    const chosen = stratified(train.labels, { count: 50 }, 1);
    const isChosen = new Set(chosen);
    // The same items, the others with wrong labels: nothing may change.
    const wrong = train.labels.map((label, i) => (isChosen.has(i) ? label : (label + 1 + (i % 9)) % 10));
    const results: number[][] = [];
    for (const labels of [train.labels, wrong]) {
      const { learner, target, training } = setUp(train, 50, 1);
      const parts = splitByLabels({ ...train, labels }, chosen);
      expect(parts.unlabelled.labels.every((label) => label === UNLABELLED)).toBe(true);
      await collect(semiSupervised({ ...training, ...parts, learner, target, pretrainEpochs: 2, epochs: 2 }));
      results.push(flat(learner.state(), target.state()));
      learner.dispose();
    }
    expect(results[0].every((v, i) => v === results[1][i])).toBe(true);
  });

  // 4 steps in each of 2 first epochs, then 3 + 4 in each of 2: amid a phase, at its end, amid and at the end of passes.
  test.each([3, 8, 9, 11, 13, 15, 20])(
    'stopped after step %i and resumed gives the bits of one that was not',
    async (stop) => {
      const small = subset(
        train,
        Array.from({ length: 200 }, (_, i) => i),
      );
      const parts = () => {
        const { learner, target, training } = setUp(small, 50, 5);
        return { learner, target, training: { ...training, pretrainEpochs: 2, epochs: 2 } };
      };
      const whole = parts();
      const events = await collect(semiSupervised({ ...whole.training, ...whole }));
      expect(events.filter((e) => e.kind === 'step').length).toBe(22);

      const first = parts();
      const controller = new AbortController();
      let position: Position = { epoch: 0, step: 0 };
      let saved: [TensorMap, TensorMap] | undefined;
      let seen = 0;
      for await (const event of semiSupervised({
        ...first.training,
        ...first,
        signal: controller.signal,
      })) {
        if (event.kind !== 'step' || ++seen !== stop) continue;
        position = { epoch: event.epoch - 1, step: event.step };
        saved = [first.learner.state(), first.target.state()];
        controller.abort();
      }
      const second = parts();
      if (!saved) throw new Error('nothing was saved');
      second.learner.load(saved[0]);
      second.target.load(saved[1]);
      const rest = await collect(semiSupervised({ ...second.training, ...second, from: position }));
      expect(rest.filter((e) => e.kind === 'step').length).toBe(22 - stop);
      const [a, b] = [whole, second].map(({ learner, target }) => flat(learner.state(), target.state()));
      expect(b.every((v, i) => v === a[i])).toBe(true);
      for (const { learner } of [whole, first, second]) learner.dispose();
    },
  );
});
