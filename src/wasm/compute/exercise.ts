/**
 * Runs every kernel of a build on fixed numbers and keeps all that they write, so that two compilations of the same build can be
 * compared to the bit (selfCheck.ts). Sizes lie across the borders at which kernels change their way: blocks of columns, panels of
 * 32 outputs, chunks of 1024 inputs, groups of 16 and 32 items, tiles of 128, rows that are half a panel, an odd last item.
 * Every result has memory of its own, so that none hides another.
 */
import { newMemory } from './memory.js';
import type { Address } from './address.js';
import {
  AVERAGE,
  BLOCKS,
  CENTRED_SIGMOID,
  DRIVE_ROOM,
  HARD_SIGMOID,
  HEAP,
  IDENTITY,
  ITEM_TERMS,
  inOrder,
  type Kernels,
  LINE,
  MAX,
  MOVED,
  PANEL,
  RELU,
  ROW_TERMS,
  ROWS,
  SCRATCH,
  SIGMOID,
  TANH,
  TILE,
  TOGETHER,
} from './kernelSignatures.js';

/** Every kernel works as so many parts, one after the other. */
const PARTS = 2;
const PAGES = 160;
/** What memory holds that has been used before and is not cleared. */
const USED = 77;

/** What all kernels have written. Throws where one traps. */
export function exercise(module: WebAssembly.Module): Uint32Array {
  const gym = new Gym(module);
  for (const [batch, inputs, outputs] of [
    [19, 208, 144],
    [1, 48, 16],
  ] as const) {
    firstLayer(gym, batch, inputs, outputs);
    denseLayer(gym, batch, inputs, outputs);
    tiledLayer(gym, batch, inputs, outputs);
  }
  longRows(gym);
  narrowLayer(gym);
  screenedLayer(gym);
  values(gym);
  maps(gym);
  winners(gym);
  states(gym);
  wideConnection(gym, 19, 208, 176);
  wideConnection(gym, 3, 48, 48);
  return gym.written();
}

type Exports = Record<string, (...args: number[]) => void>;

/** Memory, numbers and kernels to work with. */
class Gym {
  readonly #memory = newMemory(PAGES, PAGES);
  readonly #kernels: Exports;
  #end: number = HEAP;
  #state = 1;

  constructor(module: WebAssembly.Module) {
    const imports = { env: { memory: this.#memory, abort() {} } };
    this.#kernels = new WebAssembly.Instance(module, imports).exports as Exports;
  }

  /** From -1 to 1; always the same ones. */
  next(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) | 0;
    return this.#state / 2 ** 31;
  }

  #take(bytes: number): Address {
    const address = this.#end as Address;
    this.#end += Math.ceil(bytes / 64) * 64;
    return address;
  }

  /** Memory for `length` floats or whole numbers, and for what kernels read behind the last row; in use before unless `value` makes them. */
  floats(length: number, value?: (i: number) => number): Address {
    const address = this.#take(4 * (length + PANEL));
    fill(new Float32Array(this.#memory.buffer, address, length), value);
    return address;
  }

  /** Random ones. */
  random(length: number, scale = 1): Address {
    return this.floats(length, () => scale * this.next());
  }

  /** Random rows of which a share is zero, and the padding from `width` on. */
  sparse(rows: number, stride: number, zeros: number, width = stride): Address {
    return this.floats(rows * stride, (i) => {
      const value = this.next();
      return i % stride < width && (this.next() + 1) / 2 >= zeros ? value : 0;
    });
  }

  /** 1.25 or, one in four, 0. */
  mask(length: number): Address {
    return this.floats(length, () => (this.next() > -0.5 ? 1.25 : 0));
  }

  doubles(length: number, value?: (i: number) => number): Address {
    const address = this.#take(8 * length);
    fill(new Float64Array(this.#memory.buffer, address, length), value);
    return address;
  }

  bytes(length: number, value?: (i: number) => number): Address {
    const address = this.#take(length + LINE);
    fill(new Uint8Array(this.#memory.buffer, address, length), value);
    return address;
  }

  sumOfWords(address: Address, length: number): number {
    return new Int32Array(this.#memory.buffer, address, length).reduce((sum, word) => sum + word, 0);
  }

  copy(from: Address, length: number): Address {
    const address = this.floats(length);
    const view = new Float32Array(this.#memory.buffer);
    view.copyWithin(address / 4, from / 4, from / 4 + length);
    return address;
  }

  run<K extends keyof Kernels>(name: K, args: Kernels[K]): void {
    const ordered = inOrder[name](args);
    for (let part = 0; part < PARTS; part++) this.#kernels[name](part, PARTS, ...ordered);
  }

  written(): Uint32Array {
    return new Uint32Array(this.#memory.buffer, SCRATCH, (this.#end - SCRATCH) / 4);
  }
}

function fill(view: Float32Array | Float64Array | Uint8Array, value?: (i: number) => number): void {
  if (!value) view.fill(USED);
  else for (let i = 0; i < view.length; i++) view[i] = value(i);
}

/** Lists of every item's inputs and of every input's items; updates in all ways, alone and with the next product; Adam. */
function firstLayer(gym: Gym, batch: number, inputs: number, outputs: number): void {
  const stride = outputs;
  const panels = Math.ceil(stride / PANEL);
  const bytes = gym.bytes(batch * inputs, (i) => (gym.next() > 0.3 ? (i * 37) & 255 : 0));
  const mask = gym.mask(batch * inputs);
  gym.run('scaleBytes', {
    bytes,
    x: gym.floats(batch * inputs),
    mask: 0,
    batch,
    stride: inputs,
    maximum: 255,
  });
  const x = gym.floats(batch * inputs);
  gym.run('scaleBytes', { bytes, x, mask, batch, stride: inputs, maximum: 255 });

  const [lists, counts] = [gym.floats(2 * batch * inputs), gym.floats(batch)];
  gym.run('listNonZeros', { x, batch, width: inputs, stride: inputs, lists, counts, capacity: inputs });
  const [itemLists, itemCounts] = [gym.floats(2 * batch * inputs), gym.floats(inputs)];
  gym.run('listItems', {
    values: x,
    batch,
    stride: inputs,
    unit: 4 * PANEL,
    lists: itemLists,
    counts: itemCounts,
  });

  const size = panels * inputs * PANEL;
  const weights = gym.random(size);
  const bias = gym.random(panels * PANEL);
  const sparse = { lists, counts, capacity: inputs };
  const z = () => gym.floats(batch * stride);
  gym.run('forwardSparse', { ...sparse, weights, bias, z: z(), batch, inputs, stride });
  const packed = () => gym.floats(panels * PANEL * batch);
  for (const zeros of [0.1, 0.95]) {
    const delta = gym.sparse(batch, stride, zeros);
    for (const listed of [0, itemLists] as const) {
      const update = { ...sparse, itemLists: listed, itemCounts, delta, batch, inputs, stride, factor: -0.1 };
      const room = () => ({ packed: packed(), full: gym.floats(PARTS) });
      const destination = gym.copy(weights, size);
      const biasDestination = gym.copy(bias, panels * PANEL);
      gym.run('updateSparse', { ...update, ...room(), destination, biasDestination });
      const next = { nextLists: lists, nextCounts: counts, nextBatch: batch };
      gym.run('updateAndForwardSparse', {
        ...update,
        ...room(),
        ...next,
        weights: gym.copy(weights, size),
        bias: gym.copy(bias, panels * PANEL),
        z: z(),
        backwards: listed !== 0,
      });
    }
    gym.run('adamSparse', {
      lists: itemLists,
      counts: itemCounts,
      delta,
      packed: packed(),
      ...adamState(gym, weights, size, bias, panels * PANEL),
      batch,
      inputs,
      stride,
      rate: 0.01,
      correction: 3,
    });
  }
}

/** A copy of a layer's weights and biases, with moments. */
function adamState(gym: Gym, weights: Address, size: number, bias: Address, biases: number) {
  const moments = (length: number) => ({
    first: gym.random(length, 0.1),
    second: gym.floats(length, () => (gym.next() + 1) / 100),
  });
  const [ofWeights, ofBias] = [moments(size), moments(biases)];
  return {
    weights: gym.copy(weights, size),
    ...ofWeights,
    bias: gym.copy(bias, biases),
    biasFirst: ofBias.first,
    biasSecond: ofBias.second,
  };
}

function denseLayer(gym: Gym, batch: number, inputs: number, outputs: number): void {
  const stride = outputs;
  const inputStride = inputs;
  const [h, weights, bias] = [gym.random(batch * inputs), gym.random(outputs * inputs), gym.random(outputs)];
  gym.run('forwardDense', { h, weights, bias, z: gym.floats(batch * stride), batch, inputStride, stride });
  // Columns with a gradient of many items, of few and of one.
  for (const zeros of [0.3, 0.9]) {
    const delta = gym.sparse(batch, stride, zeros);
    const [lists, counts] = [gym.floats(2 * batch * stride), gym.floats(stride)];
    gym.run('listItems', { values: delta, batch, stride, unit: 4 * inputStride, lists, counts });
    const blocks = gym.floats(BLOCKS * batch * inputs);
    const backward = { lists, counts, h, weights, batch, stride, inputStride, factor: 0.3 };
    const to = () => ({ destination: gym.random(outputs * inputs), biasDestination: gym.random(outputs) });
    gym.run('backwardDense', { ...backward, ...to(), dh: blocks });
    gym.run('backwardDense', { ...backward, ...to(), dh: 0 });
    const signal = { dh: blocks, slope: gym.mask(batch * inputs), delta: gym.floats(batch * inputs) };
    gym.run('sumBlocks', { ...signal, batch, stride: inputs });
  }
}

/** More inputs than one chunk holds. */
function longRows(gym: Gym): void {
  const [batch, inputStride, stride] = [19, 1056, 48];
  gym.run('forwardDense', {
    h: gym.random(batch * inputStride),
    weights: gym.random(stride * inputStride),
    bias: gym.random(stride),
    z: gym.floats(batch * stride),
    batch,
    inputStride,
    stride,
  });
}

/** A layer of one neuron per class, and more items than go together. */
function narrowLayer(gym: Gym): void {
  const [batch, inputs, outputs, stride] = [35, 112, 11, 16];
  const [h, slope] = [gym.random(batch * inputs), gym.mask(batch * inputs)];
  const [weights, bias] = [gym.random(stride * inputs), gym.random(stride)];
  const delta = gym.sparse(batch, stride, 0, outputs);
  const shape = { batch, stride, inputStride: inputs };
  gym.run('forwardDense', { h, weights, bias, z: gym.floats(batch * stride), ...shape });
  const to = () => ({ destination: gym.random(stride * inputs), biasDestination: gym.random(stride) });
  const backward = { delta, h, weights, outputs, ...shape, factor: 0.3 };
  gym.run('backwardNarrow', { ...backward, ...to(), slope, below: gym.floats(batch * inputs) });
  gym.run('backwardNarrow', { ...backward, ...to(), slope: 0, below: 0 });
}

function tiledLayer(gym: Gym, batch: number, inputs: number, outputs: number): void {
  const stride = outputs;
  const size = Math.ceil(inputs / TILE) * TILE * outputs;
  const [x, bias] = [gym.random(batch * inputs), gym.random(outputs)];
  const weights = gym.random(size);
  const scratch = () => gym.floats(PARTS * batch * 2 * TILE);
  const shape = { batch, inputStride: inputs, stride };
  gym.run('forwardTiles', { x, weights, bias, z: gym.floats(batch * stride), scratch: scratch(), ...shape });
  const packed = gym.floats(batch * stride);
  gym.run('packQuads', { delta: gym.sparse(batch, stride, 0.3), packed, batch, stride });
  gym.run('adamTiles', {
    packed,
    x,
    ...adamState(gym, weights, size, bias, outputs),
    slope: gym.mask(batch * inputs),
    below: gym.floats(batch * inputs),
    scratch: scratch(),
    ...shape,
    rate: 0.01,
    correction: 3,
  });
}

/** More rows than are looked at together, items in sixes and in pairs, before an update and after it, with a mask and without. */
function screenedLayer(gym: Gym): void {
  const [batch, inputStride, stride] = [9, 96, 2 * TOGETHER + 48];
  const bytes = inputStride;
  const h = gym.floats(batch * inputStride, () => Math.max(0, gym.next()));
  const weights = gym.random(stride * inputStride);
  const bias = gym.floats(stride, () => gym.next() - 2);
  const items = gym.floats(ITEM_TERMS * batch);
  const roundedItems = gym.bytes(batch * bytes);
  gym.run('roundItems', { h, rounded: roundedItems, items, batch, inputStride, bytes, levels: 127 });
  const rounded = gym.bytes(stride * bytes);
  const terms = gym.floats(ROW_TERMS * stride, (i) => (Math.floor(i / stride) === MOVED ? Infinity : 0));
  const room = gym.floats(PARTS * batch * (1 + TOGETHER));
  const delta = gym.sparse(batch, stride, 0.9);
  const [lists, counts] = [gym.floats(2 * batch * stride), gym.floats(stride)];
  gym.run('listItems', { values: delta, batch, stride, unit: 4 * inputStride, lists, counts });
  for (const mask of [0, gym.mask(batch * stride)] as const) {
    const product = { h, items, roundedItems, weights, rounded, terms, bias, mask, room };
    gym.run('forwardScreened', {
      ...product,
      z: gym.floats(batch * stride),
      batch,
      inputStride,
      stride,
      bytes,
    });
    gym.copy(terms, ROW_TERMS * stride);
    gym.run('loosenBounds', { lists, counts, items, terms, batch, stride, inputStride, factor: -0.01 });
  }
}

/** Activations, losses, Adam and dropout. */
function values(gym: Gym): void {
  const [batch, width, stride] = [3, 91, 96];
  const length = batch * stride;
  for (const activation of [IDENTITY, RELU, HARD_SIGMOID, SIGMOID, TANH]) {
    for (const mask of [0, gym.mask(length)] as const) {
      for (const slope of [0, gym.floats(length)] as const) {
        gym.run('activate', { z: gym.random(length, 2), slope, mask, batch, width, stride, activation });
      }
    }
  }
  const [y, d, slope] = [gym.random(length), gym.random(length), gym.mask(length)];
  const lineLoss = () => gym.doubles((2 * stride) / LINE);
  const error = { y, d, batch, stride, factor: 0.1 };
  gym.run('squaredError', { ...error, slope, delta: gym.floats(length), lineLoss: lineLoss() });
  gym.run('squaredError', { ...error, slope: 0, delta: 0, lineLoss: lineLoss() });
  const itemLoss = gym.doubles(batch);
  gym.run('crossEntropy', { ...error, slope, delta: gym.floats(length), itemLoss, outputs: width });
  const second = gym.floats(length, () => (gym.next() + 1) / 100);
  const adam = {
    parameters: gym.random(length),
    gradient: gym.random(length),
    first: gym.random(length),
    second,
  };
  gym.run('adam', { ...adam, count: length, rate: 0.01, correction: 3 });
  const words = { purpose: 3, step: 5, k0: 12345, k1: 67890 };
  for (const columns of [48, 96, 208]) {
    const mask = gym.floats(batch * columns);
    gym.run('dropoutMask', { mask, batch, stride: columns, threshold: 20000, keep: 1.25, ...words });
  }
}

/** Convolution, pooling and competition. */
function maps(gym: Gym): void {
  const [batch, height, width] = [3, 5, 6];
  for (const [channels, outputs, step] of [
    [3, 39, 1],
    [18, 48, 2],
  ] as const) {
    const [size, padding] = [3, 1];
    const [frameHeight, frameWidth] = [height + 2 * padding, width + 2 * padding];
    const stride = Math.ceil((height * width * channels) / LINE) * LINE;
    const map = gym.random(batch * stride);
    const x = gym.floats(batch * frameHeight * frameWidth * channels);
    const spread = gym.floats(batch * 2 * frameHeight * 2 * frameWidth * channels);
    const from = { from: map, batch, height, width, channels, stride };
    gym.run('frame', { ...from, to: x, frameHeight, frameWidth, offset: padding, spread: 1 });
    const wide = { frameHeight: 2 * frameHeight, frameWidth: 2 * frameWidth };
    gym.run('frame', { ...from, to: spread, ...wide, offset: padding, spread: 2 });

    const [outHeight, outWidth] = [height, width].map((n) => Math.floor((n + 2 * padding - size) / step) + 1);
    const outStride = Math.ceil((outHeight * outWidth * outputs) / LINE) * LINE;
    const panels = Math.ceil(outputs / LINE);
    const weights = gym.random(panels * size * size * channels * LINE);
    const bias = gym.random(panels * LINE);
    const shape = {
      batch,
      frameHeight,
      frameWidth,
      channels,
      height: outHeight,
      width: outWidth,
      outputs,
      size,
      step,
    };
    const y = gym.floats(batch * outStride);
    gym.run('convolve', { ...shape, x, weights, bias, slope: 0, y, stride: outStride });
    const hidden = { bias: 0, slope: gym.mask(batch * outStride), y: gym.floats(batch * outStride) } as const;
    gym.run('convolve', { ...shape, x, weights, ...hidden, stride: outStride });
    for (const mask of [0, gym.mask(panels * size * size * channels * LINE)] as const) {
      gym.run('convolutionGradient', {
        ...shape,
        x,
        delta: y,
        mask,
        destination: gym.copy(weights, panels * size * size * channels * LINE),
        biasDestination: gym.copy(bias, panels * LINE),
        scratch: gym.floats(PARTS * outHeight * outWidth * LINE),
        stride: outStride,
        factor: 0.3,
      });
    }
    const to = gym.floats(Math.ceil(channels / LINE) * LINE * size * size * outputs);
    gym.run('turnKernels', { weights, to, channels, outputs, size });

    const slope = gym.mask(batch * stride);
    const [pooledHeight, pooledWidth] = [height, width].map((n) => Math.floor((n - 1) / 2) + 1);
    const pooledStride = Math.ceil((pooledHeight * pooledWidth * channels) / LINE) * LINE;
    const pooled = { batch, height, width, channels, stride, outHeight: pooledHeight, outWidth: pooledWidth };
    for (const kind of [MAX, AVERAGE]) {
      const geometry = { ...pooled, outStride: pooledStride, size, step: 2, padding, kind };
      const places = gym.floats(batch * pooledStride);
      gym.run('pool', { x: map, y: gym.floats(batch * pooledStride), places, ...geometry });
      const delta = gym.random(batch * pooledStride);
      gym.run('poolBackward', { delta, places, slope, below: gym.floats(batch * stride), ...geometry });
    }
    const [first, best] = [gym.floats(batch * stride), gym.floats(batch * stride)];
    const positions = { batch, positions: height * width, channels, stride };
    gym.run('compete', { x: map, first, y: best, ...positions });
    const backward = { delta: gym.random(batch * stride), slope, below: gym.floats(batch * stride) };
    gym.run('competeBackward', { ...backward, y: best, first, ...positions });
  }
}

function winners(gym: Gym): void {
  const [batch, outputs, stride, count] = [5, 75, 80, 3];
  const homeostasis = gym.doubles(stride, () => gym.next() / 10);
  const [leads, chosen] = [gym.doubles(PARTS * batch * count), gym.floats(PARTS * batch * count)];
  const shape = { batch, outputs, stride, count };
  gym.run('candidates', { y: gym.random(batch * stride), homeostasis, leads, chosen, ...shape });
  for (const mask of [0, gym.mask(batch * stride)] as const) {
    const to = { d: gym.floats(batch * stride), sums: gym.doubles(stride) };
    gym.run('winnersTakeAll', { leads, chosen, mask, ...to, ...shape, won: 0.9, lost: 0.1 });
  }
}

/** A step of states with all that may move them, and what is learned at once. */
function states(gym: Gym): void {
  const [batch, width, stride] = [3, 75, 80];
  const length = batch * stride;
  const panels = Math.ceil(stride / PANEL);
  const all = gym.mask(length);
  const ways = [{}, { hears: true }, { nudged: true }, { hears: true, directed: true }];
  for (const activation of [HARD_SIGMOID, TANH, CENTRED_SIGMOID]) {
    for (const mask of [0, all] as const) {
      for (const { hears, nudged, directed } of ways as {
        hears?: boolean;
        nudged?: boolean;
        directed?: boolean;
      }[]) {
        const s = gym.random(length);
        gym.run('settle', {
          before: s,
          beforeStride: stride,
          s,
          rho: activation === HARD_SIGMOID ? s : gym.floats(length),
          drive: gym.random(length),
          feedback: hears ? gym.random(length) : 0,
          mask,
          d: nudged ? gym.random(length) : 0,
          change: gym.floats(PARTS),
          travel: directed ? gym.floats(batch * panels) : 0,
          v: directed ? gym.random(length) : 0,
          along: directed ? gym.floats(batch * panels) : 0,
          batch,
          width,
          stride,
          activation,
          rate: 0.3,
          beta: 0.4,
        });
      }
      const s = gym.floats(length, () => Math.max(0, gym.next()));
      const from = { s, drive: gym.random(length), mask, d: gym.random(length), batch, stride };
      const to = { difference: gym.floats(length), lineLoss: gym.doubles((2 * stride) / LINE) };
      gym.run('nudge', { ...from, ...to, rate: 0.3, beta: 0.4, factor: 0.7 });
    }
  }
  const difference = gym.floats(length);
  gym.run('contrast', {
    a: gym.random(length),
    b: gym.random(length),
    difference,
    batch,
    stride,
    factor: 0.7,
  });
  for (const [from, fromStride] of [
    [0, 0],
    [gym.random(stride), 0],
    [gym.random(length), stride],
  ] as const) {
    gym.run('copyRows', { from, fromStride, to: gym.random(length), batch, stride });
  }
  const inputStride = 112;
  const [lists, counts] = [gym.floats(2 * length), gym.floats(batch)];
  const x = gym.sparse(batch, stride, 0.6, width);
  gym.run('listNonZeros', { x, batch, width: stride, stride, lists, counts, capacity: stride });
  gym.run('feedback', {
    lists,
    counts,
    weights: gym.random(stride * inputStride),
    below: gym.floats(batch * inputStride),
    room: gym.floats(PARTS * stride * PANEL),
    batch,
    stride,
    inputStride,
  });
}

/** Both ways between two wide layers, with outputs at rest and without. */
function wideConnection(gym: Gym, batch: number, inputStride: number, stride: number): void {
  const shape = { batch, inputStride, stride };
  const size = Math.ceil(inputStride / PANEL) * stride * PANEL;
  const [weights, bias] = [gym.random(size, 0.2), gym.floats(stride, () => gym.next() - 0.3)];
  const h = gym.floats(batch * inputStride, () => Math.max(0, gym.next()));
  const y = gym.sparse(batch, stride, 0.8);
  const norms = gym.floats(stride);
  const changed = gym.floats(stride, (i) => (i % 7 ? 1 : 0));
  gym.run('connectionNorms', { weights, norms, changed, inputStride, stride });
  const nudge = { d: gym.random(batch * stride), beta: 0.3 };
  const [along, aside, reach] = [0.1, 0.05, 0.06].map((way) =>
    gym.floats(batch, () => way * (1 + gym.next())),
  );
  const [rateAlong, key] = [gym.floats(batch * stride), gym.floats(batch * stride)];
  const known = { norms, rateAlong, key, along, aside, reach };
  for (const [rest, mask] of [
    [0, 0],
    [1, gym.mask(batch * stride)],
    [2, 0],
    [2, gym.mask(batch * stride)],
  ] as const) {
    gym.run('driveUp', {
      h,
      weights,
      bias,
      z: gym.floats(batch * stride),
      y,
      mask,
      ...nudge,
      ...known,
      counts: gym.floats(Math.ceil(stride / ROWS) * batch),
      room: gym.floats(PARTS * batch * DRIVE_ROOM),
      ...shape,
      rest,
    });
    gym.copy(key, batch * stride);
  }
  const [moving, movingCounts] = [gym.floats(batch * stride), gym.floats(batch)];
  gym.run('listMoving', {
    y,
    mask: 0,
    ...nudge,
    ...known,
    lists: moving,
    counts: movingCounts,
    batch,
    stride,
  });
  const total = gym.sumOfWords(movingCounts, batch);
  const blocks = gym.floats(BLOCKS * total);
  const listed = { moving, counts: movingCounts, blocks, total };
  const below = gym.floats(batch * inputStride);
  gym.run('driveBoth', { ...listed, y, h, weights, below, room: gym.floats(PARTS * total * 8), ...shape });
  const z = gym.floats(batch * stride);
  gym.run('driveUpFromBlocks', { moving, movingCounts, blocks, bias, z, ...known, batch, stride, total });

  const [lists, counts] = [gym.floats(2 * batch * stride), gym.floats(Math.max(batch, stride))];
  gym.run('listNonZeros', { x: y, batch, width: stride, stride, lists, counts, capacity: stride });
  gym.run('driveDown', { lists, counts, weights, below: gym.floats(batch * inputStride), ...shape });
  gym.run('listItems', { values: y, batch, stride, unit: 4 * PANEL, lists, counts });
  gym.run('connect', {
    lists,
    counts,
    h,
    weights: gym.copy(weights, size),
    bias: gym.copy(bias, stride),
    room: gym.floats(PARTS * batch * PANEL),
    ...shape,
    factor: 0.3,
  });
}
