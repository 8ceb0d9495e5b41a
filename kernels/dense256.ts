/**
 * The dense product for engines that widen pairs of neighbouring 128-bit operations to 256 bits (V8's
 * --experimental-wasm-revectorize). Every accumulator is a pair of vectors that lie side by side when they are
 * stored at the end; that pair of stores is what the engine looks for. Elsewhere this form is the slower one,
 * because sixteen accumulators do not fit sixteen registers.
 */
import { PANEL, SCRATCH, SCRATCH_EACH, at, cut, cutColumns, laneSum, multiplyAdd } from './vector';

/** As forwardDense of dense.ts: four items by two outputs, eight inputs at a time. */
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
  const scratch = SCRATCH + <usize>part * SCRATCH_EACH;
  const narrow = stride <= PANEL;
  const firstItem = narrow ? cut(batch, part, parts, 4) : 0;
  const lastItem = narrow ? cut(batch, part + 1, parts, 4) : batch;
  const end = narrow ? stride : cutColumns(stride, part + 1, parts);
  for (let i = narrow ? 0 : cutColumns(stride, part, parts); i < end; i += 2) {
    const rows = weights + <usize>i * bytes;
    for (let b = firstItem; b < lastItem; b += 4) {
      // Where fewer than four items are left the last one is computed again, to the same bits.
      const b1 = min(b + 1, lastItem - 1);
      const b2 = min(b + 2, lastItem - 1);
      const b3 = min(b + 3, lastItem - 1);
      const item = h + <usize>b * bytes;
      tile(item, h + <usize>b1 * bytes, h + <usize>b2 * bytes, h + <usize>b3 * bytes, rows, bytes, scratch);
      storePair(at(z, b * stride + i), at(bias, i), scratch);
      storePair(at(z, b1 * stride + i), at(bias, i), scratch + 64);
      storePair(at(z, b2 * stride + i), at(bias, i), scratch + 128);
      storePair(at(z, b3 * stride + i), at(bias, i), scratch + 192);
    }
  }
}

function tile(h0: usize, h1: usize, h2: usize, h3: usize, w0: usize, bytes: usize, scratch: usize): void {
  let w1 = w0 + bytes;
  const last = w1;
  let a00l = f32x4.splat(0);
  let a00h = a00l;
  let a01l = a00l;
  let a01h = a00l;
  let a10l = a00l;
  let a10h = a00l;
  let a11l = a00l;
  let a11h = a00l;
  let a20l = a00l;
  let a20h = a00l;
  let a21l = a00l;
  let a21h = a00l;
  let a30l = a00l;
  let a30h = a00l;
  let a31l = a00l;
  let a31h = a00l;
  for (; w0 < last; ) {
    const u0 = v128.load(w0);
    const u1 = v128.load(w0, 16);
    const v0 = v128.load(w1);
    const v1 = v128.load(w1, 16);
    let x0 = v128.load(h0);
    let x1 = v128.load(h0, 16);
    a00l = multiplyAdd(u0, x0, a00l);
    a00h = multiplyAdd(u1, x1, a00h);
    a01l = multiplyAdd(v0, x0, a01l);
    a01h = multiplyAdd(v1, x1, a01h);
    x0 = v128.load(h1);
    x1 = v128.load(h1, 16);
    a10l = multiplyAdd(u0, x0, a10l);
    a10h = multiplyAdd(u1, x1, a10h);
    a11l = multiplyAdd(v0, x0, a11l);
    a11h = multiplyAdd(v1, x1, a11h);
    x0 = v128.load(h2);
    x1 = v128.load(h2, 16);
    a20l = multiplyAdd(u0, x0, a20l);
    a20h = multiplyAdd(u1, x1, a20h);
    a21l = multiplyAdd(v0, x0, a21l);
    a21h = multiplyAdd(v1, x1, a21h);
    x0 = v128.load(h3);
    x1 = v128.load(h3, 16);
    a30l = multiplyAdd(u0, x0, a30l);
    a30h = multiplyAdd(u1, x1, a30h);
    a31l = multiplyAdd(v0, x0, a31l);
    a31h = multiplyAdd(v1, x1, a31h);
    w0 += 32;
    w1 += 32;
    h0 += 32;
    h1 += 32;
    h2 += 32;
    h3 += 32;
  }
  v128.store(scratch, a00l);
  v128.store(scratch, a00h, 16);
  v128.store(scratch, a01l, 32);
  v128.store(scratch, a01h, 48);
  v128.store(scratch, a10l, 64);
  v128.store(scratch, a10h, 80);
  v128.store(scratch, a11l, 96);
  v128.store(scratch, a11h, 112);
  v128.store(scratch, a20l, 128);
  v128.store(scratch, a20h, 144);
  v128.store(scratch, a21l, 160);
  v128.store(scratch, a21h, 176);
  v128.store(scratch, a30l, 192);
  v128.store(scratch, a30h, 208);
  v128.store(scratch, a31l, 224);
  v128.store(scratch, a31h, 240);
}

/** Adds up two pairs of accumulators and stores them, plus their biases, as neighbouring outputs. */
// @ts-ignore: decorator
@inline
function storePair(out: usize, bias: usize, scratch: usize): void {
  store<f32>(out, pairSum(scratch) + load<f32>(bias));
  store<f32>(out, pairSum(scratch + 32) + load<f32>(bias, 4), 4);
}

// @ts-ignore: decorator
@inline
function pairSum(scratch: usize): f32 {
  return laneSum(f32x4.add(v128.load(scratch), v128.load(scratch, 16)));
}
