/**
 * Output states at zero, on a drive so far below zero that it cannot have risen above since it was computed, stay
 * at zero: their drive need not be computed again. By Cauchy and Schwarz a drive W[i] h changes by no more than
 * |W[i]| times the path that h has gone. Once a network begins to settle this leaves few outputs, exactly.
 */
import { at, cutColumns, laneSum, multiplyAdd } from './vector';

/** norms[i] = |W[i]|, for weights in rows of `inputStride`. Cut by outputs. */
export function rowNorms(
  part: i32,
  parts: i32,
  weights: usize,
  norms: usize,
  inputStride: i32,
  stride: i32,
): void {
  const bytes: usize = (<usize>inputStride) << 2;
  const end = cutColumns(stride, part + 1, parts);
  for (let i = cutColumns(stride, part, parts); i < end; i++) {
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    const row = weights + <usize>i * bytes;
    for (let w = row; w < row + bytes; w += 64) {
      a = multiplyAdd(v128.load(w), v128.load(w), a);
      b = multiplyAdd(v128.load(w, 16), v128.load(w, 16), b);
      c = multiplyAdd(v128.load(w, 32), v128.load(w, 32), c);
      d = multiplyAdd(v128.load(w, 48), v128.load(w, 48), d);
    }
    store<f32>(at(norms, i), Mathf.sqrt(laneSum(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)))));
  }
}

/** Sums of a few thousand products, rounded: what two drives may differ by without a cause. */
const ROUNDING: f32 = 1e-5;

/**
 * Lists, for every column i of the outputs y (batch x stride), the items whose drive must be computed again: entry
 * lists[i * batch + n] (i32), their number in counts[i]. At rest is what `mask` (0 for none) drops, and what has
 *   y = 0  and  drive + max(0, beta d) + |W[i]| (path[b] - since[b][i]) < 0
 * where path[b] is how far item b's values below have gone, and `since` how far when the drive was computed. `d` is 0
 * where nothing nudges. NaN never rests. Cut by columns.
 */
export function listLive(
  part: i32,
  parts: i32,
  y: usize,
  drive: usize,
  d: usize,
  mask: usize,
  norms: usize,
  path: usize,
  since: usize,
  lists: usize,
  counts: usize,
  batch: i32,
  stride: i32,
  beta: f32,
): void {
  const zero = f32x4.splat(0);
  const rounding = f32x4.splat(-ROUNDING);
  const pull = f32x4.splat(beta);
  const from = cutColumns(stride, part, parts);
  const to = cutColumns(stride, part + 1, parts);
  if (from < to) memory.fill(at(counts, from), 0, (<usize>(to - from)) << 2);
  for (let b = 0; b < batch; b++) {
    const gone = v128.load32_splat(at(path, b));
    for (let i = from; i < to; i += 4) {
      const j = b * stride + i;
      let highest = v128.load(at(drive, j));
      if (d) highest = f32x4.add(highest, f32x4.pmax(f32x4.mul(pull, v128.load(at(d, j))), zero));
      const moved = f32x4.sub(gone, v128.load(at(since, j)));
      highest = multiplyAdd(v128.load(at(norms, i)), moved, highest);
      let rests = v128.and(f32x4.lt(highest, rounding), f32x4.eq(v128.load(at(y, j)), zero));
      if (mask) rests = v128.or(rests, f32x4.eq(v128.load(at(mask, j)), zero));
      let live = i32x4.bitmask(rests) ^ 15;
      while (live) {
        const column = i + ctz(live);
        live &= live - 1;
        const count = load<i32>(at(counts, column));
        store<i32>(at(lists, column * batch + count), b);
        store<i32>(at(counts, column), count + 1);
      }
    }
  }
}

/** As forwardDense, for the listed items of each output only; notes path[b] in since[b][i]. Cut by outputs. */
export function forwardLive(
  part: i32,
  parts: i32,
  lists: usize,
  counts: usize,
  h: usize,
  weights: usize,
  bias: usize,
  z: usize,
  path: usize,
  since: usize,
  batch: i32,
  inputStride: i32,
  stride: i32,
): void {
  const bytes: usize = (<usize>inputStride) << 2;
  const end = cutColumns(stride, part + 1, parts);
  for (let i = cutColumns(stride, part, parts); i < end; i++) {
    const row = weights + <usize>i * bytes;
    const offset = load<f32>(at(bias, i));
    let entry = at(lists, i * batch);
    const last = entry + ((<usize>load<i32>(at(counts, i))) << 2);
    for (let one = entry; one < last; one += 4) {
      const b = load<i32>(one);
      store<f32>(at(since, b * stride + i), load<f32>(at(path, b)));
    }
    for (; entry < last; entry += 16) {
      // Where fewer than four items are left the last one is computed again.
      const b0 = load<i32>(entry);
      const b1 = load<i32>(min(entry + 4, last - 4));
      const b2 = load<i32>(min(entry + 8, last - 4));
      const b3 = load<i32>(min(entry + 12, last - 4));
      if (entry + 8 >= last) {
        const to0 = at(z, b0 * stride + i);
        twoItems(h + <usize>b0 * bytes, h + <usize>b1 * bytes, row, bytes, offset, to0, at(z, b1 * stride + i));
        break;
      }
      let h0 = h + <usize>b0 * bytes;
      let h1 = h + <usize>b1 * bytes;
      let h2 = h + <usize>b2 * bytes;
      let h3 = h + <usize>b3 * bytes;
      let a0 = f32x4.splat(0);
      let a1 = a0;
      let a2 = a0;
      let a3 = a0;
      let c0 = a0;
      let c1 = a0;
      let c2 = a0;
      let c3 = a0;
      for (let w = row; w < row + bytes; w += 32) {
        const u = v128.load(w);
        const v = v128.load(w, 16);
        a0 = multiplyAdd(u, v128.load(h0), a0);
        c0 = multiplyAdd(v, v128.load(h0, 16), c0);
        a1 = multiplyAdd(u, v128.load(h1), a1);
        c1 = multiplyAdd(v, v128.load(h1, 16), c1);
        a2 = multiplyAdd(u, v128.load(h2), a2);
        c2 = multiplyAdd(v, v128.load(h2, 16), c2);
        a3 = multiplyAdd(u, v128.load(h3), a3);
        c3 = multiplyAdd(v, v128.load(h3, 16), c3);
        h0 += 32;
        h1 += 32;
        h2 += 32;
        h3 += 32;
      }
      store<f32>(at(z, b0 * stride + i), laneSum(f32x4.add(a0, c0)) + offset);
      store<f32>(at(z, b1 * stride + i), laneSum(f32x4.add(a1, c1)) + offset);
      store<f32>(at(z, b2 * stride + i), laneSum(f32x4.add(a2, c2)) + offset);
      store<f32>(at(z, b3 * stride + i), laneSum(f32x4.add(a3, c3)) + offset);
    }
  }
}

/** The drive of one output for two items, to the same bits as for four. */
// @ts-ignore: decorator
@inline
function twoItems(h0: usize, h1: usize, row: usize, bytes: usize, offset: f32, z0: usize, z1: usize): void {
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let c0 = a0;
  let c1 = a0;
  for (let w = row; w < row + bytes; w += 32) {
    const u = v128.load(w);
    const v = v128.load(w, 16);
    a0 = multiplyAdd(u, v128.load(h0), a0);
    c0 = multiplyAdd(v, v128.load(h0, 16), c0);
    a1 = multiplyAdd(u, v128.load(h1), a1);
    c1 = multiplyAdd(v, v128.load(h1, 16), c1);
    h0 += 32;
    h1 += 32;
  }
  store<f32>(z0, laneSum(f32x4.add(a0, c0)) + offset);
  store<f32>(z1, laneSum(f32x4.add(a1, c1)) + offset);
}
