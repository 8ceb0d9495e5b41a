/** From a configuration to the objects that train: compute, learner, target rule, data. */
import { BackpropNetwork } from '../wasm/backprop/network.js';
import { type KernelBuild, kernelBuilds } from '../wasm/compute/capabilities.js';
import { type Compute, createCompute } from '../wasm/compute/compute.js';
import type { DataSet } from '../data/dataSet.js';
import { suitableThreads } from '../wasm/compute/suitableThreads.js';
import { EquilibriumNetwork } from '../wasm/equilibrium/network.js';
import type { Learner } from '../learner/learner.js';
import type { TensorMap } from '../learner/tensors.js';
import { OnlineClassifier } from '../readout/index.js';
import { SelfDefinedTarget } from '../target/index.js';
import type { LearningRates } from '../wasm/bricks/parameters.js';
import { classifierOn } from '../wasm/classifier.js';
import type { RunConfig } from './config.js';
import { convolutionSpec } from './convolutionConfig.js';
import { type Plan, planTraining } from './plan.js';

export interface Parts {
  readonly compute: Compute;
  readonly learner: Learner;
  /** The linear classifier trained beside the network, where the run has one. */
  readonly online: OnlineClassifier | undefined;
  /** Learner, target and classifier together, as a checkpoint holds them. */
  state(): Promise<TensorMap>;
  load(state: TensorMap): Promise<void>;
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

export async function buildParts(config: RunConfig, options: PartsOptions = {}): Promise<Parts> {
  const { layers, conv, batchSize } = config;
  const threads = options.threads ?? (conv ? undefined : suitableThreads(layers, batchSize));
  const compute = await startCompute({ ...options, threads });
  try {
    return buildOn(compute, config, options);
  } catch (error) {
    compute.dispose();
    throw error;
  }
}

function buildOn(compute: Compute, config: RunConfig, options: PartsOptions): Parts {
  const {
    layers,
    conv,
    activations,
    dropout,
    loss,
    optimizer,
    equilibrium,
    initialGain: gain,
    seed,
  } = config;
  const spec = { layers, dropout, loss, optimizer, learningRates: ratesOf(config), gain };
  const convolution = conv && convolutionSpec(conv);
  const learner = equilibrium
    ? new EquilibriumNetwork(compute, { ...spec, ...equilibrium }, seed)
    : new BackpropNetwork(compute, { ...spec, convolution, activations }, seed);
  const target = config.target && new SelfDefinedTarget({ ...config.target, outputs: learner.outputs });
  const { classifier } = config;
  const online =
    classifier?.online && options.classes !== undefined
      ? new OnlineClassifier(classifierOn(compute), {
          ...classifier,
          ...{ outputs: learner.outputs, classes: options.classes, seed },
        })
      : undefined;
  return {
    compute,
    learner,
    online,
    state: async () =>
      new Map([...learner.state(), ...(target?.state() ?? []), ...((await online?.state()) ?? [])]),
    async load(state) {
      learner.load(state);
      target?.load(state);
      await online?.load(state);
    },
    plan: (data) => planTraining(config, data, learner, target, online),
    async dispose() {
      await online?.dispose();
      learner.dispose();
      compute.dispose();
    },
  };
}

/** By the names of the optimisers, where a regime has more than one: see regimes/semiSupervised.ts. */
function ratesOf({ learningRates, semi }: RunConfig): LearningRates {
  if (!semi) return learningRates;
  const { pretrainLearningRates = learningRates, labelledLearningRates = learningRates } = semi;
  return {
    pretraining: pretrainLearningRates,
    unlabelled: learningRates,
    labelled: labelledLearningRates,
  };
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
