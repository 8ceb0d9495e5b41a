import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deriveSeed, philox, Purpose, RandomStream, seedKey } from '../../src/learner/random.js';
import { philoxReference } from '../wasm/compute/reference.js';

function words(counter: readonly [number, number, number, number], key: readonly [number, number]): number[] {
  const out = new Uint32Array(4);
  philox(key, ...counter, out);
  return [...out];
}

/** kat_vectors of Random123 (D. E. Shaw Research), philox4x32 with 10 rounds. */
const published: { counter: [number, number, number, number]; key: [number, number]; words: number[] }[] = [
  { counter: [0, 0, 0, 0], key: [0, 0], words: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8] },
  {
    counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    key: [0xffffffff, 0xffffffff],
    words: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  },
  {
    counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    key: [0xa4093822, 0x299f31d0],
    words: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  },
];

describe('philox', () => {
  test.each(published)('answers the published words for counter $counter', (vector) => {
    expect(words(vector.counter, vector.key)).toEqual(vector.words);
    // The reference that other tests lean on.
    expect(philoxReference(vector.counter, vector.key)).toEqual(vector.words);
  });

  test('equals the definition for any counter and key', () => {
    const word = fc.nat(0xffffffff);
    fc.assert(
      fc.property(fc.tuple(word, word, word, word), fc.tuple(word, word), (counter, key) => {
        expect(words(counter, key)).toEqual(philoxReference(counter, key));
      }),
    );
  });
});

describe('a random stream', () => {
  test('is the words of the counters (index, purpose, step, 0) in order', () => {
    const stream = new RandomStream(7, 3, 5);
    const drawn = Array.from({ length: 10 }, () => stream.word());
    const wanted = [0, 1, 2].flatMap((index) => philoxReference([index, 3, 5, 0], [7, 0]));
    expect(drawn).toEqual(wanted.slice(0, 10));
  });

  test('uses all 53 bits of a seed', () => {
    expect(seedKey(2 ** 32 * 5 + 9)).toEqual([9, 5]);
    expect(new RandomStream(9, 1).word()).not.toBe(new RandomStream(2 ** 32 + 9, 1).word());
  });

  test('differs between seeds, purposes and steps', () => {
    const firsts = [
      [1, 1, 0],
      [2, 1, 0],
      [1, 2, 0],
      [1, 1, 1],
    ].map(([seed, purpose, step]) => new RandomStream(seed, purpose, step).word());
    expect(new Set(firsts).size).toBe(4);
  });

  test('gives uniform numbers in [0, 1) with mean 1/2 and variance 1/12', () => {
    const stream = new RandomStream(3, 1);
    const n = 20_000;
    const values = Array.from({ length: n }, () => stream.uniform());
    expect(values.every((v) => v >= 0 && v < 1)).toBe(true);
    const mean = values.reduce((a, b) => a + b, 0) / n;
    const variance = values.reduce((a, v) => a + (v - mean) ** 2, 0) / n;
    // Four standard errors.
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / n));
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(4 * Math.sqrt(1 / 180 / n));
  });

  test('draws whole numbers below n evenly', () => {
    for (const n of [1, 3, 7, 10]) {
      const stream = new RandomStream(11, 2, n);
      const draws = 7000;
      const counts = new Array<number>(n).fill(0);
      for (let i = 0; i < draws; i++) counts[stream.below(n)]++;
      const chiSquare = counts.reduce((sum, c) => sum + (c - draws / n) ** 2 / (draws / n), 0);
      // Mean n - 1, standard deviation sqrt(2 (n - 1)).
      expect(chiSquare).toBeLessThanOrEqual(n - 1 + 5 * Math.sqrt(2 * (n - 1)));
    }
  });

  test('draws again instead of folding the words above the last whole multiple of n', () => {
    // Of n = 3 * 2^30 a remainder alone would make the lowest third twice as likely.
    const n = 3 * 2 ** 30;
    const stream = new RandomStream(12, 2);
    let low = 0;
    for (let i = 0; i < 3000; i++) if (stream.below(n) < 2 ** 30) low++;
    expect(Math.abs(low / 3000 - 1 / 3)).toBeLessThan(0.05);
  });

  test('permutes: every number once, each place equally likely', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.nat(), (n, seed) => {
        const order = new RandomStream(seed, 2).permutation(n);
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
      }),
      { numRuns: 50 },
    );
    const counts = new Array<number>(25).fill(0);
    const trials = 5000;
    for (let t = 0; t < trials; t++) {
      new RandomStream(t, 2).permutation(5).forEach((value, place) => {
        counts[5 * place + value]++;
      });
    }
    const expected = trials / 5;
    for (const count of counts)
      expect(Math.abs(count - expected)).toBeLessThan(5 * Math.sqrt(expected * 0.8));
  });

  test('of the same seed permutes alike, of another otherwise', () => {
    const order = (seed: number) => [...new RandomStream(seed, 2, 4).permutation(50)];
    expect(order(1)).toEqual(order(1));
    expect(order(1)).not.toEqual(order(2));
  });
});

describe('a seed that derives from another', () => {
  test('is pinned: the same path gives the same seed in every release', () => {
    expect(deriveSeed(1, 'client', 3)).toBe(3518190234396911);
    expect(deriveSeed(2 ** 53 - 1, 'teacher')).toBe(6611711652543300);
    expect(deriveSeed(0, 'a name beyond four bytes, and beyond ASCII: ü', -1.5)).toBe(7011944262670053);
  });

  test('follows from the words of each part in turn, by the published generator', () => {
    const reference = (seed: number, parts: readonly string[]) => {
      let key: readonly [number, number] = seedKey(seed) as [number, number];
      for (const part of parts) {
        const bytes = [...new TextEncoder().encode(part)];
        const length = bytes.length;
        while (bytes.length % 4 !== 0) bytes.push(0);
        for (let at = 0; at < length; at += 4) {
          const word = bytes.slice(at, at + 4).reduce((sum, byte, i) => sum + byte * 256 ** i, 0);
          const [low, high] = philoxReference([word, Purpose.derive, at, length], [...key] as [
            number,
            number,
          ]);
          key = [low, high];
        }
      }
      return (key[1] % 2 ** 21) * 2 ** 32 + key[0];
    };
    expect(deriveSeed(5, 'client', 12)).toBe(reference(5, ["'client", '#12']));
    expect(deriveSeed(2 ** 40 + 7, 'üçÿ', 'x')).toBe(reference(2 ** 40 + 7, ["'üçÿ", "'x"]));
  });

  test('is another for another seed, path, order, kind and split of the path', () => {
    const seeds = [
      deriveSeed(1, 'a', 'b'),
      deriveSeed(2, 'a', 'b'),
      deriveSeed(1 + 2 ** 32, 'a', 'b'),
      deriveSeed(1, 'b', 'a'),
      deriveSeed(1, 'ab'),
      deriveSeed(1, 'a'),
      deriveSeed(1, 'a', ''),
      deriveSeed(1, 'a', 'b', ''),
      deriveSeed(1, '', 'a', 'b'),
      deriveSeed(1, 1),
      deriveSeed(1, '1'),
      deriveSeed(1, '#1'),
      deriveSeed(1, 'abcd'),
      deriveSeed(1, 'abcd', 'efgh'),
      deriveSeed(1, 'abcdefgh'),
      deriveSeed(1, 'abcd\0'),
      deriveSeed(1, 'abc'),
    ];
    expect(new Set(seeds).size).toBe(seeds.length);
    expect(deriveSeed(2 ** 40 + 9)).toBe(2 ** 40 + 9);
  });

  test('is a whole number of 53 bits, all of which are used, and independent of its neighbours', () => {
    const seeds = Array.from({ length: 4000 }, (_, i) => deriveSeed(7, 'client', i));
    expect(seeds.every((seed) => Number.isSafeInteger(seed) && seed >= 0)).toBe(true);
    expect(new Set(seeds).size).toBe(4000);
    for (let bit = 0; bit < 53; bit++) {
      const ones = seeds.filter((seed) => Math.floor(seed / 2 ** bit) % 2 === 1).length;
      expect(Math.abs(ones - 2000), `bit ${bit}`).toBeLessThan(5 * Math.sqrt(1000));
    }
    // Beside each other they share half of their bits, as any two numbers do.
    const shared = seeds.slice(1).reduce((sum, seed, i) => {
      const [a, b] = [BigInt(seed), BigInt(seeds[i])];
      return sum + 53 - [...(a ^ b).toString(2)].filter((c) => c === '1').length;
    }, 0);
    expect(Math.abs(shared / 3999 - 26.5)).toBeLessThan(0.5);
  });
});
