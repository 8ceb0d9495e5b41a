import { describe, expect, test } from 'vitest';
import type { Settings } from '../../src/run/presets.js';
import { type Evidence, findProblems } from '../../src/run/problems.js';
import { temporaryFolder } from './temporary.js';
import { carryOut, last, tinyConfig, tinySemiSupervised } from './tinyRun.js';

/** Two classes of 500 items, 900 of them answered correctly. */
const good: Evidence = {
  regime: 'unsupervised',
  gamma: 0.4,
  accuracy: { 'association-average': 90, 'linear-classifier': 92 },
  untrained: { 'association-average': 60, 'linear-classifier': 92 },
  byClass: classes([500, 450, 500], [500, 450, 500]),
  neurons: { all: 100, silent: 3 },
};

function classes(...counts: readonly (readonly [items: number, correct: number, answered: number])[]) {
  return counts.map(([items, correct, answered], c) => ({ name: 'abcdefghij'[c], items, correct, answered }));
}

const kinds = (over: Partial<Evidence>) => findProblems({ ...good, ...over }).map(({ kind }) => kind);
const message = (over: Partial<Evidence>) =>
  findProblems({ ...good, ...over })
    .map((each) => each.message)
    .join('\n');

describe('what is wrong with a result', () => {
  test('is nothing where all is well, or nothing was measured', () => {
    expect(findProblems(good)).toEqual([]);
    expect(findProblems({ regime: 'supervised', gamma: 0, accuracy: {}, untrained: {} })).toEqual([]);
  });

  test('silent neurons, of which a few are normal', () => {
    expect(kinds({ neurons: { all: 500, silent: 50 } })).toEqual([]);
    expect(message({ neurons: { all: 500, silent: 481 } })).toMatch(
      /^481 of 500 output neurons are silent.*learning rate/,
    );
    expect(message({ neurons: { all: 500, silent: 500 } })).toMatch(/^All 500 output neurons are silent/);
  });

  test('a trained network that is less accurate than the untrained one', () => {
    const untrained = { 'association-average': 95 };
    expect(message({ untrained })).toMatch(
      /less accurate than the untrained one: association, average 90.0 %, untrained 95.0 %\.$/,
    );
    // 0.5 points of 1000 items are less than one standard error.
    expect(message({ untrained: { 'association-average': 90.5 } })).toMatch(
      /With 1000 test items this may be chance\.$/,
    );
  });

  test('a linear classifier only where it is clearly worse on trained features', () => {
    expect(kinds({ untrained: { 'linear-classifier': 92.5 } })).toEqual([]);
    expect(kinds({ untrained: { 'linear-classifier': 97 } })).toEqual(['below untrained']);
  });

  test('unlabelled items that did not help', () => {
    const few = {
      regime: 'semi-supervised' as const,
      untrained: {},
      byClass: classes([500, 450, 500], [500, 450, 500]),
    };
    expect(kinds({ ...few, accuracy: { test: 90 }, pretrained: { test: 89 } })).toEqual([]);
    expect(message({ ...few, accuracy: { test: 46.2 }, pretrained: { test: 53.8 } })).toMatch(
      /did not help: 46\.2 % with them, 53\.8 % with the labels alone\./,
    );
  });

  test('a class that is never the answer', () => {
    const vanished = classes([500, 500, 750], [250, 250, 250], [250, 0, 0]);
    expect(message({ byClass: vanished, accuracy: { 'association-average': 75 } })).toBe(
      'No test item is answered with "c", although 250 of them belong there.',
    );
    // A class that has no test items cannot be missed.
    expect(kinds({ byClass: classes([500, 450, 500], [500, 450, 500], [0, 0, 0]) })).toEqual([]);
    const many = classes([900, 900, 1000], ...Array.from({ length: 9 }, () => [200, 0, 0] as const));
    expect(message({ byClass: many, accuracy: { 'association-average': 50 } })).toMatch(
      /"b", "c", "d", "e" or 5 other classes/,
    );
  });

  test('an accuracy that a guess would reach', () => {
    expect(kinds({ accuracy: { 'association-average': 52 }, untrained: {} })).toEqual([
      'no better than guessing',
    ]);
    expect(message({ accuracy: { 'association-average': 48 }, untrained: {} })).toMatch(
      /48\.0 % .* is not above .* a guess: answering "a" to everything gives 50\.0 %/,
    );
    expect(kinds({ accuracy: { 'association-average': 54 }, untrained: {} })).toEqual([]);
    // 80 % where 80 % belong to one class.
    const unequal = classes([800, 800, 1000], [200, 0, 0]);
    expect(kinds({ accuracy: { 'association-average': 80 }, byClass: unequal })).toContain(
      'no better than guessing',
    );
  });

  test('very unequal classes, with what homeostasis does to them', () => {
    const byClass = classes([900, 850, 880], [100, 80, 120]);
    const accuracy = { 'association-average': 93 };
    expect(kinds({ byClass, accuracy })).toEqual(['unequal classes']);
    expect(message({ byClass, accuracy })).toMatch(/900 are "a" and 100 "b".*target\.gamma/);
    expect(message({ byClass, accuracy, gamma: 0 })).not.toMatch(/gamma/);
    expect(
      kinds({ byClass: classes([800, 760, 800], [200, 160, 200]), accuracy: { 'association-average': 92 } }),
    ).toEqual([]);
  });

  test('few test items, with the interval they leave', () => {
    // Wilson's interval of 6 in 13, from R's prop.test(6, 13, correct = FALSE).
    const byClass = classes([7, 4, 7], [6, 2, 6]);
    expect(message({ byClass, accuracy: { 'association-average': (100 * 6) / 13 }, untrained: {} })).toMatch(
      /only 13 test items: one more or less is 7\.7 points, .* between 23\.2 % and 70\.9 %/,
    );
  });
});

describe('a run that ends without an error says what is wrong with it', () => {
  const done = async (config = tinyConfig()) => {
    const events = await carryOut({ config, preset: 'digits', out: `${temporaryFolder()}/run` });
    return last(events, 'done');
  };

  test('nothing, where it learned', async () => {
    const { warnings, testItems, accuracy } = await done(
      tinyConfig({ epochs: 20, layers: [64, 60, 150], limit: { train: 800, test: 360 } } as Settings),
    );
    expect(testItems).toBe(360);
    expect(accuracy['association-average']).toBeGreaterThan(50);
    expect(warnings).toEqual([]);
  });

  test('neurons that a learning rate of 1e9 silenced', async () => {
    const { warnings = [] } = await done(tinyConfig({ learningRates: [1e9, 1e9] }));
    expect(warnings.join('\n')).toMatch(/of 40 output neurons are silent|All 40 output neurons are silent/);
    expect(warnings.join('\n')).toMatch(/above that of a guess/);
    expect(warnings.join('\n')).toMatch(/less accurate than the untrained/);
    expect(warnings.join('\n')).toMatch(/No test item is answered with/);
  });

  test('few test items, and unlabelled items that did harm', async () => {
    const config = tinySemiSupervised({
      ...{ limit: { train: 200, test: 40 }, epochs: 4, learningRates: [3, 3] },
      schedule: { shape: 'constant' },
      semi: { pretrainEpochs: 30, pretrainLearningRates: [0.005, 0.005], labelledLearningRates: [0, 0] },
    });
    const { warnings = [], pretrained, accuracy } = await done(config);
    expect(accuracy.test).toBeLessThan(pretrained?.test ?? 0);
    expect(warnings.join('\n')).toMatch(/The unlabelled items did not help/);
    expect(warnings.join('\n')).toMatch(/There are only 40 test items/);
  });
});
