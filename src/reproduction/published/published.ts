/** The figures published with arXiv:2403.12116 (error logs of the authors, CC0), by the presets that repeat them. */
import { logs } from './figures.js';

export interface PublishedFigure {
  /** Over the published runs, after the last epoch, in percent. */
  readonly mean: number;
  /** Population standard deviation over them. */
  readonly sd: number;
  /** Mean after so many epochs, from 1. */
  readonly curve: Readonly<Record<string, number>>;
}

export interface PublishedLog {
  readonly runs: number;
  readonly epochs: number;
  /** By readout, named as in a run's log. */
  readonly figures: Readonly<Record<string, PublishedFigure>>;
}

/** The published log called `key`. */
export function publishedLog(key: string): PublishedLog | undefined {
  return Object.hasOwn(logs, key) ? logs[key] : undefined;
}

/** `figure` of the log `key`; the association and the linear classifier have a log each, `results` among them. */
export function publishedFigure(key: string, metric: string): PublishedFigure | undefined {
  const part = metric === 'linear-classifier' ? 'classification_layer' : 'results';
  return (publishedLog(`${key}/${part}`) ?? publishedLog(key))?.figures[metric];
}

/** Where a preset's figures are found. */
export interface PublishedRun {
  /** With all labels. */
  readonly key: string;
  /** With a share of the labels for the readout: `1percent` and so on, without the share. */
  readonly fractions?: string | undefined;
  /** The untrained network's, likewise. */
  readonly untrained?: string | undefined;
  /** Of the semi-supervised regime: labels alone. */
  readonly pretrained?: string | undefined;
}

/** Published shares of labels for the readout, and what their folders are called. */
export const publishedShares: readonly (readonly [share: string, folder: string])[] = [
  ['1%', '1percent'],
  ['5%', '5percent'],
  ['50%', '50percent'],
  ['100%', 'full_labels'],
];

/**
 * The published run that `preset` repeats, or that a preset of our own (`-fast`, `-better`) improves on.
 *
 * @param homeostasis whether gamma is above 0; published with few labels are both
 */
export function publishedRun(preset: string, homeostasis = true): PublishedRun | undefined {
  const name = preset.replace(/-(fast|better)$/, '');
  const [, regime, method, rest] = /^(unsupervised|supervised|semi|modes)-(bp|ep)-(.+)$/.exec(name) ?? [];
  const found = candidate(regime, method, rest, homeostasis);
  const { key = '' } = found ?? {};
  const known = [key, `${key}/results`, `${key}/classification_layer`].some((at) => publishedLog(at));
  return known ? found : undefined;
}

function candidate(
  regime: string | undefined,
  method: string,
  rest: string,
  homeostasis: boolean,
): PublishedRun | undefined {
  const cnn = /^cnn-(mnist|fashion|svhn)$/.exec(rest)?.[1].replace('fashion', 'fashionMnist');
  switch (regime) {
    case 'unsupervised': {
      if (cnn) return { key: `unsupervised_cnn/${cnn}` };
      const fractions = `unsupervised_${method}_${rest}`;
      const untrained = method === 'bp' ? `untrain_${rest}` : undefined;
      return { key: `${fractions}/full_labels`, fractions, untrained };
    }
    case 'supervised':
      return { key: cnn ? `supervised_cnn/${cnn}/results` : `supervised_${method}/${rest}/results` };
    case 'semi': {
      // With 3000 labels the published run that has homeostasis in its name has a gamma of 0, too.
      const without = homeostasis || rest === '3000' ? '' : 'without_homeo/';
      const folder = `semi_${method}/${without}${rest}labels`;
      return { key: `${folder}/semi_supervised`, pretrained: `${folder}/pre_supervised` };
    }
    case 'modes': {
      const [, layers, mode] = /^(\d)layer-(batch|sequential)$/.exec(rest) ?? [];
      return {
        key: `mode_compare/${method.toUpperCase()}_${layers}layer${layers === '2' ? 's' : ''}_${mode}`,
      };
    }
    default:
      return undefined;
  }
}
