/**
 * Configurations by name: the published runs of arXiv:2403.12116 with the authors' hyper-parameters, unchanged
 * unless a comment says why, and our own.
 */
import { nearestName } from '../data/nearestName.js';
import { ConfigError } from './errors.js';
import { equilibriumPresets } from './presets/equilibrium.js';
import { modePresets } from './presets/modes.js';
import type { Preset } from './presets/preset.js';
import { semiSupervisedPresets } from './presets/semiSupervised.js';
import { supervisedPresets } from './presets/supervised.js';
import { unsupervisedPresets } from './presets/unsupervised.js';

export type { Preset, Settings } from './presets/preset.js';

/** In the order in which to list them. */
const presets: Record<string, Preset> = {
  ...unsupervisedPresets,
  ...modePresets,
  ...semiSupervisedPresets,
  ...supervisedPresets,
  ...equilibriumPresets,
};

/** All presets, in the order in which to list them. */
export function listPresets(): ({ readonly name: string } & Preset)[] {
  return Object.entries(presets).map(([name, preset]) => ({ name, ...preset }));
}

/** The preset called `name`. Throws {@link ConfigError} with the nearest name when there is none. */
export function findPreset(name: string): Preset {
  if (!Object.hasOwn(presets, name)) {
    const near = nearestName(name, Object.keys(presets));
    const help = near === undefined ? '; "selftarget presets" lists them' : `; did you mean "${near}"?`;
    throw new ConfigError(`unknown preset "${name}"${help}`);
  }
  return presets[name];
}
