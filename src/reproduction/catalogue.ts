/** The paper's tables and figures, by the runs that they are made of. */
import type { Settings } from '../run/presets.js';

export interface WantedRun {
  readonly preset: string;
  /** What its folder is called, where not by its preset. */
  readonly name?: string;
  /** On top of the preset. */
  readonly settings?: Settings;
  /** Readouts with these shares of labels, trained and untrained, beside the run's own. */
  readonly shares?: readonly string[];
}

export interface Artefact {
  readonly name: string;
  readonly title: string;
  readonly runs: readonly WantedRun[];
}

/** A network with few labels, without homeostasis. */
export const withoutHomeostasis: Settings = { target: { gamma: 0 } };

const networks = ['unsupervised-bp-1layer', 'unsupervised-bp-2layer'];
/** Numbers of labels. */
export const amounts = [100, 300, 600, 1000, 3000];

/** The widths of the output layer that are compared; winners and rate go with the width, as published for 2000. */
const widths = [100, 200, 500, 1000, 2000];
const PUBLISHED_WIDTH = 2000;

/** Batch and sequential mode, by backpropagation and by equilibrium propagation. */
export const modes = (
  [
    ['bp', ''],
    ['ep', ', EP'],
  ] as const
).flatMap(([method, suffix]) =>
  [1, 2].flatMap((layers) =>
    ['batch', 'sequential'].map((mode) => ({
      preset: `modes-${method}-${layers}layer-${mode}`,
      name: `${layers} ${layers === 1 ? 'layer' : 'layers'}, ${mode}${suffix}`,
    })),
  ),
);

/** Presets of our own beside the published network. */
export const ownPresets = [
  { preset: 'unsupervised-bp-1layer-better', network: '1 layer, 784-2000' },
  { preset: 'unsupervised-ep-2layer-fast', network: '2 layers, 784-2000-2000' },
];

export const artefacts: readonly Artefact[] = [
  {
    name: 'unsupervised',
    title: 'Accuracy without labels in training, and learning curves',
    runs: networks.map((preset) => ({ preset })),
  },
  {
    name: 'equilibrium',
    title: 'The same networks trained by equilibrium propagation',
    runs: ['1layer', '2layer', '2layer-fast'].map((network) => ({ preset: `unsupervised-ep-${network}` })),
  },
  {
    name: 'label-fractions',
    title: 'Accuracy against the share of labels for the readout, trained and untrained',
    runs: networks.map((preset) => ({ preset, shares: ['1%', '5%', '50%', '100%'] })),
  },
  {
    name: 'supervised',
    title: 'Networks trained with labels',
    runs: [
      'bp-1layer',
      'bp-2layer',
      'ep-1layer',
      'ep-2layer',
      'bp-cnn-mnist',
      'bp-cnn-fashion',
      'bp-cnn-svhn',
    ].map((network) => ({ preset: `supervised-${network}` })),
  },
  {
    name: 'number-of-labels',
    title: 'Semi-supervised accuracy against the number of labels, with and without homeostasis',
    // Published with 3000 labels it has none to begin with.
    runs: amounts.flatMap((labels) => fewLabels(`semi-bp-${labels}`, labels < 3000)),
  },
  {
    name: 'number-of-labels-ep',
    title: 'The same by equilibrium propagation',
    runs: amounts.flatMap((labels) => fewLabels(`semi-ep-${labels}`, true)),
  },
  {
    name: 'modes',
    title: 'Batch against sequential mode',
    runs: modes.map(({ preset }) => ({ preset })),
  },
  {
    name: 'output-neurons',
    title: 'Accuracy against the number of output neurons',
    runs: widths.map((width) => ({
      preset: 'unsupervised-bp-1layer',
      ...(width !== PUBLISHED_WIDTH && {
        name: `output-neurons-${width}`,
        settings: outputNeurons(width),
      }),
    })),
  },
  {
    name: 'learned-weights',
    title: 'Learned input weights, and what activates the neurons most',
    runs: networks.map((preset) => ({ preset })),
  },
  { name: 'umap', title: 'Outputs in a plane (UMAP)', runs: networks.map((preset) => ({ preset })) },
  {
    name: 'cnn',
    title: 'Convolutional network against multi-layer perceptron',
    runs: [
      { preset: 'unsupervised-bp-2layer' },
      ...['mnist', 'fashion', 'svhn'].map((data) => ({ preset: `unsupervised-bp-cnn-${data}` })),
    ],
  },
];

/** A semi-supervised run, and where it has homeostasis the same without. */
function fewLabels(preset: string, homeostasis: boolean): WantedRun[] {
  const without = { preset, name: `${preset}-without-homeostasis`, settings: withoutHomeostasis };
  return homeostasis ? [{ preset }, without] : [{ preset }];
}

/** What a network of `width` output neurons has on top of the published one, which has 2000. */
export function outputNeurons(width: number): Settings {
  if (width === PUBLISHED_WIDTH) return {};
  return {
    layers: [784, width],
    target: { winners: Math.max(1, Math.round((6 * width) / PUBLISHED_WIDTH)) },
    learningRates: [(8 * width) / PUBLISHED_WIDTH],
  };
}

export { widths as outputWidths };
