/** Training with a few labels in the command: its settings and checks. */
import { z } from 'zod';
import { DataError, type DataSet } from '../../data/dataSet.js';
import { parseAmount, stratified } from '../../data/split.js';
import { scheduleFactor } from '../../learner/schedule.js';
import { semiSupervised, splitByLabels } from '../../regimes/index.js';
import { countLayers, onePhase, type RegimeEntry } from '../entry.js';
import { ConfigError } from '../errors.js';
import { rate, schedule, whole } from '../fields.js';
import type { RunConfig } from '../runConfig.js';

const semi = z
  .strictObject({
    labels: z
      .union([z.string(), z.number()], 'must be a number, or a share such as "1%"')
      .optional()
      .describe(
        'Number or share of the items whose labels training sees, chosen by the seed; by default all that have one.',
      ),
    labelFile: z
      .string('must be the path of a CSV file')
      .optional()
      .describe('A CSV file with the columns item and label, instead of the labels of the data set.'),
    pretrainEpochs: whole(0).describe('Epochs on the labelled items alone, before `epochs` on both.'),
    labelledBatchSize: whole(1).describe('Items per step in the labelled passes.'),
    pretrainBatchSize: whole(1)
      .optional()
      .describe('Items per step in the first phase; labelledBatchSize by default.'),
    cleanWinners: z
      .boolean('must be true or false')
      .default(false)
      .describe('Choose the winners of the unlabelled pass without dropout.'),
    pretrainLearningRates: z
      .array(rate)
      .optional()
      .describe('One for each layer of weights, in the first phase; learningRates by default.'),
    labelledLearningRates: z
      .array(rate)
      .optional()
      .describe(
        'One for each layer of weights, in the labelled passes of the second phase; learningRates by default.',
      ),
    pretrainSchedule: schedule
      .default({ shape: 'exponential', factor: 0.98 })
      .describe('Factor on the rates of the first phase.'),
    labelledSchedule: schedule
      .default({ shape: 'linear', from: 0.72, to: 0.05, until: 0.875 })
      .describe('Factor on the rates of the labelled passes of the second phase.'),
  })
  .describe('Training from a few labels and unlabelled items (docs/explanation/semi-supervised.md).');

declare module '../runConfig.js' {
  interface Sections {
    /** A few labels and all the rest (docs/explanation/semi-supervised.md). */
    readonly semi?: z.infer<typeof semi> | undefined;
  }
}

export const semiSupervisedEntry: RegimeEntry = {
  name: 'semi-supervised',
  title: 'With a few labels',
  takesRule: true,
  answers: 'outputs',
  sections: { semi },
  *problems(config, learner) {
    const { semi: settings } = config;
    if (!settings) {
      yield 'semi: is missing; a semi-supervised run needs at least semi.pretrainEpochs and semi.labelledBatchSize';
      return;
    }
    if (settings.labels !== undefined && settings.labelFile !== undefined) {
      yield 'semi.labelFile: says which items have a label, so semi.labels cannot choose; leave out one of them';
    }
    try {
      if (settings.labels !== undefined) parseAmount(settings.labels);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      yield `semi.labels: ${error.message}`;
    }
    for (const key of ['pretrainLearningRates', 'labelledLearningRates'] as const) {
      const rates = settings[key];
      const { convolutions, dense, because } = countLayers(learner, config);
      if (rates && rates.length !== convolutions + dense) {
        yield `semi.${key}: ${because}, so ${convolutions + dense} rates are needed, not ${rates.length}`;
      }
    }
  },
  epochs: ({ epochs, semi: settings }) => epochs + (settings?.pretrainEpochs ?? 0),
  learningRates({ learningRates, semi: settings }) {
    const { pretrainLearningRates = learningRates, labelledLearningRates = learningRates } = settings ?? {};
    return { pretraining: pretrainLearningRates, unlabelled: learningRates, labelled: labelledLearningRates };
  },
  labelFile: ({ semi: settings }) =>
    settings?.labelFile === undefined ? undefined : { setting: 'semi.labelFile', path: settings.labelFile },
  labels: ({ semi: settings }) => ({ setting: 'semi.labels', amount: settings?.labels ?? '100%' }),
  withDefaults({ learningRates, semi: settings }) {
    if (!settings) return {};
    return {
      semi: {
        ...settings,
        pretrainBatchSize: settings.pretrainBatchSize ?? settings.labelledBatchSize,
        pretrainLearningRates: settings.pretrainLearningRates ?? learningRates,
        labelledLearningRates: settings.labelledLearningRates ?? learningRates,
      },
    };
  },
  stages: [
    { name: 'labels alone', key: 'labels-alone', phase: 'pretraining', after: 'epoch' },
    { name: 'after the unlabelled pass', key: 'after-unlabelled', phase: 'alternating', after: 'unlabelled' },
    { name: 'after the labelled pass', key: 'after-labelled', phase: 'alternating', after: 'epoch' },
  ],
  describe: ({ labelled, unlabelled }) => `with ${labelled} labels and ${unlabelled} unlabelled items`,
  plan(config, { train, training: { epochs, batchSize, schedule: unlabelledSchedule, ...training }, rule }) {
    const { semi: settings, labelSmoothing } = config;
    if (!settings) throw new TypeError('a semi-supervised run needs its settings');
    const { pretrainEpochs, pretrainBatchSize, pretrainSchedule } = settings;
    const { labelledBatchSize, labelledSchedule, cleanWinners } = settings;
    const parts = splitByLabels(train, labelledIndices(config, train));
    const { labelled, unlabelled } = parts;
    checkParts(labelled, unlabelled);
    const main = onePhase(config, train.length);
    return {
      epochs: pretrainEpochs + epochs,
      labelled: labelled.length,
      unlabelled: unlabelled.length,
      about(epoch) {
        if (epoch > pretrainEpochs) return { ...main.about(epoch - pretrainEpochs), phase: 'alternating' };
        return {
          phase: 'pretraining',
          items: labelled.length,
          rate: scheduleFactor(pretrainSchedule, epoch - 1, pretrainEpochs),
          phaseEpoch: epoch,
          phaseEpochs: pretrainEpochs,
        };
      },
      train: (from, signal) =>
        semiSupervised({
          ...training,
          ...parts,
          from,
          signal,
          target: rule,
          cleanWinners,
          labelSmoothing,
          pretrainEpochs,
          epochs,
          batchSize,
          labelledBatchSize,
          pretrainBatchSize,
          schedules: {
            pretraining: pretrainSchedule,
            unlabelled: unlabelledSchedule,
            labelled: labelledSchedule,
          },
        }),
    };
  },
};

/** Throws a {@link ConfigError} when a class has no labelled item, or nothing is left without a label. */
function checkParts(labelled: DataSet, unlabelled: DataSet): void {
  const without = labelled.classes.filter((_, c) => !labelled.labels.includes(c));
  if (without.length > 0) {
    throw new ConfigError(
      `semi.labels: ${labelled.length} labelled items, and none of ${without.map((name) => `"${name}"`).join(', ')}; ` +
        `every one of the ${labelled.classes.length} classes needs at least one`,
    );
  }
  if (unlabelled.length === 0) {
    throw new ConfigError(
      `semi.labels: all ${labelled.length} items have a label, and none is left to learn from without; ` +
        'ask for fewer labels, or train with --set regime=supervised --set semi=null --set target=null',
    );
  }
}

/** The items whose labels the run may see: the amount asked for, or all that have one. */
function labelledIndices({ semi: settings, seed }: RunConfig, { labels, classes }: DataSet): Uint32Array {
  const amount = settings?.labels === undefined ? { fraction: 1 } : parseAmount(settings.labels);
  return stratified(labels, amount, seed, { classes: classes.length });
}
