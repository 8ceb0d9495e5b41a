/** Unsupervised training in the command. */
import { type DataSet, UNLABELLED } from '../../data/dataSet.js';
import { parseAmount, stratified } from '../../data/split.js';
import { unsupervised } from '../../regimes/index.js';
import { onePhase, type RegimeEntry } from '../entry.js';
import type { RunConfig } from '../runConfig.js';

export const unsupervisedEntry: RegimeEntry = {
  name: 'unsupervised',
  title: 'Without labels',
  takesRule: true,
  answers: 'neurons',
  *problems({ labelSmoothing }) {
    if (labelSmoothing !== undefined) {
      yield 'labelSmoothing: an unsupervised run uses no labels; target.smoothing smooths the self-defined target';
    }
  },
  complete: ({ classifier }) => ({ classifier: classifier ?? {} }),
  describe: () => 'without labels',
  plan(config, { train, training, rule, online }) {
    // The run is not even given the labels.
    const data = { ...train, labels: new Int32Array(train.length).fill(UNLABELLED) };
    const watch = online && ((target: typeof rule) => online.watch(target, readoutLabels(config, train)));
    return {
      ...onePhase(config, train.length),
      labelled: 0,
      unlabelled: train.length,
      train: (from, signal) => unsupervised({ ...training, from, signal, data, target: rule, watch }),
    };
  },
};

/** The labels that the readout may see; of the other items none. */
function readoutLabels({ readout, seed }: RunConfig, { labels, classes }: DataSet): Int32Array {
  const seen = new Int32Array(labels.length).fill(UNLABELLED);
  for (const i of stratified(labels, parseAmount(readout.labels), seed, { classes: classes.length })) {
    seen[i] = labels[i];
  }
  return seen;
}
