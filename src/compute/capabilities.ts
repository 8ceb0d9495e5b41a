/** What this runtime can do: decided here once, and nowhere else. */
import * as kernelBytes from './kernelBytes.js';

/** Which build of the kernels runs. Results of one build are the same on every machine that rounds alike. */
export type KernelBuild = 'plain' | 'relaxed';

/** The runtime lacks something that training cannot do without. */
export class UnsupportedRuntimeError extends Error {
  override name = 'UnsupportedRuntimeError';
}

export interface Capabilities {
  /** Runs in Node (as opposed to a browser). */
  readonly node: boolean;
  /** Memory can be shared with workers. */
  readonly sharedMemory: boolean;
  readonly simd: boolean;
  readonly relaxedSimd: boolean;
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
  const node = typeof process === 'object' && typeof process.versions?.node === 'string' && typeof window === 'undefined';
  let cores = globalThis.navigator?.hardwareConcurrency ?? 1;
  const valid = (build: KernelBuild) => WebAssembly.validate(decodeKernels(build));
  if (node) {
    const os = await import('node:os');
    cores = os.availableParallelism();
    if (!valid('relaxed')) {
      const v8 = await import('node:v8');
      v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
    }
  }
  return Object.freeze({
    node,
    sharedMemory: node || globalThis.crossOriginIsolated === true,
    simd: valid('plain'),
    relaxedSimd: valid('relaxed'),
    cores,
  });
}
