/** What a run tells while it goes: for a terminal, a program (`--json`) and the run's log alike. */
import type { ClassResult } from '../readout/index.js';

/** In percent of the test items; what applies to the regime and was measured. */
export interface Accuracy {
  'association-average'?: number;
  'association-max'?: number;
  /** Trained on the frozen network; after an epoch of the network's training, the one trained beside it. */
  'linear-classifier'?: number;
  test?: number;
}

/** Where and with what a run is carried out; none of it changes the result but the kernel. */
export interface Environment {
  readonly selftarget: string;
  readonly node: string;
  readonly platform: string;
  readonly cpu: string;
  readonly threads: number;
  readonly kernel: string;
}

export interface StartEvent {
  readonly event: 'start' | 'resume';
  readonly run: string;
  readonly preset: string;
  readonly seed: number;
  readonly epochs: number;
  /** Where it resumes, in completed epochs and steps; only when resumed. */
  readonly epoch?: number;
  readonly step?: number;
  readonly dataset: {
    readonly name: string;
    readonly train: number;
    readonly test: number;
    readonly classes: number;
  };
  /** Of the training items, those that training sees with their label, and without. */
  readonly labelled: number;
  readonly unlabelled: number;
  readonly environment: Environment;
}

/** Several times a second; not kept in the log. */
export interface ProgressEvent {
  readonly event: 'progress';
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly steps: number;
  /** Mean loss of this epoch so far. */
  readonly loss: number;
  /** The name of the pass, where an epoch has more than one. */
  readonly pass?: string | undefined;
  readonly itemsPerSecond: number;
  /** Estimated training time to the end of the run or of this call. */
  readonly secondsLeft: number;
}

/** While the network is measured, several times a second; not kept in the log. */
export interface ReadoutProgressEvent {
  readonly event: 'readout-progress';
  readonly network: 'untrained' | 'trained';
  readonly readout: 'association' | 'linear classifier' | 'test';
  /** Items that have been through it, of all; in the classifier's epochs they go through it again. */
  readonly done: number;
  readonly total: number;
}

export interface EpochEvent {
  readonly event: 'epoch';
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  readonly loss: number;
  /** The schedule's factor on the learning rates. */
  readonly rate: number;
  /** Time spent in training, without readouts and checkpoints. */
  readonly trainSeconds: number;
  /** Of the process, after the epoch. */
  readonly memoryMB: number;
  /** The name of the epoch's phase, where the regime has more than one. */
  readonly phase?: string | undefined;
  /** Where this epoch is one that is evaluated. */
  readonly accuracy?: Accuracy;
  /** The same before the epoch's labelled pass. */
  readonly afterUnlabelled?: Accuracy;
}

export interface CheckpointEvent {
  readonly event: 'checkpoint';
  readonly epoch: number;
  readonly step: number;
  readonly file: string;
}

export interface ReadoutEvent {
  readonly event: 'readout';
  readonly network: 'untrained' | 'trained';
  /** Epochs of training behind it. */
  readonly epoch: number;
  /** The labels asked for, and how many items that was. */
  readonly labels: string;
  readonly labelled: number;
  readonly seed: number;
  /** What of the classifier was set otherwise than in the run's configuration, as `key=value`. */
  readonly set?: readonly string[];
  readonly accuracy: Accuracy;
  /** The answers by class: those of `association-average`, or of the outputs where they stand for classes. */
  readonly byClass?: readonly ClassResult[];
  /** Of the linear classifier on the labelled items. */
  readonly classifierTrainAccuracy?: number;
  /** Of the linear classifier on the test items after so many of its own epochs. */
  readonly classifierCurve?: Readonly<Record<string, number>>;
  /** Output neurons that each class was given, and that none was. */
  readonly neuronsPerClass?: { readonly [name: string]: number };
  readonly unnamedNeurons?: number;
  readonly seconds: number;
  /** How the data differ from those that the run began with, where they do. */
  readonly changedData?: string;
  /** `evaluate`, when it was measured by that command afterwards. */
  readonly command?: string;
}

export interface DoneEvent {
  readonly event: 'done';
  readonly run: string;
  /** Completed, and of how many. */
  readonly epochs: number;
  readonly ofEpochs: number;
  readonly accuracy: Accuracy;
  readonly untrained: Accuracy;
  /** What the labels gave in a first phase of their own. */
  readonly pretrained?: Accuracy;
  readonly labelled: number;
  readonly unlabelled: number;
  /** Labelled test items, of which `accuracy` is the share answered correctly. */
  readonly testItems?: number;
  /** What is wrong with the result, in words; see problems.ts. */
  readonly warnings?: readonly string[];
  /** All time spent on the run, readouts included, over all calls. */
  readonly seconds: number;
  readonly trainSeconds: number;
  /** Median over the epochs, training only. */
  readonly epochSeconds: number;
  readonly threads: number;
  readonly kernel: string;
  readonly peakMemoryMB: number;
  /** Path of the report, where the command has written one; not in the log. */
  readonly report?: string;
}

/** Ended from outside, after a checkpoint where there was anything to save. */
export interface InterruptedEvent {
  readonly event: 'interrupted';
  /** Absent when it came before the run folder was made. */
  readonly run?: string;
  readonly epoch: number;
  readonly step: number;
}

export interface FailedEvent {
  readonly event: 'failed';
  readonly epoch: number;
  readonly message: string;
}

/** Comes while a file of a known data set is downloaded; not in the log. */
export interface DownloadEvent {
  readonly event: 'download';
  readonly file: string;
  readonly url: string;
  /** Bytes that are here, and that there will be, where the server says it. */
  readonly received: number;
  readonly total: number | undefined;
}

/** Comes while the data are read, before the run begins; not in the log. */
export interface LoadingEvent {
  readonly event: 'loading';
  /** Files read, of all. */
  readonly done: number;
  readonly total: number;
}

export interface WarningEvent {
  readonly event: 'warning';
  readonly message: string;
}

export type RunEvent =
  | DownloadEvent
  | LoadingEvent
  | StartEvent
  | ProgressEvent
  | ReadoutProgressEvent
  | EpochEvent
  | CheckpointEvent
  | ReadoutEvent
  | DoneEvent
  | InterruptedEvent
  | FailedEvent
  | WarningEvent;
