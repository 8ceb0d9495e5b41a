/** What this runtime can do: decided here once, and nowhere else. */
import { platform } from '#platform';
import { SelftargetError } from '../../errors.js';
import * as kernelBytes from './kernelBytes.js';

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
  readonly relaxedSimd: boolean;
  /** The engine can be told to widen SIMD operations to 256 bits (Node 24 and later, on x64). */
  readonly widening: boolean;
  /** Hardware threads. */
  readonly cores: number;
}

export function decodeKernels(build: KernelBuild): Uint8Array<ArrayBuffer> {
  const text = atob(kernelBytes[build]);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Probes this runtime. On Node 20 this also switches relaxed SIMD on, which there is still behind a flag. */
export async function probe(): Promise<Capabilities> {
  const valid = (build: KernelBuild) => WebAssembly.validate(decodeKernels(build));
  if (platform.node && !valid('relaxed')) platform.setEngineFlag('--experimental-wasm-relaxed-simd');
  return Object.freeze({
    node: platform.node,
    sharedMemory: platform.sharedMemory,
    canWait: canWait(),
    simd: valid('plain'),
    relaxedSimd: valid('relaxed'),
    widening: platform.widening,
    cores: platform.cores,
  });
}

/**
 * Tells the engine, from now on, to widen pairs of SIMD operations of the modules that it compiles, or to stop. It then compiles
 * for speed what has run once, before it goes on, so that what runs is what was checked.
 */
export function setWidening(on: boolean): void {
  platform.setEngineFlag(on ? '--experimental-wasm-revectorize' : '--no-experimental-wasm-revectorize');
  if (!on) return;
  platform.setEngineFlag('--wasm-sync-tier-up');
  platform.setEngineFlag('--wasm-tiering-budget=1');
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
