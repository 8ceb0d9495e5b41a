/** The published runs with equilibrium propagation, and the same with a faster way to the equilibrium. */
import { fewLabelsPublished, unlabelled } from '../publishedLogs.js';

const published = {
  dataset: 'mnist',
  learner: 'equilibrium',
  optimizer: 'sgd',
  loss: 'mse',
  initialGain: 0.5,
  readout: { labels: '100%', evaluate: 'thinning' },
};

const dynamics = { dt: 0.2, estimate: 'one-sided', minimizer: 'synchronous' };

/** Layers in turn, each to its minimum, until nothing moves by more than this. */
const fast = { dt: 1, minimizer: 'even-odd', tolerance: 1e-3 };

/** Two layers of states come to rest sooner when each goes beyond its minimum (docs/explanation/equilibrium.md). */
const overRelaxed = { ...fast, dt: 1.25, tolerance: 3e-4 };

const untilSettled = 'layers settle in turn, up to a tolerance';

const classifier = {
  activation: 'sigmoid',
  epochs: 100,
  batchSize: 256,
  optimizer: 'adam',
  dropout: 0.2,
  labelSmoothing: 0,
  schedule: { shape: 'linear', from: 1, to: 0.9 },
};

const unsupervised = {
  ...published,
  regime: 'unsupervised',
  epochs: 100,
  schedule: { shape: 'linear', from: 1, to: 1e-3 },
};

const oneLayer = {
  ...unsupervised,
  layers: [784, 2000],
  batchSize: 16,
  learningRates: [0.03],
  dropout: [0.3, 0.2],
  target: { winners: 5, gamma: 0.3, eta: 0.1, smoothing: 0.3 },
  equilibrium: { ...dynamics, freeSteps: 40, nudgedSteps: 10, beta: 0.2 },
  classifier: { ...classifier, learningRate: 0.0022 },
};

const twoLayers = {
  ...unsupervised,
  layers: [784, 2000, 2000],
  batchSize: 32,
  learningRates: [0.01, 0.015],
  dropout: [0.3, 0, 0.2],
  target: { winners: 4, gamma: 0.65, eta: 0.1, smoothing: 0.3 },
  equilibrium: { ...dynamics, freeSteps: 60, nudgedSteps: 20, beta: 0.2 },
  classifier: { ...classifier, learningRate: 0.0045 },
};

const twoLayersFast = { ...twoLayers, equilibrium: { ...twoLayers.equilibrium, ...overRelaxed } };

const supervised = {
  ...published,
  regime: 'supervised',
  batchSize: 128,
  schedule: { shape: 'constant' },
};

/** A semi-supervised run with that many labels; rates, homeostasis and input dropout differ between them. */
function fewLabels(
  labels: number,
  learningRates: readonly number[],
  gamma: number,
  inputDropout: number,
  summary: string,
  dynamic: object,
  differs?: string,
) {
  return {
    summary: `${summary}: ${labels} labels, EP, 784-5000-10, 300 epochs`,
    published: fewLabelsPublished('semi_ep', labels, gamma, differs),
    settings: {
      ...published,
      regime: 'semi-supervised',
      layers: [784, 5000, 10],
      epochs: 200,
      batchSize: 128,
      optimizer: 'adam',
      loss: 'cross-entropy',
      learningRates,
      dropout: [inputDropout, 0.5, 0],
      schedule: { shape: 'linear', from: 0.001, to: 0.1 },
      target: { winners: 1, gamma, eta: 0.1, smoothing: 0.3 },
      // The published list has it for the network's own target only; the published first phase is that of both.
      labelSmoothing: 0.3,
      equilibrium: { ...dynamics, freeSteps: 60, nudgedSteps: 10, beta: 0.45, ...dynamic },
      semi: {
        labels,
        pretrainEpochs: 100,
        labelledBatchSize: 32,
        pretrainLearningRates: [0.001, 0.0035],
        pretrainSchedule: { shape: 'exponential', factor: 0.96 },
        labelledSchedule: { shape: 'linear', from: 0.2, to: 0.03 },
      },
    },
  };
}

const semiSupervised = (
  [
    [100, [0.0004, 0.009], 0.1, 0.3],
    [300, [0.00015, 0.001], 0.1, 0.2],
    [600, [0.00018, 0.001], 0.01, 0.3],
    [1000, [0.00016, 0.0063], 0.001, 0.3],
    [3000, [0.00013, 0.006], 0.001, 0.3],
  ] as const
).flatMap(([labels, rates, gamma, dropout]) => [
  [`semi-ep-${labels}`, fewLabels(labels, rates, gamma, dropout, 'paper', {})] as const,
  [`semi-ep-${labels}-fast`, fewLabels(labels, rates, gamma, dropout, 'fast', fast, untilSettled)] as const,
]);

/** A network for comparing batch with sequential mode; the paper tells results, not settings. */
function mode(
  summary: string,
  log: string,
  base: typeof oneLayer,
  over: { target: object; [setting: string]: unknown },
) {
  return {
    summary: `${summary}, EP, 30 epochs`,
    published: [{ key: `mode_compare/${log}`, differs: 'settings of our own' }],
    settings: { ...base, epochs: 30, ...over, target: { ...base.target, ...over.target } },
  };
}

export const equilibriumPresets = {
  ...Object.fromEntries(semiSupervised),
  'unsupervised-ep-1layer': {
    summary: 'paper: no labels, EP, 784-2000, 100 epochs',
    settings: oneLayer,
    published: unlabelled('ep_1layer'),
  },
  'unsupervised-ep-2layer': {
    summary: 'paper: no labels, EP, 784-2000-2000, 100 epochs',
    settings: twoLayers,
    published: unlabelled('ep_2layer'),
  },
  'unsupervised-ep-2layer-fast': {
    summary: 'the same with even-odd updates up to a tolerance',
    settings: twoLayersFast,
    published: unlabelled('ep_2layer', untilSettled),
  },
  'modes-ep-1layer-batch': mode('one layer, batches of 16', 'EP_1layer_batch', oneLayer, {
    layers: [784, 1000],
    target: { winners: 3 },
  }),
  'modes-ep-1layer-sequential': mode('one layer, one item at a time', 'EP_1layer_sequential', oneLayer, {
    layers: [784, 1000],
    learningRates: [0.003],
    batchSize: 1,
    target: { winners: 3, gamma: 0.03 },
  }),
  'modes-ep-2layer-batch': mode('two layers, batches of 32', 'EP_2layers_batch', twoLayersFast, {
    layers: [784, 500, 500],
    learningRates: [0.02, 0.03],
    target: { winners: 2 },
  }),
  'modes-ep-2layer-sequential': mode(
    'two layers, one item at a time',
    'EP_2layers_sequential',
    twoLayersFast,
    {
      layers: [784, 500, 500],
      learningRates: [0.0007, 0.001],
      batchSize: 1,
      target: { winners: 2, gamma: 0.1 },
    },
  ),
  'supervised-ep-1layer': {
    summary: 'paper: all labels, EP, 784-10, 50 epochs',
    settings: {
      ...supervised,
      layers: [784, 10],
      epochs: 50,
      learningRates: [0.1],
      dropout: [0.15, 0],
      equilibrium: { ...dynamics, freeSteps: 40, nudgedSteps: 5, beta: 0.45 },
    },
  },
  'supervised-ep-2layer': {
    summary: 'paper: all labels, EP, 784-512-10, 100 epochs',
    settings: {
      ...supervised,
      layers: [784, 512, 10],
      epochs: 100,
      learningRates: [0.1, 0.05],
      dropout: [0.15, 0, 0],
      labelSmoothing: 0.3,
      equilibrium: { ...dynamics, freeSteps: 60, nudgedSteps: 10, beta: 0.45 },
    },
  },
};
