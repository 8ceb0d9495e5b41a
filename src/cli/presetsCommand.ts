import type { Command } from 'commander';
import { listPresets } from '../run/presets.js';
import { resolveConfig } from '../run/settings.js';

const examples = `
Examples:
  selftarget presets
  selftarget presets unsupervised-bp-2layer > mine.json
  selftarget train --config mine.json     after changing what you like`;

export function addPresets(program: Command): void {
  program
    .command('presets')
    .summary('list the presets, or print the settings of one')
    .description(
      'Lists the presets, or prints all settings of one as JSON. They train on MNIST unless they name other data; "paper" ' +
        'marks the settings published with the method, EP is equilibrium propagation, CNN a convolutional network.',
    )
    .argument('[name]', 'the preset to print')
    .option('--json', 'the list as JSON')
    .addHelpText('after', examples)
    .action(async (name: string | undefined, flags: { json?: boolean }) => {
      if (name !== undefined) {
        console.log(JSON.stringify(await resolveConfig({ preset: name }), undefined, 2));
        return;
      }
      const presets = listPresets();
      if (flags.json) {
        console.log(JSON.stringify(presets));
        return;
      }
      const width = Math.max(...presets.map((preset) => preset.name.length));
      for (const { name: title, summary } of presets) console.log(`${title.padEnd(width)}  ${summary}`);
    });
}
