/**
 * What page and trainer say to each other. The trainer is the worker: it has the data, the network and all
 * computation. The page shows what it is told and asks for what the visitor wants. Messages either way are plain data.
 */
import type { ImageShape, KernelBuild } from 'selftarget';
import type { Pixels } from 'selftarget/view';
import type { Settings } from './settings.js';

/** A data set that lies beside the page, as `data/index.json` tells. */
export interface ServedDataSet {
  readonly name: string;
  readonly title: string;
  readonly classes: readonly string[];
}

/** A file of the visitor's, with its path inside what was dropped. */
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

/** How many steps a second: a few to follow, some to watch, as many as there can be. */
export const speeds = ['slow', 'medium', 'full'] as const;
export type Speed = (typeof speeds)[number];

export type ToTrainer =
  | { readonly kind: 'open'; readonly choice: DataChoice; readonly settings: Settings }
  /** Takes effect at once where it can; otherwise the network starts anew. */
  | { readonly kind: 'configure'; readonly settings: Settings }
  | { readonly kind: 'run' }
  | { readonly kind: 'pause' }
  | { readonly kind: 'step' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'speed'; readonly speed: Speed }
  /** A neuron is given a class by hand; -1 for none, nothing to leave it to the labelled images. */
  | { readonly kind: 'name'; readonly neuron: number; readonly class: number | undefined }
  | { readonly kind: 'label'; readonly item: number; readonly class: number }
  /** Another image to label instead. */
  | { readonly kind: 'skip' }
  /** Labels that many images, or all, as the data set does. */
  | { readonly kind: 'labelForMe'; readonly count: number | 'all' }
  | { readonly kind: 'forget' }
  /** What a neuron answers to. */
  | { readonly kind: 'look'; readonly neuron: number }
  /** What the network says to one image, of as many values as the data's. */
  | { readonly kind: 'ask'; readonly values: Float32Array }
  | { readonly kind: 'askTestImage' }
  | { readonly kind: 'save' }
  | { readonly kind: 'load'; readonly name: string; readonly bytes: Uint8Array };

/** The data and what fits them. */
export interface About {
  readonly name: string;
  readonly items: number;
  readonly testItems: number;
  /** [height, width, channels] of the pictures that items are shown as. */
  readonly shape: readonly number[];
  readonly classes: readonly string[];
  /** Whether anything can be measured and labelled for the visitor. */
  readonly labelled: boolean;
  /** What a drawing is made to look like; absent where items are no pictures. */
  readonly look: Look | undefined;
  /** Some items. */
  readonly examples: Pixels;
}

/** How large, where and how thick the figures in a data set's pictures are, in pixels. */
export interface Look {
  /** The longer side of the box around the figure. */
  readonly side: number;
  /** Where the centre of mass lies. */
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
  /** Seen since the start. */
  readonly items: number;
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

/** The network measured on the test images. */
export interface Measured {
  /** Epochs behind, with their fraction. */
  readonly at: number;
  /** Percent right by the visitor's names and labels; absent where there are none, or no labels to compare with. */
  readonly accuracy: number | undefined;
  /** The same if a thousand training images were labelled. */
  readonly ceiling: number | undefined;
  /** One row for each class; only where there is an accuracy. */
  readonly confusion: readonly Uint32Array[] | undefined;
  readonly classOf: Int32Array;
  readonly labels: number;
  readonly handNames: number;
  /** For how many test images each neuron won. */
  readonly wins: Uint32Array;
  readonly activity: Float64Array;
  readonly testItems: number;
  /** Whether the names or labels changed, rather than the network. */
  readonly byVisitor: boolean;
}

export interface Answer {
  readonly picture: Pixels;
  /** Class index; -1 where no named neuron answers. */
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
  | { readonly kind: 'saved'; readonly bytes: Uint8Array; readonly name: string }
  | { readonly kind: 'loaded'; readonly name: string }
  /** What was asked for cannot be; the trainer goes on as before. */
  | { readonly kind: 'refused'; readonly message: string }
  /** Nothing can be trained here at all. */
  | { readonly kind: 'unsupported'; readonly message: string };
