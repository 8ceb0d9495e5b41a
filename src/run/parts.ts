/** From a configuration to the objects that train: compute, learner, target rule, data. */
import type { DataSet } from '../data/dataSet.js';
import type { Learner, ParametricLearner } from '../learner/learner.js';
import type { TargetRule } from '../learner/rule.js';
import { StateError, type TensorMap } from '../learner/tensors.js';
import { OnlineClassifier } from '../readout/index.js';
import { classifierOn } from '../wasm/classifier.js';
import { type KernelBuild, kernelBuilds } from '../wasm/compute/capabilities.js';
import { type Compute, createCompute } from '../wasm/compute/compute.js';
import { suitableThreads } from '../wasm/compute/suitableThreads.js';
import { countLayers } from './entry.js';
import { type Plan, planTraining } from './plan.js';
import { registry } from './registry.js';
import type { RunConfig } from './runConfig.js';

export interface Parts {
  readonly compute: Compute;
  readonly learner: Learner;
  /** The linear classifier trained beside the network, where the run has one. */
  readonly online: OnlineClassifier | undefined;
  /** Learner, target and classifier together, as a checkpoint holds them. */
  state(): Promise<TensorMap>;
  load(state: TensorMap): Promise<void>;
  /** What is needed to use the network: its parameters, or all of its state where it does not tell these apart. */
  model(): Promise<TensorMap>;
  /** What will be done with the training items. */
  plan(data: DataSet): Plan;
  dispose(): Promise<void>;
}

export interface PartsOptions {
  readonly threads?: number | undefined;
  /** The build of the kernels that a run began with. */
  readonly kernel?: string | undefined;
  /** Of the data that it trains on; without them nothing is trained beside the network. */
  readonly classes?: number | undefined;
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** Builds them. Whatever was built is given back when a part cannot be. */
export async function buildParts(config: RunConfig, options: PartsOptions = {}): Promise<Parts> {
  const { onWarning, classes } = options;
  const entries = registry.entriesOf(config);
  const compute = await startCompute({ ...options, threads: options.threads ?? threadsFor(config) });
  let learner: Learner | undefined;
  try {
    const learningRates = entries.regime.learningRates?.(config) ?? config.learningRates;
    learner = await entries.learner.build(config, { compute, learningRates, onWarning });
    const rule = await entries.rule?.build(config, { outputs: learner.outputs });
    const online = onlineClassifier(config, learner, compute, classes);
    return partsOf(config, compute, learner, rule, online);
  } catch (error) {
    await learner?.dispose?.();
    compute.dispose();
    throw error;
  }
}

/** The linear classifier to train beside the network, where the run has one. */
function onlineClassifier(
  { classifier, seed }: RunConfig,
  { outputs }: Learner,
  compute: Compute,
  classes: number | undefined,
): OnlineClassifier | undefined {
  if (!classifier?.online || classes === undefined) return undefined;
  return new OnlineClassifier(classifierOn(compute), { ...classifier, outputs, classes, seed });
}

function partsOf(
  config: RunConfig,
  compute: Compute,
  learner: Learner,
  rule: TargetRule | undefined,
  online: OnlineClassifier | undefined,
): Parts {
  return {
    compute,
    learner,
    online,
    async state() {
      const states = [await learner.state(), await rule?.state?.(), await online?.state()];
      return together(states);
    },
    async load(state) {
      await learner.load(state);
      await rule?.load?.(state);
      await online?.load(state);
    },
    async model() {
      return isParametric(learner) ? learner.parameters() : learner.state();
    },
    plan: (data) => planTraining(config, data, learner, rule, online),
    async dispose() {
      await online?.dispose();
      await learner.dispose?.();
      compute.dispose();
    },
  };
}

/** Throws a {@link StateError} when two have a tensor of the same name: one would be lost. */
function together(states: readonly (TensorMap | undefined)[]): TensorMap {
  const all: TensorMap = new Map();
  for (const [name, tensor] of states.flatMap((state) => [...(state ?? [])])) {
    if (all.has(name)) {
      throw new StateError(
        `the learner, the rule and the classifier cannot be saved together: two of them have a "${name}"`,
      );
    }
    all.set(name, tensor);
  }
  return all;
}

function isParametric(learner: Learner): learner is ParametricLearner {
  return 'parameters' in learner;
}

/** Convolutions are worth all threads. */
function threadsFor(config: RunConfig): number | undefined {
  const { convolutions } = countLayers(registry.learners.get(config.learner), config);
  return convolutions > 0 ? undefined : suitableThreads(config.layers, config.batchSize);
}

function isKernelBuild(kernel: string | undefined): kernel is KernelBuild {
  return kernelBuilds.some((build) => build === kernel);
}

/** The same kernels as before where this machine has them: another build rounds differently. */
async function startCompute({ threads, kernel, onWarning }: PartsOptions): Promise<Compute> {
  if (isKernelBuild(kernel)) {
    try {
      return await createCompute({ threads, kernel, onWarning });
    } catch (error) {
      if (error instanceof RangeError) throw error;
      onWarning?.(
        `the run began with the ${kernel} kernels, which are not available on this machine; the last bits may differ`,
      );
    }
  }
  return createCompute({ threads, onWarning });
}
