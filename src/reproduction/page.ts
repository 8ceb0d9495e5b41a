/** The reproduction as a page in Markdown, with its figures. */
import { amounts, artefacts } from './catalogue.js';
import {
  curvesFigure,
  type Figure,
  fractionsFigures,
  modesFigure,
  outputNeuronsFigure,
  semiFigure,
} from './figures.js';
import {
  beyondTable,
  classifierCurvesTable,
  convolutionTable,
  curvesTable,
  equilibriumNetworks,
  finalsTable,
  fractionsTable,
  untrainedClassifierTable,
  modesTable,
  networks,
  outputNeuronsTable,
  runsTable,
  semiBetterTable,
  semiRuns,
  semiTable,
  supervisedConvolutional,
  supervisedTable,
} from './tables.js';
import type { RunSet } from './runSet.js';

/** Pictures of networks, which take the network itself: a log is not enough. */
export interface PictureFile {
  /** Of the catalogue. */
  readonly artefact: string;
  readonly name: string;
  readonly alt: string;
  readonly content: string | Uint8Array;
}

export interface Reproduction {
  readonly markdown: string;
  readonly figures: readonly Figure[];
}

export interface PageOptions {
  /** Names from the catalogue; all by default. */
  readonly names?: readonly string[] | undefined;
  readonly document: Document;
  /** Where the run folders are, as seen from the page. */
  readonly runsFolder: string;
  /** Where the figures are, likewise. */
  readonly figuresFolder: string;
  /** What the page was written by. */
  readonly command: string;
  /** How all runs differ from their presets, where they do, as a phrase. */
  readonly trial?: string | undefined;
  readonly pictures?: readonly PictureFile[];
  /** Why something is missing, by name. */
  readonly missing?: ReadonlyMap<string, string>;
}

/** Renders what `runs` say. */
export function reproductionPage(runs: RunSet, options: PageOptions): Reproduction {
  const { names, document, runsFolder, figuresFolder, pictures = [], missing = new Map() } = options;
  const figures: Figure[] = [];
  const shown = (list: readonly (Figure | undefined)[]) =>
    list.flatMap((figure) => {
      if (!figure) return [];
      figures.push(figure);
      return [`![${figure.alt}](${figuresFolder}/${figure.name})`, ''];
    });
  const pictured = (artefact: string) =>
    pictures
      .filter((picture) => picture.artefact === artefact)
      .flatMap(({ name, alt }) => [`![${alt}](${figuresFolder}/${name})`, '']);
  const sections: Record<string, () => string[]> = {
    unsupervised: () => [
      ...['## Unsupervised, all labels for the readout', '', ...finalsTable(runs), ''],
      ...['## Learning curves', '', ...shown([curvesFigure(runs, document)])],
      ...['Association, average, after so many epochs (supervised: test accuracy).', ''],
      ...[...curvesTable(runs), ''],
    ],
    equilibrium: () => [
      ...[
        '## The same networks by equilibrium propagation',
        '',
        ...finalsTable(runs, equilibriumNetworks),
        '',
      ],
      ...[...curvesTable(runs, equilibriumNetworks, []), ''],
    ],
    'label-fractions': () => [
      ...['## Fewer labels for the readout, and the untrained network', ''],
      ...[...shown(fractionsFigures(runs, document)), ...fractionsTable(runs), ''],
      'The settings of the classifier on untrained networks are not published. Two layers, with the sigmoid that is published',
      'for trained networks, and without it (`--untrained --set classifier.activation=identity`):',
      ...['', ...untrainedClassifierTable(runs), ''],
    ],
    supervised: () => [
      ...['## Supervised', '', ...supervisedTable(runs), ''],
      ...[...curvesTable(runs, [], supervisedConvolutional, [1, 2, 3, 5, 10, 15, 20, 50, 100]), ''],
    ],
    'number-of-labels': () => [
      ...['## Semi-supervised', '', ...shown([semiFigure(runs, document)])],
      '784-5000-10, 200 epochs on the labels and 400 on both. Test accuracy after the last epoch; where a run stopped earlier,',
      'the epoch is named, with the published figure at that epoch. Labels alone: after the first phase. Winners are chosen by',
      'a pass without dropout, which is not in the paper (docs/explanation/semi-supervised.md).',
      ...['', ...semiTable(runs), ''],
      'The same network with our own settings, chosen on a sixth of the training items held out (`--set validation=0.1667`),',
      'at a fraction of the published cost:',
      ...['', ...semiBetterTable(runs), ''],
    ],
    'number-of-labels-ep': () => [
      ...['## Semi-supervised, by equilibrium propagation', ''],
      '784-5000-10, 100 epochs on the labels and 200 on both; columns as above. Settled even-odd to a tolerance',
      '(`semi-ep-100-fast` and so on):',
      ...['', ...semiTable(runs, 'ep-fast'), ''],
      ...(amounts.some((labels) => semiRuns(runs, labels, true, 'ep').length > 0)
        ? ['With the published dynamics:', '', ...semiTable(runs, 'ep'), '']
        : []),
    ],
    modes: () => [
      ...['## Batch against sequential mode', '', ...shown([modesFigure(runs, document)])],
      'The paper gives no settings for these rows. Ours are the presets named, with as many epochs as published: 60, by',
      'equilibrium propagation (EP) 30.',
      ...['', ...modesTable(runs), ''],
    ],
    'output-neurons': () => [
      ...['## Number of output neurons', '', ...shown([outputNeuronsFigure(runs, document)])],
      'One layer, 784-N. Winners and rate are in proportion to N, from those published for 2000. There are no published logs of',
      'such runs.',
      ...['', ...outputNeuronsTable(runs), ''],
    ],
    'learned-weights': () => ['## Learned weights', '', ...pictured('learned-weights')],
    umap: () => ['## Outputs in a plane', '', ...pictured('umap')],
    cnn: () => [
      ...['## CNN against MLP', '', ...convolutionTable(runs), ''],
      'The linear classifier, epoch by epoch. Published and afterwards: its own epochs, on the trained network. Beside: the',
      "network's epochs, trained on the outputs of the training steps.",
      ...['', ...classifierCurvesTable(runs), ''],
    ],
  };
  const wanted = artefacts.filter(({ name }) => names === undefined || names.includes(name));
  const body = wanted.flatMap(({ name, title }) => {
    const why = missing.get(name);
    const own = pictures.some(({ artefact }) => artefact === name);
    if ((name === 'learned-weights' || name === 'umap') && !own) {
      return [`## ${title}`, '', why ?? withoutPictures(runs), ''];
    }
    return [...sections[name](), ...(why === undefined ? [] : [why, ''])];
  });
  const everything = names === undefined;
  const others = () => {
    const left = runs.all.filter((run) => !runs.used.includes(run)).map(({ name }) => name);
    return left.length === 0
      ? []
      : ['', `Not used, because their settings or data are not those of any row: ${left.join(', ')}.`];
  };
  const markdown = [
    '# Published against measured',
    '',
    `Written by \`${options.command}\` from the run logs in`,
    `[${runsFolder}/](${runsFolder}) and the figures published with arXiv:2403.12116 (error logs of the authors, CC0).`,
    'Accuracies in percent on the test images: the 10,000 of MNIST unless a row names other data. Published: mean ± standard',
    'deviation over the published runs. Measured: one run, or the mean of as many as are named. Training time is that of the',
    'run with the threads named, on machines that may have had other work. Figures: dashed lines and rings are published.',
    ...(options.trial === undefined
      ? []
      : [
          '',
          `**The measured runs differ from the published ones: ${options.trial}.** Published figures are for orientation.`,
        ]),
    '',
    ...body,
    ...(everything
      ? [
          ...['## Better with the same network', ''],
          'Presets of our own beside the published ones, chosen on a validation split of the training set. Published in brackets.',
          ...['', ...beyondTable(runs), ''],
        ]
      : []),
    '## Runs',
    '',
    ...runsTable(runs, runsFolder),
    ...others(),
    '',
  ].join('\n');
  return { markdown, figures };
}

/** Why there is no picture of a network: no run to take it from, or no model in its folder. */
function withoutPictures(runs: RunSet): string {
  const done = networks.filter(({ preset }) => runs.complete(preset).length > 0);
  if (done.length === 0) return 'Not run.';
  return `Not rendered: the run folders of ${done.map(({ preset }) => `\`${preset}\``).join(' and ')} hold no model.`;
}
