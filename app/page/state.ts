/** What the page knows, as signals: components show them, and the trainer's messages change them. */
import { computed, signal } from '@preact/signals';
import type { ImageShape, KernelBuild } from 'selftarget';
import type { Pixels } from 'selftarget/view';
import type {
  About,
  Answer,
  DataChoice,
  Measured,
  OwnFile,
  Progress,
  ServedDataSet,
  Speed,
} from '../protocol.js';
import { initialSettings, type Settings } from '../settings.js';
import type { Curves } from './memory.js';

export type Phase = 'loading' | 'ready' | 'unsupported';

export const phase = signal<Phase>('loading');
/** Why nothing can be trained here. */
export const unsupported = signal('');

/** Something to tell the visitor, until it is closed. */
export interface Notice {
  readonly text: string;
  readonly kind: 'error' | 'note';
  readonly action?: { readonly label: string; readonly run: () => void } | undefined;
}
export const notices = signal<readonly Notice[]>([]);
/** What has just happened, for those who do not see it. */
export const announcement = signal('');

export const about = signal<About | undefined>(undefined);
/** What the visitor chose, and what is there: the same once it is read. */
export const choice = signal<DataChoice>({ kind: 'digits' });
export const opened = signal<DataChoice>(choice.value);
export const opening = signal(false);
export const served = signal<readonly ServedDataSet[]>([]);
/** The visitor's files that wait for a size and a colour, and how some of them would look. */
export const pending = signal<
  { readonly name: string; readonly files: readonly OwnFile[]; readonly image: ImageShape } | undefined
>(undefined);
export const preview = signal<{ readonly picture: Pixels | undefined; readonly message: string } | undefined>(
  undefined,
);

export const settings = signal<Settings>(initialSettings);
export const speed = signal<Speed>('medium');
export const runtime = signal<{ threads: number; kernel: KernelBuild } | undefined>(undefined);

export const progress = signal<Progress | undefined>(undefined);
export const running = computed(() => progress.value?.running === true);
/** Whether the network has learned anything, here or before it was loaded. */
export const trained = computed(() => {
  const now = progress.value;
  return now !== undefined && (now.items > 0 || now.origin !== undefined);
});
export const measured = signal<Measured | undefined>(undefined);
/** Accuracy so far: by the visitor's names, and if many images were labelled. */
export const curves = signal<Curves>({ named: [], ceiling: [] });
/** The accuracy before the visitor's last word, to show what that did. */
export const jump = signal<{ from: number | undefined; to: number } | undefined>(undefined);
/** Settings that took effect in the middle of a run. */
export const changedInRun = signal(false);

export const question = signal<{ item: number; picture: Pixels } | undefined>(undefined);
export const answer = signal<Answer | undefined>(undefined);
export const selected = signal<number | undefined>(undefined);
export const looked = signal<{ neuron: number; weights: Pixels; top: Pixels } | undefined>(undefined);

/** The words for the classes; empty until the first data are read. */
export const classes = signal<readonly string[]>([]);
export const classOf = computed(() => measured.value?.classOf);

/** Neurons that won none of the last images; nothing before there are enough to tell. */
export const silent = computed(() => {
  const now = progress.value;
  if (!now || now.recentItems < 5 * now.recentWins.length) return undefined;
  return now.recentWins.reduce((count, wins) => count + (wins === 0 ? 1 : 0), 0);
});

/** The panels beside the stage: one at a time, or all on a wide screen. */
export const panels = ['labels', 'try', 'experiment', 'images'] as const;
export type Panel = (typeof panels)[number];
export const panel = signal<Panel>('labels');
