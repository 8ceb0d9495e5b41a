/** Backpropagation without labels: the built-in digits, the published networks, and ours. */
import { unlabelled } from '../publishedLogs.js';
import type { Preset, Settings } from './preset.js';
import { classifier, ownSettings, published } from './shared.js';

/** The published network of one layer without labels. */
const oneLayer = {
  ...published,
  regime: 'unsupervised',
  layers: [784, 2000],
  epochs: 200,
  batchSize: 16,
  learningRates: [8],
  dropout: [0.3, 0.2],
  activations: ['identity', 'hard-sigmoid'],
  target: { winners: 6, gamma: 0.4, eta: 0.6, smoothing: 0 },
  classifier: { ...classifier, activation: 'identity' },
};

export const unsupervisedPresets: Record<string, Preset> = {
  digits: {
    summary: 'no labels, the built-in digits, in seconds',
    settings: {
      ...published,
      regime: 'unsupervised',
      dataset: 'digits',
      layers: [64, 500],
      epochs: 100,
      batchSize: 16,
      learningRates: [10],
      dropout: [0.1, 0.1],
      activations: ['identity', 'hard-sigmoid'],
      target: { winners: 5, gamma: 0.4, eta: 0.6, smoothing: 0 },
      classifier: { ...classifier, activation: 'identity', learningRate: 0.01, batchSize: 64 },
      // Ten labels a class: few enough to show what was learned without any.
      readout: { labels: 100, evaluate: 'thinning', untrained: 'all' },
    },
  },
  'unsupervised-bp-1layer': {
    summary: 'paper: no labels, 784-2000, 200 epochs',
    settings: oneLayer,
    published: unlabelled('bp_1layer'),
  },
  // With more of each image to see it learns as much in fewer epochs.
  'unsupervised-bp-1layer-better': {
    summary: 'our own: no labels, 784-2000, 30 epochs',
    settings: { ...oneLayer, epochs: 30, dropout: [0.05, 0.2] },
    published: unlabelled('bp_1layer', ownSettings),
  },
  'unsupervised-bp-2layer': {
    summary: 'paper: no labels, 784-2000-2000, 200 epochs',
    published: unlabelled('bp_2layer'),
    settings: {
      ...published,
      regime: 'unsupervised',
      layers: [784, 2000, 2000],
      epochs: 200,
      batchSize: 16,
      learningRates: [2.5, 5],
      dropout: [0.3, 0.2, 0.2],
      activations: ['identity', 'relu', 'hard-sigmoid'],
      target: { winners: 5, gamma: 0.5, eta: 0.6, smoothing: 0 },
      classifier: { ...classifier, activation: 'sigmoid' },
    },
  },
  'unsupervised-bp-cnn-mnist': convolutional('MNIST', 50, 'mnist', {
    dataset: 'mnist',
    layers: [2000],
    learningRates: [2e-6, 2e-6, 1e-4],
    dropout: [0.2, 0.3],
    conv: { image: [28, 28], channels: [1, 32, 128], pool: 'av', prune: 0.5 },
  }),
  'unsupervised-bp-cnn-fashion': convolutional('Fashion-MNIST', 20, 'fashionMnist', {
    dataset: 'fashion-mnist',
    layers: [3000],
    learningRates: [5e-7, 2.5e-8, 2.5e-6],
    dropout: [0.2, 0.8],
    conv: { image: [28, 28], channels: [1, 32, 128], pool: 'max', prune: 0.5 },
  }),
  'unsupervised-bp-cnn-svhn': convolutional('SVHN', 40, 'svhn', {
    dataset: 'svhn',
    layers: [3000],
    learningRates: [5.8e-9, 4.4e-9, 1.5e-7],
    dropout: [0.19, 0.25],
    conv: { image: [32, 32], channels: [3, 32, 128], pool: 'max', prune: 0.11 },
  }),
  'unsupervised-bp-cnn-cifar10': convolutional('CIFAR-10', 40, undefined, {
    dataset: 'cifar10',
    layers: [5000],
    batchSize: 10,
    learningRates: [3.3e-6, 7e-7, 8e-5],
    dropout: [0.3, 0.5],
    conv: { image: [32, 32], channels: [3, 96, 384], pool: 'max', prune: 0.8 },
    activations: ['identity', 'wta', 'wta', 'identity'],
  }),
};

/** A published convolutional network without labels. */
function convolutional(
  images: string,
  epochs: number,
  log: string | undefined,
  { layers, ...settings }: Settings & { layers: readonly number[] },
): Preset {
  return {
    summary: `paper: ${images}, no labels, CNN-${layers[0]}`,
    ...(log !== undefined && { published: [{ key: `unsupervised_cnn/${log}` }] }),
    settings: {
      ...published,
      regime: 'unsupervised',
      layers,
      epochs,
      batchSize: 16,
      optimizer: 'adam',
      activations: ['identity', 'relu', 'relu', 'identity'],
      target: { winners: 1, gamma: 1, eta: 0.6, smoothing: 0 },
      // Published over 100 epochs, of which the runs take the first ones.
      schedule: { shape: 'linear', from: 1, to: 0.01, until: 100 / epochs },
      classifier: {
        ...classifier,
        activation: 'identity',
        schedule: { shape: 'steps', factor: 0.5, milestones: [0.2, 0.35, 0.5, 0.6, 0.7, 0.8, 0.9] },
        online: true,
      },
      ...settings,
    },
  };
}
