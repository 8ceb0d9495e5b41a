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

const linearClassifier = z
  .strictObject({
    activation: z
      .enum(activations)
      .default('identity')
      .describe("Applied to the network's outputs before the classifier."),
    learningRate: rate.default(0.1).describe('Learning rate at the start of its schedule.'),
    epochs: whole(1).default(50).describe('Passes over the labelled items.'),
    batchSize: whole(1).default(256).describe('Items per step.'),
    optimizer: z.enum(optimizers).default('adam').describe('Optimiser of the classifier.'),
    dropout: dropout.default(0.2).describe("Dropout on the network's outputs."),
    labelSmoothing: smoothing.default(0).describe('Label smoothing of its targets.'),
    schedule: schedule
      .default({ shape: 'exponential', factor: 0.9 })
      .describe('Factor on its learning rate, over its epochs.'),
    online: z
      .boolean('must be true or false')
      .optional()
      .describe(
        'Also train a second classifier beside the network, with these settings; its schedule then runs over ' +
          "the network's epochs.",
      ),
  })
  .describe('The linear classifier that reads classes out of an unsupervised network.');

const readout = z
  .strictObject({
    labels: z
      .union([z.string(), z.number()], 'must be a share such as "1%", or a number')
      .default('100%')
      .describe('Labels used to read out classes: a share such as "1%", or a number of items.'),
    evaluate: z
      .enum(evaluations)
      .default('thinning')
      .describe(
        'After which epochs accuracy is measured: every; thinning (1, 2, 3, 5, 10, 15, 20, 30, 40, 50, 75, then ' +
          'every fiftieth, and the last); last.',
      ),
    untrained: z
      .enum(['association', 'all', 'nothing'])
      .default('association')
      .describe(
        'What is measured of the untrained network; the linear classifier takes a while on large data.',
      ),
  })
  .describe('How accuracy is measured.');

const image = z
  .strictObject({
    width: whole(1).describe('Width in pixels.'),
    height: whole(1).describe('Height in pixels.'),
    channels: z.literal([1, 3]).describe('1 for grey, 3 for colour.'),
  })
  .describe('The size that the images of a folder are resized to, or what one row of a table is.');

const limit = z
  .strictObject({
    train: whole(1).optional().describe('Training items.'),
    test: whole(1).optional().describe('Test items.'),
  })
  .describe('Use only the first items, for quick trials.');

/** The settings that every run may have, whatever learns in it. */
export const commonSettings = {
  regime: z
    .string('must be the name of a regime')
    .describe('How labelled and unlabelled items are used: the name of a registered regime.'),
  learner: z
    .string('must be the name of a learner')
    .default('backprop')
    .describe('What learns: the name of a registered learner.'),
  rule: z
    .string('must be the name of a target rule')
    .optional()
    .describe(
      'Where targets come from in regimes without labels: the name of a registered rule, by default self-defined.',
    ),
  dataset: z
    .string('must be the name or path of a data set')
    .min(1, 'must be the name or path of a data set')
    .describe('A known name, or the path of your own images or tables.'),
  image: image.optional(),
  skipDamaged: z
    .boolean('must be true or false')
    .optional()
    .describe(
      'Leave out images that cannot be read, with a warning that names them, instead of ending the run.',
    ),
  flip: z
    .boolean('must be true or false')
    .optional()
    .describe('Mirror each image left to right in about half of its training steps.'),
  limit: limit.optional(),
  validation: z
    .number('must be a number')
    .gt(0, 'must be above 0')
    .lt(1, 'must be below 1')
    .optional()
    .describe(
      'Share of the training items to hold out and measure on instead of the test items, to choose settings.',
    ),
  layers: z
    .array(whole(1))
    .min(1, 'needs at least the width of the output')
    .describe('Widths from input to output; after convolutions, only those after the flattened maps.'),
  activations: z
    .array(z.enum(networkActivations))
    .default([])
    .describe('Of the input, each convolution, each hidden layer and the output; with backpropagation only.'),
  initialGain: atLeastZero
    .default(0.5)
    .describe('Gain of the Xavier-uniform initial weights; not used with convolutions.'),
  dropout: z
    .array(dropout)
    .describe('Of the input (or the flattened maps), each hidden layer and the output (the output mask).'),
  loss: z.enum(losses).describe('Loss between output and target.'),
  optimizer: z.enum(optimizers).describe('Optimiser of the network.'),
  learningRates: z
    .array(rate)
    .describe('One for each layer of weights; in semi-supervised training, those of the unlabelled pass.'),
  epochs: whole(1).describe(
    'Length of the run, over which schedules stretch; semi.pretrainEpochs are extra.',
  ),
  batchSize: whole(1).describe('Items per step.'),
  schedule: schedule
    .default({ shape: 'linear', from: 1, to: 5e-4 })
    .describe('Factor on all learning rates over the run.'),
  labelSmoothing: smoothing
    .optional()
    .describe('Smoothing of the labels in supervised training and in labelled passes.'),
  classifier: linearClassifier.optional(),
  readout: readout.prefault({}),
  seed: z
    .int('must be a whole number')
    .min(0, 'must be at least 0')
    .default(1)
    .describe('Decides everything random.'),
};

/** The sections that entries add to a configuration, by name; an entry declares its own beside its schema. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by declaration merging.
export interface Sections {}

export type RunConfig = z.infer<z.ZodObject<typeof commonSettings>> & Sections;
