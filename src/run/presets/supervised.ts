/** Backpropagation with all labels. */
import type { Preset, Settings } from './preset.js';
import { published } from './shared.js';

export const supervisedPresets: Record<string, Preset> = {
  // Five rates are published for these four layers of weights; see docs/explanation/convolutional.md.
  'supervised-bp-cnn-mnist': supervisedConvolutional('MNIST', 'mnist', {
    dataset: 'mnist',
    learningRates: [0.06, 0.003, 2e-5, 0.0006],
    dropout: [0.2, 0.6, 0],
    conv: { image: [28, 28], channels: [1, 32, 128], pool: 'max', prune: 0 },
  }),
  'supervised-bp-cnn-fashion': supervisedConvolutional('Fashion-MNIST', 'fashionMnist', {
    dataset: 'fashion-mnist',
    learningRates: [0.0002, 0.005, 0.0007, 0.0003],
    dropout: [0.3, 0.3, 0],
    conv: { image: [28, 28], channels: [1, 32, 128], pool: 'max', prune: 0.2 },
  }),
  'supervised-bp-cnn-svhn': supervisedConvolutional('SVHN', 'svhn', {
    dataset: 'svhn',
    learningRates: [0.00023, 0.00024, 0.0001, 0.00023],
    dropout: [0.35, 0.35, 0],
    conv: { image: [32, 32], channels: [3, 32, 128], pool: 'max', prune: 0 },
  }),
  'supervised-bp-1layer': {
    summary: 'paper: all labels, 784-2000, 100 epochs',
    published: [{ key: 'supervised_bp/1layer/results' }],
    settings: {
      ...published,
      regime: 'supervised',
      layers: [784, 2000],
      epochs: 100,
      batchSize: 128,
      learningRates: [5],
      // Follows the published curve; a rate that falls to zero ends 0.3 below it.
      schedule: { shape: 'constant' },
      dropout: [0.15, 0],
      activations: ['identity', 'hard-sigmoid'],
    },
  },
  'supervised-bp-2layer': {
    summary: 'paper: all labels, 784-2000-2000, 200 epochs',
    published: [{ key: 'supervised_bp/2layer/results' }],
    settings: {
      ...published,
      regime: 'supervised',
      layers: [784, 2000, 2000],
      epochs: 200,
      batchSize: 128,
      learningRates: [2, 5],
      // As with one layer: the published curve is that of a rate that does not fall.
      schedule: { shape: 'constant' },
      dropout: [0.15, 0.2, 0],
      activations: ['identity', 'relu', 'hard-sigmoid'],
    },
  },
};

/** A published convolutional network with labels: two fully connected layers and cross-entropy. */
function supervisedConvolutional(images: string, log: string, settings: Settings): Preset {
  return {
    summary: `paper: ${images}, all labels, CNN-3000-10`,
    published: [
      {
        key: `supervised_cnn/${log}/results`,
        differs: 'one of the five learning rates has no layer to go to',
      },
    ],
    settings: {
      ...published,
      regime: 'supervised',
      layers: [3000, 10],
      epochs: 100,
      batchSize: 256,
      optimizer: 'adam',
      loss: 'cross-entropy',
      activations: ['identity', 'relu', 'relu', 'relu', 'identity'],
      ...settings,
    },
  };
}
