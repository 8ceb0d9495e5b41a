/** What presets of several regimes share. */

const linearDecay = { shape: 'linear', from: 1, to: 5e-4 };

/** What the published multi-layer perceptrons share. */
export const published = {
  dataset: 'mnist',
  learner: 'backprop',
  optimizer: 'sgd',
  loss: 'mse',
  initialGain: 0.5,
  schedule: linearDecay,
  readout: { labels: '100%', evaluate: 'thinning' },
};

/** The published linear classifier; only its activation differs between the networks. */
export const classifier = {
  learningRate: 0.1,
  epochs: 50,
  optimizer: 'adam',
  dropout: 0.2,
  labelSmoothing: 0,
  schedule: { shape: 'exponential', factor: 0.9 },
};

/** How a preset differs that has none of the published settings. */
export const ownSettings = 'settings of our own';
