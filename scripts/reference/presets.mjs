/** All presets, by the labels that they use. */
import { describePresets } from '../../dist/cli/presetsAction.js';
import { registry } from '../../dist/run/registry.js';
import { code, generated, paragraph, table } from './markdown.mjs';

export async function presetsPage() {
  const presets = await describePresets();
  return [
    generated,
    '# Presets',
    '',
    paragraph(
      'A preset is a configuration with a name: `selftarget train NAME` trains it, `selftarget presets NAME` prints all ' +
        'its settings, and `--set` changes some of them. Times are rough, for two cores. "paper" marks the settings ' +
        'published with the method; EP is equilibrium propagation, CNN a convolutional network.',
    ),
    '',
    ...registry.regimes.all.flatMap(({ name: regime, title }) => {
      const members = presets.filter((preset) => preset.regime === regime);
      const rows = members.map(({ name, dataset, epochs, length, summary }) => [
        code(name),
        code(dataset),
        String(epochs),
        length,
        summary,
      ]);
      return [
        `## ${title}`,
        '',
        table([['preset', 'data set', 'epochs', 'time', 'what it is'], ...rows]),
        '',
      ];
    }),
  ].join('\n');
}
