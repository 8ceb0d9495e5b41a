/**
 * Layers after the first: the input is mostly non-zero, but few outputs carry a gradient (10 % in the first
 * epoch, 1.3 % in the tenth; the hard sigmoid and the output mask stop the rest). Weights are stored as one row per
 * output, [outputs][inputs]: a product is a dot product, and the whole backward pass and update touch only the
 * rows of outputs that carry a gradient. All rows are padded to whole cache lines.
 */
import { BLOCKS, LINE, Optional, PANEL, SCRATCH, SCRATCH_EACH, ZEROS } from './layout';
import { addPair, at, cut, cutColumns, laneSums, multiplyAdd, nonZerosOfLine, sumsOfPairs } from './vector';

/** Bytes of a row, at most, that all items go over before the next such part: four rows of them fit the nearest cache. */
const CHUNK: usize = 4096;
/** Items that go over it in turn. */
const ITEMS: i32 = 16;
/** Bytes of the sums of two items and four rows. */
const SUMS: usize = WIDE ? 256 : 128;

/**
 * z (batch x outputs) = h (batch x inputs) * W^T + bias; rows of z are `stride` apart, W has `stride` rows, of
 * which the padding is zero. Two items by four outputs are held in registers. Cut by outputs, or by items where the
 * outputs fill no more than a panel.
 */
export function forwardDense(
  part: i32,
  parts: i32,
  h: usize,
  weights: usize,
  bias: usize,
  z: usize,
  batch: i32,
  inputStride: i32,
  stride: i32,
): void {
  const bytes: usize = (<usize>inputStride) << 2;
  const chunks = (bytes + CHUNK - 1) / CHUNK;
  const chunk = ((bytes / chunks + 63) >> 6) << 6;
  const sums = SCRATCH + <usize>part * SCRATCH_EACH;
  const narrow = stride <= PANEL;
  const firstItem = narrow ? cut(batch, part, parts, 2) : 0;
  const lastItem = narrow ? cut(batch, part + 1, parts, 2) : batch;
  const end = narrow ? stride : cutColumns(stride, part + 1, parts);
  for (let i = narrow ? 0 : cutColumns(stride, part, parts); i < end; i += 4) {
    const rows = weights + <usize>i * bytes;
    const before = v128.load(at(bias, i));
    for (let from = firstItem; from < lastItem; from += ITEMS) {
      const to = min(from + ITEMS, lastItem);
      // Where there is no second item, the first one is computed twice, to the same bits.
      for (let k: usize = 0; k < bytes; k += chunk) {
        const length = min(chunk, bytes - k);
        let own = sums;
        for (let b = from; b < to; b += 2) {
          const h0 = h + k + <usize>b * bytes;
          const h1 = h + k + <usize>min(b + 1, lastItem - 1) * bytes;
          if (WIDE) wideProducts(h0, h1, rows + k, bytes, length, k ? own : ZEROS, own);
          else products(h0, h1, rows + k, bytes, length, k ? own : ZEROS, own);
          own += SUMS;
        }
      }
      let own = sums;
      for (let b = from; b < to; b += 2) {
        v128.store(at(z, b * stride + i), f32x4.add(before, total(own)));
        v128.store(at(z, min(b + 1, lastItem - 1) * stride + i), f32x4.add(before, total(own + SUMS / 2)));
        own += SUMS;
      }
    }
  }
}

/** The four sums of one item. */
// @ts-ignore: decorator
@inline
export function total(sums: usize): v128 {
  if (WIDE) return sumsOfPairs(sums);
  return laneSums(v128.load(sums), v128.load(sums, 16), v128.load(sums, 32), v128.load(sums, 48));
}

/** Adds to the sums at `before` the products of `length` bytes of two items and four rows, `bytes` apart. */
function products(h0: usize, h1: usize, w0: usize, bytes: usize, length: usize, before: usize, sums: usize): void {
  let w1 = w0 + bytes;
  let w2 = w1 + bytes;
  let w3 = w2 + bytes;
  const last = w0 + length;
  let a0 = v128.load(before);
  let a1 = v128.load(before, 16);
  let a2 = v128.load(before, 32);
  let a3 = v128.load(before, 48);
  let c0 = v128.load(before, 64);
  let c1 = v128.load(before, 80);
  let c2 = v128.load(before, 96);
  let c3 = v128.load(before, 112);
  for (; w0 < last; ) {
    const x = v128.load(h0);
    const y = v128.load(h1);
    const v0 = v128.load(w0);
    a0 = multiplyAdd(v0, x, a0);
    c0 = multiplyAdd(v0, y, c0);
    const v1 = v128.load(w1);
    a1 = multiplyAdd(v1, x, a1);
    c1 = multiplyAdd(v1, y, c1);
    const v2 = v128.load(w2);
    a2 = multiplyAdd(v2, x, a2);
    c2 = multiplyAdd(v2, y, c2);
    const v3 = v128.load(w3);
    a3 = multiplyAdd(v3, x, a3);
    c3 = multiplyAdd(v3, y, c3);
    w0 += 16;
    w1 += 16;
    w2 += 16;
    w3 += 16;
    h0 += 16;
    h1 += 16;
  }
  v128.store(sums, a0);
  v128.store(sums, a1, 16);
  v128.store(sums, a2, 32);
  v128.store(sums, a3, 48);
  v128.store(sums, c0, 64);
  v128.store(sums, c1, 80);
  v128.store(sums, c2, 96);
  v128.store(sums, c3, 112);
}

/**
 * The same with eight lanes each, in pairs that lie side by side when they are stored at the end: that pair of stores is
 * what engines look for that widen. Elsewhere sixteen accumulators do not fit sixteen registers.
 */
function wideProducts(h0: usize, h1: usize, w0: usize, bytes: usize, length: usize, before: usize, sums: usize): void {
  let w1 = w0 + bytes;
  let w2 = w1 + bytes;
  let w3 = w2 + bytes;
  const last = w0 + length;
  let a0l = v128.load(before);
  let a0h = v128.load(before, 16);
  let a1l = v128.load(before, 32);
  let a1h = v128.load(before, 48);
  let a2l = v128.load(before, 64);
  let a2h = v128.load(before, 80);
  let a3l = v128.load(before, 96);
  let a3h = v128.load(before, 112);
  let c0l = v128.load(before, 128);
  let c0h = v128.load(before, 144);
  let c1l = v128.load(before, 160);
  let c1h = v128.load(before, 176);
  let c2l = v128.load(before, 192);
  let c2h = v128.load(before, 208);
  let c3l = v128.load(before, 224);
  let c3h = v128.load(before, 240);
  for (; w0 < last; ) {
    const xl = v128.load(h0);
    const xh = v128.load(h0, 16);
    const yl = v128.load(h1);
    const yh = v128.load(h1, 16);
    let vl = v128.load(w0);
    let vh = v128.load(w0, 16);
    a0l = multiplyAdd(vl, xl, a0l);
    a0h = multiplyAdd(vh, xh, a0h);
    c0l = multiplyAdd(vl, yl, c0l);
    c0h = multiplyAdd(vh, yh, c0h);
    vl = v128.load(w1);
    vh = v128.load(w1, 16);
    a1l = multiplyAdd(vl, xl, a1l);
    a1h = multiplyAdd(vh, xh, a1h);
    c1l = multiplyAdd(vl, yl, c1l);
    c1h = multiplyAdd(vh, yh, c1h);
    vl = v128.load(w2);
    vh = v128.load(w2, 16);
    a2l = multiplyAdd(vl, xl, a2l);
    a2h = multiplyAdd(vh, xh, a2h);
    c2l = multiplyAdd(vl, yl, c2l);
    c2h = multiplyAdd(vh, yh, c2h);
    vl = v128.load(w3);
    vh = v128.load(w3, 16);
    a3l = multiplyAdd(vl, xl, a3l);
    a3h = multiplyAdd(vh, xh, a3h);
    c3l = multiplyAdd(vl, yl, c3l);
    c3h = multiplyAdd(vh, yh, c3h);
    w0 += 32;
    w1 += 32;
    w2 += 32;
    w3 += 32;
    h0 += 32;
    h1 += 32;
  }
  v128.store(sums, a0l);
  v128.store(sums, a0h, 16);
  v128.store(sums, a1l, 32);
  v128.store(sums, a1h, 48);
  v128.store(sums, a2l, 64);
  v128.store(sums, a2h, 80);
  v128.store(sums, a3l, 96);
  v128.store(sums, a3h, 112);
  v128.store(sums, c0l, 128);
  v128.store(sums, c0h, 144);
  v128.store(sums, c1l, 160);
  v128.store(sums, c1h, 176);
  v128.store(sums, c2l, 192);
  v128.store(sums, c2h, 208);
  v128.store(sums, c3l, 224);
  v128.store(sums, c3h, 240);
}

/**
 * Lists, for every column of `values` (batch x stride), the items where it is not zero: an entry is the item's number
 * times `unit`, the bytes from item to item where the list is used (u32), and the value (f32). Column i's list starts at `lists` + i * batch * 8, its length is counts[i]. Cut by columns.
 * Of the outputs' delta these are the gradients to follow, of the input the weights that see a signal.
 */
export function listItems(
  part: i32,
  parts: i32,
  values: usize,
  batch: i32,
  stride: i32,
  unit: u32,
  lists: usize,
  counts: usize,
): void {
  const from = cutColumns(stride, part, parts);
  const to = cutColumns(stride, part + 1, parts);
  if (from < to) memory.fill(at(counts, from), 0, (<usize>(to - from)) << 2);
  for (let b = 0; b < batch; b++) {
    for (let i = from; i < to; i += LINE) {
      const address = at(values, b * stride + i);
      for (let found = nonZerosOfLine(address); found; found &= found - 1) {
        const lane = ctz(found);
        const count = load<i32>(at(counts, i + lane));
        const entry = lists + ((<usize>((i + lane) * batch + count)) << 3);
        store<u32>(entry, <u32>b * unit);
        store<f32>(entry, load<f32>(at(address, lane)), 4);
        store<i32>(at(counts, i + lane), count + 1);
      }
    }
  }
}

/**
 * One pass over the rows that carry a gradient (listed with unit 4 inputStride), each read once for both purposes:
 *   dh[block][b] += delta[b][i] * W[i]                     (unless dh is 0), with W from before the update;
 *   destination[i] += factor * sum_b delta[b][i] * h[b]    (the weights and minus the rate for SGD; a cleared
 *                                                           buffer and 1 for a gradient);
 *   biasDestination[i] += factor * sum_b delta[b][i].
 * Cut by outputs as the forward pass, so that a row stays with one core; dh has BLOCKS parts (each batch x
 * inputs), which sumBlocks adds up.
 */
export function backwardDense(
  part: i32,
  parts: i32,
  lists: usize,
  counts: usize,
  h: usize,
  weights: usize,
  destination: usize,
  biasDestination: usize,
  dh: Optional,
  batch: i32,
  stride: i32,
  inputStride: i32,
  factor: f32,
): void {
  const bytes: usize = (<usize>inputStride) << 2;
  const blockBytes = <usize>batch * bytes;
  const lastBlock = cut(BLOCKS, part + 1, parts, 1);
  for (let block = cut(BLOCKS, part, parts, 1); block < lastBlock; block++) {
    const signal = dh ? dh + <usize>block * blockBytes : 0;
    if (dh) memory.fill(signal, 0, blockBytes);
    const end = cutColumns(stride, block + 1, BLOCKS);
    for (let i = cutColumns(stride, block, BLOCKS); i < end; i++) {
      const count = load<i32>(at(counts, i));
      if (!count) continue;
      const list = lists + ((<usize>(i * batch)) << 3);
      let sum: f32 = 0;
      for (let e = 0; e < count; e++) sum += load<f32>(list + ((<usize>e) << 3), 4);
      store<f32>(at(biasDestination, i), load<f32>(at(biasDestination, i)) + factor * sum);
      const w = weights + <usize>i * bytes;
      const u = destination + <usize>i * bytes;
      if (dh && count == 1) {
        bothWays(list, w, signal, h, u, bytes, factor);
        continue;
      }
      if (dh) backPropagate(list, count, w, signal, bytes);
      accumulate(list, count, h, u, bytes, factor);
    }
  }
}

/** Both sums for the one item of a list, the usual case once few outputs carry a gradient. */
// @ts-ignore: decorator
@inline
function bothWays(entry: usize, w: usize, dh: usize, h: usize, u: usize, bytes: usize, factor: f32): void {
  const s = dh + <usize>load<u32>(entry);
  const x = h + <usize>load<u32>(entry);
  const d = v128.load32_splat(entry, 4);
  const f = f32x4.splat(factor * load<f32>(entry, 4));
  for (let k: usize = 0; k < bytes; k += 32) {
    addPair(s + k, d, v128.load(w + k), v128.load(w + k, 16));
    addPair(u + k, f, v128.load(x + k), v128.load(x + k, 16));
  }
}

/** dh[b] += delta[b] * w for the listed items, two at a time. */
// @ts-ignore: decorator
@inline
function backPropagate(list: usize, count: i32, w: usize, dh: usize, bytes: usize): void {
  let entry = list;
  const last = list + ((<usize>count) << 3);
  for (; entry + 16 <= last; entry += 16) {
    const s0 = dh + <usize>load<u32>(entry);
    const s1 = dh + <usize>load<u32>(entry, 8);
    const d0 = v128.load32_splat(entry, 4);
    const d1 = v128.load32_splat(entry, 12);
    for (let k: usize = 0; k < bytes; k += 32) {
      const low = v128.load(w + k);
      const high = v128.load(w + k, 16);
      addPair(s0 + k, d0, low, high);
      addPair(s1 + k, d1, low, high);
    }
  }
  if (entry < last) addRow(dh + <usize>load<u32>(entry), w, v128.load32_splat(entry, 4), bytes);
}

/** u += factor * sum of delta[b] * h[b] over the listed items, two at a time. */
// @ts-ignore: decorator
@inline
function accumulate(list: usize, count: i32, h: usize, u: usize, bytes: usize, factor: f32): void {
  let entry = list;
  const last = list + ((<usize>count) << 3);
  for (; entry + 16 <= last; entry += 16) {
    const h0 = h + <usize>load<u32>(entry);
    const h1 = h + <usize>load<u32>(entry, 8);
    const f0 = f32x4.splat(factor * load<f32>(entry, 4));
    const f1 = f32x4.splat(factor * load<f32>(entry, 12));
    for (let k: usize = 0; k < bytes; k += 32) {
      const to = u + k;
      const a = h0 + k;
      const c = h1 + k;
      const low = multiplyAdd(f0, v128.load(a), v128.load(to));
      const high = multiplyAdd(f0, v128.load(a, 16), v128.load(to, 16));
      const lower = multiplyAdd(f1, v128.load(c), low);
      const upper = multiplyAdd(f1, v128.load(c, 16), high);
      v128.store(to, lower);
      v128.store(to, upper, 16);
    }
  }
  if (entry < last) {
    addRow(u, h + <usize>load<u32>(entry), f32x4.splat(factor * load<f32>(entry, 4)), bytes);
  }
}

/** to += factor * from. */
// @ts-ignore: decorator
@inline
function addRow(to: usize, from: usize, factor: v128, bytes: usize): void {
  for (let k: usize = 0; k < bytes; k += 32) {
    addPair(to + k, factor, v128.load(from + k), v128.load(from + k, 16));
  }
}

/** delta = slope * (sum of the BLOCKS parts of dh); all batch x stride. Cut by columns. */
export function sumBlocks(
  part: i32,
  parts: i32,
  dh: usize,
  slope: usize,
  delta: usize,
  batch: i32,
  stride: i32,
): void {
  const from = cutColumns(stride, part, parts);
  const to = cutColumns(stride, part + 1, parts);
  const blockBytes: usize = (<usize>(batch * stride)) << 2;
  for (let b = 0; b < batch; b++) {
    for (let j = b * stride + from; j < b * stride + to; j += 4) {
      let address = at(dh, j);
      let sum = v128.load(address);
      for (let block = 1; block < BLOCKS; block++) {
        address += blockBytes;
        sum = f32x4.add(sum, v128.load(address));
      }
      v128.store(at(delta, j), f32x4.mul(sum, v128.load(at(slope, j))));
    }
  }
}

/** Items that backwardNarrow takes together: three rows of each are as many pages as address translation has at hand. */
const GROUP: i32 = 32;

/**
 * The backward pass of a layer with few outputs (at most one panel), such as one neuron per class, where a cut by
 * outputs leaves nothing to share: in one go over the inputs
 *   below[b] = slope[b] * sum_i delta[b][i] * W[i]     (unless below is 0), with W from before the update;
 *   destination[i] += factor * sum_b delta[b][i] * h[b];
 *   biasDestination[i] += factor * sum_b delta[b][i].
 * h, slope and below are batch x inputs (rows inputStride apart), delta batch x outputs (rows `stride` apart).
 * Cut by inputs; the sums over the items are carried from each group of items to the next.
 */
export function backwardNarrow(
  part: i32,
  parts: i32,
  delta: usize,
  h: usize,
  weights: usize,
  destination: usize,
  biasDestination: usize,
  slope: Optional,
  below: Optional,
  batch: i32,
  outputs: i32,
  stride: i32,
  inputStride: i32,
  factor: f32,
): void {
  const sums = SCRATCH + <usize>part * SCRATCH_EACH;
  const bytes: usize = (<usize>inputStride) << 2;
  const deltaBytes: usize = (<usize>stride) << 2;
  const scale = f32x4.splat(factor);
  const end: usize = (<usize>cutColumns(inputStride, part + 1, parts)) << 2;
  for (let k: usize = (<usize>cutColumns(inputStride, part, parts)) << 2; k < end; k += 64) {
    memory.fill(sums, 0, <usize>(outputs + (outputs & 1)) << 6);
    for (let first = 0; first < batch; first += GROUP) {
      const count = min(GROUP, batch - first);
      const d = at(delta, first * stride);
      if (below) {
        for (let b = 0; b < count; b += 2) {
          // The last of an odd number of items goes with itself.
          const next = <usize>(b + 1 < count);
          const to = below + <usize>(first + b) * bytes + k;
          addRowsOfTwo(at(d, b * stride), next * deltaBytes, 4, weights + k, bytes, outputs, ZEROS, to, next * bytes);
        }
        for (let b = first; b < first + count; b++) {
          const row = <usize>b * bytes + k;
          for (let i = row; i < row + 64; i += 16) {
            v128.store(below + i, f32x4.mul(v128.load(below + i), v128.load(slope + i)));
          }
        }
      }
      // Behind the last output delta has zeros.
      for (let i = 0; i < outputs; i += 2) {
        const sum = sums + ((<usize>i) << 6);
        addRowsOfTwo(at(d, i), 4, deltaBytes, h + <usize>first * bytes + k, bytes, count, sum, sum, 64);
      }
    }
    for (let i = 0; i < outputs; i++) {
      const u = destination + <usize>i * bytes + k;
      addPair(u, scale, v128.load(sums + ((<usize>i) << 6)), v128.load(sums + ((<usize>i) << 6), 16));
      addPair(u + 32, scale, v128.load(sums + ((<usize>i) << 6), 32), v128.load(sums + ((<usize>i) << 6), 48));
    }
  }
  if (part > 0) return;
  for (let i = 0; i < outputs; i++) {
    let sum: f32 = 0;
    for (let b = 0; b < batch; b++) sum += load<f32>(at(delta, b * stride + i));
    store<f32>(at(biasDestination, i), load<f32>(at(biasDestination, i)) + factor * sum);
  }
}

/**
 * Two sums over the same `count` rows, `bytes` apart, of sixteen floats each: a first one with the factors at d, `step`
 * apart, and a second one with those `second` further on. Both begin with what lies at `before`, side by side; the first
 * goes to `to`, the second `toSecond` further on. Not inlined, for the sake of registers.
 */
function addRowsOfTwo(
  d: usize,
  second: usize,
  step: usize,
  row: usize,
  bytes: usize,
  count: i32,
  before: usize,
  to: usize,
  toSecond: usize,
): void {
  let a0 = v128.load(before);
  let a1 = v128.load(before, 16);
  let a2 = v128.load(before, 32);
  let a3 = v128.load(before, 48);
  let c0 = v128.load(before, 64);
  let c1 = v128.load(before, 80);
  let c2 = v128.load(before, 96);
  let c3 = v128.load(before, 112);
  for (const last = row + <usize>count * bytes; row < last; row += bytes) {
    const x = v128.load32_splat(d);
    const y = v128.load32_splat(d + second);
    const r0 = v128.load(row);
    const r1 = v128.load(row, 16);
    const r2 = v128.load(row, 32);
    const r3 = v128.load(row, 48);
    a0 = multiplyAdd(x, r0, a0);
    a1 = multiplyAdd(x, r1, a1);
    a2 = multiplyAdd(x, r2, a2);
    a3 = multiplyAdd(x, r3, a3);
    c0 = multiplyAdd(y, r0, c0);
    c1 = multiplyAdd(y, r1, c1);
    c2 = multiplyAdd(y, r2, c2);
    c3 = multiplyAdd(y, r3, c3);
    d += step;
  }
  v128.store(to, a0);
  v128.store(to, a1, 16);
  v128.store(to, a2, 32);
  v128.store(to, a3, 48);
  to += toSecond;
  v128.store(to, c0);
  v128.store(to, c1, 16);
  v128.store(to, c2, 32);
  v128.store(to, c3, 48);
}
