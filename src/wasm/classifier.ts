/** The linear classifier of the readouts as one of our networks. */
import type { MakeClassifier } from '../readout/linearClassifier.js';
import { BackpropNetwork } from './backprop/network.js';
import type { Compute } from './compute/compute.js';

/** Makes classifiers whose weights are in the memory of `compute`. */
export function classifierOn(compute: Compute): MakeClassifier {
  return (outputs, classes, { activation, dropout, optimizer, learningRate }, seed) =>
    new BackpropNetwork(
      compute,
      {
        layers: [outputs, classes],
        activations: ['identity', activation],
        dropout: [dropout, 0],
        loss: 'cross-entropy',
        optimizer,
        learningRates: [learningRate],
      },
      seed,
    );
}
