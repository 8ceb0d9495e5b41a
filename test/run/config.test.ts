import { describe, expect, test } from 'vitest';
import { digits } from '../../src/data/digits.js';
import { scheduleFactor } from '../../src/learner/schedule.js';
import { checkConfig } from '../../src/run/config.js';
import { checkAgainstData } from '../../src/run/configChecks.js';
import { ConfigError } from '../../src/run/errors.js';
import { isEvaluated } from '../../src/run/evaluationEpochs.js';
import { findPreset, listPresets, type Settings } from '../../src/run/presets.js';
import { mergeSettings } from '../../src/run/settings.js';

const unsupervised = (over: Settings): Settings =>
  mergeSettings(findPreset('unsupervised-bp-2layer').settings, over);
const supervised = (over: Settings): Settings =>
  mergeSettings(findPreset('supervised-bp-1layer').settings, over);

describe('a configuration', () => {
  test('of every preset is valid and complete', () => {
    for (const { name, settings } of listPresets()) {
      const config = checkConfig(settings, name);
      expect(checkConfig(config)).toEqual(config);
      expect(JSON.stringify(checkConfig(config))).toBe(JSON.stringify(config));
    }
  });

  test('of every preset is told within 80 columns', () => {
    const presets = listPresets();
    const width = Math.max(...presets.map(({ name }) => name.length));
    for (const { summary } of presets) expect(width + 2 + summary.length).toBeLessThanOrEqual(80);
  });

  test('of the published runs has the published numbers', () => {
    const { layers, learningRates, dropout, target, classifier, schedule, batchSize, epochs, initialGain } =
      checkConfig(findPreset('unsupervised-bp-2layer').settings);
    expect({ layers, learningRates, dropout, batchSize, epochs, initialGain }).toEqual({
      ...{ layers: [784, 2000, 2000], learningRates: [2.5, 5], dropout: [0.3, 0.2, 0.2] },
      ...{ batchSize: 16, epochs: 200, initialGain: 0.5 },
    });
    expect(target).toEqual({ winners: 5, gamma: 0.5, eta: 0.6, smoothing: 0, mode: 'batch' });
    expect(classifier).toMatchObject({
      activation: 'sigmoid',
      learningRate: 0.1,
      epochs: 50,
      batchSize: 256,
    });
    expect(schedule).toEqual({ shape: 'linear', from: 1, to: 5e-4 });
  });

  test('takes the sequential mode when batches have one item', () => {
    expect(checkConfig(unsupervised({ batchSize: 1 })).target?.mode).toBe('sequential');
    expect(checkConfig(unsupervised({ batchSize: 1, target: { mode: 'batch' } })).target?.mode).toBe('batch');
  });

  test('allows a rate and a gamma of 0', () => {
    expect(() => checkConfig(unsupervised({ learningRates: [0, 0], target: { gamma: 0 } }))).not.toThrow();
  });

  test('asks for a target without labels, and for none with', () => {
    const withoutTarget = unsupervised({ target: null });
    expect(() => checkConfig(withoutTarget)).toThrow(/target: is missing.*target.winners/);
    expect(() => checkConfig(supervised({ target: { winners: 1, gamma: 0 } }))).toThrow(/--set target=null/);
  });

  test.each<[string, Settings, RegExp]>([
    ['an unknown setting', { classifer: {} }, /unknown setting "classifer"; did you mean "classifier"\?/],
    [
      'an unknown part',
      { target: { winers: 2 } },
      /unknown setting "target.winers"; did you mean "winners"\?/,
    ],
    ['an unknown part of a schedule', { schedule: { form: 2 } }, /unknown setting "schedule.form"/],
    ['an unknown value', { loss: 'msee' }, /loss: "msee" is not known; did you mean "mse"\?/],
    [
      'an unknown activation',
      { activations: ['identity', 'relu', 'gelu'] },
      /activations.2: "gelu" is not known/,
    ],
    ['an unknown data set', { dataset: 'mnits' }, /dataset: .*mnist/],
    ['more winners than outputs', { target: { winners: 2001 } }, /2001 winners.*2000 outputs/],
    ['no winner', { target: { winners: 0 } }, /target.winners: must be at least 1, not 0/],
    [
      'a negative rate',
      { learningRates: [2, -1] },
      /learningRates.1: a learning rate must be at least 0, not -1/,
    ],
    ['an infinite rate', { learningRates: [2, Infinity] }, /learningRates.1/],
    ['a batch of 0', { batchSize: 0 }, /batchSize: must be at least 1, not 0/],
    ['half an epoch', { epochs: 0.5 }, /epochs: must be a whole number/],
    ['dropout of everything', { dropout: [0, 0, 1] }, /dropout.2: dropout must be below 1/],
    ['negative dropout', { dropout: [-0.1, 0, 0] }, /dropout.0: dropout must be at least 0/],
    [
      'too few rates',
      { learningRates: [1] },
      /learningRates: layers has 3 widths, so 2 rates are needed.*not 1/,
    ],
    [
      'too few activations',
      { activations: ['identity'] },
      /activations: layers has 3 widths, so 3 are needed/,
    ],
    ['too few dropouts', { dropout: [0.1] }, /dropout: layers has 3 widths, so 3 are needed/],
    ['a network without layers', { layers: [784] }, /layers: needs at least the width/],
    ['sequential batches', { target: { mode: 'sequential' } }, /set batchSize to 1, not 16/],
    ['no labels to read out with', { readout: { labels: '0%' } }, /readout.labels: "0%"/],
    ['a text for a list', { layers: '64,500' }, /layers: must be a list such as \[1, 2\], not "64,500"/],
    ['a text for a group', { readout: 'all' }, /readout: is a group of settings, as in readout\.key=value/],
    ['a text for a number', { epochs: 'many' }, /epochs: must be a whole number, not "many"/],
    ['a missing setting', { layers: null }, /layers: is missing/],
    ['a negative seed', { seed: -1 }, /seed: must be at least 0/],
  ])('refuses %s', (_, over, message) => {
    expect(() => checkConfig(unsupervised(over))).toThrow(message);
    expect(() => checkConfig(unsupervised(over))).toThrow(ConfigError);
  });

  test('of published equilibrium propagation has the published numbers', () => {
    const { equilibrium, activations, learningRates, schedule, target, classifier } = checkConfig(
      findPreset('unsupervised-ep-2layer').settings,
    );
    expect(equilibrium).toEqual({
      ...{ activation: 'hard-sigmoid', minimizer: 'synchronous', dt: 0.2, freeSteps: 60, nudgedSteps: 20 },
      ...{ estimate: 'one-sided', beta: 0.2 },
    });
    expect({ activations, learningRates, schedule }).toEqual({
      ...{ activations: [], learningRates: [0.01, 0.015] },
      schedule: { shape: 'linear', from: 1, to: 1e-3 },
    });
    expect(target).toEqual({ winners: 4, gamma: 0.65, eta: 0.1, smoothing: 0.3, mode: 'batch' });
    expect(classifier).toMatchObject({ activation: 'sigmoid', learningRate: 0.0045, epochs: 100 });
  });

  test.each<[string, Settings, RegExp]>([
    ['no dynamics', { equilibrium: null }, /equilibrium: is missing.*dt, freeSteps/],
    ['a step size of 0', { equilibrium: { dt: 0 } }, /equilibrium.dt: must be above 0/],
    ['an unknown minimizer', { equilibrium: { minimizer: 'evenodd' } }, /did you mean "even-odd"/],
    ['a nudge of 1', { equilibrium: { beta: 1 } }, /equilibrium.beta: must be below 1/],
    ['activations by layer', { activations: ['identity'] }, /set equilibrium.activation/],
    ['a readout of the input', { layers: [784, 10], loss: 'cross-entropy' }, /loss: cross-entropy reads/],
    ['a readout with dropout', { loss: 'cross-entropy' }, /dropout: with cross-entropy.*last to 0/],
    [
      'dynamics of another learner',
      { learner: 'backprop' },
      /equilibrium: belongs to the learner "equilibrium"/,
    ],
  ])('of equilibrium propagation refuses %s', (_, over, message) => {
    const settings = mergeSettings(findPreset('unsupervised-ep-2layer').settings, over);
    expect(() => checkConfig(settings)).toThrow(message);
  });

  test.each<[string, Settings, RegExp]>([
    ['no semi-supervised settings', { semi: null }, /semi: is missing; a semi-supervised run needs/],
    ['no target', { target: null }, /target: is missing; the regime "semi-supervised" needs/],
    ['a classifier', { classifier: {} }, /classifier: a semi-supervised network needs no classifier/],
    ['labels from two places', { semi: { labelFile: 'a.csv' } }, /semi.labelFile: .*leave out one of them/],
    ['no labels at all', { semi: { labels: 0 } }, /semi.labels: "0" asks for no labels/],
    [
      'too few rates of the labelled pass',
      { semi: { labelledLearningRates: [1] } },
      /semi.labelledLearningRates: layers has 3 widths, so 2 rates are needed, not 1/,
    ],
    [
      'them elsewhere',
      { regime: 'unsupervised', labelSmoothing: null },
      /semi: belongs to the regime "semi-supervised"/,
    ],
  ])('of a semi-supervised run refuses %s', (_, over, message) => {
    const { settings } = findPreset('semi-bp-600');
    expect(() => checkConfig(mergeSettings(settings, over))).toThrow(message);
  });

  test('of the published convolutional run has the published numbers', () => {
    const config = checkConfig(findPreset('unsupervised-bp-cnn-mnist').settings);
    const { conv, layers, learningRates, dropout, target, classifier, schedule, epochs } = config;
    expect({ layers, learningRates, dropout, epochs }).toEqual({
      ...{ layers: [2000], learningRates: [2e-6, 2e-6, 1e-4], dropout: [0.2, 0.3], epochs: 50 },
    });
    expect(conv).toEqual({
      ...{ image: [28, 28], channels: [1, 32, 128], kernel: [5, 3], stride: 1, padding: 'same' },
      ...{ pool: 'av', poolSize: 4, poolStride: 2, poolPadding: 1, prune: 0.5 },
    });
    expect(target).toMatchObject({ winners: 1, gamma: 1 });
    // From 1 to 0.01 over 100 epochs, and the rate halved seven times.
    expect(scheduleFactor(schedule, 49, epochs)).toBeCloseTo(1 - (0.99 * 49) / 100, 10);
    expect(scheduleFactor(classifier?.schedule ?? schedule, 49, 50)).toBe(2 ** -7);
  });

  test.each<[string, Settings, RegExp]>([
    [
      'a kernel larger than its map',
      { conv: { kernel: 40, padding: 0 } },
      /conv: kernel 1: 40 x 40 does not fit the 28 x 28 map/,
    ],
    ['a pool padded by more than half', { conv: { poolPadding: 3 } }, /conv: pool 1: a padding of 3 is more/],
    ['no block', { conv: { channels: [1] } }, /conv.channels: needs the channels of the items/],
    [
      'a block without a rate',
      { conv: { channels: [1, 8, 8, 8] } },
      /learningRates: conv has 3 blocks and layers has 1 widths, so 4 rates are needed.*not 3/,
    ],
    [
      'a block without an activation',
      { conv: { channels: [1, 8] }, learningRates: [1, 1] },
      /activations: conv has 1 blocks and layers has 1 widths, so 3 are needed \(input, conv/,
    ],
    ['competition of outputs', { activations: ['identity', 'relu', 'relu', 'wta'] }, /activations.3: wta is/],
    [
      'dropout within',
      { dropout: [0, 0.2, 0.3] },
      /so 2 are needed \(flattened maps, hidden, output\), not 3/,
    ],
    ['a pool of another kind', { conv: { pool: 'mean' } }, /conv.pool: "mean" is not known/],
    ['everything pruned', { conv: { prune: 1 } }, /conv.prune: must be below 1/],
  ])('with convolutions refuses %s', (_, over, message) => {
    const { settings } = findPreset('unsupervised-bp-cnn-mnist');
    expect(() => checkConfig(mergeSettings(settings, over))).toThrow(message);
  });

  test('with convolutions must fit the images', () => {
    const { train } = digits();
    const { settings } = findPreset('unsupervised-bp-cnn-mnist');
    expect(() => checkAgainstData(checkConfig({ ...settings, dataset: 'digits' }), train)).toThrow(
      /takes items of 28 x 28 x 1.*those of digits are 8 x 8 x 1; set conv.image to \[8, 8\] and conv.channels to \[1, 32, 128\]/,
    );
  });

  test('must fit the data set', () => {
    const { train } = digits();
    const config = checkConfig(unsupervised({ dataset: 'digits' }));
    expect(() => checkAgainstData(config, train)).toThrow(
      /an item of digits has 64 values.*\[64,2000,2000\]/,
    );
    const features = { ...train, shape: [64] };
    const flipped = checkConfig(unsupervised({ dataset: 'table.csv', layers: [64, 2000, 2000], flip: true }));
    expect(() => checkAgainstData(flipped, features)).toThrow(
      /flip: mirrors images, but an item of table.csv is 64/,
    );
    const odd = checkConfig(supervised({ dataset: 'digits', layers: [64, 2004] }));
    expect(() => checkAgainstData(odd, train)).toThrow(/10 classes.*layers=\[64,2000\]/);
  });
});

test('readouts become rarer, as in the published curves', () => {
  const evaluated = Array.from({ length: 130 }, (_, i) => i + 1).filter((n) =>
    isEvaluated('thinning', n, 130),
  );
  expect(evaluated).toEqual([1, 2, 3, 5, 10, 15, 20, 30, 40, 50, 75, 100, 130]);
  expect(isEvaluated('last', 129, 130)).toBe(false);
  expect(isEvaluated('last', 130, 130)).toBe(true);
  expect(isEvaluated('every', 7, 130)).toBe(true);
});
