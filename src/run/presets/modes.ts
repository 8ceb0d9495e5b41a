/** Batch and sequential mode, compared. */
import type { Preset, Settings } from './preset.js';
import { classifier, ownSettings, published } from './shared.js';

export const modePresets: Record<string, Preset> = {
  'modes-bp-1layer-batch': mode('one layer, batches of 16', 'BP_1layer_batch', {
    layers: [784, 1000],
    learningRates: [4],
    target: { winners: 4, gamma: 0.4 },
  }),
  'modes-bp-1layer-sequential': mode('one layer, one item at a time', 'BP_1layer_sequential', {
    layers: [784, 1000],
    learningRates: [0.4],
    batchSize: 1,
    target: { winners: 4, gamma: 0.05, eta: 0.6 },
  }),
  'modes-bp-2layer-batch': mode('two layers, batches of 16', 'BP_2layers_batch', {
    layers: [784, 500, 500],
    learningRates: [0.4, 6],
    target: { winners: 2, gamma: 0.4 },
  }),
  'modes-bp-2layer-sequential': mode('two layers, one item at a time', 'BP_2layers_sequential', {
    layers: [784, 500, 500],
    learningRates: [0.03, 0.5],
    batchSize: 1,
    target: { winners: 2, gamma: 0.05, eta: 0.6 },
  }),
};

/**
 * A run for the published comparison of batch and sequential mode, which names no settings: 60 epochs on MNIST with
 * small networks and rates of our own.
 */
function mode(
  summary: string,
  log: string,
  { layers, ...settings }: Settings & { layers: readonly number[] },
): Preset {
  const hidden = layers.slice(1, -1);
  return {
    summary: `${summary}, 60 epochs`,
    published: [{ key: `mode_compare/${log}`, differs: ownSettings }],
    settings: {
      ...published,
      regime: 'unsupervised',
      layers,
      epochs: 60,
      batchSize: 16,
      dropout: [0.3, ...hidden.map(() => 0.2), 0.2],
      activations: ['identity', ...hidden.map(() => 'relu'), 'hard-sigmoid'],
      classifier: { ...classifier, activation: hidden.length > 0 ? 'sigmoid' : 'identity' },
      ...settings,
    },
  };
}
