/** What this runtime can do: decided here once, and nowhere else. */
import { platform } from '#platform';
import { SelftargetError } from '../../errors.js';
import * as kernelBytes from './kernelBytes.js';
import type { BehindFlags } from './platform/platform.js';

/**
 * The builds of the kernels. `plain` runs wherever WebAssembly SIMD does, `relaxed` multiplies and adds in one
 * rounding, `wide` is for engines that widen its operations to 256 bits. Each rounds in its own way; the results
 * of one build are the same for any number of threads.
 */
export const kernelBuilds = ['plain', 'relaxed', 'wide'] as const;
export type KernelBuild = (typeof kernelBuilds)[number];

/** The runtime lacks something that training cannot do without. */
export class UnsupportedRuntimeError extends SelftargetError {
  override name = 'UnsupportedRuntimeError';
}

export interface Capabilities {
  /** Runs in Node (as opposed to a browser). */
  readonly node: boolean;
  /** Memory can be shared with workers. */
  readonly sharedMemory: boolean;
  /** The calling thread may wait for others, as all but a page's main thread may. */
  readonly canWait: boolean;
  readonly simd: boolean;
  /** Relaxed SIMD, as the engine is. */
  readonly relaxedSimd: boolean;
  /** What `createCompute` can have besides, by setting experimental flags of the engine while it compiles the kernels. */
  readonly behindFlags: BehindFlags;
  /** Hardware threads. */
  readonly cores: number;
}

/** The bytes of a build, or of its yardstick (kernels/yardstick.ts). */
export function decodeKernels(build: KernelBuild | 'yardstick'): Uint8Array<ArrayBuffer> {
  const text = atob(kernelBytes[build]);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Probes this runtime, and changes nothing about it. */
export async function probe(): Promise<Capabilities> {
  // Engines can be told to have none, as by node --jitless.
  const valid = (build: KernelBuild) =>
    typeof WebAssembly === 'object' && WebAssembly.validate(decodeKernels(build));
  return Object.freeze({
    node: platform.node,
    sharedMemory: platform.sharedMemory,
    canWait: canWait(),
    simd: valid('plain'),
    relaxedSimd: valid('relaxed'),
    behindFlags: platform.behindFlags,
    cores: platform.cores,
  });
}

/** A page's main thread is not allowed to wait for other threads. */
function canWait(): boolean {
  if (!platform.sharedMemory) return false;
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0);
    return true;
  } catch {
    return false;
  }
}
