/**
 * What every kernel shares: the multiply-add that differs between the two builds, and how work is cut.
 *
 * Rules that make results independent of the number of threads:
 * - work is cut along outputs, never along a sum;
 * - lengths are padded to whole vectors, so that no element is computed in another way at the end of a cut.
 */

/** Floats are padded to a multiple of this in every row that kernels see (64 bytes, one cache line). */
export const LINE: i32 = 16;

/** a * b + c: fused where the build and the machine have it, two roundings otherwise. */
// @ts-ignore: decorator
@inline
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** The sum of the four lanes, always in the same order. */
// @ts-ignore: decorator
@inline
export function laneSum(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  );
}

/** Where part `part` of `parts` begins when `count` items are cut in multiples of `unit`. */
// @ts-ignore: decorator
@inline
export function cut(count: i32, part: i32, parts: i32, unit: i32): i32 {
  const units = (count + unit - 1) / unit;
  return min(count, <i32>((<i64>units * part) / parts) * unit);
}

/** Byte address of element `index` of the f32 (or i32) array at `base`. */
// @ts-ignore: decorator
@inline
export function at(base: usize, index: i32): usize {
  return base + ((<usize>index) << 2);
}
