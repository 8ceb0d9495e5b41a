/**
 * Connections between two wide layers of states, which work both ways and many times a step. One copy of the weights
 * serves both, in panels of 32 inputs, [inputs / 32][outputs][32]: `driveUp` drives the layer above, for those outputs
 * only that may move, and `driveDown` is what the layer below hears of those that are not zero. Both read weights in the
 * order of lists, from a near cache.
 */
import { BLOCKS, Optional, PANEL, ROWS, SCRATCH, SCRATCH_EACH, ZEROS } from './layout';
import { sumRows } from './sparse';
import { at, cut, cutColumns, laneSum, multiplyAdd, readAhead, squareRoot } from './vector';

/** Bytes of one output's weights in a panel. */
const ROW: usize = 128;

/** Panels that `driveUp` takes at a time, so that its loops are long. */
const GROUP: i32 = 4;

/** Bytes of the sum of one output: a vector, or a pair of them. */
const SUM: usize = WIDE ? 32 : 16;

/** Floats of scratch that `driveUp` needs for each item: a list, and the sums. */
const ROOM: i32 = ROWS + ROWS * <i32>(SUM / 4);

/** Covers what the few operations of the test of rest round, as a share of `key`; `reach` covers the rest of it. */
const ROUNDING: f32 = 1e-6;

/** What `driveUp` does with outputs at rest: it knows of none, it begins to know, or (2) it passes over them. */
const ALL: i32 = 0;
const FIRST: i32 = 1;

/**
 * z (batch x outputs) = h W^T + bias. Outputs at rest are passed over where `rest` is 2, and keep their z. At rest is
 * what `mask` (0 for none) drops and a y of zero whose drive must still be below zero: since it was computed h has
 * gone by a v and by changes of length r in all, so that by Cauchy and Schwarz it is no more than
 *   z + a rateAlong + r norms   for   rateAlong[b][i] = W[i] v[b] and norms[i] = |W[i]|.
 * v is the h of the call where `rest` is 1: all that the mask leaves are computed there, and `rateAlong` is noted. along[b] and
 * aside[b] are a and r since that call, key[b][i] is z less what a and r were when it was computed. reach[b] is r and
 * what rounding may hide, as a share of norms. So the test is
 *   key + along rateAlong + reach norms + max(0, beta d) + ROUNDING |key| < 0,
 * with d 0 where nothing nudges. NaN never rests. counts[t * batch + b] becomes the number of outputs computed of tile t
 * of ROWS. `room` is scratch, batch x 9 ROWS floats for every part.
 * Cut by outputs in whole tiles.
 */
export function driveUp(
  part: i32,
  parts: i32,
  h: usize,
  weights: usize,
  bias: usize,
  z: usize,
  y: usize,
  mask: Optional,
  d: Optional,
  norms: Optional,
  rateAlong: Optional,
  key: Optional,
  along: Optional,
  aside: Optional,
  reach: Optional,
  counts: usize,
  room: usize,
  batch: i32,
  inputStride: i32,
  stride: i32,
  beta: f32,
  rest: i32,
): void {
  const lists = at(room, part * batch * ROOM);
  const sums = at(lists, batch * ROWS);
  const scratch = SCRATCH + <usize>part * SCRATCH_EACH;
  const end = cut(stride, part + 1, parts, ROWS);
  const pull = f32x4.splat(beta);
  for (let first = cut(stride, part, parts, ROWS); first < end; first += ROWS) {
    const rows = min(ROWS, end - first);
    const tileCounts = at(counts, (first / ROWS) * batch);
    for (let b = 0; b < batch; b++) {
      const list = at(lists, b * ROWS);
      let entry = list;
      const a = v128.load32_splat(at(along, b));
      const r = v128.load32_splat(at(reach, b));
      for (let i = 0; i < rows; i += 4) {
        const j = b * stride + first + i;
        let live: i32 = 15;
        if (rest > FIRST) live = moving(key, rateAlong, norms, y, mask, d, first + i, j, a, r, pull);
        else if (rest == FIRST && mask) live = i32x4.bitmask(f32x4.ne(v128.load(at(mask, j)), f32x4.splat(0)));
        for (; live; live &= live - 1) {
          store<u32>(entry, (<u32>(i + ctz(live))) * <u32>ROW);
          entry += 4;
        }
      }
      const count = <i32>((entry - list) >> 2);
      store<i32>(at(tileCounts, b), count);
      // Outputs are taken four at a time: the last is repeated.
      for (let n = count; n & 3; n++) {
        store<u32>(at(list, n), load<u32>(at(list, count - 1)));
      }
    }
    let listed = 0;
    for (let b = 0; b < batch; b++) {
      const count = load<i32>(at(tileCounts, b));
      memory.fill(sums + <usize>(b * ROWS) * SUM, 0, <usize>((count + 3) & ~3) * SUM);
      listed += count;
    }
    for (let k = 0; k < inputStride; k += GROUP * PANEL) {
      const tile = weights + (<usize>(k / PANEL) * <usize>stride + <usize>first) * ROW;
      const width = min(GROUP * PANEL, inputStride - k);
      for (let p = 0; p < width && pays(listed, rows); p += PANEL) {
        readAhead(tile + <usize>(p / PANEL) * <usize>stride * ROW, <usize>rows * ROW, scratch);
      }
      for (let b = 0; b < batch; b++) {
        const list = at(lists, b * ROWS);
        const last = at(list, load<i32>(at(tileCounts, b)));
        const x = at(h, b * inputStride + k);
        const own = sums + <usize>(b * ROWS) * SUM;
        if (WIDE) addProductsWide(list, last, tile, <usize>(stride - 1) * ROW, x, at(x, width), own);
        else addProducts(list, last, tile, <usize>(stride - 1) * ROW, x, at(x, width), own);
      }
    }
    for (let b = 0; b < batch; b++) {
      const count = load<i32>(at(tileCounts, b));
      const list = at(lists, b * ROWS);
      const a = load<f32>(at(along, b));
      const r = load<f32>(at(aside, b));
      for (let n = 0; n < count; n++) {
        const i = first + <i32>(load<u32>(at(list, n)) / <u32>ROW);
        const j = b * stride + i;
        const sum = sums + <usize>(b * ROWS + n) * SUM;
        const product = laneSumAt(sum);
        const drive = product + load<f32>(at(bias, i));
        store<f32>(at(z, j), drive);
        if (rest == ALL) continue;
        if (rest == FIRST) store<f32>(at(rateAlong, j), product);
        store<f32>(at(key, j), drive - a * load<f32>(at(rateAlong, j)) - r * load<f32>(at(norms, i)));
      }
    }
  }
}

/** Whether reading `rows` ahead pays where items list so many of them in all: where few are read, few are read twice. */
// @ts-ignore: decorator
@inline
function pays(listed: i32, rows: i32): bool {
  return 2 * listed > rows;
}

/** Which of four outputs from `i` on, at `j` of their item, are not at rest (see {@link driveUp}): a bit each. */
// @ts-ignore: decorator
@inline
function moving(
  key: usize,
  rateAlong: usize,
  norms: usize,
  y: usize,
  mask: usize,
  d: usize,
  i: i32,
  j: i32,
  a: v128,
  r: v128,
  pull: v128,
): i32 {
  const zero = f32x4.splat(0);
  let highest = v128.load(at(key, j));
  highest = multiplyAdd(a, v128.load(at(rateAlong, j)), highest);
  highest = multiplyAdd(r, v128.load(at(norms, i)), highest);
  if (d) highest = f32x4.add(highest, f32x4.pmax(f32x4.mul(pull, v128.load(at(d, j))), zero));
  highest = multiplyAdd(f32x4.splat(ROUNDING), f32x4.abs(v128.load(at(key, j))), highest);
  let rests = v128.and(f32x4.lt(highest, zero), f32x4.eq(v128.load(at(y, j)), zero));
  if (mask) rests = v128.or(rests, f32x4.eq(v128.load(at(mask, j)), zero));
  return 15 ^ i32x4.bitmask(rests);
}

/** The sum of the lanes that {@link addProducts} has added to, at `sum`. */
// @ts-ignore: decorator
@inline
function laneSumAt(sum: usize): f32 {
  return laneSum(WIDE ? f32x4.add(v128.load(sum), v128.load(sum, 16)) : v128.load(sum));
}

/**
 * Lists every item's outputs that are not at rest (see {@link driveUp}), as {@link driveBoth} takes them, with room for
 * `stride` an item; counts[b] is their number. Cut by items.
 */
export function listMoving(
  part: i32,
  parts: i32,
  y: usize,
  mask: Optional,
  d: Optional,
  norms: usize,
  rateAlong: usize,
  key: usize,
  along: usize,
  reach: usize,
  lists: usize,
  counts: usize,
  batch: i32,
  stride: i32,
  beta: f32,
): void {
  const pull = f32x4.splat(beta);
  const end = cut(batch, part + 1, parts, 1);
  for (let b = cut(batch, part, parts, 1); b < end; b++) {
    const list = at(lists, b * stride);
    const a = v128.load32_splat(at(along, b));
    const r = v128.load32_splat(at(reach, b));
    let entry = list;
    for (let i = 0; i < stride; i += 4) {
      let live = moving(key, rateAlong, norms, y, mask, d, i, b * stride + i, a, r, pull);
      for (; live; live &= live - 1) {
        store<u32>(entry, (<u32>(i + ctz(live))) * <u32>ROW);
        entry += 4;
      }
    }
    store<i32>(at(counts, b), <i32>((entry - list) >> 2));
  }
}

/**
 * Both ways at once, from the values as they are, in one pass over the weights: {@link driveDown}, and of the outputs that
 * {@link listMoving} lists (`moving`, `counts`, `total` in all), among which are all that are not zero, the
 * products that make up {@link driveUp}, in BLOCKS sums over inputs each, for {@link driveUpFromBlocks}. `room` is scratch,
 * `total` times 8 floats for every part. Cut by blocks of inputs.
 */
export function driveBoth(
  part: i32,
  parts: i32,
  moving: usize,
  counts: usize,
  y: usize,
  h: usize,
  weights: usize,
  below: usize,
  blocks: usize,
  room: usize,
  batch: i32,
  inputStride: i32,
  stride: i32,
  total: i32,
): void {
  const scratch = SCRATCH + <usize>part * SCRATCH_EACH;
  const sums = at(room, part * total * 8);
  const panelBytes = <usize>stride * ROW;
  const last = cut(BLOCKS, part + 1, parts, 1);
  for (let block = cut(BLOCKS, part, parts, 1); block < last; block++) {
    memory.fill(sums, 0, <usize>total * SUM);
    const end = cutColumns(inputStride, block + 1, BLOCKS);
    for (let k = cutColumns(inputStride, block, BLOCKS); k < end; k += PANEL) {
      const panel = weights + <usize>(k / PANEL) * panelBytes;
      if (pays(total, stride)) readAhead(panel, panelBytes, scratch);
      let own = sums;
      for (let b = 0; b < batch; b++) {
        const list = at(moving, b * stride);
        const next = at(list, load<i32>(at(counts, b)));
        const values = at(y, b * stride);
        const x = at(h, b * inputStride + k);
        const to = at(below, b * inputStride + k);
        if (WIDE && k + PANEL <= inputStride) driveBothOfRowsWide(list, next, panel, values, x, to, own);
        else {
          driveBothOfRows(list, next, panel, values, x, to, own);
          if (k + PANEL <= inputStride) driveBothOfRows(list, next, panel + 64, values, x + 64, to + 64, own);
        }
        own += (next - list) * (SUM / 4);
      }
    }
    for (let n = 0; n < total; n++) store<f32>(at(blocks, block * total + n), laneSumAt(sums + <usize>n * SUM));
  }
}

/** 16 inputs of {@link driveBoth}: below = y W, and sums, one for each listed output, += x W^T. */
function driveBothOfRows(list: usize, last: usize, panel: usize, y: usize, x: usize, below: usize, sums: usize): void {
  const x0 = v128.load(x);
  const x1 = v128.load(x, 16);
  const x2 = v128.load(x, 32);
  const x3 = v128.load(x, 48);
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  for (let entry = list; entry < last; entry += 4) {
    const offset = load<u32>(entry);
    const w = panel + <usize>offset;
    const value = v128.load32_splat(y + <usize>(offset >> 5));
    const w0 = v128.load(w);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    a0 = multiplyAdd(w0, value, a0);
    a1 = multiplyAdd(w1, value, a1);
    a2 = multiplyAdd(w2, value, a2);
    a3 = multiplyAdd(w3, value, a3);
    let sum = multiplyAdd(w0, x0, v128.load(sums));
    sum = multiplyAdd(w1, x1, sum);
    sum = multiplyAdd(w2, x2, sum);
    v128.store(sums, multiplyAdd(w3, x3, sum));
    sums += SUM;
  }
  v128.store(below, a0);
  v128.store(below, a1, 16);
  v128.store(below, a2, 32);
  v128.store(below, a3, 48);
}

/** The same for 32 inputs in pairs of vectors. */
function driveBothOfRowsWide(
  list: usize,
  last: usize,
  panel: usize,
  y: usize,
  x: usize,
  below: usize,
  sums: usize,
): void {
  const x0l = v128.load(x);
  const x0h = v128.load(x, 16);
  const x1l = v128.load(x, 32);
  const x1h = v128.load(x, 48);
  const x2l = v128.load(x, 64);
  const x2h = v128.load(x, 80);
  const x3l = v128.load(x, 96);
  const x3h = v128.load(x, 112);
  let a0l = f32x4.splat(0);
  let a0h = a0l;
  let a1l = a0l;
  let a1h = a0l;
  let a2l = a0l;
  let a2h = a0l;
  let a3l = a0l;
  let a3h = a0l;
  for (let entry = list; entry < last; entry += 4) {
    const offset = load<u32>(entry);
    const w = panel + <usize>offset;
    const value = v128.load32_splat(y + <usize>(offset >> 5));
    const w0l = v128.load(w);
    const w0h = v128.load(w, 16);
    const w1l = v128.load(w, 32);
    const w1h = v128.load(w, 48);
    const w2l = v128.load(w, 64);
    const w2h = v128.load(w, 80);
    const w3l = v128.load(w, 96);
    const w3h = v128.load(w, 112);
    a0l = multiplyAdd(w0l, value, a0l);
    a0h = multiplyAdd(w0h, value, a0h);
    a1l = multiplyAdd(w1l, value, a1l);
    a1h = multiplyAdd(w1h, value, a1h);
    a2l = multiplyAdd(w2l, value, a2l);
    a2h = multiplyAdd(w2h, value, a2h);
    a3l = multiplyAdd(w3l, value, a3l);
    a3h = multiplyAdd(w3h, value, a3h);
    let l = multiplyAdd(w0l, x0l, v128.load(sums));
    let h = multiplyAdd(w0h, x0h, v128.load(sums, 16));
    l = multiplyAdd(w1l, x1l, l);
    h = multiplyAdd(w1h, x1h, h);
    l = multiplyAdd(w2l, x2l, l);
    h = multiplyAdd(w2h, x2h, h);
    l = multiplyAdd(w3l, x3l, l);
    h = multiplyAdd(w3h, x3h, h);
    v128.store(sums, l);
    v128.store(sums, h, 16);
    sums += 32;
  }
  v128.store(below, a0l);
  v128.store(below, a0h, 16);
  v128.store(below, a1l, 32);
  v128.store(below, a1h, 48);
  v128.store(below, a2l, 64);
  v128.store(below, a2h, 80);
  v128.store(below, a3l, 96);
  v128.store(below, a3h, 112);
}

/** z (batch x outputs) = h W^T + bias of the listed outputs, from the sums of {@link driveBoth}; and key. Cut by items. */
export function driveUpFromBlocks(
  part: i32,
  parts: i32,
  moving: usize,
  movingCounts: usize,
  blocks: usize,
  bias: usize,
  z: usize,
  norms: usize,
  rateAlong: usize,
  key: usize,
  along: usize,
  aside: usize,
  batch: i32,
  stride: i32,
  total: i32,
): void {
  const from = cut(batch, part, parts, 1);
  const to = cut(batch, part + 1, parts, 1);
  let place = 0;
  for (let b = 0; b < to; b++) {
    const count = load<i32>(at(movingCounts, b));
    const list = at(moving, b * stride);
    const a = load<f32>(at(along, b));
    const r = load<f32>(at(aside, b));
    for (let n = b < from ? count : 0; n < count; n++) {
      const i = <i32>(load<u32>(at(list, n)) / <u32>ROW);
      const j = b * stride + i;
      let product: f32 = 0;
      for (let block = 0; block < BLOCKS; block++) product += load<f32>(at(blocks, block * total + place + n));
      const drive = product + load<f32>(at(bias, i));
      store<f32>(at(z, j), drive);
      store<f32>(at(key, j), drive - a * load<f32>(at(rateAlong, j)) - r * load<f32>(at(norms, i)));
    }
    place += count;
  }
}

/**
 * Adds the products of neighbouring panels of h (up to `end`) with the listed rows of their tiles, from one to the next
 * of which it is `gap` bytes, to `sums`: a vector for each row, in the order of the list. The loop's body is short,
 * because engines load all that a body loads before they compute, and run out of registers.
 */
function addProducts(list: usize, last: usize, tile: usize, gap: usize, h: usize, end: usize, sums: usize): void {
  for (let entry = list; entry < last; entry += 16) {
    let w0 = tile + <usize>load<u32>(entry);
    let w1 = tile + <usize>load<u32>(entry, 4);
    let w2 = tile + <usize>load<u32>(entry, 8);
    let w3 = tile + <usize>load<u32>(entry, 12);
    let a0 = v128.load(sums);
    let a1 = v128.load(sums, 16);
    let a2 = v128.load(sums, 32);
    let a3 = v128.load(sums, 48);
    for (let x = h; x < end; ) {
      for (const next = min(x + ROW, end); x < next; x += 32) {
        const x0 = v128.load(x);
        const x1 = v128.load(x, 16);
        a0 = multiplyAdd(v128.load(w0), x0, a0);
        a1 = multiplyAdd(v128.load(w1), x0, a1);
        a2 = multiplyAdd(v128.load(w2), x0, a2);
        a3 = multiplyAdd(v128.load(w3), x0, a3);
        a0 = multiplyAdd(v128.load(w0, 16), x1, a0);
        a1 = multiplyAdd(v128.load(w1, 16), x1, a1);
        a2 = multiplyAdd(v128.load(w2, 16), x1, a2);
        a3 = multiplyAdd(v128.load(w3, 16), x1, a3);
        w0 += 32;
        w1 += 32;
        w2 += 32;
        w3 += 32;
      }
      w0 += gap;
      w1 += gap;
      w2 += gap;
      w3 += gap;
    }
    v128.store(sums, a0);
    v128.store(sums, a1, 16);
    v128.store(sums, a2, 32);
    v128.store(sums, a3, 48);
    sums += 64;
  }
}

/** The same with eight lanes for each row, in pairs that lie side by side: what engines look for that widen. */
function addProductsWide(
  list: usize,
  last: usize,
  tile: usize,
  gap: usize,
  h: usize,
  end: usize,
  sums: usize,
): void {
  for (let entry = list; entry < last; entry += 16) {
    let w0 = tile + <usize>load<u32>(entry);
    let w1 = tile + <usize>load<u32>(entry, 4);
    let w2 = tile + <usize>load<u32>(entry, 8);
    let w3 = tile + <usize>load<u32>(entry, 12);
    let a0l = v128.load(sums);
    let a0h = v128.load(sums, 16);
    let a1l = v128.load(sums, 32);
    let a1h = v128.load(sums, 48);
    let a2l = v128.load(sums, 64);
    let a2h = v128.load(sums, 80);
    let a3l = v128.load(sums, 96);
    let a3h = v128.load(sums, 112);
    for (let x = h; x < end; ) {
      for (const next = min(x + ROW, end); x < next; x += 32) {
        const xl = v128.load(x);
        const xh = v128.load(x, 16);
        a0l = multiplyAdd(v128.load(w0), xl, a0l);
        a0h = multiplyAdd(v128.load(w0, 16), xh, a0h);
        a1l = multiplyAdd(v128.load(w1), xl, a1l);
        a1h = multiplyAdd(v128.load(w1, 16), xh, a1h);
        a2l = multiplyAdd(v128.load(w2), xl, a2l);
        a2h = multiplyAdd(v128.load(w2, 16), xh, a2h);
        a3l = multiplyAdd(v128.load(w3), xl, a3l);
        a3h = multiplyAdd(v128.load(w3, 16), xh, a3h);
        w0 += 32;
        w1 += 32;
        w2 += 32;
        w3 += 32;
      }
      w0 += gap;
      w1 += gap;
      w2 += gap;
      w3 += gap;
    }
    v128.store(sums, a0l);
    v128.store(sums, a0h, 16);
    v128.store(sums, a1l, 32);
    v128.store(sums, a1h, 48);
    v128.store(sums, a2l, 64);
    v128.store(sums, a2h, 80);
    v128.store(sums, a3l, 96);
    v128.store(sums, a3h, 112);
    sums += 128;
  }
}

/**
 * below (batch x inputs) = y W, for the values y that listNonZeros finds, with room for `stride` an item. Cut by inputs.
 */
export function driveDown(
  part: i32,
  parts: i32,
  lists: usize,
  counts: usize,
  weights: usize,
  below: usize,
  batch: i32,
  inputStride: i32,
  stride: i32,
): void {
  const scratch = SCRATCH + <usize>part * SCRATCH_EACH;
  const panelBytes = <usize>stride * ROW;
  let listed = 0;
  for (let b = 0; b < batch; b++) listed += load<i32>(at(counts, b));
  const end = cutColumns(inputStride, part + 1, parts);
  for (let k = cutColumns(inputStride, part, parts); k < end; k += PANEL) {
    const panel = weights + <usize>(k / PANEL) * panelBytes;
    if (pays(listed, stride)) readAhead(panel, panelBytes, scratch);
    // Rows are padded to half a panel.
    const whole = k + PANEL <= inputStride;
    for (let b = 0; b < batch; b++) {
      const list = lists + ((<usize>(b * stride)) << 3);
      const last = list + ((<usize>load<i32>(at(counts, b))) << 3);
      const to = at(below, b * inputStride + k);
      sumRows(list, last, panel, ZEROS, whole ? to : scratch);
      if (!whole) memory.copy(to, scratch, 64);
    }
  }
}

/**
 * weights += factor delta^T h and bias += factor (sum of delta), for the items that listItems (with unit 128) finds in
 * each column of delta (batch x stride). `room` is scratch, batch panels for every part. Cut by inputs.
 */
export function connect(
  part: i32,
  parts: i32,
  lists: usize,
  counts: usize,
  h: usize,
  weights: usize,
  bias: usize,
  room: usize,
  batch: i32,
  inputStride: i32,
  stride: i32,
  factor: f32,
): void {
  const panel = room + <usize>(part * batch) * ROW;
  const end = cutColumns(inputStride, part + 1, parts);
  for (let k = cutColumns(inputStride, part, parts); k < end; k += PANEL) {
    const bytes: usize = (<usize>min(PANEL, inputStride - k)) << 2;
    for (let b = 0; b < batch; b++) {
      const row = panel + <usize>b * ROW;
      const from = at(h, b * inputStride + k);
      for (let i: usize = 0; i < ROW; i += 16) {
        const value = i < bytes ? v128.load(from + i) : f32x4.splat(0);
        v128.store(row + i, f32x4.mul(value, f32x4.splat(factor)));
      }
    }
    const rows = weights + <usize>(k / PANEL) * <usize>stride * ROW;
    for (let i = 0; i < stride; i++) {
      const count = load<i32>(at(counts, i));
      if (!count) continue;
      const list = lists + ((<usize>(i * batch)) << 3);
      const row = rows + <usize>i * ROW;
      sumRows(list, list + ((<usize>count) << 3), panel, row, row);
    }
  }
  if (part > 0) return;
  for (let i = 0; i < stride; i++) {
    const list = lists + ((<usize>(i * batch)) << 3);
    let sum: f32 = 0;
    for (let e = 0; e < load<i32>(at(counts, i)); e++) sum += load<f32>(list + ((<usize>e) << 3), 4);
    store<f32>(at(bias, i), load<f32>(at(bias, i)) + factor * sum);
  }
}

/** norms[i] = |W[i]| of those outputs whose `changed` (i32) is not zero. Cut by outputs in whole tiles. */
export function connectionNorms(
  part: i32,
  parts: i32,
  weights: usize,
  norms: usize,
  changed: usize,
  inputStride: i32,
  stride: i32,
): void {
  const end = cut(stride, part + 1, parts, ROWS);
  for (let first = cut(stride, part, parts, ROWS); first < end; first += ROWS) {
    const last = min(first + ROWS, end);
    for (let k = 0; k < inputStride; k += PANEL) {
      for (let i = first; i < last; i++) {
        if (!load<i32>(at(changed, i))) continue;
        const row = weights + (<usize>(k / PANEL) * <usize>stride + <usize>i) * ROW;
        let a = f32x4.splat(0);
        let c = a;
        for (let j: usize = 0; j < ROW; j += 32) {
          a = multiplyAdd(v128.load(row + j), v128.load(row + j), a);
          c = multiplyAdd(v128.load(row + j, 16), v128.load(row + j, 16), c);
        }
        const before = k ? load<f32>(at(norms, i)) : 0;
        store<f32>(at(norms, i), before + laneSum(f32x4.add(a, c)));
      }
    }
    for (let i = first; i < last; i++) {
      if (load<i32>(at(changed, i))) store<f32>(at(norms, i), squareRoot(load<f32>(at(norms, i))));
    }
  }
}
