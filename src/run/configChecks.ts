/** Settings that are fine alone and impossible together. */
import { DataError, type DataSet } from '../data/dataSet.js';
import { checkDataSetName, isPath } from '../data/node/ownData.js';
import { parseAmount } from '../data/split.js';
import { countLayers } from './entry.js';
import { ConfigError } from './errors.js';
import { registry } from './registry.js';
import type { RunConfig } from './runConfig.js';

/** What contradicts what, one sentence each. */
export function contradictions(config: RunConfig): string[] {
  const { learner, regime, rule } = registry.entriesOf(config);
  return [
    ...shapeProblems(config),
    ...(learner.problems?.(config) ?? []),
    ...(regime.problems?.(config, learner) ?? []),
    ...(rule?.problems?.(config) ?? []),
    ...registry.strangers(config),
    ...ruleProblems(config),
    ...dataProblems(config),
  ];
}

function* shapeProblems(config: RunConfig): Generator<string> {
  const { dropout, learningRates } = config;
  const { convolutions, dense, because } = countLayers(registry.learners.get(config.learner), config);
  if (dense < 1) {
    yield 'layers: needs at least the width of the input and of the output';
    return; // What depends on it cannot be judged.
  }
  const count = convolutions + dense;
  if (learningRates.length !== count) {
    yield `learningRates: ${because}, so ${count} rates are needed (one per layer of weights), not ${learningRates.length}`;
  }
  if (dropout.length !== dense + 1) {
    const places = convolutions > 0 ? 'flattened maps, hidden, output' : 'input, hidden, output';
    yield `dropout: ${because}, so ${dense + 1} are needed (${places}), not ${dropout.length}`;
  }
}

function* ruleProblems({ regime: name, rule, classifier }: RunConfig): Generator<string> {
  const regime = registry.regimes.get(name);
  if (!regime.takesRule && rule !== undefined) {
    yield `rule: the regime "${name}" takes its target from labels; leave it out (--set rule=null)`;
  }
  if (regime.answers !== 'neurons' && classifier) {
    yield `classifier: a ${name} network needs no classifier; leave it out (--set classifier=null)`;
  }
}

function* dataProblems({ readout, dataset, image }: RunConfig): Generator<string> {
  const attempts = {
    'readout.labels': () => parseAmount(readout.labels),
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
 * @throws ConfigError naming everything in which the configuration does not fit the data set
 */
export function checkAgainstData(config: RunConfig, data: DataSet): void {
  const problems = [...mismatches(config, data)];
  if (problems.length === 1) throw new ConfigError(problems[0]);
  if (problems.length > 1) {
    throw new ConfigError([`the configuration does not fit ${config.dataset}:`, ...problems].join('\n  '));
  }
}

function* mismatches(config: RunConfig, data: DataSet): Generator<string> {
  const { layers, dataset, flip } = config;
  const { learner, regime } = registry.entriesOf(config);
  const classes = data.classes.length;
  const outputs = layers[layers.length - 1];
  yield* learner.dataProblems?.(config, data) ?? [];
  const width = learner.takesItemsOf ? learner.takesItemsOf(config) : layers[0];
  const fitting = [width === undefined ? layers[0] : data.width, ...layers.slice(1)];
  if (regime.answers === 'outputs' && outputs % classes !== 0) {
    fitting[fitting.length - 1] = Math.max(1, Math.round(outputs / classes)) * classes;
    yield `layers: the last is ${outputs}, but the ${classes} classes of ${dataset} must share the outputs evenly; ` +
      `${paste(fitting)}`;
  }
  if (width !== undefined && width !== data.width) {
    yield `layers: the first is ${width}, but an item of ${dataset} has ${data.width} values (${data.shape.join(' x ')}); ` +
      `${paste(fitting)}`;
  }
  if (flip && data.shape.length !== 3) {
    yield `flip: mirrors images, but an item of ${dataset} is ${data.shape.join(' x ')} values; leave it out (--set flip=null)`;
  }
  yield* regime.dataProblems?.(config, data) ?? [];
}

/** The change as it is pasted into a shell. */
function paste(layers: readonly number[]): string {
  return `use --set 'layers=[${layers.join(',')}]'`;
}
