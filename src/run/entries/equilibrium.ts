/** Equilibrium propagation in the command: its settings and checks. */
import { z } from 'zod';
import { EquilibriumNetwork } from '../../wasm/equilibrium/network.js';
import { equilibriumActivations, estimates, minimizers } from '../../wasm/equilibrium/spec.js';
import { multiplications } from '../cost.js';
import type { LearnerEntry } from '../entry.js';
import { whole } from '../fields.js';

const equilibrium = z
  .strictObject({
    activation: z.enum(equilibriumActivations).default('hard-sigmoid').describe('Of all layers.'),
    minimizer: z
      .enum(minimizers)
      .default('synchronous')
      .describe('Which layers move in a step: all (synchronous), or odd and even ones in turn (even-odd).'),
    dt: z
      .number('must be a number')
      .gt(0, 'must be above 0')
      .describe('Step size; with even-odd, above 1 (and below 2) is over-relaxation.'),
    freeSteps: whole(1).describe('T: steps of the free phase, at most.'),
    nudgedSteps: whole(1).describe('K: steps of a nudged phase, at most.'),
    tolerance: z
      .number('must be a number')
      .gt(0, 'must be above 0')
      .optional()
      .describe('A phase ends once no state changes by this much in a step; without it, all steps are made.'),
    estimate: z
      .enum(estimates)
      .default('one-sided')
      .describe('States that are compared: free and nudged (one-sided), or nudged both ways (symmetric).'),
    beta: z
      .number('must be a number')
      .gt(0, 'must be above 0')
      .lt(1, 'must be below 1')
      .describe('Strength of the nudge.'),
  })
  .describe('How the states of a network settle (docs/explanation/equilibrium.md).');

declare module '../runConfig.js' {
  interface Sections {
    /** How states settle and what is learned from it (docs/explanation/equilibrium.md). */
    readonly equilibrium?: z.infer<typeof equilibrium> | undefined;
  }
}

/** Weights times items times steps of settling, a second on two cores. */
const RATE = 4e11;

export const equilibriumEntry: LearnerEntry = {
  name: 'equilibrium',
  title: 'equilibrium propagation',
  sections: { equilibrium },
  *problems({ equilibrium: settings, activations, layers, loss, dropout }) {
    if (!settings) {
      yield 'equilibrium: is missing; it needs at least dt, freeSteps, nudgedSteps and beta';
    }
    if (activations.length > 0) {
      yield 'activations: all layers have the same here; set equilibrium.activation and leave it out (--set activations=null)';
    }
    if (loss !== 'cross-entropy') return;
    if (layers.length < 3) {
      yield 'loss: cross-entropy reads the last hidden layer, of which there is none; use mse, or a hidden layer';
    }
    if (dropout[dropout.length - 1] > 0) {
      yield 'dropout: with cross-entropy the outputs are no states that could be dropped; set the last to 0';
    }
  },
  build(config, { compute, learningRates }) {
    const { layers, dropout, loss, optimizer, initialGain: gain, seed, equilibrium: settings } = config;
    if (!settings) throw new TypeError('equilibrium propagation needs its settings');
    const spec = { layers, dropout, loss, optimizer, learningRates, gain };
    return new EquilibriumNetwork(compute, { ...spec, ...settings }, seed);
  },
  secondsPerItem(config) {
    const { freeSteps = 1, nudgedSteps = 0 } = config.equilibrium ?? {};
    return (multiplications(config.layers) * (freeSteps + nudgedSteps)) / RATE;
  },
};
