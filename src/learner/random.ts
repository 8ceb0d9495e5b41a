/**
 * Counter-based randomness (Philox 4x32-10; Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as
 * 1, 2, 3", SC 2011). A number is a function of seed, purpose, step and index, so nothing depends on the order
 * of execution, on the number of threads, or on where a run was interrupted. The kernels have the same
 * generator (kernels/random.ts).
 */

/** What a random number is for; each purpose is a stream of its own. */
export const Purpose = {
  initialise: 1,
  order: 2,
  split: 3,
  nudge: 4,
  augment: 5,
  /** What a rule draws in a step. */
  rule: 6,
  /** Seeds that derive from another; see {@link deriveSeed}. */
  derive: 7,
  prune: 8,
  dropout: 16,
  /** Nothing that training depends on. */
  view: 64,
} as const;

/** A seed as the two 32-bit halves of the generator's key. */
export function seedKey(seed: number): [number, number] {
  return [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0];
}

/**
 * A seed for a part of a larger whole (a client of a fleet, a teacher, a classifier), from 0 to 2^53 - 1. It is a function of
 * `seed` and `path` alone: the same path gives the same seed in every release, other paths independent ones.
 *
 * @param path names and numbers from the whole to the part, such as `'client', 3`
 */
export function deriveSeed(seed: number, ...path: readonly (string | number)[]): number {
  const words = new Uint32Array(4);
  let [low, high] = seedKey(seed);
  for (const part of path) {
    // The kind and the length keep 1 and '1', and ['a', 'b'] and ['ab'], apart.
    const bytes = new TextEncoder().encode(typeof part === 'number' ? `#${part}` : `'${part}`);
    for (let at = 0; at < bytes.length; at += 4) {
      const word =
        (bytes[at] |
          ((bytes[at + 1] ?? 0) << 8) |
          ((bytes[at + 2] ?? 0) << 16) |
          ((bytes[at + 3] ?? 0) << 24)) >>>
        0;
      philox([low, high], word, Purpose.derive, at, bytes.length, words);
      [low, high] = words;
    }
  }
  return (high & 0x1fffff) * 2 ** 32 + low;
}

function mulHigh(a: number, b: number): number {
  const al = a & 0xffff;
  const ah = a >>> 16;
  const bl = b & 0xffff;
  const bh = b >>> 16;
  const middle = ah * bl + ((al * bl) >>> 16);
  const middle2 = al * bh + (middle % 0x10000);
  return (ah * bh + Math.floor(middle / 0x10000) + Math.floor(middle2 / 0x10000)) >>> 0;
}

/** Four random 32-bit words for a counter of four words, written to `out`. */
export function philox(
  key: readonly [number, number],
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  out: Uint32Array,
): void {
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const high0 = mulHigh(0xd2511f53, c0);
    const low0 = Math.imul(0xd2511f53, c0) >>> 0;
    const high1 = mulHigh(0xcd9e8d57, c2);
    const low1 = Math.imul(0xcd9e8d57, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** A sequence of random numbers for one purpose and step. */
export class RandomStream {
  readonly #key: [number, number];
  readonly #purpose: number;
  readonly #step: number;
  readonly #words = new Uint32Array(4);
  #index = 0;

  constructor(seed: number, purpose: number, step = 0) {
    this.#key = seedKey(seed);
    this.#purpose = purpose;
    this.#step = step;
  }

  /** The next 32-bit word. */
  word(): number {
    const at = this.#index++;
    if (at % 4 === 0) philox(this.#key, at >>> 2, this.#purpose, this.#step, 0, this.#words);
    return this.#words[at % 4];
  }

  /** Uniform in [0, 1), 32 bits. */
  uniform(): number {
    return this.word() / 2 ** 32;
  }

  /** A whole number in [0, n), without bias. */
  below(n: number): number {
    const limit = 2 ** 32 - (2 ** 32 % n);
    for (;;) {
      const word = this.word();
      if (word < limit) return word % n;
    }
  }

  /** 0 .. n-1 in random order (Fisher and Yates). */
  permutation(n: number): Uint32Array {
    const order = Uint32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const swap = order[i];
      order[i] = order[j];
      order[j] = swap;
    }
    return order;
  }
}
