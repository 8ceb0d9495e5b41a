/** What a run tells while it goes: for a terminal, a program (`--json`) and the run's log alike. */
import type { ClassResult } from '../readout/index.js';

/** In percent of the labelled test items. Only what applies to the regime and was measured is there. */
export interface Accuracy {
  /** By the class whose neurons have the largest mean output. */
  'association-average'?: number;
  /** By the class of the most active neuron. */
  'association-max'?: number;
  /** Of the classifier trained on the frozen network; in `epoch`, of the one trained beside it. */
  'linear-classifier'?: number;
  /** Of outputs that stand for classes. */
  test?: number;
}

/** Where and with what a run is carried out. Of these, only the kernel can affect the result. */
export interface Environment {
  /** Its version. */
  readonly selftarget: string;
  /** Node's version. */
  readonly node: string;
  /** System, architecture and release. */
  readonly platform: string;
  /** Processor, and how many. */
  readonly cpu: string;
  /** Threads at the start. */
  readonly threads: number;
  /** Build of the kernels: plain, relaxed or wide. */
  readonly kernel: string;
}

/** First event of a call: a new run, or one that is resumed. */
export interface StartEvent {
  readonly event: 'start' | 'resume';
  /** The run's folder. */
  readonly run: string;
  /** The preset or file that the settings came from. */
  readonly preset: string;
  /** Seed of the run. */
  readonly seed: number;
  /** Epochs of the whole run. */
  readonly epochs: number;
  /** Only when resumed: completed epochs. */
  readonly epoch?: number;
  /** Only when resumed: completed steps of the next epoch. */
  readonly step?: number;
  /** Its name, and how many items and classes it has. */
  readonly dataset: {
    readonly name: string;
    readonly train: number;
    readonly test: number;
    readonly classes: number;
  };
  /** Training items that training sees with their label. */
  readonly labelled: number;
  /** Training items that training sees without a label. */
  readonly unlabelled: number;
  /** Where and with what the run is carried out. */
  readonly environment: Environment;
}

/** Several times a second; not in the log. */
export interface ProgressEvent {
  readonly event: 'progress';
  /** The epoch in progress, from 1. */
  readonly epoch: number;
  /** Epochs of the whole run. */
  readonly epochs: number;
  /** Completed steps of this epoch. */
  readonly step: number;
  /** Steps of this epoch. */
  readonly steps: number;
  /** Mean loss of this epoch so far. */
  readonly loss: number;
  /** The name of the pass, where an epoch has more than one. */
  readonly pass?: string | undefined;
  /** Pace of the last seconds. */
  readonly itemsPerSecond: number;
  /** Estimated training time to the end of the run, or of this call. */
  readonly secondsLeft: number;
}

/** While the network is measured, several times a second; not in the log. */
export interface ReadoutProgressEvent {
  readonly event: 'readout-progress';
  /** The network that is measured. */
  readonly network: 'untrained' | 'trained';
  /** The readout in progress. */
  readonly readout: 'association' | 'linear classifier' | 'test';
  /** Items processed; each epoch of the classifier counts them again. */
  readonly done: number;
  /** Items to process. */
  readonly total: number;
}

/** After each epoch. */
export interface EpochEvent {
  readonly event: 'epoch';
  /** From 1. */
  readonly epoch: number;
  /** Epochs of the whole run. */
  readonly epochs: number;
  /** Mean loss of the epoch. */
  readonly loss: number;
  /** The schedule's factor on the learning rates. */
  readonly rate: number;
  /** Time spent in training, without readouts and checkpoints. */
  readonly trainSeconds: number;
  /** Memory of the process after the epoch. */
  readonly memoryMB: number;
  /** Name of the phase, in regimes with more than one. */
  readonly phase?: string | undefined;
  /** Only after epochs that are evaluated (`readout.evaluate`). */
  readonly accuracy?: Accuracy;
  /** Accuracy before the epoch's labelled pass. */
  readonly afterUnlabelled?: Accuracy;
}

/** After each save. */
export interface CheckpointEvent {
  readonly event: 'checkpoint';
  /** Completed epochs. */
  readonly epoch: number;
  /** Completed steps of the next epoch. */
  readonly step: number;
  /** Path of the checkpoint. */
  readonly file: string;
}

/** After each measurement, before and after training, and by `evaluate`. */
export interface ReadoutEvent {
  readonly event: 'readout';
  /** The network that was measured. */
  readonly network: 'untrained' | 'trained';
  /** Epochs of training before it. */
  readonly epoch: number;
  /** The labels asked for, as in `readout.labels`. */
  readonly labels: string;
  /** How many items that was. */
  readonly labelled: number;
  /** Decides which items, and the classifier. */
  readonly seed: number;
  /** Settings of the classifier that differ from the run's, as `key=value`. */
  readonly set?: readonly string[];
  /** Of this readout. */
  readonly accuracy: Accuracy;
  /** Answers by class: those of `association-average`, or of the outputs if they stand for classes. */
  readonly byClass?: readonly ClassResult[];
  /** Of the linear classifier on the labelled items. */
  readonly classifierTrainAccuracy?: number;
  /** Test accuracy of the linear classifier after so many of its epochs. */
  readonly classifierCurve?: Readonly<Record<string, number>>;
  /** Output neurons assigned to each class. */
  readonly neuronsPerClass?: { readonly [name: string]: number };
  /** Output neurons assigned to no class. */
  readonly unnamedNeurons?: number;
  /** Time it took. */
  readonly seconds: number;
  /** How the data differ from those that the run began with, if they do. */
  readonly changedData?: string;
  /** The command that measured, if it was `evaluate` or `reproduce`. */
  readonly command?: string;
}

/** Last event of a call that was not interrupted. */
export interface DoneEvent {
  readonly event: 'done';
  /** The run's folder. */
  readonly run: string;
  /** Completed epochs. */
  readonly epochs: number;
  /** Epochs of the whole run. */
  readonly ofEpochs: number;
  /** Of the trained network. */
  readonly accuracy: Accuracy;
  /** Of the network before training. */
  readonly untrained: Accuracy;
  /** After a first phase on the labels alone. */
  readonly pretrained?: Accuracy;
  /** Training items seen with their label. */
  readonly labelled: number;
  /** Training items seen without a label. */
  readonly unlabelled: number;
  /** Labelled test items, of which `accuracy` is the share answered correctly. */
  readonly testItems?: number;
  /** What is wrong with the result, in words. */
  readonly warnings?: readonly string[];
  /** All time spent on the run, readouts included, over all calls. */
  readonly seconds: number;
  /** Time spent in training, over all calls. */
  readonly trainSeconds: number;
  /** Median over the epochs, training only. */
  readonly epochSeconds: number;
  /** Threads used. */
  readonly threads: number;
  /** Build of the kernels. */
  readonly kernel: string;
  /** Largest memory of the process. */
  readonly peakMemoryMB: number;
  /** Path of the report; not in the log. */
  readonly report?: string;
}

/** Last event after Ctrl-C, after a checkpoint if there was anything to save. */
export interface InterruptedEvent {
  readonly event: 'interrupted';
  /** Absent if the run folder had not been made yet. */
  readonly run?: string;
  /** Completed epochs. */
  readonly epoch: number;
  /** Completed steps of the next epoch. */
  readonly step: number;
}

/** Training diverged: the last good checkpoint is kept. */
export interface FailedEvent {
  readonly event: 'failed';
  /** The epoch in which training diverged. */
  readonly epoch: number;
  /** What happened, and what to do. */
  readonly message: string;
}

/** While a file of a known data set is downloaded; not in the log. */
export interface DownloadEvent {
  readonly event: 'download';
  /** Name of the file. */
  readonly file: string;
  /** Where it comes from. */
  readonly url: string;
  /** Bytes received so far. */
  readonly received: number;
  /** Bytes in all, if the server tells. */
  readonly total: number | undefined;
}

/** While the data are read, before the run begins; not in the log. */
export interface LoadingEvent {
  readonly event: 'loading';
  /** Files read. */
  readonly done: number;
  /** Files to read. */
  readonly total: number;
}

/** Any time. */
export interface WarningEvent {
  readonly event: 'warning';
  /** What the user should know. */
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
