/**
 * The operations that learners are made of, as the WebAssembly kernels (kernels/) implement them. What each takes and does is read
 * from their sources (scripts/kernelSignatures.mjs). Addresses are bytes in the compute memory; every operation is cut over
 * the threads by its own first two arguments, (part, parts), which `Compute.run` adds.
 */
import {
  CENTRED_SIGMOID,
  HARD_SIGMOID,
  IDENTITY,
  inOrder,
  type Kernels,
  LINE,
  RELU,
  SIGMOID,
  TANH,
} from './kernelSignatures.js';

export {
  AVERAGE,
  BLOCKS,
  DRIVE_ROOM,
  HARD_SIGMOID,
  HEAP,
  inOrder,
  ITEM_TERMS,
  LINE,
  MAX,
  MAX_THREADS,
  MOVED,
  PANEL,
  ROW_TERMS,
  ROWS,
  TILE,
  TOGETHER,
  type Kernels,
} from './kernelSignatures.js';

export type KernelName = keyof Kernels;

/** The order in which operations are numbered in the command buffer that workers read. */
export const kernelNames = Object.keys(inOrder) as readonly KernelName[];

/** `count` rounded up to whole units. */
export function padded(count: number, unit: number = LINE): number {
  return Math.ceil(count / unit) * unit;
}

/** Activations as the kernels number them; `logistic` is that of states, centred at 0.5. */
export const activationNumbers = {
  identity: IDENTITY,
  relu: RELU,
  'hard-sigmoid': HARD_SIGMOID,
  sigmoid: SIGMOID,
  tanh: TANH,
  logistic: CENTRED_SIGMOID,
} as const;
