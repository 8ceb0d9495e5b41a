/**
 * Whether kernels compute what they should on this engine, asked before an experimental engine feature is
 * trusted. Whole numbers small enough to be exact in single precision make every order of summation give the
 * same bits, so anything but equality is a fault.
 */
import {
  BLOCKS,
  HEAP,
  ITEM_TERMS,
  LINE,
  MOVED,
  PANEL,
  DRIVE_ROOM,
  ROW_TERMS,
  TILE,
  TOGETHER,
} from './kernels.js';

const BATCH = 3;
/** Not a multiple of the times that engines unroll loops: how they leave an unrolled loop half way is checked, too. */
const WIDTH = 96;
/** Of different numbers. */
const ROUNDS = 4;
/** Engines compile for speed only what runs often, unless they have been told otherwise; by then they have. */
const SCREENING_ROUNDS = 400;

/** Runs the products of a build of the kernels on known numbers and compares every result. */
export function passesSelfCheck(module: WebAssembly.Module): boolean {
  const { kernels, memory, room } = apart(module, 13);
  const [h, z, delta, slope, signal] = [0, 1, 2, 3, 4].map(() => room(BATCH * WIDTH));
  const weights = room(WIDTH * WIDTH);
  const update = room(WIDTH * WIDTH);
  const bias = room(WIDTH);
  const blocks = room(BLOCKS * BATCH * WIDTH);
  const lists = room(2 * BATCH * WIDTH);
  const itemLists = room(2 * BATCH * WIDTH);
  const [counts, itemCounts] = [room(WIDTH), room(WIDTH)];
  const packed = room(BATCH * WIDTH);
  const full = room(1);
  const [tiles, first, second] = [0, 1, 2].map(() => room(TILE * WIDTH));
  const [biases, biasFirst, biasSecond] = [0, 1, 2].map(() => room(WIDTH));
  const packedTile = room(2 * TILE * BATCH);
  const convolved = room(BATCH * 128);
  const [lines, gradient] = [0, 1].map(() => room(32 * 36));
  const gradientBias = room(32);
  const riseRoom = room(BATCH * DRIVE_ROOM);
  const check = {
    ...{ kernels, h, z, delta, slope, signal, weights, bias, packed, packedTile, lines, convolved, gradient },
    ...{ gradientBias, tiles, first, second, biases, biasFirst, biasSecond },
  };
  /** Whether z = h W^T + bias, where the weight of input k for output i lies at index(i, k) of `update`. */
  const isProduct = (index: (i: number, k: number) => number) =>
    z.every((value, j) => {
      const [b, i] = [Math.floor(j / WIDTH), j % WIDTH];
      let sum = bias[i];
      for (let k = 0; k < WIDTH; k++) sum += h[b * WIDTH + k] * update[index(i, k)];
      return value === sum;
    });
  for (let round = 0; round < ROUNDS; round++) {
    const whole = (i: number, range: number) => ((i * 7919 + round * 104729) % range) - (range >> 1);
    // In turn many gradients and few, which take different ways.
    const sparsity = round % 2 ? 5 : 29;
    h.forEach((_, i) => {
      h[i] = whole(i, 9);
      delta[i] = i % sparsity === 0 ? whole(i + 3, 5) : 0;
      slope[i] = whole(i, 3);
    });
    weights.forEach((_, i) => {
      weights[i] = whole(i, 11);
    });
    bias.forEach((_, i) => {
      bias[i] = whole(i, 7);
    });
    kernels.forwardDense(0, 1, at(h), at(weights), at(bias), at(z), BATCH, WIDTH, WIDTH);
    if (!z.every((value, j) => value === product(h, weights, j) + bias[j % WIDTH])) return false;

    update.fill(0);
    kernels.listItems(0, 1, at(delta), BATCH, WIDTH, 4 * WIDTH, at(lists), at(counts));
    kernels.backwardDense(
      ...([0, 1, at(lists), at(counts), at(h), at(weights), at(update), at(bias), at(blocks)] as const),
      ...([BATCH, WIDTH, WIDTH, 2] as const),
    );
    kernels.sumBlocks(0, 1, at(blocks), at(slope), at(signal), BATCH, WIDTH);
    for (let i = 0; i < WIDTH; i++) {
      for (let k = 0; k < WIDTH; k++) {
        let sum = 0;
        for (let b = 0; b < BATCH; b++) sum += delta[b * WIDTH + i] * h[b * WIDTH + k];
        if (update[i * WIDTH + k] !== 2 * sum) return false;
      }
    }
    for (let b = 0, j = 0; b < BATCH; b++) {
      for (let k = 0; k < WIDTH; k++, j++) {
        let sum = 0;
        for (let i = 0; i < WIDTH; i++) sum += delta[b * WIDTH + i] * weights[i * WIDTH + k];
        // Minus zero equals zero here, as it should.
        if (signal[j] !== sum * slope[j]) return false;
      }
    }
    // The same numbers as a first layer: panels of 32 outputs, lists of non-zero inputs.
    kernels.listNonZeros(0, 1, at(h), BATCH, WIDTH, WIDTH, at(lists), at(counts), WIDTH);
    kernels.forwardSparse(
      0,
      1,
      at(lists),
      at(counts),
      WIDTH,
      at(update),
      at(bias),
      at(z),
      BATCH,
      WIDTH,
      WIDTH,
    );
    if (!isProduct(panelIndex)) return false;
    const before = update.slice();
    kernels.listItems(0, 1, at(h), BATCH, WIDTH, 4 * PANEL, at(itemLists), at(itemCounts));
    const byInputs = [round < ROUNDS / 2 ? at(itemLists) : 0, at(itemCounts)] as const;
    kernels.updateSparse(
      ...([0, 1, at(lists), at(counts), WIDTH, ...byInputs, at(delta), at(packed), at(full)] as const),
      ...([at(update), at(bias), BATCH, WIDTH, WIDTH, 1] as const),
    );
    for (let i = 0; i < WIDTH; i++) {
      for (let k = 0; k < WIDTH; k++) {
        let sum = before[panelIndex(i, k)];
        for (let b = 0; b < BATCH; b++) sum += delta[b * WIDTH + i] * h[b * WIDTH + k];
        if (update[panelIndex(i, k)] !== sum) return false;
      }
    }
    const once = update.slice();
    // The same update once more, together with the next product.
    kernels.updateAndForwardSparse(
      ...([0, 1, at(lists), at(counts), WIDTH, ...byInputs, at(delta), at(packed), at(full)] as const),
      ...([at(update), at(bias), BATCH, WIDTH, WIDTH, 1] as const),
      ...([at(lists), at(counts), at(z), BATCH, round % 2] as const),
    );
    if (!isProduct(panelIndex)) return false;
    if (!update.every((value, j) => value - once[j] === once[j] - before[j])) return false;
    if (!activationsPass(check)) return false;
    // And as a connection that works both ways: panels of 32 inputs, no output at rest.
    kernels.rise(
      ...([0, 1, at(h), at(update), at(bias), at(z), at(z), 0, 0, at(slope), at(slope), at(slope)] as const),
      ...([at(slope), at(slope), at(counts), at(riseRoom), BATCH, WIDTH, WIDTH, 0, 0] as const),
    );
    if (!isProduct((i, k) => panelIndex(k, i))) return false;
    // Both ways at once, with every output listed.
    const all = BATCH * WIDTH;
    const listed = [at(packed), at(counts)] as const;
    new Uint32Array(memory.buffer, listed[0], all).forEach((_, n, list) => {
      list[n] = 4 * PANEL * (n % WIDTH);
    });
    new Uint32Array(memory.buffer, listed[1], BATCH).fill(WIDTH);
    kernels.exchange(
      ...([0, 1, ...listed, at(delta), at(h), at(update), at(signal), at(blocks), at(riseRoom)] as const),
      ...([BATCH, WIDTH, WIDTH, all] as const),
    );
    z.fill(0);
    kernels.riseFromBlocks(
      ...([0, 1, ...listed, at(blocks), at(bias), at(z), at(slope), at(slope), at(packedTile)] as const),
      ...([at(slope), at(slope), BATCH, WIDTH, all] as const),
    );
    if (!isProduct((i, k) => panelIndex(k, i))) return false;
    for (let b = 0, j = 0; b < BATCH; b++) {
      for (let k = 0; k < WIDTH; k++, j++) {
        let sum = 0;
        for (let i = 0; i < WIDTH; i++) sum += delta[b * WIDTH + i] * update[panelIndex(k, i)];
        if (signal[j] !== sum) return false;
      }
    }
    if (!tilesPass(check) || !convolutionsPass(check)) return false;
  }
  return true;
}

/** The kernels with so many pages of a memory of their own, of which `room` gives floats, one piece after the other. */
function apart(module: WebAssembly.Module, pages: number) {
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const kernels = new WebAssembly.Instance(module, { env: { memory, abort() {} } }).exports as Kernels;
  let end = HEAP;
  const room = (length: number) => {
    const view = new Float32Array(memory.buffer, end, length);
    end += 4 * length;
    return view;
  };
  return { kernels, memory, room };
}

/**
 * Whether screening (kernels/screen.ts) is right on this engine with values rounded to so many `levels`: its products are the
 * dense ones, or -1 where these are negative. The eighth bit of the second operand of a relaxed dot product is a sign to some
 * processors, others run out of 16 bits on the way, and some engines (V8 11.3) take the operands in the wrong order until they
 * compile it for speed.
 */
export function passesScreeningCheck(module: WebAssembly.Module, levels: number): boolean {
  const { kernels, room } = apart(module, 7);
  // Six go together, and the rest in pairs.
  const batch = 8;
  const [h, dense, screened] = [0, 1, 2].map(() => room(batch * WIDTH));
  const [weights, bias, terms] = [WIDTH * WIDTH, WIDTH, ROW_TERMS * WIDTH].map(room);
  const [items, roundedItems] = [room(ITEM_TERMS * batch), room((batch * WIDTH) / 4)];
  const [rounded, found] = [room((WIDTH * WIDTH) / 4), room(batch * (1 + TOGETHER))];
  h.forEach((_, i) => {
    h[i] = i < WIDTH || i >= (batch - 1) * WIDTH ? 8 : (i * 7919) % 9;
  });
  weights.forEach((_, i) => {
    weights[i] = i < WIDTH ? 5 : ((i * 104729) % 11) - 5;
  });
  bias.fill(-40);
  // The largest products of all, which a shortfall of a quarter makes negative.
  bias[0] = -0.75 * 8 * 5 * WIDTH;
  for (let round = 0; round < SCREENING_ROUNDS; round++) {
    terms.fill(Infinity, MOVED * WIDTH, (MOVED + 1) * WIDTH);
    kernels.forwardDense(0, 1, at(h), at(weights), at(bias), at(dense), batch, WIDTH, WIDTH);
    kernels.roundItems(0, 1, at(h), at(roundedItems), at(items), batch, WIDTH, WIDTH, levels);
    kernels.forwardScreened(
      ...([0, 1, at(h), at(items), at(roundedItems), at(weights), at(rounded), at(terms)] as const),
      ...([at(bias), 0, at(screened), at(found), batch, WIDTH, WIDTH, WIDTH] as const),
    );
    if (!screened.every((z, j) => z === dense[j] || (z === -1 && dense[j] < 0))) return false;
  }
  // Products bear much that is wrong in what is known of items and rows, until one day they do not. Of items: at 2 the part along u, at
  // 3 the length of the rest; of rows: from 1 on the length of what was rounded to, then both of what is left.
  const isNear = (known: Float32Array, place: number, value: number, size: number) =>
    Math.abs(known[place] - value) < 0.05 * size + 1e-4;
  for (let b = 0; b < batch; b++) {
    const row = h.subarray(b * WIDTH, (b + 1) * WIDTH);
    const [length, along] = [lengthOf(row), alongOf(row)];
    const aside = lengthOf(row.map((x) => x - along / Math.sqrt(WIDTH)));
    if (!isNear(items, 2 * batch + b, along, length)) return false;
    if (!isNear(items, 3 * batch + b, aside, length)) return false;
  }
  const bytes = new Int8Array(rounded.buffer, rounded.byteOffset, WIDTH * WIDTH);
  for (let i = 0; i < WIDTH; i++) {
    const whole = Float32Array.from(bytes.subarray(i * WIDTH, (i + 1) * WIDTH), (q) => terms[i] * q);
    const left = whole.map((q, k) => weights[i * WIDTH + k] - q);
    const wanted = [lengthOf(whole), alongOf(left), lengthOf(left)];
    if (!wanted.every((value, n) => isNear(terms, (n + 1) * WIDTH + i, value, wanted[n % 2 ? 2 : n])))
      return false;
  }
  return true;
}

function lengthOf(row: Float32Array): number {
  return Math.sqrt(row.reduce((sum, x) => sum + x * x, 0));
}

/** The part of a row along the vector of length 1 whose numbers are all alike. */
function alongOf(row: Float32Array): number {
  return row.reduce((sum, x) => sum + x, 0) / Math.sqrt(row.length);
}

/** Kernels, and the numbers in their memory. */
type Check = { readonly kernels: Kernels } & Readonly<Record<Numbers, Float32Array>>;

type Kernels = Record<string, (...args: number[]) => void>;

type Numbers =
  | ('h' | 'z' | 'delta' | 'slope' | 'signal' | 'weights' | 'bias' | 'packed' | 'packedTile')
  | ('tiles' | 'first' | 'second' | 'biases' | 'biasFirst' | 'biasSecond')
  | ('lines' | 'convolved' | 'gradient' | 'gradientBias');

/** The address of a view of the kernels' memory. */
function at(view: Float32Array): number {
  return view.byteOffset;
}

/** Units that are zero below zero, under a mask. */
function activationsPass({ kernels, h, z, signal: mask, packedTile: slope }: Check): boolean {
  mask.forEach((_, j) => {
    mask[j] = j % 3 ? 2 : 0;
  });
  return [1, 2].every((activation) => {
    z.set(h);
    kernels.activate(0, 1, at(z), at(slope), at(mask), BATCH, WIDTH, WIDTH, activation);
    const most = activation === 1 ? Infinity : 1;
    return h.every((value, j) => {
      const isRising = activation === 1 ? value > 0 : value >= 0 && value <= 1;
      const y = mask[j] * Math.min(Math.max(value, 0), most);
      return z[j] === y && slope[j] === (isRising ? mask[j] : 0);
    });
  });
}

/** A wide layer with Adam (tiles.ts), on the same numbers; moments and weights in the kernel's own order. */
function tilesPass(check: Check): boolean {
  const { kernels, h, z, delta, slope, signal, weights, bias, packed } = check;
  const { tiles, first, second, biases, biasFirst, biasSecond, packedTile } = check;
  const [rate, correction] = [0.5, 4];
  first.fill(0);
  second.fill(0);
  biases.set(bias);
  for (let i = 0; i < WIDTH; i++) {
    for (let k = 0; k < WIDTH; k++) tiles[tileIndex(i, k)] = weights[i * WIDTH + k];
  }
  const scratch = at(packedTile);
  kernels.forwardTiles(0, 1, at(h), at(tiles), at(biases), at(z), scratch, BATCH, WIDTH, WIDTH);
  if (!z.every((value, j) => value === product(h, weights, j) + bias[j % WIDTH])) return false;
  kernels.packQuads(0, 1, at(delta), at(packed), BATCH, WIDTH);
  kernels.adamTiles(
    ...([0, 1, at(packed), at(h), at(tiles), at(first), at(second)] as const),
    ...([at(biases), at(biasFirst), at(biasSecond), at(slope), at(signal), scratch] as const),
    ...([BATCH, WIDTH, WIDTH, rate, correction] as const),
  );
  for (let i = 0; i < WIDTH; i++) {
    for (let k = 0; k < WIDTH; k++) {
      let g = 0;
      for (let b = 0; b < BATCH; b++) g += delta[b * WIDTH + i] * h[b * WIDTH + k];
      const j = tileIndex(i, k);
      if (first[j] !== f32(TENTH * g) || second[j] !== f32(THOUSANDTH * g * g)) return false;
      const size = f32(f32(Math.sqrt(f32(second[j] * correction))) + EPSILON);
      if (tiles[j] !== f32(weights[i * WIDTH + k] - f32(f32(rate * first[j]) / size))) return false;
    }
  }
  return signal.every((value, j) => {
    const [b, k] = [Math.floor(j / WIDTH), j % WIDTH];
    let sum = 0;
    for (let i = 0; i < WIDTH; i++) sum += delta[b * WIDTH + i] * weights[i * WIDTH + k];
    return value === sum * slope[j];
  });
}

/** Frames of 4 x 4 positions with 4 channels, kernels of 3 x 3 to 32 outputs at 2 x 2 positions. */
function convolutionsPass(check: Check): boolean {
  const { kernels, h, weights, bias, lines, convolved, gradient, gradientBias, packedTile } = check;
  const kernel = (o: number, tap: number) => weights[o * 36 + tap];
  const frameAt = (b: number, y: number, x: number, tap: number) =>
    h[b * 64 + (y + Math.floor(tap / 12)) * 16 + (x + (Math.floor(tap / 4) % 3)) * 4 + (tap % 4)];
  const maps = 2 * 2 * 32;
  for (let o = 0; o < 32; o++) {
    for (let tap = 0; tap < 36; tap++) lines[lineIndex(o, tap)] = kernel(o, tap);
  }
  kernels.convolve(
    ...([0, 1, at(h), at(lines), at(bias), 0, at(convolved), BATCH, 4, 4, 4, 2, 2, 32, maps, 3, 1] as const),
  );
  for (let j = 0; j < BATCH * maps; j++) {
    const [b, y, x, o] = [Math.floor(j / maps), Math.floor(j / 64) % 2, Math.floor(j / 32) % 2, j % 32];
    let sum = bias[o];
    for (let tap = 0; tap < 36; tap++) sum += kernel(o, tap) * frameAt(b, y, x, tap);
    if (convolved[j] !== sum) return false;
    convolved[j] = ((j * 31) % 7) - 3;
  }
  gradient.fill(0);
  kernels.convolutionGradient(
    ...([0, 1, at(h), at(convolved), 0, at(gradient), at(gradientBias), at(packedTile)] as const),
    ...([BATCH, 4, 4, 4, 2, 2, 32, maps, 3, 1, 2] as const),
  );
  for (let o = 0; o < 32; o++) {
    for (let tap = 0; tap < 36; tap++) {
      let sum = 0;
      for (let b = 0; b < BATCH; b++) {
        for (let p = 0; p < 4; p++) {
          sum += convolved[b * maps + p * 32 + o] * frameAt(b, p >> 1, p & 1, tap);
        }
      }
      if (gradient[lineIndex(o, tap)] !== 2 * sum) return false;
    }
  }
  return true;
}

/** Adam's constants as the kernels have them, in single precision. */
const TENTH = f32(1 - f32(0.9));
const THOUSANDTH = f32(1 - f32(0.999));
const EPSILON = f32(1e-8);

function f32(value: number): number {
  return Math.fround(value);
}

/** (h W^T) at the flat index j. */
function product(h: Float32Array, weights: Float32Array, j: number): number {
  const b = Math.floor(j / WIDTH);
  const i = j % WIDTH;
  let sum = 0;
  for (let k = 0; k < WIDTH; k++) sum += h[b * WIDTH + k] * weights[i * WIDTH + k];
  return sum;
}

function tileIndex(i: number, k: number): number {
  return (i & ~3) * TILE + 4 * (k & (TILE - 8)) + 8 * (i & 3) + (k & 7);
}

/** Where the weight of input `tap` for output `o` lies among 36. */
function lineIndex(o: number, tap: number): number {
  return Math.floor(o / LINE) * 36 * LINE + tap * LINE + (o % LINE);
}

function panelIndex(i: number, k: number): number {
  return Math.floor(i / PANEL) * WIDTH * PANEL + k * PANEL + (i % PANEL);
}
