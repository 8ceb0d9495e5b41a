import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { classifierOn } from '../../src/wasm/classifier.js';
import { type Compute, createCompute } from '../../src/wasm/compute/compute.js';
import { UNLABELLED } from '../../src/data/dataSet.js';
import type { Outputs } from '../../src/learner/learner.js';
import {
  associate,
  associationAccuracy,
  type ClassifierOptions,
  labelAccuracy,
  linearClassifier,
  NO_CLASS,
  outputFeatures,
} from '../../src/readout/index.js';
import { testRandom } from '../wasm/compute/reference.js';
import { numbered, TableLearner } from '../regimes/fakes.js';

describe('association', () => {
  test('gives each neuron the class with its largest mean output, not its largest sum', async () => {
    // Class 0 has three items, so neuron 0 sums to more for it, but means more to class 1.
    const learner = new TableLearner([
      [0.4, 0.9],
      [0.4, 0.8],
      [0.4, 0.7],
      [1, 0.1],
    ]);
    const { classes, classOf } = await associate(learner, numbered([0, 0, 0, 1], 2));
    expect([classes, [...classOf]]).toEqual([2, [1, 0]]);
  });

  test('leaves a neuron that never answers, and a class that no neuron prefers, without each other', async () => {
    const learner = new TableLearner([
      [1, 0, 0.2],
      [0.5, 0, 0.6],
      [0.1, 0, 0],
    ]);
    const { classOf } = await associate(learner, numbered([0, 1, 2], 3));
    expect([...classOf]).toEqual([0, NO_CLASS, 1]);
  });

  test('of equal means takes the lower class', async () => {
    const { classOf } = await associate(new TableLearner([[0.5], [0.5]]), numbered([0, 1], 2));
    expect([...classOf]).toEqual([0]);
  });

  test('gives a neuron with only negative means the class with the largest of them', async () => {
    // docs/explanation/method.md, "Reading classes out": none belongs only to one whose means are all 0.
    const { classOf } = await associate(new TableLearner([[-2], [-1]]), numbered([0, 1], 2));
    expect([...classOf]).toEqual([1]);
  });

  test('ignores items without a label, wherever they stand', async () => {
    const learner = new TableLearner([
      [9, 0],
      [0.1, 0.4],
      [9, 9],
      [0.2, 0.1],
    ]);
    const { classOf } = await associate(learner, numbered([UNLABELLED, 0, UNLABELLED, 1], 2));
    expect([...classOf]).toEqual([1, 0]);
  });

  test('reads data sets of more than one batch', async () => {
    const labels = Array.from({ length: 256 }, (_, i) => (i * 7) % 5);
    const rows = labels.map((label) => [0, 1, 2, 3, 4].map((c) => (c === (label + 1) % 5 ? 1 : 0.1)));
    const { classOf } = await associate(new TableLearner(rows), numbered(labels, 5));
    expect([...classOf]).toEqual([4, 0, 1, 2, 3]);
    const learner = new TableLearner(rows);
    const accuracy = await associationAccuracy(learner, { classes: 5, classOf }, numbered(labels, 5));
    expect(accuracy).toMatchObject({ average: 100, max: 100 });
  });
});

describe('association accuracy', () => {
  const association = { classes: 3, classOf: Int32Array.of(0, 0, 1, NO_CLASS) };

  test('averages over the neurons of a class, or asks the most active one', async () => {
    // Item 0: means 0.5 and 0.6, so average says class 1, max says class 0.
    const learner = new TableLearner([
      [0.9, 0.1, 0.6, 0],
      [0.9, 0.1, 0.6, 0],
      [0.2, 0.2, 0.1, 0],
      [0, 0, 0.1, 0],
    ]);
    const accuracy = await associationAccuracy(learner, association, numbered([1, 0, 0, 1], 3));
    expect(accuracy).toMatchObject({ average: 75, max: 75 });
    // By class: item 1 is of class 0 and answered with class 1.
    expect(accuracy.confusion.map((row) => [...row])).toEqual([
      [1, 1, 0],
      [0, 2, 0],
      [0, 0, 0],
    ]);
    const first = await associationAccuracy(learner, association, numbered([1], 3));
    expect(first).toMatchObject({ average: 100, max: 0 });
  });

  test('does not listen to neurons without a class', async () => {
    const learner = new TableLearner([[0.1, 0.1, 0.2, 9]]);
    expect(await associationAccuracy(learner, association, numbered([1], 3))).toMatchObject({
      average: 100,
      max: 100,
    });
  });

  test('never answers a class without neurons, even when all are silent', async () => {
    const learner = new TableLearner([[0, 0, 0, 0]]);
    expect(await associationAccuracy(learner, association, numbered([2], 3))).toMatchObject({
      average: 0,
      max: 0,
    });
  });

  test('is a share of the labelled items only', async () => {
    const learner = new TableLearner([
      [1, 1, 0, 0],
      [1, 1, 0, 0],
    ]);
    const data = numbered([0, UNLABELLED], 3);
    expect(await associationAccuracy(learner, association, data)).toMatchObject({ average: 100, max: 100 });
  });

  test('does not take "no neuron has a class" for the right answer to "no label"', async () => {
    const learner = new TableLearner([
      [1, 1],
      [1, 1],
    ]);
    const nobody = { classes: 2, classOf: Int32Array.of(NO_CLASS, NO_CLASS) };
    const { max } = await associationAccuracy(learner, nobody, numbered([UNLABELLED, 1], 2));
    expect(max).toBe(0);
  });
});

describe('label accuracy', () => {
  test('asks which class owns the most active output', async () => {
    const learner = new TableLearner([
      [0, 0.2, 0.1, 0],
      [0, 0, 0.1, 0.2],
      [0.3, 0, 0, 0.2],
      [0, 0, 0, 0],
    ]);
    expect(await labelAccuracy(learner, numbered([0, 1, 1, 0], 2))).toBe(75);
  });

  test('is a share of the labelled items only', async () => {
    const learner = new TableLearner([
      [1, 0],
      [1, 0],
    ]);
    expect(await labelAccuracy(learner, numbered([0, UNLABELLED], 2))).toBe(100);
  });
});

describe('the linear classifier', () => {
  let compute: Compute;
  beforeAll(async () => {
    compute = await createCompute({ threads: 1 });
  });
  afterAll(() => compute.dispose());

  const options: ClassifierOptions = {
    activation: 'identity',
    learningRate: 0.1,
    epochs: 30,
    optimizer: 'adam',
    dropout: 0,
    labelSmoothing: 0,
    schedule: { shape: 'constant' },
    batchSize: 16,
  };

  /** Three classes along three directions of four outputs, which overlap but can be told apart. */
  function toy(items: number, seed: number) {
    const random = testRandom(seed);
    const centres = [
      [0.8, 0.2, 0, 0],
      [0.2, 0.8, 0.6, 0],
      [0, 0.2, 0.6, 0.8],
    ];
    const labels = Array.from({ length: items }, (_, i) => i % 3);
    return { labels, rows: labels.map((c) => centres[c].map((v) => v + 0.2 * random())) };
  }

  test('separates what a line can separate, and reports every epoch', async () => {
    const { labels, rows } = toy(90, 1);
    const epochs: number[] = [];
    const data = numbered(labels, 3);
    const result = await linearClassifier(
      classifierOn(compute),
      new TableLearner(rows),
      data,
      data,
      options,
      {
        seed: 1,
        onEpoch: (epoch) => {
          epochs.push(epoch);
        },
        isMeasured: (epoch) => epoch === 1 || epoch === 30,
      },
    );
    expect(result).toEqual({ accuracy: 100, trainAccuracy: 100, curve: { 1: expect.any(Number), 30: 100 } });
    expect(epochs).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
  });

  test('is no better than chance on labels that mean nothing', async () => {
    const random = testRandom(3);
    const rows = Array.from({ length: 240 }, () => [random(), random()]);
    const labels = rows.map(() => Math.floor(3 * random()));
    const data = numbered(labels, 3);
    const result = await linearClassifier(
      classifierOn(compute),
      new TableLearner(rows),
      data,
      data,
      options,
      { seed: 1 },
    );
    expect(result.accuracy).toBeLessThan(55);
  });

  test('ignores items without a label, in training and in testing', async () => {
    const { labels, rows } = toy(90, 2);
    // Every second item's row is nonsense, and it has no label.
    const mixed = numbered(
      labels.map((label, i) => (i % 2 ? UNLABELLED : label)),
      3,
    );
    const nonsense = rows.map((row, i) => (i % 2 ? [50, -50, 50, -50] : row));
    const learner = new TableLearner(nonsense);
    const result = await linearClassifier(classifierOn(compute), learner, mixed, mixed, options, { seed: 1 });
    expect(result).toEqual({ accuracy: 100, trainAccuracy: 100, curve: {} });
  });

  test('learns from the outputs as they are', async () => {
    const rows = [
      [0, 0.5, 0],
      [-1, 0, 2],
      [0, 0, 0],
      [7, 7, 7],
    ];
    const features = await outputFeatures(new TableLearner(rows), numbered([1, 0, 1, UNLABELLED], 2));
    expect([features.length, features.width, [...features.labels]]).toEqual([3, 3, [1, 0, 1]]);
    const read = (index: number): number[] => {
      const out = new Float32Array(5).fill(9);
      features.read(index, out, 1);
      return [...out];
    };
    expect([0, 1, 2].map(read)).toEqual([
      [9, 0, 0.5, 0, 9],
      [9, -1, 0, 2, 9],
      [9, 0, 0, 0, 9],
    ]);
  });

  test('is the network that its options describe, and is disposed in the end', async () => {
    const { labels, rows } = toy(30, 5);
    const data = numbered(labels, 3);
    const made: unknown[] = [];
    let disposed = 0;
    const wanted = { ...options, epochs: 2, dropout: 0.4, activation: 'sigmoid', learningRate: 0.3 } as const;
    const result = await linearClassifier(
      (outputs, classes, of, seed) => {
        made.push([outputs, classes, of.activation, of.dropout, of.optimizer, of.learningRate, seed]);
        const classifier = classifierOn(compute)(outputs, classes, of, seed);
        return {
          inputs: outputs,
          outputs: classes,
          predict: (x) => classifier.predict(x),
          step: (x, rule, at) => classifier.step(x, rule, at),
          state: () => classifier.state(),
          load: (state) => classifier.load(state),
          dispose: () => {
            disposed++;
            return classifier.dispose?.();
          },
        };
      },
      new TableLearner(rows),
      data,
      data,
      wanted,
      { seed: 9 },
    );
    expect(result.curve).toEqual({});
    expect(made).toEqual([[4, 3, 'sigmoid', 0.4, 'adam', 0.3, 9]]);
    expect(disposed).toBe(1);
  });

  test('drops its inputs in training, as many as it was told', async () => {
    const inputs = 400;
    const items = { size: 1, width: inputs, values: new Float32Array(inputs).fill(1) };
    const rule = { write: (_: Outputs, d: Float32Array) => d.set([1, 0, 0]) };
    for (const dropout of [0, 0.4]) {
      const of = { activation: 'identity', optimizer: 'sgd', learningRate: 1, dropout } as const;
      const classifier = classifierOn(compute)(inputs, 3, of, 1);
      const weights = async () => (await classifier.state()).get('layer1.weight')?.data ?? [];
      const before = await weights();
      await classifier.step(items, rule, { step: 0, rate: 1 });
      const after = await weights();
      // What was dropped teaches nothing.
      const still = Array.from({ length: inputs }, (_, k) => k).filter((k) => after[k] === before[k]).length;
      expect(Math.abs(still - dropout * inputs)).toBeLessThanOrEqual(dropout === 0 ? 0 : 50);
      await classifier.dispose?.();
    }
  });

  test('stops with the reason when it is aborted', async () => {
    const { labels, rows } = toy(30, 4);
    const data = numbered(labels, 3);
    const controller = new AbortController();
    const result = linearClassifier(classifierOn(compute), new TableLearner(rows), data, data, options, {
      seed: 1,
      signal: controller.signal,
      onEpoch: (epoch) => {
        if (epoch === 2) controller.abort(new Error('enough'));
      },
    });
    await expect(result).rejects.toThrow('enough');
  });
});
