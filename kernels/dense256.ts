/**
 * The dense product for engines that widen pairs of neighbouring 128-bit operations to 256 bits (V8's
 * --experimental-wasm-revectorize). Every accumulator is a pair of vectors that lie side by side when they are
 * stored at the end; that pair of stores is what the engine looks for. Elsewhere this form is the slower one,
 * because sixteen accumulators do not fit sixteen registers.
 */
import { storeSums } from './dot';
import { at, cutColumns, multiplyAdd } from './vector';

/** Room for a tile's accumulators, a place of its own for every thread, in the first page of memory. */
const SCRATCH: usize = 32768;
const SCRATCH_EACH: usize = 256;

/** As forwardDense of dense.ts: two items by four outputs, eight inputs at a time. */
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
  const end = cutColumns(stride, part + 1, parts);
  for (let i = cutColumns(stride, part, parts); i < end; i += 4) {
    const rows = weights + <usize>i * bytes;
    for (let b = 0; b < batch; b += 2) {
      // The last item of an odd batch is computed twice, to the same bits.
      const second = min(b + 1, batch - 1);
      tile(h + <usize>b * bytes, h + <usize>second * bytes, rows, bytes, scratch);
      storeTile(at(z, b * stride + i), at(bias, i), scratch);
      storeTile(at(z, second * stride + i), at(bias, i), scratch + 128);
    }
  }
}

function tile(h0: usize, h1: usize, w0: usize, bytes: usize, scratch: usize): void {
  let w1 = w0 + bytes;
  let w2 = w1 + bytes;
  let w3 = w2 + bytes;
  const last = w1;
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let a4 = a0;
  let a5 = a0;
  let a6 = a0;
  let a7 = a0;
  let c0 = a0;
  let c1 = a0;
  let c2 = a0;
  let c3 = a0;
  let c4 = a0;
  let c5 = a0;
  let c6 = a0;
  let c7 = a0;
  for (; w0 < last; ) {
    const x0 = v128.load(h0);
    const x1 = v128.load(h0, 16);
    const y0 = v128.load(h1);
    const y1 = v128.load(h1, 16);
    let v0 = v128.load(w0);
    let v1 = v128.load(w0, 16);
    a0 = multiplyAdd(v0, x0, a0);
    a1 = multiplyAdd(v1, x1, a1);
    c0 = multiplyAdd(v0, y0, c0);
    c1 = multiplyAdd(v1, y1, c1);
    v0 = v128.load(w1);
    v1 = v128.load(w1, 16);
    a2 = multiplyAdd(v0, x0, a2);
    a3 = multiplyAdd(v1, x1, a3);
    c2 = multiplyAdd(v0, y0, c2);
    c3 = multiplyAdd(v1, y1, c3);
    v0 = v128.load(w2);
    v1 = v128.load(w2, 16);
    a4 = multiplyAdd(v0, x0, a4);
    a5 = multiplyAdd(v1, x1, a5);
    c4 = multiplyAdd(v0, y0, c4);
    c5 = multiplyAdd(v1, y1, c5);
    v0 = v128.load(w3);
    v1 = v128.load(w3, 16);
    a6 = multiplyAdd(v0, x0, a6);
    a7 = multiplyAdd(v1, x1, a7);
    c6 = multiplyAdd(v0, y0, c6);
    c7 = multiplyAdd(v1, y1, c7);
    w0 += 32;
    w1 += 32;
    w2 += 32;
    w3 += 32;
    h0 += 32;
    h1 += 32;
  }
  v128.store(scratch, a0);
  v128.store(scratch, a1, 16);
  v128.store(scratch, a2, 32);
  v128.store(scratch, a3, 48);
  v128.store(scratch, a4, 64);
  v128.store(scratch, a5, 80);
  v128.store(scratch, a6, 96);
  v128.store(scratch, a7, 112);
  v128.store(scratch, c0, 128);
  v128.store(scratch, c1, 144);
  v128.store(scratch, c2, 160);
  v128.store(scratch, c3, 176);
  v128.store(scratch, c4, 192);
  v128.store(scratch, c5, 208);
  v128.store(scratch, c6, 224);
  v128.store(scratch, c7, 240);
}

// @ts-ignore: decorator
@inline
function pairSum(scratch: usize): v128 {
  return f32x4.add(v128.load(scratch), v128.load(scratch, 16));
}

// @ts-ignore: decorator
@inline
function storeTile(out: usize, bias: usize, scratch: usize): void {
  storeSums(out, bias, pairSum(scratch), pairSum(scratch + 32), pairSum(scratch + 64), pairSum(scratch + 96));
}
