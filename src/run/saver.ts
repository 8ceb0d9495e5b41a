/** When a run is saved, and that what is saved can be used. */
import { TrainingDivergedError } from '../regimes/index.js';
import { isFinite, type Progress, writeCheckpoint, writeModel } from './checkpoint.js';
import type { RunConfig } from './config.js';
import type { CheckpointEvent } from './events.js';
import type { Parts } from './parts.js';
import type { RunFiles } from './runFolder.js';

/** Least time between checkpoints after epochs, and within an epoch. */
const AFTER_EPOCH_MS = 10_000;
const WITHIN_EPOCH_MS = 300_000;
/** Writing them after epochs takes at most one part in so many of the time. */
const SHARE = 50;

export class Saver {
  readonly #config: RunConfig;
  readonly #parts: Parts;
  readonly #files: RunFiles;
  #last = performance.now();
  #wait = AFTER_EPOCH_MS;
  /** The position that is on the disk. */
  #saved: string | undefined;

  constructor(config: RunConfig, parts: Parts, files: RunFiles, saved: Progress | undefined) {
    this.#config = config;
    this.#parts = parts;
    this.#files = files;
    this.#saved = saved && position(saved);
  }

  get hasSaved(): boolean {
    return this.#saved !== undefined;
  }

  isDue(when: 'after an epoch' | 'within an epoch'): boolean {
    return performance.now() - this.#last >= (when === 'after an epoch' ? this.#wait : WITHIN_EPOCH_MS);
  }

  /** Writes checkpoint and model, unless they are there. */
  async *save(progress: Progress): AsyncGenerator<CheckpointEvent> {
    if (this.#saved === position(progress)) return;
    const { epoch, step } = progress;
    const began = performance.now();
    const tensors = await this.#parts.state();
    // Activations that saturate hide broken weights from the loss; they must not replace good ones on disk.
    for (const { data } of tensors.values()) {
      if (!isFinite(data)) throw new TrainingDivergedError(step > 0 ? epoch + 1 : epoch, step);
    }
    await writeCheckpoint(this.#files.checkpoint, { config: this.#config, progress, tensors });
    await writeModel(this.#files.model, this.#config, progress, await this.#parts.model());
    this.#saved = position(progress);
    this.#last = performance.now();
    this.#wait = Math.max(AFTER_EPOCH_MS, SHARE * (this.#last - began));
    yield { event: 'checkpoint', epoch, step, file: this.#files.checkpoint };
  }
}

function position({ epoch, step }: Progress): string {
  return `${epoch}:${step}`;
}
