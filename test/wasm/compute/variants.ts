/** Every build of the kernels on every number of threads, and how test data get into their memory and out. */
import { afterAll, beforeAll, expect } from 'vitest';
import { type KernelBuild, kernelBuilds } from '../../../src/wasm/compute/capabilities.js';
import { type Compute, createCompute } from '../../../src/wasm/compute/compute.js';
import type { Matrix } from './reference.js';

export const builds: readonly KernelBuild[] = kernelBuilds;
export const threadCounts: readonly number[] = [1, 2, 3];

/** Behind every buffer lies this, which no kernel may touch. */
const GUARD = 1.2345678806304932;
const GUARDS = 16;

/** Memory for one run of one kernel; checks and frees everything at its end. */
export class Bench {
  readonly #compute: Compute;
  readonly #taken: { address: number; length: number }[] = [];

  constructor(compute: Compute) {
    this.#compute = compute;
  }

  get run(): Compute['run'] {
    return this.#compute.run.bind(this.#compute);
  }

  /** `length` zeros. */
  zeros(length: number): number {
    const address = this.#compute.allocate(4 * (length + GUARDS));
    this.#compute.f32(address + 4 * length, GUARDS).fill(GUARD);
    this.#taken.push({ address, length });
    return address;
  }

  put(values: ArrayLike<number>): number {
    const address = this.zeros(values.length);
    this.#compute.f32(address, values.length).set(values);
    return address;
  }

  /** Rows `stride` apart. */
  putRows(rows: Matrix, stride: number): number {
    const padded = new Float32Array(rows.rows * stride);
    for (let r = 0; r < rows.rows; r++) {
      padded.set(rows.values.subarray(r * rows.columns, (r + 1) * rows.columns), r * stride);
    }
    return this.put(padded);
  }

  floats(address: number, length: number): Float32Array {
    return this.#compute.f32(address, length).slice();
  }

  doubles(address: number, length: number): Float64Array {
    return this.#compute.f64(address, length).slice();
  }

  words(address: number, length: number): Uint32Array {
    return new Uint32Array(this.floats(address, length).buffer);
  }

  close(): void {
    for (const { address, length } of this.#taken) {
      const guard = this.#compute.f32(address + 4 * length, GUARDS);
      expect([...guard], 'a kernel wrote behind its buffer').toEqual(
        new Array(GUARDS).fill(Math.fround(GUARD)),
      );
      this.#compute.free(address);
    }
  }
}

/** Weights [outputs][inputs] as panels of 32 neighbouring outputs. */
export function toPanels(weights: Matrix): Float32Array {
  const { rows: outputs, columns: inputs } = weights;
  const panels = new Float32Array(Math.ceil(outputs / 32) * inputs * 32);
  for (let i = 0; i < outputs; i++) {
    for (let k = 0; k < inputs; k++) {
      panels[(Math.floor(i / 32) * inputs + k) * 32 + (i % 32)] = weights.values[i * inputs + k];
    }
  }
  return panels;
}

/** Weights [outputs][inputs] as panels of 32 neighbouring inputs, with rows for padded outputs. */
export function toInputPanels(weights: Matrix): Float32Array {
  const { rows: outputs, columns: inputs } = weights;
  const stride = Math.ceil(outputs / 16) * 16;
  const panels = new Float32Array(Math.ceil(inputs / 32) * stride * 32);
  for (let i = 0; i < outputs; i++) {
    for (let k = 0; k < inputs; k++) {
      panels[(Math.floor(k / 32) * stride + i) * 32 + (k % 32)] = weights.values[i * inputs + k];
    }
  }
  return panels;
}

/** The same bits, NaN and the sign of zero included. */
export function sameBits(a: Float32Array, b: Float32Array): boolean {
  const x = new Uint32Array(a.buffer, a.byteOffset, a.length);
  const y = new Uint32Array(b.buffer, b.byteOffset, b.length);
  return x.length === y.length && x.every((word, i) => word === y[i]);
}

/** Padded values against unpadded wanted ones; the padding must be zero. */
export function expectRows(values: Float32Array, wanted: Matrix, stride: number, tolerance: number): void {
  for (let r = 0; r < wanted.rows; r++) {
    for (let c = 0; c < stride; c++) {
      const want = c < wanted.columns ? wanted.values[r * wanted.columns + c] : 0;
      const got = values[r * stride + c];
      const allowed = c < wanted.columns ? tolerance * Math.max(1, Math.abs(want)) : 0;
      if (!(Math.abs(got - want) <= allowed)) {
        expect.fail(`row ${r}, column ${c} of ${wanted.rows} x ${wanted.columns}: ${got}, not ${want}`);
      }
    }
  }
}

/**
 * One compute per build and number of threads for a test file, and a function that runs a kernel on all of them:
 * `check` sees what each returns; within a build all must return the same bits. Of those that `can` do it.
 */
export function everyVariant(
  can: (compute: Compute) => boolean = () => true,
): (use: (bench: Bench) => Float32Array, check: (result: Float32Array, build: KernelBuild) => void) => void {
  const computes: Compute[] = [];
  beforeAll(async () => {
    for (const kernel of builds) {
      for (const threads of threadCounts) computes.push(await createCompute({ kernel, threads }));
    }
  });

  afterAll(() => {
    for (const compute of computes) compute.dispose();
  });
  return (use, check) => {
    const first = new Map<KernelBuild, Float32Array>();
    for (const compute of computes.filter(can)) {
      const bench = new Bench(compute);
      const result = use(bench);
      bench.close();
      const one = first.get(compute.kernel);
      if (one) {
        expect(
          sameBits(result, one),
          `${compute.kernel} on ${compute.threads} threads gives other bits than on one`,
        ).toBe(true);
      } else {
        first.set(compute.kernel, result);
      }
      check(result, compute.kernel);
    }
  };
}

/** Several results as one array of floats (doubles as the bits they are). */
export function joined(...parts: (Float32Array | Float64Array | Uint32Array)[]): Float32Array {
  const floats = parts.map((part) =>
    part instanceof Float32Array ? part : new Float32Array(part.buffer, part.byteOffset, part.byteLength / 4),
  );
  const all = new Float32Array(floats.reduce((length, part) => length + part.length, 0));
  let to = 0;
  for (const part of floats) {
    // Through integers: copying a float may change the bits of a NaN.
    new Uint32Array(all.buffer).set(new Uint32Array(part.buffer, part.byteOffset, part.length), to);
    to += part.length;
  }
  return all;
}
