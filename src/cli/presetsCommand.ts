import type { Command } from 'commander';
import { addUse } from './useOption.js';

export interface PresetsFlags {
  json?: boolean;
}

const examples = `
Examples:
  selftarget presets
  selftarget presets cnn mnist            those that have both words
  selftarget presets unsupervised-bp-2layer > mine.json
  selftarget train --config mine.json     after changing what you like`;

export function addPresets(program: Command): void {
  addUse(program.command('presets'))
    .summary('list or search the presets, or print the settings of one')
    .description(
      "Lists the presets with their data and how long they take on two cores, or those that match all words; a preset's " +
        'own name prints all its settings as JSON. "paper" marks the settings published with the method, EP is ' +
        'equilibrium propagation, CNN a convolutional network.',
    )
    .argument('[words...]', "what to look for, or a preset's name")
    .option('--json', 'the list as JSON')
    .addHelpText('after', examples)
    .action(async (words: readonly string[], flags: PresetsFlags) =>
      (await import('./presetsAction.js')).runPresets(words, flags),
    );
}
