/**
 * A run's configuration: everything that decides its result. What is not here (threads, paths) changes no bit. The settings
 * that belong to one learner, rule or regime are sections of their own, which their entries add; see entry.ts.
 */
import { z } from 'zod';
import { activations } from '../learner/activation.js';
import { networkActivations } from '../wasm/backprop/network.js';
import { losses } from '../wasm/bricks/loss.js';
import { optimizers } from '../wasm/bricks/parameters.js';
import { evaluations } from './evaluationEpochs.js';
import { atLeastZero, dropout, rate, schedule, smoothing, whole } from './fields.js';

/** The linear readout of an unsupervised network (docs/explanation/method.md). */
const linearClassifier = z.strictObject({
  activation: z.enum(activations).default('identity'),
  learningRate: rate.default(0.1),
  epochs: whole(1).default(50),
  batchSize: whole(1).default(256),
  optimizer: z.enum(optimizers).default('adam'),
  dropout: dropout.default(0.2),
  labelSmoothing: smoothing.default(0),
  schedule: schedule.default({ shape: 'exponential', factor: 0.9 }),
  /** Whether another one is trained beside the network, with these settings, its schedule over the network's epochs. */
  online: z.boolean('must be true or false').optional(),
});

const readout = z.strictObject({
  /** Labels used to read classes out: a share or a number of items. */
  labels: z.union([z.string(), z.number()], 'must be a share such as "1%", or a number').default('100%'),
  /** After which epochs accuracy is measured. */
  evaluate: z.enum(evaluations).default('thinning'),
  /** What is measured of the untrained network; the linear classifier takes a while on large data. */
  untrained: z.enum(['association', 'all', 'nothing']).default('association'),
});

/** The settings that every run may have, whatever learns in it. */
export const commonSettings = {
  /** What is done with the items: the name of a registered regime. */
  regime: z.string('must be the name of a regime'),
  /** What learns: the name of a registered learner. */
  learner: z.string('must be the name of a learner').default('backprop'),
  /** Where targets come from in regimes without labels: the name of a registered rule; the self-defined target by default. */
  rule: z.string('must be the name of a target rule').optional(),
  /** A known name, or the path of an image folder or a CSV file. */
  dataset: z
    .string('must be the name or path of a data set')
    .min(1, 'must be the name or path of a data set'),
  /** What the pictures of an image folder are made into, or what a row of a CSV file is. */
  image: z.strictObject({ width: whole(1), height: whole(1), channels: z.literal([1, 3]) }).optional(),
  /** Whether pictures that cannot be read are left out, with a warning that names them, instead of ending the run. */
  skipDamaged: z.boolean('must be true or false').optional(),
  /** Whether training sees each image mirrored left to right in about half of its steps. */
  flip: z.boolean('must be true or false').optional(),
  /** Only the first items, for quick trials. */
  limit: z.strictObject({ train: whole(1).optional(), test: whole(1).optional() }).optional(),
  /** Share of the training items that is held out and measured instead of the test items, to choose settings by. */
  validation: z.number('must be a number').gt(0, 'must be above 0').lt(1, 'must be below 1').optional(),
  /** Widths from input to output; with convolutions only those after the flattened maps. */
  layers: z.array(whole(1)).min(1, 'needs at least the width of the output'),
  /** Of the input, of each convolution, of each hidden layer, of the output; only with backpropagation. */
  activations: z.array(z.enum(networkActivations)).default([]),
  /** Xavier-uniform gain of the initial weights of a network without convolutions. */
  initialGain: atLeastZero.default(0.5),
  /** Of the input (with convolutions of the flattened maps), of each hidden layer, of the output (the mask). */
  dropout: z.array(dropout),
  loss: z.enum(losses),
  optimizer: z.enum(optimizers),
  /** One per layer of weights. */
  learningRates: z.array(rate),
  epochs: whole(1),
  batchSize: whole(1),
  schedule: schedule.default({ shape: 'linear', from: 1, to: 5e-4 }),
  /** Of the labels in supervised training and in labelled passes. */
  labelSmoothing: smoothing.optional(),
  classifier: linearClassifier.optional(),
  readout: readout.prefault({}),
  seed: z.int('must be a whole number').min(0, 'must be at least 0').default(1),
};

/** The sections that entries add to a configuration, by name; an entry declares its own beside its schema. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by declaration merging.
export interface Sections {}

export type RunConfig = z.infer<z.ZodObject<typeof commonSettings>> & Sections;
