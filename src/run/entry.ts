/**
 * What the command needs to know of a learner, a target rule or a regime: an entry of the registry. A new one is a module
 * of its own; `--use` brings one from outside the package.
 */
import type { z } from 'zod';
import type { DataSet } from '../data/dataSet.js';
import type { Learner, MaybePromise } from '../learner/learner.js';
import type { TargetRule } from '../learner/rule.js';
import { scheduleFactor } from '../learner/schedule.js';
import type { OnlineClassifier } from '../readout/index.js';
import type { Position, TrainEvent, Training } from '../regimes/index.js';
import type { LearningRates } from '../wasm/bricks/parameters.js';
import type { Compute } from '../wasm/compute/compute.js';
import type { RunConfig } from './runConfig.js';

/** What all entries have. */
interface Entry {
  /** As it is written in a configuration. */
  readonly name: string;
  /** Its settings: sections of the configuration by key, each optional there, refused where another entry is used. */
  readonly sections?: Readonly<Record<string, z.ZodType>> | undefined;
  /** Settings to fill in, after all checks. */
  complete?(config: RunConfig): Readonly<Record<string, unknown>> | undefined;
}

/** Layers of weights, and the settings from which their number follows. */
export interface LayerCount {
  readonly convolutions: number;
  readonly dense: number;
  readonly because: string;
}

export interface LearnerEntry extends Entry {
  /** In words, such as "backpropagation". */
  readonly title: string;
  /** What contradicts what in its settings, one sentence each that begins with the setting. */
  problems?(config: RunConfig): Iterable<string>;
  /** What does not fit the training items. */
  dataProblems?(config: RunConfig, train: DataSet): Iterable<string>;
  /** Layers of weights; one less than `layers` by default. */
  countLayers?(config: RunConfig): LayerCount;
  /** Values of an item that it takes; `layers[0]` by default, undefined where `dataProblems` checks it. */
  takesItemsOf?(config: RunConfig): number | undefined;
  build(config: RunConfig, context: LearnerContext): MaybePromise<Learner>;
  /** Seconds that an item takes in training on two cores, within a factor of about three. */
  secondsPerItem?(config: RunConfig): number;
}

export interface LearnerContext {
  /** Memory, kernels and threads, for learners that compute here. */
  readonly compute: Compute;
  /** The learning rates of the regime's optimisers. */
  readonly learningRates: LearningRates;
  /** Called with what the user should know. */
  readonly onWarning: ((message: string) => void) | undefined;
}

export interface RuleEntry extends Entry {
  problems?(config: RunConfig): Iterable<string>;
  build(config: RunConfig, context: { readonly outputs: number }): MaybePromise<TargetRule>;
  /** k, where the rule chooses winners, for reports. */
  winners?(config: RunConfig): number | undefined;
}

export interface RegimeEntry extends Entry {
  /** A heading for its presets. */
  readonly title: string;
  /** Whether it trains with a registered rule. */
  readonly takesRule: boolean;
  /** What answers with a class: neurons that a readout names, or outputs that stand for the classes by training. */
  readonly answers: 'neurons' | 'outputs';
  problems?(config: RunConfig, learner: LearnerEntry): Iterable<string>;
  dataProblems?(config: RunConfig, train: DataSet): Iterable<string>;
  /** Epochs over all phases; `epochs` by default. */
  epochs?(config: RunConfig): number;
  /** By the names of its optimisers; `learningRates` by default. */
  learningRates?(config: RunConfig): LearningRates;
  /** A file with labels to use instead of the data's, and the setting that names it. */
  labelFile?(config: RunConfig): { readonly setting: string; readonly path: string } | undefined;
  /** How many labels training sees, and the setting that says so; all of them by default. */
  labels?(config: RunConfig): { readonly setting: string; readonly amount: string | number };
  /** Its settings with defaults that depend on others filled in: equal for configurations that train alike. */
  withDefaults?(config: RunConfig): Partial<RunConfig>;
  /** What a report shows where the regime has several phases or passes, in their order; else the readouts. */
  readonly stages?: readonly Stage[] | undefined;
  /** What it trained with, as a phrase for a report. */
  describe(counts: { readonly labelled: string; readonly unlabelled: string }): string;
  /** What it will do. Throws a ConfigError or DataError when the data have not the labels that it takes. */
  plan(config: RunConfig, context: PlanContext): Plan;
}

/** A moment of every epoch of a phase at which test accuracy is measured. */
export interface Stage {
  /** What a report calls it. */
  readonly name: string;
  /** Names its figures among published ones. */
  readonly key: string;
  /** {@link EpochPlan.phase}. */
  readonly phase: string;
  /** After the epoch, or after the pass over unlabelled items within it. */
  readonly after: 'epoch' | 'unlabelled';
}

export interface PlanContext {
  readonly train: DataSet;
  /** What every regime needs, from the configuration. */
  readonly training: Omit<Training, 'data' | 'from' | 'signal'>;
  /** The registered rule, for regimes that take one. */
  readonly rule: TargetRule;
  /** The linear classifier to be trained beside the network, where the run has one. */
  readonly online: OnlineClassifier | undefined;
}

export interface Plan {
  /** Over all phases. */
  readonly epochs: number;
  /** Items whose labels training sees, and items that it sees without. */
  readonly labelled: number;
  readonly unlabelled: number;
  /** What happens in epoch `epoch`, from 1. */
  about(epoch: number): EpochPlan;
  /** Trains from `from` on; see regimes/training.ts. */
  train(from: Position, signal: AbortSignal | undefined): AsyncGenerator<TrainEvent>;
}

export interface EpochPlan {
  /** Items that it goes over. */
  readonly items: number;
  /** The schedule's factor on the learning rates; of the main pass, where there are more. */
  readonly rate: number;
  /** The name of its phase, where there is more than one, which epoch of that it is, and of how many. */
  readonly phase?: string | undefined;
  readonly phaseEpoch: number;
  readonly phaseEpochs: number;
}

/** The epochs of a run with one phase, or of a phase of `epochs`, over `items` items each. */
export function onePhase({ epochs, schedule }: RunConfig, items: number): Pick<Plan, 'epochs' | 'about'> {
  return {
    epochs,
    about: (epoch) => ({
      items,
      rate: scheduleFactor(schedule, epoch - 1, epochs),
      phaseEpoch: epoch,
      phaseEpochs: epochs,
    }),
  };
}

/** The learner's layers of weights. */
export function countLayers(learner: LearnerEntry, config: RunConfig): LayerCount {
  const { layers } = config;
  return (
    learner.countLayers?.(config) ?? {
      convolutions: 0,
      dense: layers.length - 1,
      because: `layers has ${layers.length} widths`,
    }
  );
}
