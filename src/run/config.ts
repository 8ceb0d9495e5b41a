/** A run's configuration: everything that decides its result. What is not here (threads, paths) changes no bit. */
import { z } from 'zod';
import { networkActivations } from '../wasm/backprop/network.js';
import { losses } from '../wasm/bricks/loss.js';
import { equilibriumActivations, estimates, minimizers } from '../wasm/equilibrium/spec.js';
import { activations } from '../learner/activation.js';
import { optimizers } from '../wasm/bricks/parameters.js';
import { contradictions } from './configChecks.js';
import { convolutionSettings } from './convolutionConfig.js';
import { ConfigError } from './errors.js';
import { evaluations } from './evaluationEpochs.js';
import { suggestion } from './suggestion.js';

const whole = (least: number) => z.int(`must be a whole number`).min(least, `must be at least ${least}`);
const atLeastZero = z.number('must be a number').min(0, 'must be at least 0');
const rate = z.number('must be a number').min(0, 'a learning rate must be at least 0');
const dropout = z
  .number('must be a number')
  .min(0, 'dropout must be at least 0')
  .lt(1, 'dropout must be below 1: at 1 nothing would be left');
const smoothing = z.number('must be a number').min(0, 'must be at least 0').lt(1, 'must be below 1');

/** The factor on all learning rates over the run; see learner/schedule.ts. */
const schedule = z.discriminatedUnion(
  'shape',
  [
    z.strictObject({ shape: z.literal('constant') }),
    z.strictObject({
      shape: z.literal('linear'),
      from: atLeastZero,
      to: atLeastZero,
      /** The share of the run after which `to` is reached; 1 unless told. */
      until: z.number('must be a number').gt(0, 'must be above 0').optional(),
    }),
    z.strictObject({ shape: z.literal('exponential'), factor: atLeastZero }),
    z.strictObject({ shape: z.literal('steps'), factor: atLeastZero, milestones: z.array(atLeastZero) }),
  ],
  'needs a shape: constant, linear (with from, to, until), exponential (with factor) or steps (with factor, milestones)',
);

/** The self-defined target (method.md, section 1). */
const selfDefinedTarget = z.strictObject({
  /** k, winners per item. */
  winners: whole(1),
  /** How fast homeostasis follows the activity; 0 switches it off. */
  gamma: atLeastZero,
  /** Weight of the newest item in the sequential mode's running activity. */
  eta: z.number('must be a number').gt(0, 'must be above 0').max(1, 'must be at most 1').default(0.6),
  smoothing: smoothing.default(0),
  /** Activity averaged over a batch, or over time with one item a step. Decided by the batch size unless told. */
  mode: z.enum(['batch', 'sequential']).optional(),
});

/** How states settle and what is learnt from it (method.md, section 4); see equilibrium/spec.ts. */
const equilibrium = z.strictObject({
  activation: z.enum(equilibriumActivations).default('hard-sigmoid'),
  minimizer: z.enum(minimizers).default('synchronous'),
  /** Step size. */
  dt: z.number('must be a number').gt(0, 'must be above 0'),
  /** T and K. */
  freeSteps: whole(1),
  nudgedSteps: whole(1),
  /** A phase ends once no state changes by this much; all steps are made without it. */
  tolerance: z.number('must be a number').gt(0, 'must be above 0').optional(),
  estimate: z.enum(estimates).default('one-sided'),
  beta: z.number('must be a number').gt(0, 'must be above 0').lt(1, 'must be below 1'),
});

/** The linear readout of an unsupervised network (method.md, section 5). */
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

/** A few labels and all the rest (method.md, section 1); learningRates and schedule are the unlabelled pass's. */
const semiSupervised = z.strictObject({
  /** A share or a number of items whose labels training sees, chosen by the seed; all that have one unless told. */
  labels: z.union([z.string(), z.number()], 'must be a number, or a share such as "1%"').optional(),
  /** A CSV file with the columns item and label, instead of the labels of the data set. */
  labelFile: z.string('must be the path of a CSV file').optional(),
  /** Epochs on the labelled items alone, before `epochs` on both. */
  pretrainEpochs: whole(0),
  /** Of the labelled passes. */
  labelledBatchSize: whole(1),
  /** Of the first phase; labelledBatchSize unless told. */
  pretrainBatchSize: whole(1).optional(),
  /** Winners of the unlabelled pass are chosen without dropout. */
  cleanWinners: z.boolean('must be true or false').default(false),
  /** One per layer of weights, in the first phase; learningRates unless told. */
  pretrainLearningRates: z.array(rate).optional(),
  /** One per layer of weights, in the labelled passes of the second phase; learningRates unless told. */
  labelledLearningRates: z.array(rate).optional(),
  pretrainSchedule: schedule.default({ shape: 'exponential', factor: 0.98 }),
  labelledSchedule: schedule.default({ shape: 'linear', from: 0.72, to: 0.05, until: 0.875 }),
});

const readout = z.strictObject({
  /** Labels used to read classes out: a share or a number of items. */
  labels: z.union([z.string(), z.number()], 'must be a share such as "1%", or a number').default('100%'),
  /** After which epochs accuracy is measured. */
  evaluate: z.enum(evaluations).default('thinning'),
  /** What is measured of the untrained network; the linear classifier takes a while on large data. */
  untrained: z.enum(['association', 'all', 'nothing']).default('association'),
});

export const configSchema = z.strictObject({
  regime: z.enum(['unsupervised', 'supervised', 'semi-supervised']),
  learner: z.enum(['backprop', 'equilibrium']).default('backprop'),
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
  /** Convolutions before the fully connected layers; only of networks trained by backpropagation. */
  conv: convolutionSettings.optional(),
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
  equilibrium: equilibrium.optional(),
  semi: semiSupervised.optional(),
  /** Of the labels in supervised training and in labelled passes. */
  labelSmoothing: smoothing.optional(),
  target: selfDefinedTarget.optional(),
  classifier: linearClassifier.optional(),
  readout: readout.prefault({}),
  seed: z.int('must be a whole number').min(0, 'must be at least 0').default(1),
});

export type RunConfig = z.infer<typeof configSchema>;

/**
 * Checks settings and fills in what they leave open.
 *
 * @param origin where the settings come from, for the message
 * @throws ConfigError naming every setting that is unknown, impossible or at odds with another
 */
export function checkConfig(settings: unknown, origin = 'the configuration'): RunConfig {
  const { success, data, error } = configSchema.safeParse(settings, { reportInput: true });
  const problems = success ? contradictions(data) : error.issues.map(describe);
  if (problems.length > 0) throw new ConfigError([`${origin} cannot be used:`, ...problems].join('\n  '));
  const config = data as RunConfig;
  if (!config.target) return config;
  const mode = config.target.mode ?? (config.batchSize === 1 ? 'sequential' : 'batch');
  // Parsed once more, so that the same settings stand in the same order wherever they came from.
  return configSchema.parse({
    ...config,
    target: { ...config.target, mode },
    ...(config.regime === 'unsupervised' && { classifier: config.classifier ?? {} }),
  });
}

type Issue = z.core.$ZodIssue;

function describe(issue: Issue): string {
  const at = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys
      .map((key) => `unknown setting "${at ? `${at}.` : ''}${key}"${suggestion(key, knownKeys(issue.path))}`)
      .join('\n  ');
  }
  if (issue.code === 'invalid_value') {
    const given = typeof issue.input === 'string' ? issue.input : JSON.stringify(issue.input);
    if (given === undefined) return `${at}: is missing; one of ${issue.values.join(', ')}`;
    return `${at}: "${given}" is not known${suggestion(given, issue.values.map(String))}`;
  }
  if (issue.input === undefined) return `${at}: is missing`;
  if (issue.code === 'invalid_type' && issue.expected === 'array') {
    return `${at}: must be a list such as [1, 2], not ${JSON.stringify(issue.input)}; in a shell: --set '${at}=[1,2]'`;
  }
  if (issue.code === 'invalid_type' && issue.expected === 'object') {
    return `${at}: is a group of settings, as in ${at}.key=value, and cannot be ${JSON.stringify(issue.input)}`;
  }
  return `${at}: ${issue.message}, not ${JSON.stringify(issue.input)}`;
}

/** The settings there are in the object at `path`. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  let schema: z.core.$ZodType = configSchema;
  for (const key of path) {
    const inner = unwrap(schema);
    if (inner instanceof z.ZodObject) schema = inner.shape[key as string];
    else if (inner instanceof z.ZodArray) schema = inner.element as z.core.$ZodType;
  }
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) return Object.keys(inner.shape);
  return inner instanceof z.ZodDiscriminatedUnion
    ? ['shape', 'from', 'to', 'until', 'factor', 'milestones']
    : [];
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  let inner = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault) {
    inner = inner.def.innerType;
  }
  return inner;
}
