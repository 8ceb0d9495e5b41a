/** What the visitor can choose, and what follows from it. */
import type { EquilibriumSettings } from 'selftarget';

export const rules = ['backprop', 'equilibrium'] as const;
export type Rule = (typeof rules)[number];

/** Squares, so that the neurons fill one. */
export const neuronCounts = [36, 100, 196, 400] as const;
export const mostWinners = 10;
/** Strengths of homeostasis, gamma, that the slider goes through. */
export const strengths = [0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6] as const;

export interface Settings {
  readonly rule: Rule;
  /** Output neurons, N. */
  readonly neurons: number;
  /** Winners per image, k. */
  readonly winners: number;
  readonly homeostasis: boolean;
  /** Its strength, gamma, while it is on. */
  readonly gamma: number;
  readonly seed: number;
}

export const initialSettings: Settings = {
  ...{ rule: 'backprop', neurons: 100, winners: 1 },
  ...{ homeostasis: true, gamma: 0.4, seed: 1 },
};

export const BATCH = 16;
export const OUTPUT_DROPOUT = 0.1;

/** Of the published one-layer run. */
export const dynamics: EquilibriumSettings = {
  ...{ dt: 0.2, freeSteps: 40, nudgedSteps: 10, beta: 0.2 },
  ...{ estimate: 'one-sided', minimizer: 'synchronous' },
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
  return a.rule === b.rule && a.neurons === b.neurons && a.seed === b.seed;
}
