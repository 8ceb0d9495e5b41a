/** From a specification to the values and layers of a network, in order from input to output. */
import type { Compute } from '../compute/compute.js';
import { PANEL } from '../compute/kernels.js';
import { type Activation, activations } from '../../learner/activation.js';
import type { Loss } from '../bricks/loss.js';
import { type LearningRates, type Optimizer, ratesByOptimiser } from '../bricks/parameters.js';
import { checkCommon } from '../bricks/specChecks.js';
import { CompetitionLayer } from './competitionLayer.js';
import { type ConvolutionSpec, shapedBlocks, sizeOf } from './convolution.js';
import { ConvolutionLayer } from './convolutionLayer.js';
import { DenseLayer } from './denseLayer.js';
import type { Layer } from './layer.js';
import { PoolLayer } from './poolLayer.js';
import { SparseLayer } from './sparseLayer.js';
import { TiledLayer } from './tiledLayer.js';
import { Values } from './values.js';

/** `wta` is the competition within a map (kernels/competition.ts), for convolutions only. */
export const networkActivations = [...activations, 'wta'] as const;
export type NetworkActivation = (typeof networkActivations)[number];

export interface NetworkSpec {
  /** Convolutions before the fully connected layers. */
  readonly convolution?: ConvolutionSpec | undefined;
  /** Widths from input to output, at least two; after convolutions of the fully connected layers alone, at least one. */
  readonly layers: readonly number[];
  /** Of the input (usually identity), of each convolution, of each hidden layer, of the output. */
  readonly activations: readonly NetworkActivation[];
  /**
   * Dropout in [0, 1): of the input (of the flattened maps where there are convolutions), of each hidden layer, and of
   * the output the mask, which is not rescaled.
   */
  readonly dropout: readonly number[];
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  /** One per layer of weights, or lists of these by the names of optimisers. */
  readonly learningRates: LearningRates;
  /** Gain of the Xavier-uniform initial weights of networks without convolutions; 0.5 as published. */
  readonly gain?: number | undefined;
}

export interface Architecture {
  /** One more than the layers: below the first, between them, above the last. */
  readonly values: readonly Values[];
  readonly layers: readonly Layer[];
}

/**
 * Builds them, for as many optimisers as there are lists of learning rates.
 *
 * @throws RangeError when the specification contradicts itself
 */
export function buildArchitecture(compute: Compute, spec: NetworkSpec): Architecture {
  const blocks = spec.convolution ? shapedBlocks(spec.convolution) : [];
  checkSpec(spec, blocks.length);
  const { convolution, dropout, optimizer } = spec;
  const optimisers = ratesByOptimiser(spec.learningRates).size;
  const [inputActivation, ...activationOf] = spec.activations;
  const layers: Layer[] = [];
  const values: Values[] = [];
  const learning = () => `layer${layers.filter(({ parameters }) => parameters).length + 1}`;

  /** Puts values on top, and between those below and them a layer. */
  const add = (above: Values, layer: (below: Values) => Layer) => {
    layers.push(layer(values[values.length - 1]));
    values.push(above);
  };
  const dropped = (width: number, activation: NetworkActivation, p: number, rescaled = true) =>
    new Values(width, activation as Activation, p, rescaled ? 1 / (1 - p) : 1);

  values.push(
    convolution
      ? dropped(
          convolution.image.reduce((a, b) => a * b, 1),
          inputActivation,
          0,
        )
      : dropped(spec.layers[0], inputActivation, dropout[0]),
  );
  blocks.forEach((block, b) => {
    const { convolved, output, pool } = block;
    const activation = activationOf[b];
    const competes = activation === 'wta';
    // What leaves the last block is flattened, with the first dropout.
    const last = b === blocks.length - 1 ? dropout[0] : 0;
    const width = sizeOf(convolved);
    const own = competes ? 'identity' : activation;
    const maps = dropped(width, own, competes || pool ? 0 : last);
    add(
      maps,
      (below) => new ConvolutionLayer(compute, learning(), below, maps, block, b > 0, optimizer, optimisers),
    );
    if (competes) {
      const winners = dropped(width, 'identity', pool ? 0 : last);
      add(winners, (below) => new CompetitionLayer(compute, below, winners, convolved));
    }
    if (pool) {
      const pooled = dropped(sizeOf(output), 'identity', last);
      add(pooled, (below) => new PoolLayer(compute, below, pooled, block, pool));
    }
  });
  const widths = convolution ? spec.layers : spec.layers.slice(1);
  widths.forEach((width, l) => {
    const isOutput = l === widths.length - 1;
    const above = dropped(width, activationOf[blocks.length + l], dropout[l + 1], !isOutput);
    add(above, (below) => {
      if (layers.length > 0 && optimizer === 'adam' && above.stride > PANEL) {
        return new TiledLayer(compute, learning(), below, above, optimisers);
      }
      const Kind = layers.length === 0 ? SparseLayer : DenseLayer;
      return new Kind(compute, learning(), below, above, optimizer, optimisers);
    });
  });
  return { values, layers };
}

function checkSpec(spec: NetworkSpec, blocks: number): void {
  const { layers, activations: of, dropout, convolution } = spec;
  const wrong = (what: string) =>
    new RangeError(
      `a network of ${blocks > 0 ? `${blocks} convolutions and ` : ''}layers [${layers.join(', ')}] ${what}`,
    );
  const least = convolution ? 1 : 2;
  if (layers.length < least || !layers.every((width) => Number.isInteger(width) && width > 0)) {
    throw wrong(
      `cannot be: at least ${['one width', 'two widths'][least - 1]}, whole and above 0, are needed`,
    );
  }
  const fullyConnected = layers.length + 1 - least;
  const count = blocks + fullyConnected;
  if (of.length !== count + 1) throw wrong(`needs ${count + 1} activations, not ${of.length}`);
  const known: readonly string[] = activations;
  const unknown = of.find((name, i) => !known.includes(name) && !(name === 'wta' && i > 0 && i <= blocks));
  if (unknown !== undefined) throw wrong(`cannot have the activation "${unknown}" there`);
  if (dropout.length !== fullyConnected + 1 || !dropout.every((p) => p >= 0 && p < 1)) {
    throw wrong(`needs ${fullyConnected + 1} dropout probabilities in [0, 1), not [${dropout.join(', ')}]`);
  }
  checkCommon(spec, count, wrong);
  const prune = convolution?.prune ?? 0;
  if (!(prune >= 0 && prune < 1)) throw wrong(`cannot be pruned by ${prune}: a share in [0, 1) is needed`);
}
