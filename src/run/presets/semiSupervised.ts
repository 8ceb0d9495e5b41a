/** Backpropagation with a few labels: the published networks, and ours. */
import { fewLabelsLogs, fewLabelsPublished } from '../publishedLogs.js';
import type { Preset } from './preset.js';
import { ownSettings, published } from './shared.js';

/** What the published semi-supervised runs share: 784-5000-10, 200 epochs on the labels, 400 on everything. */
const semiSupervised = {
  ...published,
  regime: 'semi-supervised',
  layers: [784, 5000, 10],
  epochs: 400,
  batchSize: 256,
  optimizer: 'adam',
  loss: 'cross-entropy',
  activations: ['identity', 'relu', 'sigmoid'],
  dropout: [0.3, 0.5, 0],
  schedule: { shape: 'linear', from: 0.001, to: 0.18 },
};

/**
 * What all networks with few labels do. That winners come from a clean pass is ours: as listed, the second phase gains
 * less than was published (docs/explanation/semi-supervised.md).
 */
const fromLabels = {
  labelledBatchSize: 32,
  cleanWinners: true,
  pretrainLearningRates: [0.001, 0.003],
  pretrainSchedule: { shape: 'exponential', factor: 0.98 },
};

/**
 * Ours: in the second phase labelled batches have as many items as the others (docs/explanation/semi-supervised.md).
 */
const largeBatches = { pretrainBatchSize: 32, labelledBatchSize: 256 };

export const semiSupervisedPresets: Record<string, Preset> = {
  'semi-digits': {
    summary: 'fifty labels and 1387 digits without, in seconds',
    settings: {
      ...semiSupervised,
      dataset: 'digits',
      layers: [64, 200, 10],
      epochs: 100,
      batchSize: 64,
      activations: ['identity', 'relu', 'identity'],
      dropout: [0.2, 0.5, 0],
      learningRates: [0.002, 0.005],
      schedule: { shape: 'linear', from: 0.01, to: 0.5 },
      target: { winners: 1, gamma: 5, eta: 0.6, smoothing: 0.2 },
      semi: {
        labels: 50,
        pretrainEpochs: 60,
        labelledBatchSize: 16,
        cleanWinners: true,
        pretrainSchedule: { shape: 'exponential', factor: 0.97 },
        labelledSchedule: { shape: 'linear', from: 0.7, to: 0.05 },
      },
    },
  },
  'semi-bp-100': fewLabels(100, [0.0006, 0.0044], 0.1),
  'semi-bp-300': fewLabels(300, [0.0005, 0.004], 0.1),
  'semi-bp-600': fewLabels(600, [0.0001, 0.0025], 0.003, largeBatches),
  'semi-bp-1000': fewLabels(1000, [0.00024, 0.0032], 0.001, largeBatches),
  'semi-bp-3000': fewLabels(3000, [0.0006, 0.0008], 0),
  'semi-bp-100-better': fewLabelsBetter(100),
  'semi-bp-300-better': fewLabelsBetter(300),
  'semi-bp-600-better': fewLabelsBetter(600),
  'semi-bp-1000-better': fewLabelsBetter(1000),
  'semi-bp-3000-better': fewLabelsBetter(3000),
};

/** A published run with that many labels; rates and homeostasis differ between them. */
function fewLabels(labels: number, learningRates: readonly number[], gamma: number, semi = {}): Preset {
  return {
    summary: `paper: ${labels} labels, 784-5000-10, 600 epochs`,
    published: fewLabelsPublished(
      'semi_bp',
      labels,
      gamma,
      'the winners are chosen by a pass without dropout',
    ),
    settings: {
      ...semiSupervised,
      learningRates,
      target: { winners: 1, gamma, eta: 0.6, smoothing: 0 },
      semi: {
        labels,
        pretrainEpochs: 200,
        ...fromLabels,
        // Over all but the last 50 of 400 epochs.
        labelledSchedule: { shape: 'linear', from: 0.72, to: 0.05, until: 0.875 },
        ...semi,
      },
    },
  };
}

/**
 * Our own settings for that many labels: real logits, winners of a clean pass, stronger homeostasis, an unlabelled pass
 * that starts at a high rate and slows down, weaker labelled passes, and a tenth of the epochs on everything.
 */
function fewLabelsBetter(labels: number): Preset {
  return {
    summary: `our own: ${labels} labels, 784-5000-10, 140 epochs`,
    published: [fewLabelsLogs(`semi_bp/${labels}labels`, ownSettings)],
    settings: {
      ...semiSupervised,
      activations: ['identity', 'relu', 'identity'],
      epochs: 40,
      learningRates: [0.0006, 0.0044],
      schedule: { shape: 'linear', from: 0.3, to: 0.03 },
      target: { winners: 1, gamma: 0.2, eta: 0.6, smoothing: 0.2 },
      semi: {
        labels,
        pretrainEpochs: 100,
        ...fromLabels,
        labelledSchedule: { shape: 'linear', from: 0.2, to: 0.02 },
      },
    },
  };
}
