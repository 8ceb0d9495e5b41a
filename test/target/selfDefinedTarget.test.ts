import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Outputs } from '../../src/learner/learner.js';
import { StateError } from '../../src/learner/tensors.js';
import { SelfDefinedTarget, type SelfDefinedTargetOptions, winnersTakeAll } from '../../src/target/index.js';
import { testRandom } from '../wasm/compute/reference.js';

function outputsOf(rows: readonly (readonly number[])[], mask?: readonly (readonly number[])[]): Outputs {
  return {
    size: rows.length,
    width: rows[0].length,
    values: Float32Array.from(rows.flat()),
    mask: mask && Float32Array.from(mask.flat()),
    maskRate: mask && 0.2,
  };
}

function write(target: SelfDefinedTarget, y: Outputs): number[][] {
  const d = new Float32Array(y.size * y.width).fill(Number.NaN);
  target.write(y, d);
  return Array.from({ length: y.size }, (_, b) => [...d.subarray(b * y.width, (b + 1) * y.width)]);
}

/** docs/explanation/method.md, "The self-defined target", line by line; sorting where the code searches. */
class NaiveTarget {
  readonly homeostasis: number[];
  readonly #activity: number[];
  readonly #options: SelfDefinedTargetOptions;

  constructor(options: SelfDefinedTargetOptions) {
    this.#options = options;
    this.homeostasis = new Array<number>(options.outputs).fill(0);
    this.#activity = new Array<number>(options.outputs).fill(0);
  }

  write(y: Outputs): number[][] {
    const { outputs: n, winners: k, gamma, eta = 1, smoothing: s = 0, mode } = this.#options;
    const rows: number[][] = [];
    for (let b = 0; b < y.size; b++) {
      const lead = (i: number): number => y.values[b * n + i] - this.homeostasis[i];
      const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => lead(j) - lead(i) || i - j);
      const d = new Array<number>(n).fill(0);
      for (const i of order.slice(0, k)) d[i] = 1;
      // In single precision, as targets are kept.
      rows.push(d.map((v, i) => Math.fround(((1 - s) * v + (s * k) / n) * (y.mask ? y.mask[b * n + i] : 1))));
    }
    const wanted = ((1 - (y.maskRate ?? 0)) * k) / n;
    for (let i = 0; i < n; i++) {
      const mean = rows.reduce((sum, d) => sum + d[i], 0) / y.size;
      if (mode === 'sequential') this.#activity[i] = (1 - eta) * this.#activity[i] + eta * mean;
      else this.#activity[i] = mean;
      this.homeostasis[i] += gamma * (this.#activity[i] - wanted);
    }
    return rows;
  }
}

function randomOutputs(size: number, width: number, p: number, random: () => number, levels = 0): Outputs {
  const mask = Float32Array.from({ length: size * width }, () => (random() < p ? 0 : 1));
  const value = (): number => (levels ? Math.floor(levels * random()) / levels : random());
  return {
    size,
    width,
    values: mask.map((m) => m * value()),
    mask: p > 0 ? mask : undefined,
    maskRate: p > 0 ? p : undefined,
  };
}

describe('a self-defined target', () => {
  const options = { outputs: 4, winners: 2, gamma: 0.5 };

  test.each([
    ['no outputs', { outputs: 0 }, /outputs/],
    ['half an output', { outputs: 2.5 }, /outputs/],
    ['no winner', { winners: 0 }, /winners/],
    ['more winners than outputs', { winners: 5 }, /winners/],
    ['gamma below 0', { gamma: -0.1 }, /gamma/],
    ['gamma that is not a number', { gamma: Number.NaN }, /gamma/],
    ['gamma left out', { gamma: undefined as unknown as number }, /gamma/],
    ['eta of 0', { eta: 0 }, /eta/],
    ['eta above 1', { eta: 1.1 }, /eta/],
    ['smoothing of 1', { smoothing: 1 }, /smoothing/],
    ['smoothing below 0', { smoothing: -0.1 }, /smoothing/],
    ['an unknown mode', { mode: 'serial' as 'batch' }, /mode/],
  ])('refuses %s', (_, wrong, message) => {
    expect(() => new SelfDefinedTarget({ ...options, ...wrong })).toThrow(message);
    expect(() => new SelfDefinedTarget({ ...options, ...wrong })).toThrow(RangeError);
  });

  test('refuses outputs of another width, in which it would choose among some alone', () => {
    const target = new SelfDefinedTarget(options);
    for (const width of [3, 5]) {
      expect(() => write(target, outputsOf([Array.from({ length: width }, () => 1)]))).toThrow(
        new RegExp(`4 outputs.*${width}`),
      );
    }
  });

  test.each([undefined, 1, -0.1, Number.NaN])('refuses a mask whose rate is %f', (maskRate) => {
    const y = { ...outputsOf([[1, 2, 3, 4]], [[1, 1, 1, 1]]), maskRate };
    expect(() => write(new SelfDefinedTarget(options), y)).toThrow(/maskRate/);
  });

  test('describes itself as JSON, with what was left open', () => {
    const recipe = new SelfDefinedTarget(options).describe();
    expect(JSON.parse(JSON.stringify(recipe))).toEqual({
      kind: 'self-defined',
      ...options,
      eta: 1,
      smoothing: 0,
      mode: 'batch',
    });
  });

  test('waits for a learner that selects later, and balances then', async () => {
    const [later, now] = [new SelfDefinedTarget(options), new SelfDefinedTarget(options)];
    const y = outputsOf([
      [4, 3, 2, 1],
      [1, 5, 2, 9],
    ]);
    const wanted = new Float32Array(8);
    void now.write(y, wanted);
    const d = new Float32Array(8);
    const offers: Outputs['offers'] = {
      selectLargest: async (to, selection) => {
        await new Promise((resolve) => setTimeout(resolve, 0));
        return winnersTakeAll(y, to, selection);
      },
    };
    const written = later.write({ ...y, offers }, d);
    expect(written).toBeInstanceOf(Promise);
    expect([...later.homeostasis]).toEqual([0, 0, 0, 0]);
    await written;
    expect(d).toEqual(wanted);
    expect(later.homeostasis).toEqual(now.homeostasis);
  });

  test('takes nothing of a state that does not fit', () => {
    const target = new SelfDefinedTarget(options);
    void write(target, outputsOf([[4, 3, 2, 1]]));
    const before = target.homeostasis.slice();
    const state = target.state();
    state.set('target.homeostasis', { shape: [4], data: new Float64Array(4).fill(7) });
    state.set('target.activity', { shape: [5], data: new Float64Array(5) });
    expect(() => target.load(state)).toThrow(StateError);
    expect(target.homeostasis).toEqual(before);
  });
});

describe('winners', () => {
  test('are exactly k per item, the k largest outputs', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.nat(),
        fc.integer({ min: 1, max: 5 }),
        fc.nat(),
        (n, pick, size, seed) => {
          const k = 1 + (pick % n);
          const y = randomOutputs(size, n, 0, testRandom(seed), seed % 2 ? 4 : 0);
          const rows = write(new SelfDefinedTarget({ outputs: n, winners: k, gamma: 0.5 }), y);
          rows.forEach((d, b) => {
            expect(d.filter((v) => v === 1).length).toBe(k);
            expect(d.filter((v) => v === 0).length).toBe(n - k);
            const values = [...y.values.subarray(b * n, (b + 1) * n)];
            const least = Math.min(...values.filter((_, i) => d[i] === 1));
            expect(values.every((v, i) => d[i] === 1 || v <= least)).toBe(true);
          });
        },
      ),
    );
  });

  test('of equal outputs are those with the lower index', () => {
    const target = new SelfDefinedTarget({ outputs: 6, winners: 3, gamma: 0 });
    expect(write(target, outputsOf([[0, 0, 0, 0, 0, 0]]))).toEqual([[1, 1, 1, 0, 0, 0]]);
    expect(write(target, outputsOf([[0, 1, 1, 0, 1, 1]]))).toEqual([[0, 1, 1, 0, 1, 0]]);
    expect(write(target, outputsOf([[0.5, 1, 0.5, 0.5, 1, 0.5]]))).toEqual([[1, 1, 0, 0, 1, 0]]);
  });

  test('may have negative outputs', () => {
    const target = new SelfDefinedTarget({ outputs: 3, winners: 1, gamma: 0 });
    expect(write(target, outputsOf([[-3, -1, -2]]))).toEqual([[0, 1, 0]]);
  });

  test('are chosen again for every item of a batch', () => {
    const target = new SelfDefinedTarget({ outputs: 3, winners: 1, gamma: 0 });
    expect(
      write(
        target,
        outputsOf([
          [3, 1, 2],
          [1, 3, 2],
          [1, 2, 3],
        ]),
      ),
    ).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
  });

  test('are everyone when k = N', () => {
    const target = new SelfDefinedTarget({ outputs: 4, winners: 4, gamma: 0.5 });
    expect(write(target, outputsOf([[0.1, 0.4, 0.2, 0.3]]))).toEqual([[1, 1, 1, 1]]);
    expect([...target.homeostasis]).toEqual([0, 0, 0, 0]);
  });

  test('whose output is masked have no target', () => {
    const target = new SelfDefinedTarget({ outputs: 3, winners: 2, gamma: 0 });
    expect(write(target, outputsOf([[0, 0, 0]], [[0, 1, 1]]))).toEqual([[0, 1, 0]]);
  });
});

describe('smoothing', () => {
  test('is d <- (1 - s) d + s k / N, then the mask', () => {
    const target = new SelfDefinedTarget({ outputs: 4, winners: 1, gamma: 0, smoothing: 0.2 });
    const [free] = write(target, outputsOf([[0, 3, 1, 2]]));
    [0.05, 0.85, 0.05, 0.05].forEach((v, i) => expect(free[i]).toBeCloseTo(v, 6));
    const [masked] = write(target, outputsOf([[0, 3, 0, 2]], [[1, 1, 0, 1]]));
    [0.05, 0.85, 0, 0.05].forEach((v, i) => expect(masked[i]).toBeCloseTo(v, 6));
  });
});

describe('homeostasis', () => {
  const cases = [
    { mode: 'batch', smoothing: 0, p: 0 },
    { mode: 'batch', smoothing: 0.3, p: 0.2 },
    { mode: 'sequential', smoothing: 0, p: 0.2 },
    { mode: 'sequential', smoothing: 0.3, p: 0 },
  ] as const;

  test.each(cases)(
    'follows the formulas over many steps: $mode, s = $smoothing, p = $p',
    ({ p, ...kind }) => {
      const options = { ...kind, outputs: 23, winners: 4, gamma: 0.4, eta: 0.6 };
      const target = new SelfDefinedTarget(options);
      const naive = new NaiveTarget(options);
      const random = testRandom(1);
      for (let s = 0; s < 40; s++) {
        const y = randomOutputs(kind.mode === 'batch' ? 1 + (s % 5) : 1, 23, p, random);
        const wanted = naive.write(y);
        write(target, y).forEach((d, b) => {
          d.forEach((v, i) => expect(v).toBeCloseTo(wanted[b][i], 6));
        });
        naive.homeostasis.forEach((h, i) => expect(target.homeostasis[i]).toBeCloseTo(h, 10));
      }
    },
  );

  test('moves by gamma (mean d - T) after one batch, by hand', () => {
    const target = new SelfDefinedTarget({ outputs: 4, winners: 1, gamma: 0.5 });
    write(
      target,
      outputsOf(
        [
          [4, 3, 2, 1],
          [4, 3, 2, 1],
          [1, 2, 3, 4],
          [4, 3, 2, 1],
        ],
        // Dropped with a probability of 0.2, but none was.
        Array.from({ length: 4 }, () => [1, 1, 1, 1]),
      ),
    );
    // T = 0.8 / 4; the first neuron won three times of four, the last once.
    [0.275, -0.1, -0.1, 0.025].forEach((h, i) => expect(target.homeostasis[i]).toBeCloseTo(h, 12));
  });

  test('averages the activity over time in sequential mode, by hand', () => {
    const target = new SelfDefinedTarget({ outputs: 2, winners: 1, gamma: 1, eta: 0.5, mode: 'sequential' });
    write(target, outputsOf([[5, 0]]));
    // A = [0.5, 0]; T = 0.5.
    expect([...target.homeostasis]).toEqual([0, -0.5]);
    write(target, outputsOf([[5, 0]]));
    // A = [0.75, 0].
    expect([...target.homeostasis]).toEqual([0.25, -1]);
  });

  /** Share of the wins of each neuron when some neurons are stronger than others for whatever comes in. */
  function shares(gamma: number, mode: 'batch' | 'sequential'): number[] {
    const [n, k, size] = [20, 2, mode === 'batch' ? 16 : 1];
    const target = new SelfDefinedTarget({ outputs: n, winners: k, gamma, eta: 0.6, mode });
    const random = testRandom(2);
    const wins = new Array<number>(n).fill(0);
    let items = 0;
    for (let step = 0; step < 6400 / size; step++) {
      const y = {
        size,
        width: n,
        values: Float32Array.from({ length: size * n }, (_, j) => (j % n) / n + 0.1 * random()),
      };
      const rows = write(target, y);
      // The first tenth is for settling.
      if (step < 640 / size) continue;
      for (const d of rows) for (let i = 0; i < n; i++) wins[i] += d[i];
      items += size;
    }
    return wins.map((w) => w / items);
  }

  test.each(['batch', 'sequential'] as const)('evens out the activity (%s)', (mode) => {
    const rates = shares(0.1, mode);
    for (const rate of rates) expect(Math.abs(rate - 0.1)).toBeLessThan(0.03);
  });

  test.each(['batch', 'sequential'] as const)('switched off lets few neurons win everything (%s)', (mode) => {
    const rates = shares(0, mode);
    expect(rates.filter((rate) => rate > 0).length).toBeLessThan(6);
    expect(Math.max(...rates)).toBeGreaterThan(0.5);
  });

  test('switched off stays zero', () => {
    const target = new SelfDefinedTarget({ outputs: 3, winners: 1, gamma: 0 });
    write(target, outputsOf([[3, 2, 1]]));
    expect([...target.homeostasis]).toEqual([0, 0, 0]);
  });
});

describe('the state', () => {
  const options = { outputs: 9, winners: 2, gamma: 0.3, eta: 0.4, mode: 'sequential' } as const;

  function run(target: SelfDefinedTarget, from: number, to: number): number[] {
    for (let s = from; s < to; s++) write(target, randomOutputs(1, 9, 0, testRandom(s)));
    return [...target.homeostasis];
  }

  test('carries on exactly where it was saved, and is a copy', () => {
    const one = new SelfDefinedTarget(options);
    run(one, 0, 5);
    const state = one.state();
    const other = new SelfDefinedTarget(options);
    const uninterrupted = run(one, 5, 9);
    other.load(state);
    expect(run(other, 5, 9)).toEqual(uninterrupted);
  });

  test('is forgotten on reset', () => {
    const used = new SelfDefinedTarget(options);
    run(used, 0, 5);
    used.reset();
    expect([...used.homeostasis]).toEqual(new Array(9).fill(0));
    expect(run(used, 5, 9)).toEqual(run(new SelfDefinedTarget(options), 5, 9));
  });

  test('of another shape, or of something else, is refused', () => {
    const target = new SelfDefinedTarget(options);
    expect(() => target.load(new SelfDefinedTarget({ ...options, outputs: 8 }).state())).toThrow(StateError);
    expect(() => target.load(new Map())).toThrow(StateError);
  });
});

describe('impossible wishes', () => {
  test.each([0, 5, 1.5, -1, Number.NaN])('%f winners of 4 outputs are refused', (winners) => {
    expect(() => new SelfDefinedTarget({ outputs: 4, winners, gamma: 0 })).toThrow(
      /winners.*1 to the 4 outputs/,
    );
  });

  test('more than one item a step is refused in sequential mode', () => {
    const target = new SelfDefinedTarget({ outputs: 2, winners: 1, gamma: 0, mode: 'sequential' });
    expect(() =>
      write(
        target,
        outputsOf([
          [1, 0],
          [0, 1],
        ]),
      ),
    ).toThrow(/one item a step, not 2/);
  });
});
