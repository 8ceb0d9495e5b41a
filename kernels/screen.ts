/**
 * The product of a layer whose outputs count only above zero: first with weights of 8 bits and values of 7, which tells of
 * most outputs that they are negative whatever the rounding has done, then exactly, as forwardDense, for the rest. Nothing
 * is approximate: what is proven negative is known to be, and what counts has the same bits.
 *
 * W = W' + R with W' = scale times whole numbers from -127 to 127, h = h' + r likewise from 0 to 127, so that
 *   W h = W' h' + W' r + R h  <=  W' h' + |W'| |r| + |R| |h|.
 * Updates of W lengthen R, until a row is due to be rounded anew.
 *
 * The products of whole numbers are what processors do best that have instructions for them (AVX-VNNI on x64, dot products
 * on ARM): four times as many as of floats. Elsewhere nothing is gained.
 */
import { PANEL, SCRATCH, SCRATCH_EACH, at, cut, cutColumns, laneSum, multiplyAdd } from './vector';
import { total } from './dense';

/** Covers the rounding of lengths that are summed up in single precision, over some ten thousand numbers. */
const ABOVE: f32 = 1.0005;
/** Covers that of one operation, as a share of its result. */
const ROUNDING: f32 = 1.2e-7;
/** A row is rounded anew when its updates have made |R| so many times what rounding left. */
const DUE: f32 = 2;

/** Of a row's terms: its scale, then |W'|, |R|, and |R| as rounding left it, each `stride` after the one before. */
const NORM: i32 = 1;
const REST: i32 = 2;
const FRESH: i32 = 3;
/**
 * Of an item's terms: its scale; what |W'| is to be multiplied by, which is |r| and the share of |h| that covers the rounding of
 * sums; and |h| with that share. Each `batch` after the one before.
 */
const BESIDE: i32 = 1;
const LENGTH: i32 = 2;
/** Bytes of the sums of one item and four rows. */
const WHOLE_SUMS: usize = 128;

/**
 * After an update of weights by `factor` times the listed deltas (listItems with unit 4 inputStride) of the items that
 * `items` tells of (roundItems): every row's |R| grows by the length of its update, and by what the weights are rounded.
 * Cut by outputs.
 */
export function drift(
  part: i32,
  parts: i32,
  lists: usize,
  counts: usize,
  items: usize,
  terms: usize,
  batch: i32,
  stride: i32,
  inputStride: i32,
  factor: f32,
): void {
  const unit = <u32>inputStride << 2;
  const end = cutColumns(stride, part + 1, parts);
  for (let i = cutColumns(stride, part, parts); i < end; i++) {
    const count = load<i32>(at(counts, i));
    if (!count) continue;
    let entry = lists + ((<usize>(i * batch)) << 3);
    let length: f32 = 0;
    for (let e = 0; e < count; e++) {
      const b = <i32>(load<u32>(entry) / unit);
      length += Mathf.abs(factor * load<f32>(entry, 4)) * load<f32>(at(items, LENGTH * batch + b));
      entry += 8;
    }
    const term = at(terms, i);
    const rest = load<f32>(at(term, REST * stride));
    const rounding = <f32>count * ROUNDING * (load<f32>(at(term, NORM * stride)) + rest);
    store<f32>(at(term, REST * stride), (rest + length * ABOVE + rounding) * (1 + 2 * ROUNDING));
  }
}

/**
 * Rounds `length` floats to bytes at `to`; writes the scale, the length of what was rounded to and that of what is left,
 * `stride` apart, to `terms`.
 */
function roundRow(from: usize, to: usize, length: i32, terms: usize, stride: i32): void {
  const scale = largest(from, length) / 127;
  const inverse = f32x4.splat(scale > 0 ? 1 / scale : 0);
  const minus = f32x4.splat(-scale);
  let norm = f32x4.splat(0);
  let rest = norm;
  for (let k = 0; k < length; k += 16) {
    const x = at(from, k);
    const x0 = v128.load(x);
    const x1 = v128.load(x, 16);
    const x2 = v128.load(x, 32);
    const x3 = v128.load(x, 48);
    const r0 = f32x4.nearest(f32x4.mul(x0, inverse));
    const r1 = f32x4.nearest(f32x4.mul(x1, inverse));
    const r2 = f32x4.nearest(f32x4.mul(x2, inverse));
    const r3 = f32x4.nearest(f32x4.mul(x3, inverse));
    v128.store(to + <usize>k, bytesOf(r0, r1, r2, r3));
    norm = addSquares(norm, r0, r1, r2, r3);
    const e0 = multiplyAdd(minus, r0, x0);
    const e1 = multiplyAdd(minus, r1, x1);
    const e2 = multiplyAdd(minus, r2, x2);
    const e3 = multiplyAdd(minus, r3, x3);
    rest = addSquares(rest, e0, e1, e2, e3);
  }
  store<f32>(terms, scale);
  store<f32>(at(terms, stride), scale * Mathf.sqrt(laneSum(norm)) * ABOVE);
  store<f32>(at(terms, 2 * stride), Mathf.sqrt(laneSum(rest)) * ABOVE);
}

/** The largest absolute value of `length` floats. */
// @ts-ignore: decorator
@inline
function largest(from: usize, length: i32): f32 {
  let a = f32x4.splat(0);
  let b = a;
  for (let k = 0; k < length; k += 16) {
    const x = at(from, k);
    a = f32x4.max(a, f32x4.max(f32x4.abs(v128.load(x)), f32x4.abs(v128.load(x, 16))));
    b = f32x4.max(b, f32x4.max(f32x4.abs(v128.load(x, 32)), f32x4.abs(v128.load(x, 48))));
  }
  a = f32x4.max(a, b);
  return max(
    max(f32x4.extract_lane(a, 0), f32x4.extract_lane(a, 1)),
    max(f32x4.extract_lane(a, 2), f32x4.extract_lane(a, 3)),
  );
}

// @ts-ignore: decorator
@inline
function addSquares(sum: v128, a: v128, b: v128, c: v128, d: v128): v128 {
  return multiplyAdd(a, a, multiplyAdd(b, b, multiplyAdd(c, c, multiplyAdd(d, d, sum))));
}

/** Sixteen whole numbers from -127 to 127 as bytes. */
// @ts-ignore: decorator
@inline
function bytesOf(a: v128, b: v128, c: v128, d: v128): v128 {
  return i8x16.narrow_i16x8_s(
    i16x8.narrow_i32x4_s(truncated(a), truncated(b)),
    i16x8.narrow_i32x4_s(truncated(c), truncated(d)),
  );
}

// @ts-ignore: decorator
@inline
function truncated(v: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_trunc_f32x4_s(v);
  return i32x4.trunc_sat_f32x4_s(v);
}

/**
 * Rounds items (`h`, none negative) to `rounded`, rows of `bytes` bytes, and writes their terms to `items`. Cut by items.
 */
export function roundItems(
  part: i32,
  parts: i32,
  h: usize,
  rounded: usize,
  items: usize,
  batch: i32,
  inputStride: i32,
  bytes: i32,
): void {
  // A sum of n products rounds by no more than this share of |W| |h|: n additions in four lanes or more.
  const rounding: f32 = <f32>inputStride * 2e-8 + 1e-6;
  const end = cut(batch, part + 1, parts, 1);
  for (let b = cut(batch, part, parts, 1); b < end; b++) {
    const term = at(items, b);
    roundRow(at(h, b * inputStride), rounded + <usize>(b * bytes), inputStride, term, batch);
    const left = load<f32>(at(term, 2 * batch));
    const length = load<f32>(at(term, batch)) + left;
    store<f32>(at(term, BESIDE * batch), left + rounding * length);
    store<f32>(at(term, LENGTH * batch), length * (1 + rounding));
  }
}

/**
 * z as forwardDense, but -1 where it is certainly negative. Rows that are due are rounded first: `rounded` has rows of
 * `bytes` bytes, a multiple of 32; a row whose |R| is infinite has not been rounded yet. `room` is space for 32 numbers per
 * item in every part. Cut by outputs.
 */
export function forwardScreened(
  part: i32,
  parts: i32,
  h: usize,
  items: usize,
  roundedItems: usize,
  weights: usize,
  rounded: usize,
  terms: usize,
  bias: usize,
  z: usize,
  room: usize,
  batch: i32,
  inputStride: i32,
  stride: i32,
  bytes: i32,
): void {
  const unit = (<usize>inputStride) << 2;
  const found = at(room, part * PANEL * batch);
  const sums = SCRATCH + <usize>part * SCRATCH_EACH;
  const to = cutColumns(stride, part + 1, parts);
  for (let p = cutColumns(stride, part, parts); p < to; p += PANEL) {
    let count = 0;
    const end = min(to, p + PANEL);
    for (let i = p; i < end; i += 4) {
      const rows = rounded + <usize>i * <usize>bytes;
      const term = at(terms, i);
      roundDue(weights + <usize>i * unit, rows, term, stride, inputStride, bytes);
      const scale = v128.load(term);
      const norm = v128.load(at(term, NORM * stride));
      const rest = v128.load(at(term, REST * stride));
      const before = v128.load(at(bias, i));
      for (let b = 0; b < batch; b += 2) {
        // Where there is no second item, the first one is computed twice.
        const c = min(b + 1, batch - 1);
        const q = roundedItems + <usize>(b * bytes);
        wholeProducts(q, roundedItems + <usize>(c * bytes), rows, <usize>bytes, sums);
        for (let item = b; item <= c; item++) {
          const products = f32x4.mul(
            f32x4.convert_i32x4_s(wholeTotal(item == b ? sums : sums + WHOLE_SUMS)),
            f32x4.mul(scale, v128.load32_splat(at(items, item))),
          );
          const beside = v128.load32_splat(at(items, BESIDE * batch + item));
          const length = v128.load32_splat(at(items, LENGTH * batch + item));
          const most = multiplyAdd(rest, length, multiplyAdd(norm, beside, f32x4.add(before, products)));
          v128.store(at(z, item * stride + i), f32x4.splat(-1));
          // Not a number is not certainly negative.
          for (let open = ~i32x4.bitmask(f32x4.lt(most, f32x4.splat(0))) & 15; open; open &= open - 1) {
            store<i32>(at(found, count), item * stride + i + ctz(open));
            count++;
          }
        }
      }
    }
    for (let e = 0; e < count; e += 4) {
      // Where there are no four, the last one is computed again, to the same bits.
      const j0 = load<i32>(at(found, e));
      const j1 = load<i32>(at(found, min(e + 1, count - 1)));
      const j2 = load<i32>(at(found, min(e + 2, count - 1)));
      const j3 = load<i32>(at(found, min(e + 3, count - 1)));
      pairProducts(
        weights + <usize>(j0 % stride) * unit,
        h + <usize>(j0 / stride) * unit,
        weights + <usize>(j1 % stride) * unit,
        h + <usize>(j1 / stride) * unit,
        weights + <usize>(j2 % stride) * unit,
        h + <usize>(j2 / stride) * unit,
        weights + <usize>(j3 % stride) * unit,
        h + <usize>(j3 / stride) * unit,
        unit,
        sums,
      );
      const values = total(sums);
      store<f32>(at(z, j0), load<f32>(at(bias, j0 % stride)) + f32x4.extract_lane(values, 0));
      store<f32>(at(z, j1), load<f32>(at(bias, j1 % stride)) + f32x4.extract_lane(values, 1));
      store<f32>(at(z, j2), load<f32>(at(bias, j2 % stride)) + f32x4.extract_lane(values, 2));
      store<f32>(at(z, j3), load<f32>(at(bias, j3 % stride)) + f32x4.extract_lane(values, 3));
    }
  }
}

/** Rounds those of four rows that are due. */
// @ts-ignore: decorator
@inline
function roundDue(w: usize, q: usize, term: usize, stride: i32, length: i32, bytes: i32): void {
  const rest = v128.load(at(term, REST * stride));
  const most = f32x4.mul(v128.load(at(term, FRESH * stride)), f32x4.splat(DUE));
  for (let due = i32x4.bitmask(f32x4.gt(rest, most)); due; due &= due - 1) {
    const i = ctz(due);
    const own = at(term, i);
    roundRow(at(w, i * length), q + <usize>(i * bytes), length, own, stride);
    store<f32>(at(own, FRESH * stride), load<f32>(at(own, REST * stride)));
  }
}

/** sum + the products of sixteen weights and values, four in each lane. */
// @ts-ignore: decorator
@inline
function dot(w: v128, h: v128, sum: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_dot_i8x16_i7x16_add_s(w, h, sum);
  const low = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(w), i16x8.extend_low_i8x16_s(h));
  const high = i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(w), i16x8.extend_high_i8x16_s(h));
  return i32x4.add(sum, i32x4.add(low, high));
}

/** The four sums of one item. */
// @ts-ignore: decorator
@inline
function wholeTotal(sums: usize): v128 {
  const a = i32x4.add(v128.load(sums), v128.load(sums, 16));
  const b = i32x4.add(v128.load(sums, 32), v128.load(sums, 48));
  const c = i32x4.add(v128.load(sums, 64), v128.load(sums, 80));
  const d = i32x4.add(v128.load(sums, 96), v128.load(sums, 112));
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7));
  return i32x4.add(v128.shuffle<i32>(ab, cd, 0, 1, 4, 5), v128.shuffle<i32>(ab, cd, 2, 3, 6, 7));
}

/** Of two items and four rows, `bytes` apart, in pairs as wideProducts. */
function wholeProducts(h0: usize, h1: usize, w0: usize, bytes: usize, sums: usize): void {
  let w1 = w0 + bytes;
  let w2 = w1 + bytes;
  let w3 = w2 + bytes;
  const last = w0 + bytes;
  let a0l = i32x4.splat(0);
  let a0h = a0l;
  let a1l = a0l;
  let a1h = a0l;
  let a2l = a0l;
  let a2h = a0l;
  let a3l = a0l;
  let a3h = a0l;
  let c0l = a0l;
  let c0h = a0l;
  let c1l = a0l;
  let c1h = a0l;
  let c2l = a0l;
  let c2h = a0l;
  let c3l = a0l;
  let c3h = a0l;
  for (; w0 < last; ) {
    const xl = v128.load(h0);
    const xh = v128.load(h0, 16);
    const yl = v128.load(h1);
    const yh = v128.load(h1, 16);
    let vl = v128.load(w0);
    let vh = v128.load(w0, 16);
    a0l = dot(vl, xl, a0l);
    a0h = dot(vh, xh, a0h);
    c0l = dot(vl, yl, c0l);
    c0h = dot(vh, yh, c0h);
    vl = v128.load(w1);
    vh = v128.load(w1, 16);
    a1l = dot(vl, xl, a1l);
    a1h = dot(vh, xh, a1h);
    c1l = dot(vl, yl, c1l);
    c1h = dot(vh, yh, c1h);
    vl = v128.load(w2);
    vh = v128.load(w2, 16);
    a2l = dot(vl, xl, a2l);
    a2h = dot(vh, xh, a2h);
    c2l = dot(vl, yl, c2l);
    c2h = dot(vh, yh, c2h);
    vl = v128.load(w3);
    vh = v128.load(w3, 16);
    a3l = dot(vl, xl, a3l);
    a3h = dot(vh, xh, a3h);
    c3l = dot(vl, yl, c3l);
    c3h = dot(vh, yh, c3h);
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

/** Of four pairs of a row and an item, `bytes` long, each summed up in the lanes of forwardDense. */
function pairProducts(
  w0: usize,
  h0: usize,
  w1: usize,
  h1: usize,
  w2: usize,
  h2: usize,
  w3: usize,
  h3: usize,
  bytes: usize,
  sums: usize,
): void {
  let a0l = f32x4.splat(0);
  let a0h = a0l;
  let a1l = a0l;
  let a1h = a0l;
  let a2l = a0l;
  let a2h = a0l;
  let a3l = a0l;
  let a3h = a0l;
  if (WIDE) {
    for (let k: usize = 0; k < bytes; k += 32) {
      a0l = multiplyAdd(v128.load(w0 + k), v128.load(h0 + k), a0l);
      a0h = multiplyAdd(v128.load(w0 + k, 16), v128.load(h0 + k, 16), a0h);
      a1l = multiplyAdd(v128.load(w1 + k), v128.load(h1 + k), a1l);
      a1h = multiplyAdd(v128.load(w1 + k, 16), v128.load(h1 + k, 16), a1h);
      a2l = multiplyAdd(v128.load(w2 + k), v128.load(h2 + k), a2l);
      a2h = multiplyAdd(v128.load(w2 + k, 16), v128.load(h2 + k, 16), a2h);
      a3l = multiplyAdd(v128.load(w3 + k), v128.load(h3 + k), a3l);
      a3h = multiplyAdd(v128.load(w3 + k, 16), v128.load(h3 + k, 16), a3h);
    }
    v128.store(sums, a0l);
    v128.store(sums, a0h, 16);
    v128.store(sums, a1l, 32);
    v128.store(sums, a1h, 48);
    v128.store(sums, a2l, 64);
    v128.store(sums, a2h, 80);
    v128.store(sums, a3l, 96);
    v128.store(sums, a3h, 112);
    return;
  }
  for (let k: usize = 0; k < bytes; k += 16) {
    a0l = multiplyAdd(v128.load(w0 + k), v128.load(h0 + k), a0l);
    a1l = multiplyAdd(v128.load(w1 + k), v128.load(h1 + k), a1l);
    a2l = multiplyAdd(v128.load(w2 + k), v128.load(h2 + k), a2l);
    a3l = multiplyAdd(v128.load(w3 + k), v128.load(h3 + k), a3l);
  }
  v128.store(sums, a0l);
  v128.store(sums, a1l, 16);
  v128.store(sums, a2l, 32);
  v128.store(sums, a3l, 48);
}
