/**
 * The messages between page and trainer. The trainer is the worker: it has the data, the network and all computation.
 * The page shows what it is sent and asks for what the visitor wants. Messages are plain data.
 */
import type { ImageShape, KernelBuild } from 'selftarget';
import type { Pixels } from 'selftarget/view';
import type { Settings } from './settings.js';

/** A data set beside the page, listed in `data/index.json`. */
export interface ServedDataSet {
  readonly name: string;
  readonly title: string;
  readonly classes: readonly string[];
}

/** One of the visitor's files, with its path inside what was dropped. */
export interface OwnFile {
  readonly path: string;
  readonly file: File;
}

export type DataChoice =
  | { readonly kind: 'digits' }
  | { readonly kind: 'served'; readonly set: ServedDataSet; readonly folder: string }
  | {
      readonly kind: 'own';
      readonly name: string;
      readonly files: readonly OwnFile[];
      readonly image: ImageShape;
    };

export const speeds = ['slow', 'medium', 'full'] as const;
export type Speed = (typeof speeds)[number];

export interface ModelBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export type ToTrainer =
  /** `model` is the network to begin with instead of an untrained one. */
  | {
      readonly kind: 'open';
      readonly choice: DataChoice;
      readonly settings: Settings;
      readonly model?: ModelBytes | undefined;
    }
  /** Takes effect at once where it can; otherwise the network is reset. */
  | { readonly kind: 'configure'; readonly settings: Settings }
  | { readonly kind: 'run' }
  | { readonly kind: 'pause' }
  | { readonly kind: 'step' }
  /** An untrained network with these settings, which starts to train where `train` says so. */
  | { readonly kind: 'reset'; readonly settings: Settings; readonly train: boolean }
  | { readonly kind: 'speed'; readonly speed: Speed }
  /** Gives a neuron a class by hand: -1 for none, undefined to leave it to the labelled images. */
  | { readonly kind: 'name'; readonly neuron: number; readonly class: number | undefined }
  | { readonly kind: 'label'; readonly item: number; readonly class: number }
  /** Another image to label instead. */
  | { readonly kind: 'skip' }
  /** Labels that many images, or all, as the data set does. */
  | { readonly kind: 'labelForMe'; readonly count: number | 'all' }
  | { readonly kind: 'forget' }
  /** The last label or name, or whatever else changed them. */
  | { readonly kind: 'undo' }
  | { readonly kind: 'redo' }
  /** The visitor's own word for a class; one more class where `class` is their number. */
  | { readonly kind: 'rename'; readonly class: number; readonly name: string }
  /** What a neuron responds to. */
  | { readonly kind: 'look'; readonly neuron: number }
  /** What the network says to one image, of as many values as the data's. */
  | { readonly kind: 'ask'; readonly values: Float32Array }
  | { readonly kind: 'askTestImage' }
  /** What the network says to a picture of the visitor's. */
  | { readonly kind: 'askPicture'; readonly name: string; readonly file: Blob }
  /** How some of the visitor's pictures look in that size and colour. */
  | { readonly kind: 'preview'; readonly files: readonly OwnFile[]; readonly image: ImageShape }
  | { readonly kind: 'save' }
  /** The same file, to be kept in the browser. */
  | { readonly kind: 'keep' }
  | { readonly kind: 'load'; readonly name: string; readonly bytes: Uint8Array };

/** The data and what fits them. */
export interface About {
  readonly name: string;
  readonly items: number;
  readonly testItems: number;
  /** [height, width, channels] of the pictures that items are shown as. */
  readonly shape: readonly number[];
  /** The words for the classes. */
  readonly classes: readonly string[];
  /** Whether items are pictures, rather than rows of a table. */
  readonly pictures: boolean;
  /** Whether anything can be measured and labelled for the visitor. */
  readonly labelled: boolean;
  /** What a drawing is made to look like; absent where items are not bright figures on black. */
  readonly look: Look | undefined;
  /** Some items. */
  readonly examples: Pixels;
  /** What the visitor should know about the data, a sentence each. */
  readonly notes: readonly string[];
}

/** How large, where and how thick the figures in a data set's pictures are, in pixels. */
export interface Look {
  /** The longer side of the box around the figure. */
  readonly side: number;
  /** Where the centre of mass is. */
  readonly centre: readonly [x: number, y: number];
  readonly stroke: number;
}

export interface Progress {
  readonly running: boolean;
  readonly finished: boolean;
  readonly epoch: number;
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  /** Images seen since the network was untrained, as far as is known. */
  readonly items: number;
  /** The file that the network was loaded from. */
  readonly origin: string | undefined;
  readonly itemsPerSecond: number;
  /** One picture of each neuron's input weights, in rows of `columns`, a pixel between them. */
  readonly weights: Pixels;
  readonly columns: number;
  /** Neurons that won an image of the last batch. */
  readonly winners: readonly number[];
  /** For how many of the last images each neuron won; and how many these are. */
  readonly recentWins: Uint16Array;
  readonly recentItems: number;
}

/** What may be wrong with a network. */
export interface Health {
  /** Neurons whose weights are still nearly those they began with. */
  readonly unlearned: number;
  /** Neurons that respond to no test image. */
  readonly silent: number;
}

/** The network measured on the test images. */
export interface Measured {
  /** Epochs behind, with their fraction. */
  readonly at: number;
  /** Percent correct by the visitor's names and labels; absent where there are none, or no labels to compare with. */
  readonly accuracy: number | undefined;
  /** The same if `ceilingLabels` training images were labelled. */
  readonly ceiling: number | undefined;
  readonly ceilingLabels: number;
  /** One row for each class; only where there is an accuracy. */
  readonly confusion: readonly Uint32Array[] | undefined;
  readonly classOf: Int32Array;
  /** The words for the classes. */
  readonly classes: readonly string[];
  readonly labels: number;
  readonly handNames: number;
  /** Neurons whose names came with the model file. */
  readonly givenNames: number;
  /** What can be undone and redone, in words. */
  readonly undo: string | undefined;
  readonly redo: string | undefined;
  readonly health: Health;
  /** For how many test images each neuron won. */
  readonly wins: Uint32Array;
  readonly activity: Float64Array;
  readonly testItems: number;
  /** Why it was measured: the visitor said something, an epoch of the learning curve was complete, or time passed. */
  readonly because: 'visitor' | 'milestone' | 'time';
}

export interface Answer {
  readonly picture: Pixels;
  /** Class index; -1 where no named neuron responds. */
  readonly class: number;
  /** Mean output of each class's neurons. */
  readonly scores: Float64Array;
  /** The most active neurons, and how active. */
  readonly firing: readonly (readonly [neuron: number, output: number])[];
  /** The class the image has, where it is a test image. */
  readonly truth: number | undefined;
}

export type FromTrainer =
  | { readonly kind: 'opened'; readonly about: About; readonly settings: Settings }
  | {
      readonly kind: 'built';
      readonly settings: Settings;
      readonly threads: number;
      readonly kernel: KernelBuild;
    }
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'measured'; readonly measured: Measured }
  | { readonly kind: 'question'; readonly item: number; readonly picture: Pixels }
  | { readonly kind: 'looked'; readonly neuron: number; readonly weights: Pixels; readonly top: Pixels }
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'previewed'; readonly picture: Pixels | undefined; readonly message: string }
  | { readonly kind: 'saved'; readonly bytes: Uint8Array; readonly name: string }
  | { readonly kind: 'kept'; readonly bytes: Uint8Array }
  | { readonly kind: 'loaded'; readonly name: string }
  /** A request that cannot be carried out; the trainer continues as before. */
  | { readonly kind: 'refused'; readonly message: string }
  /** Nothing can be trained here at all. */
  | { readonly kind: 'unsupported'; readonly message: string };
