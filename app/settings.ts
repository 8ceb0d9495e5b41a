/** What the visitor can choose, and what follows from it. */
import type { EquilibriumSettings } from 'selftarget';

export const rules = ['backprop', 'equilibrium'] as const;
export type Rule = (typeof rules)[number];

/** Squares, so that the neurons fill one. */
export const neuronCounts = [36, 100, 196, 400] as const;
/** More neurons than this cannot be told apart on a screen. */
export const mostNeurons = 1024;
/** As far as the slider goes; a model may have more. */
export const mostWinners = 10;
/** Strengths of homeostasis, gamma, that the slider goes through. */
export const strengths = [0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6] as const;
/** Factors on the learning rate that suits the data. */
export const rateFactors = [0.125, 0.25, 0.5, 1, 2, 4, 8] as const;
export const highestSeed = 999_999;

export interface Settings {
  readonly rule: Rule;
  /** Output neurons, N. */
  readonly neurons: number;
  /** Winners per image, k. */
  readonly winners: number;
  readonly homeostasis: boolean;
  /** Its strength, gamma, while it is on. */
  readonly gamma: number;
  /** Factor on the learning rate that suits the data. */
  readonly rate: number;
  readonly seed: number;
}

export const initialSettings: Settings = {
  rule: 'backprop',
  neurons: 100,
  winners: 1,
  homeostasis: true,
  gamma: 0.4,
  rate: 1,
  seed: 1,
};

export const BATCH = 16;
export const OUTPUT_DROPOUT = 0.1;

/** Of the published one-layer run. */
export const dynamics: EquilibriumSettings = {
  dt: 0.2,
  freeSteps: 40,
  nudgedSteps: 10,
  beta: 0.2,
  estimate: 'one-sided',
  minimizer: 'synchronous',
};

/** Share of the input that is dropped: small images have no pixel to spare. */
export function inputDropout(inputs: number): number {
  return inputs < 200 ? 0.1 : 0.3;
}

/** Epochs until the learning rate has come down; the larger the data set, the fewer. */
export function decayEpochs(items: number): number {
  return Math.min(40, Math.max(5, Math.round(45_000 / items)));
}

/** Whether going from one to the other needs no new network: only the target changes. */
export function onlyTargetDiffers(a: Settings, b: Settings): boolean {
  return a.rule === b.rule && a.neurons === b.neurons && a.rate === b.rate && a.seed === b.seed;
}

/** After how many epochs the learning curve has a point: 1, 2, 5, 10, 20, 50 ... */
export function isMilestone(epoch: number): boolean {
  let power = 1;
  while (power * 10 <= epoch) power *= 10;
  return epoch === power || epoch === 2 * power || epoch === 5 * power;
}

/** What each setting accepts, in words, and whether a value is accepted; the address and kept settings are checked by it. */
export const accepted: {
  readonly [K in keyof Settings]: { readonly words: string; readonly test: (value: unknown) => boolean };
} = {
  rule: { words: rules.join(' or '), test: (value) => rules.some((rule) => rule === value) },
  neurons: { words: `a whole number from 1 to ${mostNeurons}`, test: wholeFrom(1, mostNeurons) },
  winners: { words: 'a whole number from 1 to the number of neurons', test: wholeFrom(1, mostNeurons) },
  homeostasis: { words: 'on or off', test: (value) => typeof value === 'boolean' },
  gamma: { words: 'a number above 0 and at most 10', test: positiveUpTo(10) },
  rate: { words: 'a number above 0 and at most 100', test: positiveUpTo(100) },
  seed: { words: `a whole number from 0 to ${highestSeed}`, test: wholeFrom(0, highestSeed) },
};

function wholeFrom(least: number, most: number) {
  return (value: unknown) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
}

function positiveUpTo(most: number) {
  return (value: unknown) => typeof value === 'number' && value > 0 && value <= most;
}
