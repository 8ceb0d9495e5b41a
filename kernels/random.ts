/**
 * Philox 4x32-10, four counters at a time (the scalar form, with its source, is in src/learner/random.ts).
 * For block g, element 16 g + 4 j + l of a stream is word j of the counter (4 g + l, purpose, step, 0).
 */
import { LINE, PANEL, at, cutColumns } from './vector';

// @ts-ignore: decorator
@inline
function multiplyHigh(m: v128, a: v128): v128 {
  const even = i64x2.extmul_low_i32x4_u(m, a);
  const odd = i64x2.extmul_high_i32x4_u(m, a);
  return i8x16.shuffle(even, odd, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
}

/** Writes 16 random words for block `block` of stream (purpose, step) under key (k0, k1) to `out`. */
export function randomBlock(out: usize, block: u32, purpose: u32, step: u32, k0: u32, k1: u32): void {
  const m0 = i32x4.splat(0xd2511f53);
  const m1 = i32x4.splat(0xcd9e8d57);
  let c0 = i32x4.add(i32x4.splat(block << 2), i32x4(0, 1, 2, 3));
  let c1 = i32x4.splat(purpose);
  let c2 = i32x4.splat(step);
  let c3 = i32x4.splat(0);
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(m0, c0);
    const low0 = i32x4.mul(m0, c0);
    const high1 = multiplyHigh(m1, c2);
    const low1 = i32x4.mul(m1, c2);
    c0 = v128.xor(v128.xor(high1, c1), i32x4.splat(k0));
    c1 = low1;
    c2 = v128.xor(v128.xor(high0, c3), i32x4.splat(k1));
    c3 = low0;
    k0 += 0x9e3779b9;
    k1 += 0xbb67ae85;
  }
  v128.store(out, c0);
  v128.store(out, c1, 16);
  v128.store(out, c2, 32);
  v128.store(out, c3, 48);
}

/**
 * A Bernoulli mask for `batch` rows of `stride` values: an element becomes `keep` where its 16 random bits are
 * at least `threshold`, else 0; so a threshold of p 2^16 drops with probability p. Block g holds 32 neighbours
 * of one row: the low halves of its words decide elements 0 to 15, the high halves 16 to 31. Cut by columns.
 */
export function dropoutMask(
  part: i32,
  parts: i32,
  mask: usize,
  batch: i32,
  stride: i32,
  threshold: i32,
  keep: f32,
  purpose: u32,
  step: u32,
  k0: u32,
  k1: u32,
): void {
  const from = cutColumns(stride, part, parts);
  const to = cutColumns(stride, part + 1, parts);
  const panels = (stride + PANEL - 1) / PANEL;
  const limit = i32x4.splat(threshold);
  const low = i32x4.splat(0xffff);
  const value = f32x4.splat(keep);
  for (let b = 0; b < batch; b++) {
    for (let i = from; i < to; i += PANEL) {
      const out = at(mask, b * stride + i);
      randomBlock(out, b * panels + i / PANEL, purpose, step, k0, k1);
      for (let j: usize = 0; j < 64; j += 16) {
        const words = v128.load(out + j);
        v128.store(out + j, v128.and(i32x4.ge_s(v128.and(words, low), limit), value));
        if (i + LINE < to) v128.store(out + j, v128.and(i32x4.ge_s(i32x4.shr_u(words, 16), limit), value), 64);
      }
    }
  }
}
