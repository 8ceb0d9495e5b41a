/**
 * The dense product for engines that widen pairs of neighbouring 128-bit operations to 256 bits (V8's
 * --experimental-wasm-revectorize). Every accumulator is a pair of vectors that lie side by side when they are
 * stored at the end; that pair of stores is what the engine looks for. Elsewhere this form is the slower one,
 * because sixteen accumulators do not fit sixteen registers.
 */
import { PANEL, SCRATCH, SCRATCH_EACH, at, cut, cutColumns, laneSums, multiplyAdd } from './vector';

/**
 * Bytes of a row that all items go over before the next such part, so that their values come from the nearest cache:
 * at this width the second nearest does not keep up.
 */
const CHUNK: usize = 2048;

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
  const narrow = stride <= PANEL;
  const firstItem = narrow ? cut(batch, part, parts, 2) : 0;
  const lastItem = narrow ? cut(batch, part + 1, parts, 2) : batch;
  const end = narrow ? stride : cutColumns(stride, part + 1, parts);
  for (let i = narrow ? 0 : cutColumns(stride, part, parts); i < end; i += 4) {
    const rows = weights + <usize>i * bytes;
    const biases = at(bias, i);
    for (let k: usize = 0; k < bytes; k += CHUNK) {
      const length = min(CHUNK, bytes - k);
      for (let b = firstItem; b < lastItem; b += 2) {
        // Where there is no second item, the first one is computed twice, to the same bits.
        const c = min(b + 1, lastItem - 1);
        const z0 = at(z, b * stride + i);
        const z1 = at(z, c * stride + i);
        const before0 = v128.load(k ? z0 : biases);
        const before1 = v128.load(k ? z1 : biases);
        const item = h + k;
        tile(item + <usize>b * bytes, item + <usize>c * bytes, rows + k, bytes, length, scratch);
        v128.store(z0, f32x4.add(before0, fourSums(scratch)));
        v128.store(z1, f32x4.add(before1, fourSums(scratch + 128)));
      }
    }
  }
}

/** Sums of `length` bytes of the products of two items and four rows, `bytes` apart; each as eight lanes. */
function tile(h0: usize, h1: usize, w0: usize, bytes: usize, length: usize, sums: usize): void {
  let w1 = w0 + bytes;
  let w2 = w1 + bytes;
  let w3 = w2 + bytes;
  const last = w0 + length;
  let a0l = f32x4.splat(0);
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

/** The sums of the lanes of four accumulators, eight lanes each. */
// @ts-ignore: decorator
@inline
function fourSums(sums: usize): v128 {
  return laneSums(pairSum(sums), pairSum(sums + 32), pairSum(sums + 64), pairSum(sums + 96));
}

// @ts-ignore: decorator
@inline
function pairSum(sums: usize): v128 {
  return f32x4.add(v128.load(sums), v128.load(sums, 16));
}
