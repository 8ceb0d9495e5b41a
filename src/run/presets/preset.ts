/** What a preset is. */
import type { PublishedLogs } from '../publishedLogs.js';

/** Settings as a user may write them: JSON. */
export type Settings = { [key: string]: unknown };

export interface Preset {
  /** One line for a list of presets. */
  readonly summary: string;
  readonly settings: Settings;
  /** The published runs to compare it with. */
  readonly published?: readonly PublishedLogs[];
}
