/** Settings that are fine alone and impossible together. */
import { DataError, type DataSet, UNLABELLED } from '../data/dataSet.js';
import { checkDataSetName, isPath } from '../data/node/ownData.js';
import { parseAmount } from '../data/split.js';
import type { RunConfig } from './config.js';
import { convolutionProblems } from './convolutionConfig.js';
import { ConfigError } from './errors.js';

/** What contradicts what, one sentence each. */
export function contradictions(config: RunConfig): string[] {
  return [
    ...shapeProblems(config),
    ...equilibriumProblems(config),
    ...regimeProblems(config),
    ...dataProblems(config),
  ];
}

/** Layers of weights, convolutions and then fully connected ones, and what they follow from. */
function countLayers({ layers, conv }: RunConfig): { convolutions: number; dense: number; because: string } {
  const because = `layers has ${layers.length} widths`;
  if (!conv) return { convolutions: 0, dense: layers.length - 1, because };
  const convolutions = conv.channels.length - 1;
  return { convolutions, dense: layers.length, because: `conv has ${convolutions} blocks and ${because}` };
}

function* shapeProblems(config: RunConfig): Generator<string> {
  const { learner, conv, activations, dropout, learningRates } = config;
  const { convolutions, dense, because } = countLayers(config);
  if (dense < 1) yield 'layers: needs at least the width of the input and of the output';
  if (conv) yield* convolutionProblems(conv);
  const count = convolutions + dense;
  const parts = conv ? 'input, convolutions, hidden, output' : 'input, hidden, output';
  if (learningRates.length !== count) {
    yield `learningRates: ${because}, so ${count} rates are needed (one per layer of weights), not ${learningRates.length}`;
  }
  if (learner === 'backprop' && activations.length !== count + 1) {
    yield `activations: ${because}, so ${count + 1} are needed (${parts}), not ${activations.length}`;
  }
  for (const [i, name] of activations.entries()) {
    if (name === 'wta' && (i === 0 || i > convolutions)) {
      yield `activations.${i}: wta is a competition within maps, for convolutions only`;
    }
  }
  if (dropout.length !== dense + 1) {
    const places = conv ? 'flattened maps, hidden, output' : parts;
    yield `dropout: ${because}, so ${dense + 1} are needed (${places}), not ${dropout.length}`;
  }
}

function* equilibriumProblems(config: RunConfig): Generator<string> {
  const { learner, equilibrium, conv, activations, layers, loss, dropout } = config;
  if (learner !== 'equilibrium') {
    if (equilibrium)
      yield "equilibrium: only the learner 'equilibrium' settles; leave it out (--set equilibrium=null)";
    return;
  }
  if (!equilibrium) {
    yield 'equilibrium: is missing; it needs at least dt, freeSteps, nudgedSteps and beta';
  }
  if (conv) yield 'conv: convolutions are for backpropagation only; leave it out (--set conv=null)';
  if (activations.length > 0) {
    yield 'activations: all layers have the same here; set equilibrium.activation and leave it out (--set activations=null)';
  }
  if (loss !== 'cross-entropy') return;
  if (layers.length < 3) {
    yield 'loss: cross-entropy reads the last hidden layer, of which there is none; take mse, or a hidden layer';
  }
  if (dropout[dropout.length - 1] > 0) {
    yield 'dropout: with cross-entropy the outputs are no states that could be dropped; set the last to 0';
  }
}

function* regimeProblems(config: RunConfig): Generator<string> {
  const { regime, layers, target, batchSize, semi } = config;
  const outputs = layers[layers.length - 1];
  if (regime === 'semi-supervised' && !semi) {
    yield 'semi: is missing; a semi-supervised run needs at least semi.pretrainEpochs and semi.labelledBatchSize';
  }
  if (regime !== 'semi-supervised' && semi) {
    yield `semi: only a semi-supervised run has labelled and unlabelled items; leave it out (--set semi=null)`;
  }
  if (semi?.labels !== undefined && semi.labelFile !== undefined) {
    yield 'semi.labelFile: says which items have a label, so semi.labels cannot choose; leave out one of them';
  }
  for (const key of ['pretrainLearningRates', 'labelledLearningRates'] as const) {
    const rates = semi?.[key];
    const { convolutions, dense, because } = countLayers(config);
    if (rates && rates.length !== convolutions + dense) {
      yield `semi.${key}: ${because}, so ${convolutions + dense} rates are needed, not ${rates.length}`;
    }
  }
  if (regime === 'supervised') {
    if (target)
      yield 'target: a supervised run takes its target from labels; leave it out (--set target=null)';
  }
  if (regime !== 'unsupervised' && config.classifier) {
    yield `classifier: a ${regime} network needs no classifier; leave it out (--set classifier=null)`;
  }
  if (regime === 'supervised') return;
  if (regime === 'unsupervised' && config.labelSmoothing !== undefined) {
    yield 'labelSmoothing: an unsupervised run uses no labels; target.smoothing smooths the self-defined target';
  }
  if (!target) {
    yield `target: is missing; ${regime === 'unsupervised' ? 'an unsupervised' : 'a semi-supervised'} run needs at least target.winners and target.gamma`;
    return;
  }
  if (target.winners > outputs) {
    yield `target.winners: ${target.winners} winners cannot be chosen among ${outputs} outputs; at most ${outputs}`;
  }
  if (target.mode === 'sequential' && batchSize !== 1) {
    yield `target.mode: sequential takes one item a step; set batchSize to 1, not ${batchSize}`;
  }
}

function* dataProblems({ readout, dataset, image, semi }: RunConfig): Generator<string> {
  const attempts = {
    'readout.labels': () => parseAmount(readout.labels),
    'semi.labels': () => semi?.labels !== undefined && parseAmount(semi.labels),
    dataset: () => checkDataSetName(dataset),
  };
  for (const [setting, attempt] of Object.entries(attempts)) {
    try {
      attempt();
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      yield `${setting}: ${error.message}`;
    }
  }
  if (image && !isPath(dataset)) {
    yield `image: ${dataset} is used as it is published; leave image out (--set image=null)`;
  }
}

/**
 * Checks what can only be known with the data at hand.
 *
 * @throws ConfigError when the network does not fit the data set
 */
export function checkAgainstData({ layers, conv, regime, dataset, flip }: RunConfig, data: DataSet): void {
  const classes = data.classes.length;
  const outputs = layers[layers.length - 1];
  const image = conv && [...conv.image, conv.channels[0]];
  if (image && image.join() !== data.shape.join()) {
    const [height, width, channels] = data.shape;
    const right =
      data.shape.length === 3
        ? `set conv.image to [${height}, ${width}] and conv.channels to [${[channels, ...conv.channels.slice(1)].join(', ')}]`
        : 'a network with convolutions needs images';
    throw new ConfigError(
      `conv: takes items of ${image.join(' x ')} (height, width, channels), but those of ${dataset} are ${data.shape.join(' x ')}; ${right}`,
    );
  }
  if (!conv && layers[0] !== data.width) {
    throw new ConfigError(
      `layers: the first is ${layers[0]}, but an item of ${dataset} has ${data.width} values (${data.shape.join(' x ')}); ` +
        `set layers to [${[data.width, ...layers.slice(1)].join(', ')}]`,
    );
  }
  if (flip && data.shape.length !== 3) {
    throw new ConfigError(
      `flip: mirrors images, but an item of ${dataset} is ${data.shape.join(' x ')} values; leave it out (--set flip=null)`,
    );
  }
  const unlabelled = data.labels.reduce((sum, label) => sum + Number(label === UNLABELLED), 0);
  if (regime === 'supervised' && unlabelled > 0) {
    throw new ConfigError(
      `dataset: ${unlabelled} of ${data.length} items of ${dataset} to train on have no label, which supervised training ` +
        'needs; take these items away, or train with what there is (regime semi-supervised) or without labels (unsupervised)',
    );
  }
  if (regime !== 'unsupervised' && outputs % classes !== 0) {
    throw new ConfigError(
      `layers: the last is ${outputs}, but the ${classes} classes of ${dataset} must share the outputs evenly; ` +
        `take ${Math.max(1, Math.round(outputs / classes)) * classes}`,
    );
  }
}
