/**
 * Wide fully connected layers with Adam: every weight moves in every step, and weights with both moments are far larger
 * than a cache. So the signal down, the gradient and Adam's update are one pass over them. Weights are stored in tiles
 * of 128 inputs, there eight inputs of four outputs in two cache lines, [inputs / 128][outputs / 4][16][4][8]: along a
 * tile everything is read in order, while a tile of all items stays in the nearest cache. Zeros fill up the last tile.
 */
import { adamPair, adamVector } from './elementwise';
import { LINE, SCRATCH, SCRATCH_EACH, TILE } from './layout';
import { at, cut, cutColumns, laneSums, multiplyAdd, sumsOfPairs } from './vector';

/** Bytes of one output's weights within a tile. */
const ROW: usize = 512;
/** Floats of the items' values that a pass over a tile keeps close by: a quarter of the nearest cache. */
const CLOSE: i32 = 2048;

/**
 * z (batch x outputs, rows `stride` apart) = x * W^T + bias; rows of x are `inputStride` apart. `scratch` is room for
 * batch x 256 floats for every part. Two items by four outputs are held in registers. Cut by outputs.
 */
export function forwardTiles(
  part: i32,
  parts: i32,
  x: usize,
  weights: usize,
  bias: usize,
  z: usize,
  scratch: usize,
  batch: i32,
  inputStride: i32,
  stride: i32,
): void {
  const sums = SCRATCH + <usize>part * SCRATCH_EACH;
  const packed = at(scratch, part * batch * 2 * TILE);
  const from = cutColumns(stride, part, parts);
  const to = cutColumns(stride, part + 1, parts);
  for (let k = 0; k < inputStride; k += TILE) {
    packItems(at(x, k), packed, batch, inputStride, min(TILE, inputStride - k), TILE);
    const tile = weights + <usize>((k / TILE) * stride) * ROW;
    for (let i = from; i < to; i += 4) {
      const rows = tile + <usize>i * ROW;
      for (let b = 0; b < batch; b += 2) {
        // Where there is no second item, the first one is computed twice, to the same bits.
        const c = min(b + 1, batch - 1);
        const z0 = at(z, b * stride + i);
        const z1 = at(z, c * stride + i);
        const biases = at(bias, i);
        addProducts(
          packed + <usize>b * ROW,
          packed + <usize>c * ROW,
          rows,
          k ? z0 : biases,
          k ? z1 : biases,
          z0,
          z1,
          sums,
        );
      }
    }
  }
}

/**
 * Adds to four outputs of two items what a tile contributes; `sums` is room for 64 floats. Not inlined: within a larger
 * function the compilers of engines run out of registers.
 */
function addProducts(
  x0: usize,
  x1: usize,
  w: usize,
  before0: usize,
  before1: usize,
  z0: usize,
  z1: usize,
  sums: usize,
): void {
  const base0 = v128.load(before0);
  const base1 = v128.load(before1);
  if (WIDE) {
    wideProducts(x0, x1, w, sums);
    v128.store(z0, f32x4.add(base0, sumsOfPairs(sums)));
    v128.store(z1, f32x4.add(base1, sumsOfPairs(sums + 128)));
    return;
  }
  const last = x0 + ROW;
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let c0 = a0;
  let c1 = a0;
  let c2 = a0;
  let c3 = a0;
  for (; x0 < last; ) {
    // Four inputs of each output, and the four after them 16 bytes on.
    for (let half = 0; half < 2; half++) {
      const u = v128.load(x0);
      const v = v128.load(x1);
      const w0 = v128.load(w);
      a0 = multiplyAdd(w0, u, a0);
      c0 = multiplyAdd(w0, v, c0);
      const w1 = v128.load(w, 32);
      a1 = multiplyAdd(w1, u, a1);
      c1 = multiplyAdd(w1, v, c1);
      const w2 = v128.load(w, 64);
      a2 = multiplyAdd(w2, u, a2);
      c2 = multiplyAdd(w2, v, c2);
      const w3 = v128.load(w, 96);
      a3 = multiplyAdd(w3, u, a3);
      c3 = multiplyAdd(w3, v, c3);
      x0 += 16;
      x1 += 16;
      w += 16;
    }
    w += 96;
  }
  v128.store(z0, f32x4.add(base0, laneSums(a0, a1, a2, a3)));
  v128.store(z1, f32x4.add(base1, laneSums(c0, c1, c2, c3)));
}

/**
 * The sums of products, eight lanes each, in pairs that the engine widens: four outputs of one item, then of the other.
 */
function wideProducts(x0: usize, x1: usize, w: usize, sums: usize): void {
  const last = x0 + ROW;
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
  for (; x0 < last; ) {
    const ul = v128.load(x0);
    const uh = v128.load(x0, 16);
    const vl = v128.load(x1);
    const vh = v128.load(x1, 16);
    let wl = v128.load(w);
    let wh = v128.load(w, 16);
    a0l = multiplyAdd(wl, ul, a0l);
    a0h = multiplyAdd(wh, uh, a0h);
    c0l = multiplyAdd(wl, vl, c0l);
    c0h = multiplyAdd(wh, vh, c0h);
    wl = v128.load(w, 32);
    wh = v128.load(w, 48);
    a1l = multiplyAdd(wl, ul, a1l);
    a1h = multiplyAdd(wh, uh, a1h);
    c1l = multiplyAdd(wl, vl, c1l);
    c1h = multiplyAdd(wh, vh, c1h);
    wl = v128.load(w, 64);
    wh = v128.load(w, 80);
    a2l = multiplyAdd(wl, ul, a2l);
    a2h = multiplyAdd(wh, uh, a2h);
    c2l = multiplyAdd(wl, vl, c2l);
    c2h = multiplyAdd(wh, vh, c2h);
    wl = v128.load(w, 96);
    wh = v128.load(w, 112);
    a3l = multiplyAdd(wl, ul, a3l);
    a3h = multiplyAdd(wh, uh, a3h);
    c3l = multiplyAdd(wl, vl, c3l);
    c3h = multiplyAdd(wh, vh, c3h);
    x0 += 32;
    x1 += 32;
    w += 128;
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

/** Copies `width` values of every item side by side, `room` apart, with zeros between. */
// @ts-ignore: decorator
@inline
function packItems(from: usize, to: usize, batch: i32, stride: i32, width: i32, room: i32): void {
  for (let b = 0; b < batch; b++) {
    memory.copy(at(to, b * room), at(from, b * stride), (<usize>width) << 2);
    if (width < room) memory.fill(at(to, b * room + width), 0, (<usize>(room - width)) << 2);
  }
}

/** Copies delta (batch x stride) so that the items of four neighbouring columns lie together. Cut by columns. */
export function packQuads(part: i32, parts: i32, delta: usize, packed: usize, batch: i32, stride: i32): void {
  const end = cutColumns(stride, part + 1, parts);
  for (let i = cutColumns(stride, part, parts); i < end; i += 4) {
    for (let b = 0; b < batch; b++) v128.store(at(packed, i * batch + 4 * b), v128.load(at(delta, b * stride + i)));
  }
}

/**
 * Signal, gradient and Adam's update in one pass:
 *   below[b] = slope[b] * sum_i delta[b][i] W[i], with W from before the update;
 *   Adam with the gradient sum_b delta[b][i] x[b] of row i, and sum_b delta[b][i] of its bias.
 * `packed` is delta as packQuads leaves it; `scratch` as for forwardTiles. Cut by inputs, the biases by outputs.
 */
export function adamTiles(
  part: i32,
  parts: i32,
  packed: usize,
  x: usize,
  weights: usize,
  first: usize,
  second: usize,
  bias: usize,
  biasFirst: usize,
  biasSecond: usize,
  slope: usize,
  below: usize,
  scratch: usize,
  batch: i32,
  inputStride: i32,
  stride: i32,
  rate: f32,
  correction: f32,
): void {
  const values = at(scratch, part * batch * 2 * TILE);
  const signal = at(values, batch * TILE);
  const widest = max(LINE, min(TILE, (CLOSE / batch) & -LINE));
  const end = cut(inputStride, part + 1, parts, LINE);
  for (let k = cut(inputStride, part, parts, LINE); k < end; ) {
    // Up to the end of the tile at most.
    const width = min(min(widest, end - k), TILE - (k % TILE));
    const bytes: usize = (<usize>width) << 2;
    packItems(at(x, k), values, batch, inputStride, width, width);
    memory.fill(signal, 0, <usize>batch * bytes);
    let row = <usize>((k / TILE) * stride) * ROW + ((<usize>(k % TILE)) << 4);
    let quad = packed;
    for (let i = 0; i < stride; i += 4) {
      updateQuad(weights + row, first + row, second + row, values, signal, quad, batch, bytes, rate, correction);
      row += 4 * ROW;
      quad += (<usize>batch) << 4;
    }
    for (let b = 0; b < batch; b++) {
      for (let j = 0; j < width; j += 4) {
        const to = b * inputStride + k + j;
        v128.store(at(below, to), f32x4.mul(v128.load(at(signal, b * width + j)), v128.load(at(slope, to))));
      }
    }
    k += width;
  }

  const last = cutColumns(stride, part + 1, parts);
  for (let i = cutColumns(stride, part, parts); i < last; i += 4) {
    let sum = f32x4.splat(0);
    for (let b = 0; b < batch; b++) sum = f32x4.add(sum, v128.load(at(packed, i * batch + 4 * b)));
    adamVector(at(bias, i), at(biasFirst, i), at(biasSecond, i), sum, rate, correction);
  }
}

/** The same for four outputs and `bytes` of inputs; a function of its own for the sake of registers. */
function updateQuad(
  w: usize,
  m: usize,
  v: usize,
  values: usize,
  signal: usize,
  quad: usize,
  batch: i32,
  bytes: usize,
  rate: f32,
  correction: f32,
): void {
  const last = quad + ((<usize>batch) << 4);
  for (let k: usize = 0; k < bytes; k += 32) {
    if (WIDE) {
      updateEight(w, m, v, values + k, signal + k, quad, last, bytes, rate, correction);
    } else {
      updateFour(w, m, v, values + k, signal + k, quad, last, bytes, rate, correction);
      updateFour(w + 16, m + 16, v + 16, values + k + 16, signal + k + 16, quad, last, bytes, rate, correction);
    }
    w += 128;
    m += 128;
    v += 128;
  }
}

/** Four inputs of four outputs, whose weights are 32 bytes apart. */
// @ts-ignore: decorator
@inline
function updateFour(
  w: usize,
  m: usize,
  v: usize,
  x: usize,
  s: usize,
  quad: usize,
  last: usize,
  bytes: usize,
  rate: f32,
  correction: f32,
): void {
  const w0 = v128.load(w);
  const w1 = v128.load(w, 32);
  const w2 = v128.load(w, 64);
  const w3 = v128.load(w, 96);
  let g0 = f32x4.splat(0);
  let g1 = g0;
  let g2 = g0;
  let g3 = g0;
  for (let d = quad; d < last; d += 16) {
    const u = v128.load(x);
    let sum = v128.load(s);
    let e = v128.load32_splat(d);
    g0 = multiplyAdd(e, u, g0);
    sum = multiplyAdd(e, w0, sum);
    e = v128.load32_splat(d, 4);
    g1 = multiplyAdd(e, u, g1);
    sum = multiplyAdd(e, w1, sum);
    e = v128.load32_splat(d, 8);
    g2 = multiplyAdd(e, u, g2);
    sum = multiplyAdd(e, w2, sum);
    e = v128.load32_splat(d, 12);
    g3 = multiplyAdd(e, u, g3);
    sum = multiplyAdd(e, w3, sum);
    v128.store(s, sum);
    x += bytes;
    s += bytes;
  }
  adamVector(w, m, v, g0, rate, correction);
  adamVector(w + 32, m + 32, v + 32, g1, rate, correction);
  adamVector(w + 64, m + 64, v + 64, g2, rate, correction);
  adamVector(w + 96, m + 96, v + 96, g3, rate, correction);
}

/** Eight inputs of four outputs, in pairs that the engine widens. */
// @ts-ignore: decorator
@inline
function updateEight(
  w: usize,
  m: usize,
  v: usize,
  x: usize,
  s: usize,
  quad: usize,
  last: usize,
  bytes: usize,
  rate: f32,
  correction: f32,
): void {
  const w0l = v128.load(w);
  const w0h = v128.load(w, 16);
  const w1l = v128.load(w, 32);
  const w1h = v128.load(w, 48);
  const w2l = v128.load(w, 64);
  const w2h = v128.load(w, 80);
  const w3l = v128.load(w, 96);
  const w3h = v128.load(w, 112);
  let g0l = f32x4.splat(0);
  let g0h = g0l;
  let g1l = g0l;
  let g1h = g0l;
  let g2l = g0l;
  let g2h = g0l;
  let g3l = g0l;
  let g3h = g0l;
  for (let d = quad; d < last; d += 16) {
    const ul = v128.load(x);
    const uh = v128.load(x, 16);
    let low = v128.load(s);
    let high = v128.load(s, 16);
    let e = v128.load32_splat(d);
    g0l = multiplyAdd(e, ul, g0l);
    g0h = multiplyAdd(e, uh, g0h);
    low = multiplyAdd(e, w0l, low);
    high = multiplyAdd(e, w0h, high);
    e = v128.load32_splat(d, 4);
    g1l = multiplyAdd(e, ul, g1l);
    g1h = multiplyAdd(e, uh, g1h);
    low = multiplyAdd(e, w1l, low);
    high = multiplyAdd(e, w1h, high);
    e = v128.load32_splat(d, 8);
    g2l = multiplyAdd(e, ul, g2l);
    g2h = multiplyAdd(e, uh, g2h);
    low = multiplyAdd(e, w2l, low);
    high = multiplyAdd(e, w2h, high);
    e = v128.load32_splat(d, 12);
    g3l = multiplyAdd(e, ul, g3l);
    g3h = multiplyAdd(e, uh, g3h);
    low = multiplyAdd(e, w3l, low);
    high = multiplyAdd(e, w3h, high);
    v128.store(s, low);
    v128.store(s, high, 16);
    x += bytes;
    s += bytes;
  }
  adamPair(w, m, v, g0l, g0h, rate, correction);
  adamPair(w + 32, m + 32, v + 32, g1l, g1h, rate, correction);
  adamPair(w + 64, m + 64, v + 64, g2l, g2h, rate, correction);
  adamPair(w + 96, m + 96, v + 96, g3l, g3h, rate, correction);
}
