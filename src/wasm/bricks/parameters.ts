/**
 * One layer's weights and biases in compute memory, and how an update reaches them. A learner's backward
 * kernels add `factor` times the gradient to a destination: for SGD these are the weights themselves and minus
 * the rate, so that no gradient is ever stored; for Adam a cleared buffer and 1, applied afterwards. In panels and
 * tiles Adam needs no buffer either: the kernels that sum up the gradient update at once (adamSparse, adamTiles).
 */
import type { Compute } from '../compute/compute.js';
import { LINE, PANEL, padded, TILE } from '../compute/kernels.js';
import { expectTensor, type TensorMap } from '../../learner/tensors.js';
import { RandomStream } from '../../learner/random.js';

export const optimizers = ['sgd', 'adam'] as const;
export type Optimizer = (typeof optimizers)[number];

/** One per layer of weights; lists by name make as many optimisers (see {@link StepContext}), the first the default. */
export type LearningRates = readonly number[] | Readonly<Record<string, readonly number[]>>;

/** What the only optimiser is called where learning rates have no names. */
export const DEFAULT_OPTIMISER = 'default';

/** The learning rates of each optimiser, by its name. */
export function ratesByOptimiser(learningRates: LearningRates): ReadonlyMap<string, readonly number[]> {
  return isList(learningRates)
    ? new Map([[DEFAULT_OPTIMISER, learningRates]])
    : new Map(Object.entries(learningRates));
}

function isList(learningRates: LearningRates): learningRates is readonly number[] {
  return Array.isArray(learningRates);
}

/**
 * Makes sure that there is a learning rate for every layer of weights.
 *
 * @param wrong makes the error from what is wrong
 */
export function checkLearningRates(
  learningRates: LearningRates,
  layers: number,
  wrong: (what: string) => Error,
): void {
  const optimisers = ratesByOptimiser(learningRates);
  if (optimisers.size === 0) throw wrong('needs learning rates');
  for (const [name, rates] of optimisers) {
    const whose = name === DEFAULT_OPTIMISER ? '' : ` for "${name}"`;
    if (rates.length !== layers) throw wrong(`needs ${layers} learning rates${whose}, not ${rates.length}`);
    const impossible = rates.find((rate) => !(rate >= 0 && rate < Infinity));
    if (impossible !== undefined) {
      throw wrong(`cannot have the learning rate ${impossible}${whose}: numbers of at least 0 are needed`);
    }
  }
}

/** Adam's decay rates (Kingma and Ba 2015), as published; the kernels have them too. */
const BETA1 = 0.9;
const BETA2 = 0.999;

/**
 * How the weights of `inputs` x `outputs` are laid out: one row per output (kernels/dense.ts), panels of 32 outputs
 * (sparse.ts), panels of one cache line of outputs (convolution.ts), rows cut into tiles of 128 inputs (tiles.ts), or
 * panels of 32 inputs (connection.ts). The weight of output i and input k is `row(i)` + `column(k)` floats from the start.
 */
interface LayoutRule {
  length(inputs: number, outputs: number): number;
  row(i: number, inputs: number): number;
  column(k: number, outputs: number): number;
  readonly storesGradient: boolean;
}

const layouts = {
  rows: {
    length: (inputs, outputs) => padded(inputs) * padded(outputs),
    row: (i, inputs) => i * padded(inputs),
    column: (k) => k,
    storesGradient: true,
  },
  panels: {
    length: (inputs, outputs) => inputs * padded(outputs, PANEL),
    row: (i, inputs) => Math.floor(i / PANEL) * inputs * PANEL + (i % PANEL),
    column: (k) => k * PANEL,
    storesGradient: false,
  },
  lines: {
    length: (inputs, outputs) => inputs * padded(outputs),
    row: (i, inputs) => Math.floor(i / LINE) * inputs * LINE + (i % LINE),
    column: (k) => k * LINE,
    storesGradient: true,
  },
  tiles: {
    length: (inputs, outputs) => padded(inputs, TILE) * padded(outputs),
    row: (i) => (i & ~3) * TILE + 8 * (i & 3),
    column: (k, outputs) => Math.floor(k / TILE) * padded(outputs) * TILE + 4 * (k & (TILE - 8)) + (k & 7),
    storesGradient: false,
  },
  inputPanels: {
    length: (inputs, outputs) => padded(inputs, PANEL) * padded(outputs),
    row: (i) => i * PANEL,
    column: (k, outputs) => Math.floor(k / PANEL) * padded(outputs) * PANEL + (k % PANEL),
    storesGradient: true,
  },
} satisfies Record<string, LayoutRule>;

export type Layout = keyof typeof layouts;

/** Where a backward kernel adds its gradient, and times what. */
export interface UpdateDestination {
  readonly weights: number;
  readonly bias: number;
  readonly factor: number;
}

/** Weights and biases, or something of their shape: their moments, their gradient. */
interface Buffer {
  readonly weights: number;
  readonly bias: number;
}

/** An Adam optimiser's memory of a layer. */
interface Moments {
  readonly first: Buffer;
  readonly second: Buffer;
  /** In saved states. */
  readonly suffix: string;
}

/** How a layer's parameters move in one step. */
export interface Update {
  /** The learning rate of this layer, schedule included. */
  readonly rate: number;
  /** The optimiser's number. */
  readonly optimiser: number;
  /** Updates of that optimiser, this one included. */
  readonly updates: number;
}

export class Parameters {
  readonly weights: number;
  readonly bias: number;
  readonly #compute: Compute;
  /** One per optimiser; none with SGD. */
  readonly #moments: Moments[] = [];
  readonly #gradient: Buffer | undefined;
  /** 1 where a weight may be, 0 where it is held at zero; of pruned layers only. */
  #mask = 0;
  readonly #length: number;
  readonly #biasLength: number;
  #version = 0;
  #deferred: (() => void) | undefined;

  /**
   * `inputs` x `outputs` weights, zero, for a layer called `name` in saved states; `optimisers` of the kind
   * `optimizer` take turns on them. `inputShape` is the shape of one output's weights in saved states.
   */
  constructor(
    compute: Compute,
    readonly name: string,
    readonly inputs: number,
    readonly outputs: number,
    readonly layout: Layout,
    readonly optimizer: Optimizer,
    optimisers = 1,
    readonly inputShape: readonly number[] = [inputs],
  ) {
    this.#compute = compute;
    this.#length = layouts[layout].length(inputs, outputs);
    this.#biasLength = padded(outputs, PANEL);
    const { weights, bias } = this.#allocate();
    this.weights = weights;
    this.bias = bias;
    if (optimizer === 'sgd') return;
    for (let o = 0; o < optimisers; o++) {
      const suffix = o === 0 ? '' : `.${o}`;
      this.#moments.push({ first: this.#allocate(), second: this.#allocate(), suffix });
    }
    if (layouts[layout].storesGradient) this.#gradient = this.#allocate();
  }

  #allocate(): Buffer {
    return {
      weights: this.#compute.allocate(4 * this.#length),
      bias: this.#compute.allocate(4 * this.#biasLength),
    };
  }

  /** Another number whenever all weights have been replaced. */
  get version(): number {
    return this.#version;
  }

  /** Puts an update off, until {@link flush}, or until it has been made elsewhere (undefined). */
  defer(update: (() => void) | undefined): void {
    this.#deferred = update;
  }

  /** Makes the update that was put off, if there is one. */
  flush(): void {
    const update = this.#deferred;
    this.#deferred = undefined;
    update?.();
  }

  /** Xavier-uniform: U(-a, a) with a = gain sqrt(6 / (inputs + outputs)); biases stay 0. */
  initialise(gain: number, random: RandomStream): void {
    this.#version++;
    const bound = gain * Math.sqrt(6 / (this.inputs + this.outputs));
    this.#write(this.weights, this.#draw(bound, random));
  }

  /** U(-a, a) with a = 1 / sqrt(inputs) for weights and biases: the initial values of convolutional networks. */
  initialiseByInputs(random: RandomStream): void {
    this.#version++;
    const bound = 1 / Math.sqrt(this.inputs);
    this.#write(this.weights, this.#draw(bound, random));
    const bias = this.#compute.f32(this.bias, this.outputs);
    for (let i = 0; i < this.outputs; i++) bias[i] = (2 * random.uniform() - 1) * bound;
  }

  #draw(bound: number, random: RandomStream): Float32Array {
    const values = new Float32Array(this.outputs * this.inputs);
    for (let at = 0; at < values.length; at++) values[at] = (2 * random.uniform() - 1) * bound;
    return values;
  }

  /** Holds a random `share` of the weights, rounded to a whole number of them, at zero from now on. */
  prune(share: number, random: RandomStream): void {
    const count = this.inputs * this.outputs;
    const order = random.permutation(count);
    const mask = new Float32Array(count).fill(1);
    for (let j = 0; j < Math.round(share * count); j++) mask[order[j]] = 0;
    this.#hold(mask);
  }

  /** Holds the weights at zero for which `mask`, [outputs, inputs], is 0. */
  #hold(mask: Float32Array): void {
    this.#version++;
    this.#mask ||= this.#compute.allocate(4 * this.#length);
    const view = this.#compute.f32(this.#mask, this.#length).fill(1);
    this.#write(this.#mask, mask);
    const weights = this.#compute.f32(this.weights, this.#length);
    for (let j = 0; j < view.length; j++) if (view[j] === 0) weights[j] = 0;
  }

  /** Address of 1 for every weight that learns and 0 for pruned ones, laid out as the weights; 0 where none is pruned. */
  get mask(): number {
    return this.#mask;
  }

  /** Where the backward kernels add, at this learning rate. Not with Adam where the kernels update at once: see {@link moments}. */
  destination(rate: number): UpdateDestination {
    if (this.optimizer === 'sgd') return { weights: this.weights, bias: this.bias, factor: -rate };
    if (!this.#gradient) throw new RangeError(`${this.name} keeps no gradient`);
    return { ...this.#gradient, factor: 1 };
  }

  /** The moments of optimiser `of`, for kernels that update at once. */
  moments(of: number): Moments {
    return this.#moments[of];
  }

  /** Applies what was added to the destination, by optimiser `of` at its update number `updates`, from 1. */
  apply(of: number, rate: number, updates: number): void {
    if (!this.#gradient) return;
    const { first, second } = this.#moments[of];
    for (const [part, length] of [
      ['weights', this.#length],
      ['bias', this.#biasLength],
    ] as const) {
      this.#compute.run('adam', {
        parameters: this[part],
        gradient: this.#gradient[part],
        first: first[part],
        second: second[part],
        count: length,
        ...adamFactors(rate, updates),
      });
    }
  }

  /** Adds copies to `state`: [outputs, ...inputShape] weights, [outputs] biases, and unless `withMoments` is false Adam's moments. */
  save(state: TensorMap, withMoments = true): void {
    this.flush();
    const shape = [this.outputs, ...this.inputShape];
    for (const { suffix, weights, bias } of this.#saved(withMoments)) {
      state.set(`${this.name}.weight${suffix}`, { shape, data: this.#read(weights) });
      state.set(`${this.name}.bias${suffix}`, {
        shape: [this.outputs],
        data: this.#compute.f32(bias, this.outputs).slice(),
      });
    }
    if (this.#mask) state.set(`${this.name}.mask`, { shape, data: this.#read(this.#mask) });
  }

  /** Makes sure that `state` has what {@link load} takes. Throws {@link StateError} when names or shapes do not fit. */
  check(state: TensorMap, withMoments = true): void {
    const shape = [this.outputs, ...this.inputShape];
    for (const { suffix } of this.#saved(withMoments)) {
      if (suffix !== '' && !state.has(`${this.name}.weight${suffix}`)) continue;
      expectTensor(state, `${this.name}.weight${suffix}`, shape);
      expectTensor(state, `${this.name}.bias${suffix}`, [this.outputs]);
    }
    if (state.has(`${this.name}.mask`)) expectTensor(state, `${this.name}.mask`, shape);
  }

  /**
   * Restores them from a `state` that passed {@link check}; Adam's moments that are not in it become zero, unless
   * `withMoments` is false. A pruned layer's mask comes with it; in states without one it is where the weights are 0.
   */
  load(state: TensorMap, withMoments = true): void {
    this.flush();
    this.#version++;
    for (const { suffix, weights, bias } of this.#saved(withMoments)) {
      const biases = this.#compute.f32(bias, this.outputs);
      const saved = state.get(`${this.name}.weight${suffix}`)?.data;
      const savedBiases = state.get(`${this.name}.bias${suffix}`)?.data;
      if (!saved || !savedBiases) {
        this.#compute.f32(weights, this.#length).fill(0);
        biases.fill(0);
        continue;
      }
      this.#write(weights, saved);
      biases.set(savedBiases);
    }
    const mask = state.get(`${this.name}.mask`)?.data;
    if (mask) this.#hold(Float32Array.from(mask, (m) => (m === 0 ? 0 : 1)));
    else if (this.#mask) this.#hold(this.#read(this.weights).map((weight) => (weight === 0 ? 0 : 1)));
  }

  /** Moves weights and biases towards those of a layer with the same layout: (1 - share) own + share other. */
  blend(other: Parameters, share: number): void {
    this.flush();
    other.flush();
    this.#version++;
    for (const [to, from, length] of [
      [this.weights, other.weights, this.#length],
      [this.bias, other.bias, this.#biasLength],
    ]) {
      const own = this.#compute.f32(to, length);
      const others = other.#compute.f32(from, length);
      if (share === 1) own.set(others);
      else for (let j = 0; j < length; j++) own[j] += share * (others[j] - own[j]);
    }
    if (this.#mask) this.#hold(this.#read(this.#mask));
  }

  /** Takes over the mask of another layer. */
  copyMask(other: Parameters): void {
    if (other.#mask) this.#hold(other.#read(other.#mask));
  }

  /** Everything that a saved state holds. */
  #saved(withMoments: boolean): (Buffer & { readonly suffix: string })[] {
    const moments = withMoments ? this.#moments : [];
    return [
      { suffix: '', weights: this.weights, bias: this.bias },
      ...moments.flatMap(({ first, second, suffix }) => [
        { ...first, suffix: `.first${suffix}` },
        { ...second, suffix: `.second${suffix}` },
      ]),
    ];
  }

  /** The weights, or what is laid out like them, as [outputs, inputs]. */
  #read(address: number): Float32Array {
    const data = new Float32Array(this.outputs * this.inputs);
    const view = this.#compute.f32(address, this.#length);
    const { columns } = this.#places;
    this.#eachRow((row, at, k, end) => gather(data, at, view, row, columns, k, end));
    return data;
  }

  /** The reverse. */
  #write(address: number, data: ArrayLike<number>): void {
    const view = this.#compute.f32(address, this.#length);
    const { columns } = this.#places;
    const values = data instanceof Float32Array ? data : Float32Array.from(data);
    this.#eachRow((row, at, k, end) => scatter(view, row, columns, values, at, k, end));
  }

  /** Where the weight of output i and input k is: at rows[i] + columns[k]. */
  get #places(): { readonly rows: Int32Array; readonly columns: Int32Array } {
    const { inputs, outputs } = this;
    const { row, column }: LayoutRule = layouts[this.layout];
    return {
      rows: Int32Array.from({ length: outputs }, (_, i) => row(i, inputs)),
      columns: Int32Array.from({ length: inputs }, (_, k) => column(k, outputs)),
    };
  }

  /**
   * Calls `move` for the inputs `k` to `end` of every output, whose row begins at `row` in memory, and whose part of
   * [outputs, inputs] at `at`: by blocks that stay in the nearest cache in either layout.
   */
  #eachRow(move: (row: number, at: number, k: number, end: number) => void): void {
    const { inputs, outputs } = this;
    const { rows } = this.#places;
    for (let first = 0; first < outputs; first += PANEL) {
      const last = Math.min(outputs, first + PANEL);
      for (let k = 0; k < inputs; k += TILE) {
        const end = Math.min(inputs, k + TILE);
        for (let i = first; i < last; i++) move(rows[i], i * inputs + k, k, end);
      }
    }
  }
}

/** Copies eight neighbours: written out, because a loop takes three times as long. */
function copyEight(to: Float32Array, at: number, from: Float32Array, source: number): void {
  to[at] = from[source];
  to[at + 1] = from[source + 1];
  to[at + 2] = from[source + 2];
  to[at + 3] = from[source + 3];
  to[at + 4] = from[source + 4];
  to[at + 5] = from[source + 5];
  to[at + 6] = from[source + 6];
  to[at + 7] = from[source + 7];
}

/** Copies a row from memory, neighbours together. */
function gather(
  to: Float32Array,
  at: number,
  from: Float32Array,
  row: number,
  columns: Int32Array,
  k: number,
  end: number,
): void {
  while (k < end) {
    const column = row + columns[k];
    if (k + 8 <= end && columns[k + 7] === columns[k] + 7) {
      copyEight(to, at, from, column);
      at += 8;
      k += 8;
    } else {
      to[at++] = from[column];
      k++;
    }
  }
}

/** The reverse. */
function scatter(
  to: Float32Array,
  row: number,
  columns: Int32Array,
  from: Float32Array,
  at: number,
  k: number,
  end: number,
): void {
  while (k < end) {
    const column = row + columns[k];
    if (k + 8 <= end && columns[k + 7] === columns[k] + 7) {
      copyEight(to, column, from, at);
      at += 8;
      k += 8;
    } else {
      to[column] = from[at++];
      k++;
    }
  }
}

/** The rate with the correction of Adam's first moment, and the correction of the second, at update `updates`. */
export function adamFactors(rate: number, updates: number): { rate: number; correction: number } {
  return { rate: rate / (1 - BETA1 ** updates), correction: 1 / (1 - BETA2 ** updates) };
}
