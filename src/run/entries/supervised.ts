/** Supervised training in the command. */
import { UNLABELLED } from '../../data/dataSet.js';
import { supervised } from '../../regimes/index.js';
import { onePhase, type RegimeEntry } from '../entry.js';

export const supervisedEntry: RegimeEntry = {
  name: 'supervised',
  title: 'With all labels',
  takesRule: false,
  answers: 'outputs',
  *problems({ target }) {
    if (target)
      yield 'target: a supervised run takes its target from labels; leave it out (--set target=null)';
  },
  *dataProblems({ dataset }, train) {
    const unlabelled = train.labels.reduce((sum, label) => sum + Number(label === UNLABELLED), 0);
    if (unlabelled === 0) return;
    yield `dataset: ${unlabelled} of ${train.length} items of ${dataset} to train on have no label, which supervised training ` +
      'needs; leave these items out, or train with what there is (regime semi-supervised) or without labels (unsupervised)';
  },
  describe: () => 'with labels',
  plan(config, { train, training }) {
    const { labelSmoothing } = config;
    return {
      ...onePhase(config, train.length),
      labelled: train.length,
      unlabelled: 0,
      train: (from, signal) => supervised({ ...training, from, signal, data: train, labelSmoothing }),
    };
  },
};
