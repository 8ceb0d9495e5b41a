/**
 * The product of a layer whose outputs count only above zero: first with weights and values of 8 bits, which shows of most
 * outputs that they are negative whatever the rounding has done, then exactly, as forwardDense, for the rest. Nothing is
 * approximate: what is proven negative is known to be, and what counts has the same bits.
 *
 * W = W' + R with W' = scale times whole numbers from -127 to 127, h = h' + r with whole numbers from 0 to 255, or to 127 where
 * processors take bytes for signed, so that
 *   W h = W' h' + W' r + R h,  W' r <= |W'| |r|,  R h <= (R u) (u h) + |R - (R u) u| |h - (u h) u|,
 * where u has length 1 and all its numbers alike: values that are never negative lie near it. Updates of W add to R. Those that
 * take away from a row in the direction of other such values can only lower its product; the rest of them is followed, until
 * a row has moved so far that it is due to be rounded again.
 *
 * The products of whole numbers are what processors do best that have instructions for them (AVX-VNNI on x64, dot products
 * on ARM): four times as many as of floats. Elsewhere nothing is gained.
 */
import { total } from './dense';
import { MOVED, Optional, SCRATCH, SCRATCH_EACH, TOGETHER } from './layout';
import { at, cut, cutColumns, laneSum, multiplyAdd, squareRoot } from './vector';

/** Covers the rounding of lengths that are summed up in single precision, over some ten thousand numbers. */
const ABOVE: f32 = 1.0005;
/** Covers that of one operation, as a share of its result. */
const ROUNDING: f32 = 1.2e-7;
/** A million times as much is still far from infinite. */
const LARGE: f32 = 1e30;
/** A row is rounded again when it has moved so many times the length of what rounding left. */
const DUE: f32 = 4;

/**
 * Of a row's terms: its scale; |W'|; of R, as far as it is followed, the part along u and the length of the rest; how far the row
 * has moved since it was rounded; and |R| as rounding left it. Each `stride` after the one before.
 */
const NORM: i32 = 1;
const ALONG: i32 = 2;
const ASIDE: i32 = 3;
const FRESH: i32 = 5;
/**
 * Of an item's terms: its scale; what |W'| is to be multiplied by, which is |r| and the share of |h| that covers the rounding of
 * sums; the part of h along u; and the length of the rest with such a share. Each `batch` after the one before.
 */
const BESIDE: i32 = 1;
/** Bytes of the sums of one item and four rows. */
const WHOLE_SUMS: usize = 128;

/**
 * After an update of weights by `factor` times the listed deltas (listItems with unit 4 inputStride) of the items that
 * `items` describes (roundItems): what is known of the rows follows. Cut by outputs.
 */
export function loosenBounds(
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
    let along: f32 = 0;
    let aside: f32 = 0;
    let moved: f32 = 0;
    for (let e = 0; e < count; e++) {
      const b = <i32>(load<u32>(entry) / unit);
      const change = factor * load<f32>(entry, 4);
      const itemAlong = load<f32>(at(items, ALONG * batch + b));
      const itemAside = load<f32>(at(items, ASIDE * batch + b));
      moved += Mathf.abs(change) * (itemAlong + itemAside);
      // A change that is not a number makes the row due, by way of `moved`.
      if (change > 0) {
        along += change * itemAlong;
        aside += change * itemAside;
      }
      entry += 8;
    }
    const term = at(terms, i);
    const length = load<f32>(at(term, NORM * stride)) + load<f32>(at(term, FRESH * stride));
    const before = load<f32>(at(term, MOVED * stride));
    const rounding = <f32>count * ROUNDING * (length + before + moved);
    add(at(term, ALONG * stride), along * ABOVE + rounding);
    add(at(term, ASIDE * stride), aside * ABOVE + rounding);
    add(at(term, MOVED * stride), moved * ABOVE + rounding);
  }
}

/** Adds to a number no less than `more`. */
// @ts-ignore: decorator
@inline
function add(to: usize, more: f32): void {
  const before = load<f32>(to);
  store<f32>(to, before + more + ROUNDING * (Mathf.abs(before) + more));
}

/**
 * Rounds `length` floats to bytes at `to`, to T's whole numbers up to `levels`; writes the scale and the length of what was rounded
 * to, `stride` apart, to `terms`, and at ALONG the part along u: of what is left of a row of signed bytes, of the
 * floats themselves if not. Answers the length of what is left.
 *
 * Sums are never stored: V8 14.6 widens neighbouring stores to one, and here it lost the second of two such sums.
 */
function roundRow<T>(from: usize, to: usize, length: i32, levels: f32, terms: usize, stride: i32): f32 {
  const scale = largest(from, length) / levels;
  const inverse = f32x4.splat(scale > 0 ? 1 / scale : 0);
  const minus = f32x4.splat(-scale);
  let norm = i32x4.splat(0);
  let aLow = f32x4.splat(0);
  let aHigh = aLow;
  let cLow = aLow;
  let cHigh = aLow;
  let sumLow = aLow;
  let sumHigh = aLow;
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
    const low = i16x8.narrow_i32x4_s(truncated(r0), truncated(r1));
    const high = i16x8.narrow_i32x4_s(truncated(r2), truncated(r3));
    v128.store(
      to + <usize>k,
      isSigned<T>() ? i8x16.narrow_i16x8_s(low, high) : i8x16.narrow_i16x8_u(low, high),
    );
    norm = i32x4.add(norm, i32x4.add(i32x4.dot_i16x8_s(low, low), i32x4.dot_i16x8_s(high, high)));
    const e0 = multiplyAdd(minus, r0, x0);
    const e1 = multiplyAdd(minus, r1, x1);
    const e2 = multiplyAdd(minus, r2, x2);
    const e3 = multiplyAdd(minus, r3, x3);
    aLow = multiplyAdd(e0, e0, aLow);
    aHigh = multiplyAdd(e2, e2, aHigh);
    cLow = multiplyAdd(e1, e1, cLow);
    cHigh = multiplyAdd(e3, e3, cHigh);
    sumLow = f32x4.add(sumLow, isSigned<T>() ? f32x4.add(e0, e1) : f32x4.add(x0, x1));
    sumHigh = f32x4.add(sumHigh, isSigned<T>() ? f32x4.add(e2, e3) : f32x4.add(x2, x3));
  }
  store<f32>(terms, scale);
  store<f32>(at(terms, NORM * stride), scale * squareRoot(laneSum(f32x4.convert_i32x4_s(norm))) * ABOVE);
  store<f32>(at(terms, ALONG * stride), laneSum(f32x4.add(sumLow, sumHigh)) / squareRoot(<f32>length));
  return squareRoot(laneSum(f32x4.add(f32x4.add(aLow, aHigh), f32x4.add(cLow, cHigh)))) * ABOVE;
}

/** The largest absolute value of `length` floats, as whole numbers, which have the order of their bits: a NaN is above all. */
// @ts-ignore: decorator
@inline
function largest(from: usize, length: i32): f32 {
  let a = i32x4.splat(0);
  let b = a;
  for (let k = 0; k < length; k += 16) {
    const x = at(from, k);
    a = i32x4.max_s(a, i32x4.max_s(f32x4.abs(v128.load(x)), f32x4.abs(v128.load(x, 16))));
    b = i32x4.max_s(b, i32x4.max_s(f32x4.abs(v128.load(x, 32)), f32x4.abs(v128.load(x, 48))));
  }
  a = i32x4.max_s(a, b);
  return reinterpret<f32>(
    max(
      max(i32x4.extract_lane(a, 0), i32x4.extract_lane(a, 1)),
      max(i32x4.extract_lane(a, 2), i32x4.extract_lane(a, 3)),
    ),
  );
}

// @ts-ignore: decorator
@inline
function truncated(v: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_trunc_f32x4_s(v);
  return i32x4.trunc_sat_f32x4_s(v);
}

/**
 * Rounds items (`h`, none negative) to `rounded`, rows of `bytes` bytes from 0 to `levels`, and writes their terms to `items`. Cut
 * by items.
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
  levels: f32,
): void {
  const rounding = roundingOf(inputStride);
  const end = cut(batch, part + 1, parts, 1);
  for (let b = cut(batch, part, parts, 1); b < end; b++) {
    const term = at(items, b);
    const left = roundRow<u8>(at(h, b * inputStride), rounded + <usize>(b * bytes), inputStride, levels, term, batch);
    const length = load<f32>(at(term, NORM * batch)) + left;
    const along = load<f32>(at(term, ALONG * batch));
    const least = along * (1 - 2 * rounding);
    const aside = squareRoot(max<f32>(length * length - least * least, 0)) * ABOVE;
    store<f32>(at(term, BESIDE * batch), left + rounding * length);
    store<f32>(at(term, ALONG * batch), along * (1 + 2 * rounding));
    // A row is 1 + DUE times as far from what it was rounded to, at most, as is followed of it.
    store<f32>(at(term, ASIDE * batch), aside + (1 + DUE) * rounding * length);
  }
}

/**
 * The share of |W| |h| by which a sum of so many products rounds at most: so many additions in four lanes or more, and what is left
 * of W and h, where products and sums are not fused.
 */
// @ts-ignore: decorator
@inline
function roundingOf(length: i32): f32 {
  return <f32>length * 2e-8 + 1e-6;
}

/**
 * z as forwardDense, but -1 where it is certainly negative, and where it is certainly finite and `mask` (batch x outputs, or 0
 * for none) is 0. Rows that are due are rounded first: `rounded` has rows of `bytes` bytes, a multiple of 32; a row that has
 * moved infinitely far has not been rounded yet. `room` is space for 1 + TOGETHER numbers per item in every part. Cut by
 * outputs.
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
  mask: Optional,
  z: usize,
  room: usize,
  batch: i32,
  inputStride: i32,
  stride: i32,
  bytes: i32,
): void {
  const unit = (<usize>inputStride) << 2;
  const counts = room + (<usize>(part * batch * (1 + TOGETHER)) << 2);
  const lists = at(counts, batch);
  const sums = SCRATCH + <usize>part * SCRATCH_EACH;
  const to = cutColumns(stride, part + 1, parts);
  for (let first = cutColumns(stride, part, parts); first < to; first += TOGETHER) {
    const end = min(to, first + TOGETHER);
    memory.fill(counts, 0, <usize>batch << 2);
    for (let i = first; i < end; i += 4) {
      const rows = rounded + <usize>i * <usize>bytes;
      const term = at(terms, i);
      roundDue(weights + <usize>i * unit, rows, term, stride, inputStride, bytes);
      const scale = v128.load(term);
      const norm = v128.load(at(term, NORM * stride));
      const along = v128.load(at(term, ALONG * stride));
      const aside = v128.load(at(term, ASIDE * stride));
      const before = v128.load(at(bias, i));
      for (let b = 0, c = 0; b < batch; b = c) {
        const q = roundedItems + <usize>(b * bytes);
        if (WIDE && b + 6 <= batch) {
          c = b + 6;
          wholeProductsOfSix(q, rows, <usize>bytes, sums);
          wholeProductsOfSix(q, rows + (<usize>bytes << 1), <usize>bytes, sums + 64);
        } else {
          // Where there is no second item, the first one is computed twice.
          c = min(b + 2, batch);
          wholeProducts(q, roundedItems + <usize>((c - 1) * bytes), rows, <usize>bytes, sums);
        }
        for (let item = b; item < c; item++) {
          const products = f32x4.mul(
            f32x4.convert_i32x4_s(wholeTotal(sums + <usize>(item - b) * WHOLE_SUMS)),
            f32x4.mul(scale, v128.load32_splat(at(items, item))),
          );
          const itemBeside = v128.load32_splat(at(items, BESIDE * batch + item));
          const itemAlong = v128.load32_splat(at(items, ALONG * batch + item));
          const itemAside = v128.load32_splat(at(items, ASIDE * batch + item));
          let most = multiplyAdd(norm, itemBeside, f32x4.add(before, products));
          most = multiplyAdd(along, itemAlong, multiplyAdd(aside, itemAside, most));
          const j = item * stride + i;
          v128.store(at(z, j), f32x4.splat(-1));
          let spared = f32x4.lt(most, f32x4.splat(0));
          if (mask) spared = v128.or(spared, f32x4.eq(v128.load(at(mask, j)), f32x4.splat(0)));
          // No mask hides what is not finite. |W'| |h| is a million times `norm` times `itemBeside` at most: no sum overflows.
          const size = multiplyAdd(norm, itemBeside, f32x4.abs(most));
          spared = v128.and(spared, f32x4.lt(size, f32x4.splat(LARGE)));
          let open = ~i32x4.bitmask(spared) & 15;
          let count = load<i32>(at(counts, item));
          for (; open; open &= open - 1) {
            store<i32>(at(lists, item * TOGETHER + count), i + ctz(open));
            count++;
          }
          store<i32>(at(counts, item), count);
        }
      }
    }
    for (let b = 0; b < batch; b++) {
      const list = at(lists, b * TOGETHER);
      const count = load<i32>(at(counts, b));
      const x = h + <usize>b * unit;
      const out = at(z, b * stride);
      // Where there are not as many, the last one is computed again, to the same bits.
      const last = count - 1;
      for (let e = 0; e < count; e += WIDE ? 8 : 4) {
        if (WIDE) {
          itemProductsOfEight(
            x,
            rowOf(weights, unit, list, e, last),
            rowOf(weights, unit, list, e + 1, last),
            rowOf(weights, unit, list, e + 2, last),
            rowOf(weights, unit, list, e + 3, last),
            rowOf(weights, unit, list, e + 4, last),
            rowOf(weights, unit, list, e + 5, last),
            rowOf(weights, unit, list, e + 6, last),
            rowOf(weights, unit, list, e + 7, last),
            unit,
            sums,
          );
          putTotals(sums + 128, list, e + 4, last, bias, out);
        } else {
          itemProducts(
            x,
            rowOf(weights, unit, list, e, last),
            rowOf(weights, unit, list, e + 1, last),
            rowOf(weights, unit, list, e + 2, last),
            rowOf(weights, unit, list, e + 3, last),
            unit,
            sums,
          );
        }
        putTotals(sums, list, e, last, bias, out);
      }
    }
  }
}

/** The row that is listed at place `e`, at most `last`. */
// @ts-ignore: decorator
@inline
function rowOf(weights: usize, unit: usize, list: usize, e: i32, last: i32): usize {
  return weights + <usize>load<i32>(at(list, min(e, last))) * unit;
}

/** Adds the biases of four listed rows from place `e` on to the totals of their sums; beyond place `last` are copies of it. */
// @ts-ignore: decorator
@inline
function putTotals(sums: usize, list: usize, e: i32, last: i32, bias: usize, out: usize): void {
  const values = total(sums);
  const i0 = load<i32>(at(list, min(e, last)));
  const i1 = load<i32>(at(list, min(e + 1, last)));
  const i2 = load<i32>(at(list, min(e + 2, last)));
  const i3 = load<i32>(at(list, min(e + 3, last)));
  store<f32>(at(out, i0), load<f32>(at(bias, i0)) + f32x4.extract_lane(values, 0));
  store<f32>(at(out, i1), load<f32>(at(bias, i1)) + f32x4.extract_lane(values, 1));
  store<f32>(at(out, i2), load<f32>(at(bias, i2)) + f32x4.extract_lane(values, 2));
  store<f32>(at(out, i3), load<f32>(at(bias, i3)) + f32x4.extract_lane(values, 3));
}

/** Rounds those of four rows that are due. */
// @ts-ignore: decorator
@inline
function roundDue(w: usize, q: usize, term: usize, stride: i32, length: i32, bytes: i32): void {
  const moved = v128.load(at(term, MOVED * stride));
  const most = f32x4.mul(v128.load(at(term, FRESH * stride)), f32x4.splat(DUE));
  for (let due = ~i32x4.bitmask(f32x4.le(moved, most)) & 15; due; due &= due - 1) {
    const i = ctz(due);
    const own = at(term, i);
    const left = roundRow<i8>(at(w, i * length), q + <usize>(i * bytes), length, 127, own, stride);
    const along = at(own, ALONG * stride);
    store<f32>(along, load<f32>(along) + 4 * roundingOf(length) * left);
    store<f32>(at(own, ASIDE * stride), left);
    store<f32>(at(own, FRESH * stride), left);
    store<f32>(at(own, MOVED * stride), 0);
  }
}

/** sum + the products of sixteen weights and values, four in each lane. */
// @ts-ignore: decorator
@inline
function dot(w: v128, h: v128, sum: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_dot_i8x16_i7x16_add_s(w, h, sum);
  const low = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(w), i16x8.extend_low_i8x16_u(h));
  const high = i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(w), i16x8.extend_high_i8x16_u(h));
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

/** Of six items and two rows, `bytes` apart: for engines that widen, whose registers hold as many sums. */
function wholeProductsOfSix(h0: usize, w0: usize, bytes: usize, sums: usize): void {
  let w1 = w0 + bytes;
  const last = w1;
  let h1 = h0 + bytes;
  let h2 = h1 + bytes;
  let h3 = h2 + bytes;
  let h4 = h3 + bytes;
  let h5 = h4 + bytes;
  let a0l = i32x4.splat(0);
  let a0h = i32x4.splat(0);
  let a1l = i32x4.splat(0);
  let a1h = i32x4.splat(0);
  let b0l = i32x4.splat(0);
  let b0h = i32x4.splat(0);
  let b1l = i32x4.splat(0);
  let b1h = i32x4.splat(0);
  let c0l = i32x4.splat(0);
  let c0h = i32x4.splat(0);
  let c1l = i32x4.splat(0);
  let c1h = i32x4.splat(0);
  let d0l = i32x4.splat(0);
  let d0h = i32x4.splat(0);
  let d1l = i32x4.splat(0);
  let d1h = i32x4.splat(0);
  let e0l = i32x4.splat(0);
  let e0h = i32x4.splat(0);
  let e1l = i32x4.splat(0);
  let e1h = i32x4.splat(0);
  let f0l = i32x4.splat(0);
  let f0h = i32x4.splat(0);
  let f1l = i32x4.splat(0);
  let f1h = i32x4.splat(0);
  for (; w0 < last; ) {
    const v0l = v128.load(w0);
    const v0h = v128.load(w0, 16);
    const v1l = v128.load(w1);
    const v1h = v128.load(w1, 16);
    let xl = v128.load(h0);
    let xh = v128.load(h0, 16);
    a0l = dot(v0l, xl, a0l);
    a0h = dot(v0h, xh, a0h);
    a1l = dot(v1l, xl, a1l);
    a1h = dot(v1h, xh, a1h);
    xl = v128.load(h1);
    xh = v128.load(h1, 16);
    b0l = dot(v0l, xl, b0l);
    b0h = dot(v0h, xh, b0h);
    b1l = dot(v1l, xl, b1l);
    b1h = dot(v1h, xh, b1h);
    xl = v128.load(h2);
    xh = v128.load(h2, 16);
    c0l = dot(v0l, xl, c0l);
    c0h = dot(v0h, xh, c0h);
    c1l = dot(v1l, xl, c1l);
    c1h = dot(v1h, xh, c1h);
    xl = v128.load(h3);
    xh = v128.load(h3, 16);
    d0l = dot(v0l, xl, d0l);
    d0h = dot(v0h, xh, d0h);
    d1l = dot(v1l, xl, d1l);
    d1h = dot(v1h, xh, d1h);
    xl = v128.load(h4);
    xh = v128.load(h4, 16);
    e0l = dot(v0l, xl, e0l);
    e0h = dot(v0h, xh, e0h);
    e1l = dot(v1l, xl, e1l);
    e1h = dot(v1h, xh, e1h);
    xl = v128.load(h5);
    xh = v128.load(h5, 16);
    f0l = dot(v0l, xl, f0l);
    f0h = dot(v0h, xh, f0h);
    f1l = dot(v1l, xl, f1l);
    f1h = dot(v1h, xh, f1h);
    w0 += 32;
    w1 += 32;
    h0 += 32;
    h1 += 32;
    h2 += 32;
    h3 += 32;
    h4 += 32;
    h5 += 32;
  }
  v128.store(sums, a0l);
  v128.store(sums, a0h, 16);
  v128.store(sums, a1l, 32);
  v128.store(sums, a1h, 48);
  v128.store(sums, b0l, 128);
  v128.store(sums, b0h, 144);
  v128.store(sums, b1l, 160);
  v128.store(sums, b1h, 176);
  v128.store(sums, c0l, 256);
  v128.store(sums, c0h, 272);
  v128.store(sums, c1l, 288);
  v128.store(sums, c1h, 304);
  v128.store(sums, d0l, 384);
  v128.store(sums, d0h, 400);
  v128.store(sums, d1l, 416);
  v128.store(sums, d1h, 432);
  v128.store(sums, e0l, 512);
  v128.store(sums, e0h, 528);
  v128.store(sums, e1l, 544);
  v128.store(sums, e1h, 560);
  v128.store(sums, f0l, 640);
  v128.store(sums, f0h, 656);
  v128.store(sums, f1l, 672);
  v128.store(sums, f1h, 688);
}

/** Of one item and four rows, `bytes` long, each summed up in the lanes of forwardDense. */
function itemProducts(h: usize, w0: usize, w1: usize, w2: usize, w3: usize, bytes: usize, sums: usize): void {
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  for (let k: usize = 0; k < bytes; k += 16) {
    const x = v128.load(h + k);
    a0 = multiplyAdd(v128.load(w0 + k), x, a0);
    a1 = multiplyAdd(v128.load(w1 + k), x, a1);
    a2 = multiplyAdd(v128.load(w2 + k), x, a2);
    a3 = multiplyAdd(v128.load(w3 + k), x, a3);
  }
  v128.store(sums, a0);
  v128.store(sums, a1, 16);
  v128.store(sums, a2, 32);
  v128.store(sums, a3, 48);
}

/** Of one item and eight rows: for engines that widen. */
function itemProductsOfEight(
  h: usize,
  w0: usize,
  w1: usize,
  w2: usize,
  w3: usize,
  w4: usize,
  w5: usize,
  w6: usize,
  w7: usize,
  bytes: usize,
  sums: usize,
): void {
  let a0l = f32x4.splat(0);
  let a0h = f32x4.splat(0);
  let a1l = f32x4.splat(0);
  let a1h = f32x4.splat(0);
  let a2l = f32x4.splat(0);
  let a2h = f32x4.splat(0);
  let a3l = f32x4.splat(0);
  let a3h = f32x4.splat(0);
  let a4l = f32x4.splat(0);
  let a4h = f32x4.splat(0);
  let a5l = f32x4.splat(0);
  let a5h = f32x4.splat(0);
  let a6l = f32x4.splat(0);
  let a6h = f32x4.splat(0);
  let a7l = f32x4.splat(0);
  let a7h = f32x4.splat(0);
  for (let k: usize = 0; k < bytes; k += 32) {
    const xl = v128.load(h + k);
    const xh = v128.load(h + k, 16);
    a0l = multiplyAdd(v128.load(w0 + k), xl, a0l);
    a0h = multiplyAdd(v128.load(w0 + k, 16), xh, a0h);
    a1l = multiplyAdd(v128.load(w1 + k), xl, a1l);
    a1h = multiplyAdd(v128.load(w1 + k, 16), xh, a1h);
    a2l = multiplyAdd(v128.load(w2 + k), xl, a2l);
    a2h = multiplyAdd(v128.load(w2 + k, 16), xh, a2h);
    a3l = multiplyAdd(v128.load(w3 + k), xl, a3l);
    a3h = multiplyAdd(v128.load(w3 + k, 16), xh, a3h);
    a4l = multiplyAdd(v128.load(w4 + k), xl, a4l);
    a4h = multiplyAdd(v128.load(w4 + k, 16), xh, a4h);
    a5l = multiplyAdd(v128.load(w5 + k), xl, a5l);
    a5h = multiplyAdd(v128.load(w5 + k, 16), xh, a5h);
    a6l = multiplyAdd(v128.load(w6 + k), xl, a6l);
    a6h = multiplyAdd(v128.load(w6 + k, 16), xh, a6h);
    a7l = multiplyAdd(v128.load(w7 + k), xl, a7l);
    a7h = multiplyAdd(v128.load(w7 + k, 16), xh, a7h);
  }
  v128.store(sums, a0l);
  v128.store(sums, a0h, 16);
  v128.store(sums, a1l, 32);
  v128.store(sums, a1h, 48);
  v128.store(sums, a2l, 64);
  v128.store(sums, a2h, 80);
  v128.store(sums, a3l, 96);
  v128.store(sums, a3h, 112);
  v128.store(sums, a4l, 128);
  v128.store(sums, a4h, 144);
  v128.store(sums, a5l, 160);
  v128.store(sums, a5h, 176);
  v128.store(sums, a6l, 192);
  v128.store(sums, a6h, 208);
  v128.store(sums, a7l, 224);
  v128.store(sums, a7h, 240);
}
