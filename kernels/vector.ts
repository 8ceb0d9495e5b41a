/**
 * What every kernel shares: the multiply-add that differs between the two builds, and how work is cut.
 *
 * Rules that make results independent of the number of threads:
 * - work is cut along outputs, never along a sum;
 * - lengths are padded to whole vectors, so that no element is computed in another way at the end of a cut.
 */
import { PANEL } from './layout';

/** a * b + c: fused where the build and the machine have it, two roundings otherwise. */
// @ts-ignore: decorator
@inline
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** Adds factor times eight floats to those at `to`, as a pair of vectors that some engines widen. */
// @ts-ignore: decorator
@inline
export function addPair(to: usize, factor: v128, low: v128, high: v128): void {
  const l = multiplyAdd(factor, low, v128.load(to));
  const h = multiplyAdd(factor, high, v128.load(to, 16));
  v128.store(to, l);
  v128.store(to, h, 16);
}

/** The last two of four floats in double precision. */
// @ts-ignore: decorator
@inline
export function promoteHigh(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3));
}

/** The sum of the four lanes, always in the same order. */
// @ts-ignore: decorator
@inline
export function laneSum(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  );
}

/** The sums of the lanes of four vectors. */
// @ts-ignore: decorator
@inline
export function laneSums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}

/** The sums of the lanes of four accumulators of eight lanes each, which lie one after the other at `sums`. */
// @ts-ignore: decorator
@inline
export function sumsOfPairs(sums: usize): v128 {
  return laneSums(pairSum(sums), pairSum(sums + 32), pairSum(sums + 64), pairSum(sums + 96));
}

// @ts-ignore: decorator
@inline
function pairSum(sums: usize): v128 {
  return f32x4.add(v128.load(sums), v128.load(sums, 16));
}

/** Where part `part` of `parts` begins when `count` items are cut in multiples of `unit`. */
// @ts-ignore: decorator
@inline
export function cut(count: i32, part: i32, parts: i32, unit: i32): i32 {
  const units = (count + unit - 1) / unit;
  return min(count, <i32>((<i64>units * part) / parts) * unit);
}

/**
 * Where part `part` begins when the columns of a matrix with rows of `stride` are cut. Every operation on the
 * values of a layer is cut here, so that a column stays in the cache of one core throughout a step.
 */
// @ts-ignore: decorator
@inline
export function cutColumns(stride: i32, part: i32, parts: i32): i32 {
  return cut(stride, part, parts, PANEL);
}

/** Byte address of element `index` of the f32 (or i32) array at `base`. */
// @ts-ignore: decorator
@inline
export function at(base: usize, index: i32): usize {
  return base + ((<usize>index) << 2);
}

/** A bit for each of the sixteen floats of a line that is not zero. Most lines have none. */
// @ts-ignore: decorator
@inline
export function nonZerosOfLine(line: usize): i32 {
  const a = notZero(v128.load(line));
  const b = notZero(v128.load(line, 16));
  const c = notZero(v128.load(line, 32));
  const d = notZero(v128.load(line, 48));
  if (!v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) return 0;
  return i8x16.bitmask(i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d)));
}

// @ts-ignore: decorator
@inline
function notZero(values: v128): v128 {
  return f32x4.ne(values, f32x4.splat(0));
}

/**
 * As sqrt, but by way of a vector: V8 takes an instruction of the old encoding for the scalar one, and among those with wider
 * registers a processor of 2023 is held up by it for 100 nanoseconds.
 */
// @ts-ignore: decorator
@inline
export function squareRoot(x: f32): f32 {
  return f32x4.extract_lane(f32x4.sqrt(f32x4.splat(x)), 0);
}

/** Stores the first `count` lanes of v, all four where there are as many or more. */
// @ts-ignore: decorator
@inline
export function storeLanes(to: usize, v: v128, count: i32): void {
  if (count >= 4) {
    v128.store(to, v);
    return;
  }
  store<f32>(to, f32x4.extract_lane(v, 0));
  if (count > 1) store<f32>(to, f32x4.extract_lane(v, 1), 4);
  if (count > 2) store<f32>(to, f32x4.extract_lane(v, 2), 8);
}

/**
 * Reads memory from end to end, as processors do it fastest, so that it lies in a near cache before it is read in the
 * order of lists. Something of it goes to `scratch`, or engines would leave the reading out.
 */
export function readAhead(from: usize, bytes: usize, scratch: usize): void {
  let a = v128.load(from);
  for (const end = from + bytes; from < end; from += 256) {
    a = v128.or(a, v128.or(v128.load(from), v128.load(from, 64)));
    a = v128.or(a, v128.or(v128.load(from, 128), v128.load(from, 192)));
  }
  v128.store(scratch, a);
}
