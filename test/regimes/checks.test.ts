import { describe, expect, test } from 'vitest';
import type { Schedule } from '../../src/learner/schedule.js';
import { type Phase, semiSupervised, trainPhases } from '../../src/regimes/index.js';
import { LabelTarget, SelfDefinedTarget } from '../../src/target/index.js';
import { numbered, TableLearner } from './fakes.js';

const data = numbered([0, 1, 0, 1], 2);
const constant = { shape: 'constant' } as const;

function setUp(pass: Partial<Phase['passes'][number]> = {}, basics: object = {}) {
  const learner = new TableLearner([0, 1, 2, 3].map((i) => [i, 1]));
  const phases: Phase[] = [
    { epochs: 2, passes: [{ data, batchSize: 2, schedule: constant, rule: { write: () => {} }, ...pass }] },
  ];
  return { learner, run: collect(trainPhases({ learner, seed: 1, ...basics }, phases)) };
}

async function collect<T>(events: AsyncGenerator<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const event of events) all.push(event);
  return all;
}

describe('training is refused before the first step', () => {
  test.each<[string, Schedule, RegExp]>([
    ['that is reached at once', { shape: 'linear', from: 1, to: 0, until: 0 }, /until .* above 0, not 0/],
    ['without a share', { shape: 'linear', from: 1, to: 0, until: NaN }, /until .* not NaN/],
    ['with a milestone that is no number', { shape: 'steps', factor: 1, milestones: [NaN] }, /not NaN/],
    ['of no shape', { shape: 'cosine' } as unknown as Schedule, /no schedule of the shape "cosine"/],
  ])('with a schedule %s', async (_, schedule, message) => {
    const { learner, run } = setUp({ schedule });
    await expect(run).rejects.toThrow(message);
    expect(learner.steps).toEqual([]);
  });

  test.each([
    ['a step beyond its epoch', { epoch: 1, step: 3 }, /from.step is 3, but epoch 2 has 2 steps/],
    ['an epoch beyond the end', { epoch: 3, step: 0 }, /epoch 3, step 0, but there are 2 epochs/],
    ['a step beyond the end', { epoch: 2, step: 1 }, /epoch 2, step 1, but there are 2 epochs/],
  ])('from %s', async (_, from, message) => {
    const { learner, run } = setUp({}, { from });
    await expect(run).rejects.toThrow(message);
    expect(learner.steps).toEqual([]);
  });

  test('but from the end there is nothing left to do', async () => {
    expect(await setUp({}, { from: { epoch: 2, step: 0 } }).run).toEqual([]);
    expect(await setUp({}, { from: { epoch: 1, step: 2 } }).run).toMatchObject([{ kind: 'epoch', epoch: 2 }]);
  });

  test('with a phase of no passes', async () => {
    const learner = new TableLearner([[1]]);
    await expect(collect(trainPhases({ learner, seed: 1 }, [{ epochs: 1, passes: [] }]))).rejects.toThrow(
      /at least one pass/,
    );
  });

  test.each([
    [
      'other outputs',
      new SelfDefinedTarget({ outputs: 3, winners: 1, gamma: 0 }),
      /3 outputs, but the learner has 2/,
    ],
    [
      'single items',
      new SelfDefinedTarget({ outputs: 2, winners: 1, gamma: 0, mode: 'sequential' }),
      /one item a step, not 2/,
    ],
    ['more classes', new LabelTarget([0, 1, 2, 0], 3), /2 outputs cannot be shared evenly by 3 classes/],
  ])('with a rule for %s', async (_, rule, message) => {
    const { learner, run } = setUp({ rule });
    await expect(run).rejects.toThrow(message);
    expect(learner.steps).toEqual([]);
  });

  test('with such a rule in a later phase', async () => {
    const learner = new TableLearner([0, 1, 2, 3].map((i) => [i, 1]));
    for (const cleanWinners of [false, true]) {
      const training = semiSupervised({
        learner,
        labelled: data,
        unlabelled: data,
        target: new SelfDefinedTarget({ outputs: 5, winners: 1, gamma: 0 }),
        cleanWinners,
        pretrainEpochs: 60,
        epochs: 1,
        batchSize: 2,
        labelledBatchSize: 2,
        schedules: { pretraining: constant, unlabelled: constant, labelled: constant },
        seed: 1,
      });
      await expect(collect(training)).rejects.toThrow(/5 outputs, but the learner has 2/);
    }
    expect(learner.steps).toEqual([]);
  });
});

test('an augmentation that changes the number of items is refused', async () => {
  const augment = () => ({ size: 1, width: 1, values: new Float32Array(1) });
  const { learner, run } = setUp({ augment });
  await expect(run).rejects.toThrow(/numbered: an augmentation must keep the 2 items of a batch/);
  expect(learner.steps).toEqual([]);
});
