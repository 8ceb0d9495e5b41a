/**
 * Philox 4x32-10, four counters at a time (the scalar form, with its source, is in src/learner/random.ts).
 * For block g, element 16 g + 4 j + l of a stream is word j of the counter (4 g + l, purpose, step, 0).
 */
import { LINE, PANEL, SCRATCH, SCRATCH_EACH } from './layout';
import { at, cutColumns } from './vector';

/** Of four products of 64 bits, in two vectors, the low words. */
// @ts-ignore: decorator
@inline
function low(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 0, 2, 4, 6);
}

// @ts-ignore: decorator
@inline
function high(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 1, 3, 5, 7);
}

/**
 * Writes 16 random words for block `block` of stream (purpose, step) under key (k0, k1) to `out`, and those of the next block to
 * `next`. Two, since every round waits for the one before: the second costs little.
 */
function randomBlocks(
  out: usize,
  next: usize,
  block: u32,
  purpose: u32,
  step: u32,
  k0: u32,
  k1: u32,
): void {
  const m0 = opaque(i32x4.splat(0xd2511f53), out);
  const m1 = opaque(i32x4.splat(0xcd9e8d57), out);
  let c0 = i32x4.add(i32x4.splat(block << 2), i32x4(0, 1, 2, 3));
  let c1 = i32x4.splat(purpose);
  let c2 = i32x4.splat(step);
  let c3 = i32x4.splat(0);
  let d0 = i32x4.add(c0, i32x4.splat(4));
  let d1 = c1;
  let d2 = c2;
  let d3 = c3;
  for (let round = 0; round < 10; round++) {
    const key0 = i32x4.splat(k0);
    const key1 = i32x4.splat(k1);
    let a = i64x2.extmul_low_i32x4_u(m0, c0);
    let b = i64x2.extmul_high_i32x4_u(m0, c0);
    let e = i64x2.extmul_low_i32x4_u(m1, c2);
    let f = i64x2.extmul_high_i32x4_u(m1, c2);
    c0 = v128.xor(v128.xor(c1, key0), high(e, f));
    c2 = v128.xor(v128.xor(c3, key1), high(a, b));
    c1 = low(e, f);
    c3 = low(a, b);
    a = i64x2.extmul_low_i32x4_u(m0, d0);
    b = i64x2.extmul_high_i32x4_u(m0, d0);
    e = i64x2.extmul_low_i32x4_u(m1, d2);
    f = i64x2.extmul_high_i32x4_u(m1, d2);
    d0 = v128.xor(v128.xor(d1, key0), high(e, f));
    d2 = v128.xor(v128.xor(d3, key1), high(a, b));
    d1 = low(e, f);
    d3 = low(a, b);
    k0 += 0x9e3779b9;
    k1 += 0xbb67ae85;
  }
  v128.store(out, c0);
  v128.store(out, c1, 16);
  v128.store(out, c2, 32);
  v128.store(out, c3, 48);
  v128.store(next, d0);
  v128.store(next, d1, 16);
  v128.store(next, d2, 32);
  v128.store(next, d3, 48);
}

/** A constant by way of memory, or V8 would make it again wherever it is used. */
// @ts-ignore: decorator
@inline
function opaque(constant: v128, room: usize): v128 {
  v128.store(room, constant);
  return v128.load(room);
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
  const scratch = SCRATCH + <usize>part * SCRATCH_EACH;
  const limit = i32x4.splat(threshold);
  const value = f32x4.splat(keep);
  for (let b = 0; b < batch; b++) {
    for (let i = from; i < to; i += 2 * PANEL) {
      const out = at(mask, b * stride + i);
      const isLast = i + PANEL >= to;
      const next = isLast ? scratch : at(out, PANEL);
      randomBlocks(out, next, b * panels + i / PANEL, purpose, step, k0, k1);
      decide(out, limit, value, i + LINE < to);
      if (!isLast) decide(next, limit, value, i + PANEL + LINE < to);
    }
  }
}

/** Turns 16 random words into as many elements of a mask, or if `whole` into twice as many. */
// @ts-ignore: decorator
@inline
function decide(out: usize, limit: v128, value: v128, whole: bool): void {
  for (let j: usize = 0; j < 64; j += 16) {
    const words = v128.load(out + j);
    v128.store(out + j, v128.and(i32x4.ge_s(v128.and(words, i32x4.splat(0xffff)), limit), value));
    if (whole) v128.store(out + j, v128.and(i32x4.ge_s(i32x4.shr_u(words, 16), limit), value), 64);
  }
}
