/**
 * Convolution. An item's values are a map: [height][width][channels], interleaved as the data are, in rows `stride`
 * apart. A layer's input is copied into a frame first, a map with room for the padding around it; under one row of
 * the kernel the frame is then one run of size x channels neighbouring floats, and no position is a special case.
 * Weights are stored in panels of 16 output channels, [outputs / 16][size][size][channels][16].
 */
import { LINE, Optional, SCRATCH, SCRATCH_EACH } from './layout';
import { at, cut, multiplyAdd, storeLanes } from './vector';

/** Bytes of one input's weights within a panel. */
const ROW: usize = 64;
/** Panels, and inputs of a gradient, that are held in registers at a time. */
const PANELS: i32 = WIDE ? 2 : 1;
const TAPS: i32 = WIDE ? 4 : 2;

/**
 * Copies maps (batch x height x width x channels, rows `stride` apart) into frames (frameHeight x frameWidth) from
 * (offset, offset) on, every position `spread` from the next. What lies around and between stays as it is, zero.
 * Cut by rows of positions.
 */
export function frame(
  part: i32,
  parts: i32,
  from: usize,
  to: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  stride: i32,
  frameHeight: i32,
  frameWidth: i32,
  offset: i32,
  spread: i32,
): void {
  const pixel = (<usize>channels) << 2;
  const end = cut(batch * height, part + 1, parts, 1);
  for (let unit = cut(batch * height, part, parts, 1); unit < end; unit++) {
    const b = unit / height;
    const y = unit - b * height;
    let source = at(from, b * stride + y * width * channels);
    let target = at(to, ((b * frameHeight + offset + y * spread) * frameWidth + offset) * channels);
    if (spread == 1) {
      memory.copy(target, source, <usize>width * pixel);
      continue;
    }
    for (let x = 0; x < width; x++) {
      memory.copy(target, source, pixel);
      source += pixel;
      target += <usize>spread * pixel;
    }
  }
}

/**
 * y = slope * (frame * kernels + bias) for `outputs` channels at height x width positions, the kernels (size x size)
 * `step` apart; `bias` and `slope` (laid out as y) may be 0 for none. Two neighbouring positions by one panel of
 * outputs are held in registers, or by two panels where vectors are wide. Cut by rows of positions.
 */
export function convolve(
  part: i32,
  parts: i32,
  x: usize,
  weights: usize,
  bias: Optional,
  slope: Optional,
  y: usize,
  batch: i32,
  frameHeight: i32,
  frameWidth: i32,
  channels: i32,
  height: i32,
  width: i32,
  outputs: i32,
  stride: i32,
  size: i32,
  step: i32,
): void {
  const pixel = (<usize>channels) << 2;
  const rowBytes = <usize>frameWidth * pixel;
  const stepBytes = <usize>step * pixel;
  const run = <usize>size * pixel;
  const panelBytes = <usize>(size * size * channels) * ROW;
  const panels = (outputs + LINE - 1) / LINE;
  const sums = SCRATCH + <usize>part * SCRATCH_EACH;
  const end = cut(batch * height, part + 1, parts, 1);
  for (let unit = cut(batch * height, part, parts, 1); unit < end; unit++) {
    const b = unit / height;
    const row = unit - b * height;
    const top = x + <usize>(b * frameHeight + row * step) * rowBytes;
    const first = b * stride + row * width * outputs;
    for (let panel = 0; panel < panels; panel += PANELS) {
      const w = weights + <usize>panel * panelBytes;
      // An odd last panel is computed twice.
      const second = panel + 1 < panels ? w + panelBytes : w;
      const o = panel * LINE;
      const count = min<i32>(PANELS * LINE, outputs - o);
      for (let i = 0; i < width; i += 2) {
        const p = top + <usize>i * stepBytes;
        const to = first + i * outputs + o;
        // So is an odd last position.
        const two = i + 1 < width;
        const q = two ? p + stepBytes : p;
        if (WIDE) wideProducts(p, q, w, second, size, run, rowBytes, sums);
        else products(p, q, w, size, run, rowBytes, sums);
        storeSums(sums, bias ? at(bias, o) : 0, slope ? at(slope, to) : 0, at(y, to), count);
        const next = to + outputs;
        if (two) storeSums(sums + PANELS * ROW, bias ? at(bias, o) : 0, slope ? at(slope, next) : 0, at(y, next), count);
      }
    }
  }
}

/** Sums of products at two positions, sixteen outputs each; a function of its own for the sake of registers. */
function products(
  p: usize,
  q: usize,
  w: usize,
  size: i32,
  run: usize,
  rowBytes: usize,
  sums: usize,
): void {
  const next = q - p;
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let c0 = a0;
  let c1 = a0;
  let c2 = a0;
  let c3 = a0;
  for (let ky = 0; ky < size; ky++) {
    const last = p + run;
    const after = p + rowBytes;
    for (; p < last; p += 4) {
      const u = v128.load32_splat(p);
      const v = v128.load32_splat(p + next);
      const w0 = v128.load(w);
      a0 = multiplyAdd(w0, u, a0);
      c0 = multiplyAdd(w0, v, c0);
      const w1 = v128.load(w, 16);
      a1 = multiplyAdd(w1, u, a1);
      c1 = multiplyAdd(w1, v, c1);
      const w2 = v128.load(w, 32);
      a2 = multiplyAdd(w2, u, a2);
      c2 = multiplyAdd(w2, v, c2);
      const w3 = v128.load(w, 48);
      a3 = multiplyAdd(w3, u, a3);
      c3 = multiplyAdd(w3, v, c3);
      w += ROW;
    }
    p = after;
  }
  v128.store(sums, a0);
  v128.store(sums, a1, 16);
  v128.store(sums, a2, 32);
  v128.store(sums, a3, 48);
  v128.store(sums, c0, 64);
  v128.store(sums, c1, 80);
  v128.store(sums, c2, 96);
  v128.store(sums, c3, 112);
}

/** The same for thirty-two outputs, in pairs that the engine widens. */
function wideProducts(
  p: usize,
  q: usize,
  w: usize,
  second: usize,
  size: i32,
  run: usize,
  rowBytes: usize,
  sums: usize,
): void {
  const next = q - p;
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
  for (let ky = 0; ky < size; ky++) {
    const last = p + run;
    const after = p + rowBytes;
    for (; p < last; p += 4) {
      const u = v128.load32_splat(p);
      const v = v128.load32_splat(p + next);
      let wl = v128.load(w);
      let wh = v128.load(w, 16);
      a0 = multiplyAdd(wl, u, a0);
      a1 = multiplyAdd(wh, u, a1);
      c0 = multiplyAdd(wl, v, c0);
      c1 = multiplyAdd(wh, v, c1);
      wl = v128.load(w, 32);
      wh = v128.load(w, 48);
      a2 = multiplyAdd(wl, u, a2);
      a3 = multiplyAdd(wh, u, a3);
      c2 = multiplyAdd(wl, v, c2);
      c3 = multiplyAdd(wh, v, c3);
      wl = v128.load(second);
      wh = v128.load(second, 16);
      a4 = multiplyAdd(wl, u, a4);
      a5 = multiplyAdd(wh, u, a5);
      c4 = multiplyAdd(wl, v, c4);
      c5 = multiplyAdd(wh, v, c5);
      wl = v128.load(second, 32);
      wh = v128.load(second, 48);
      a6 = multiplyAdd(wl, u, a6);
      a7 = multiplyAdd(wh, u, a7);
      c6 = multiplyAdd(wl, v, c6);
      c7 = multiplyAdd(wh, v, c7);
      w += ROW;
      second += ROW;
    }
    p = after;
  }
  v128.store(sums, a0);
  v128.store(sums, a1, 16);
  v128.store(sums, a2, 32);
  v128.store(sums, a3, 48);
  v128.store(sums, a4, 64);
  v128.store(sums, a5, 80);
  v128.store(sums, a6, 96);
  v128.store(sums, a7, 112);
  v128.store(sums, c0, 128);
  v128.store(sums, c1, 144);
  v128.store(sums, c2, 160);
  v128.store(sums, c3, 176);
  v128.store(sums, c4, 192);
  v128.store(sums, c5, 208);
  v128.store(sums, c6, 224);
  v128.store(sums, c7, 240);
}

/** Stores `count` sums with their biases, times their slopes; both where there are any. */
// @ts-ignore: decorator
@inline
function storeSums(sums: usize, bias: usize, slope: usize, to: usize, count: i32): void {
  for (let o = 0; o < count; o += 4) {
    const offset = (<usize>o) << 2;
    let sum = v128.load(sums + offset);
    if (bias) sum = f32x4.add(sum, v128.load(bias + offset));
    if (slope) sum = f32x4.mul(sum, v128.load(slope + offset));
    storeLanes(to + offset, sum, count - o);
  }
}

/**
 * Adds factor * mask * (frame^T * delta) to `destination` (laid out as the weights) and factor * (sum of delta) to
 * `biasDestination`; `mask` (laid out as the weights) may be 0 for none. delta has `outputs` channels at
 * height x width positions. `scratch` is room for height x width x 16 floats for every part. Two inputs (four where
 * vectors are wide) by sixteen outputs are summed up in registers over the positions of an item. Cut by panels and
 * rows of the kernel.
 */
export function convolutionGradient(
  part: i32,
  parts: i32,
  x: usize,
  delta: usize,
  mask: Optional,
  destination: usize,
  biasDestination: usize,
  scratch: usize,
  batch: i32,
  frameHeight: i32,
  frameWidth: i32,
  channels: i32,
  height: i32,
  width: i32,
  outputs: i32,
  stride: i32,
  size: i32,
  step: i32,
  factor: f32,
): void {
  const pixel = (<usize>channels) << 2;
  const rowBytes = <usize>frameWidth * pixel;
  const stepBytes = <usize>step * pixel;
  const taps = size * channels;
  const scale = f32x4.splat(factor);
  const packed = scratch + <usize>(part * height * width) * ROW;
  const sums = SCRATCH + <usize>part * SCRATCH_EACH;
  const units = ((outputs + LINE - 1) / LINE) * size;
  const first = cut(units, part, parts, 1);
  const end = cut(units, part + 1, parts, 1);
  for (let b = 0; b < batch; b++) {
    for (let unit = first; unit < end; unit++) {
      const panel = unit / size;
      const ky = unit - panel * size;
      const from = <usize>(unit * taps) * ROW;
      if (ky == 0 || unit == first) {
        const biasTo = ky == 0 ? at(biasDestination, panel * LINE) : 0;
        packLine(at(delta, b * stride), packed, height * width, outputs, panel * LINE, biasTo, scale);
      }
      const top = x + <usize>(b * frameHeight + ky) * rowBytes;
      for (let k = 0; k < taps; k += TAPS) {
        const p = at(top, k);
        if (WIDE) wideTaps(p, packed, height, width, <usize>step * rowBytes, stepBytes, taps - k, sums);
        else tapSums(p, packed, height, width, <usize>step * rowBytes, stepBytes, taps - k, sums);
        const at0 = from + <usize>k * ROW;
        const bytes = <usize>min<i32>(TAPS, taps - k) * ROW;
        for (let j: usize = 0; j < bytes; j += 16) {
          let sum = v128.load(sums + j);
          if (mask) sum = f32x4.mul(sum, v128.load(mask + at0 + j));
          const to = destination + at0 + j;
          v128.store(to, multiplyAdd(scale, sum, v128.load(to)));
        }
      }
    }
  }
}

/** For two inputs from p on the sums of input times delta over all positions; of one where no more are left. */
function tapSums(
  p: usize,
  d: usize,
  height: i32,
  width: i32,
  rowStep: usize,
  step: usize,
  left: i32,
  sums: usize,
): void {
  const next: usize = left > 1 ? 4 : 0;
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let c0 = a0;
  let c1 = a0;
  let c2 = a0;
  let c3 = a0;
  for (let row = 0; row < height; row++) {
    let q = p;
    const last = p + <usize>width * step;
    for (; q < last; q += step) {
      const u = v128.load32_splat(q);
      const v = v128.load32_splat(q + next);
      const d0 = v128.load(d);
      a0 = multiplyAdd(d0, u, a0);
      c0 = multiplyAdd(d0, v, c0);
      const d1 = v128.load(d, 16);
      a1 = multiplyAdd(d1, u, a1);
      c1 = multiplyAdd(d1, v, c1);
      const d2 = v128.load(d, 32);
      a2 = multiplyAdd(d2, u, a2);
      c2 = multiplyAdd(d2, v, c2);
      const d3 = v128.load(d, 48);
      a3 = multiplyAdd(d3, u, a3);
      c3 = multiplyAdd(d3, v, c3);
      d += ROW;
    }
    p += rowStep;
  }
  v128.store(sums, a0);
  v128.store(sums, a1, 16);
  v128.store(sums, a2, 32);
  v128.store(sums, a3, 48);
  v128.store(sums, c0, 64);
  v128.store(sums, c1, 80);
  v128.store(sums, c2, 96);
  v128.store(sums, c3, 112);
}

/** The same for four inputs, in pairs that the engine widens. */
function wideTaps(
  p: usize,
  d: usize,
  height: i32,
  width: i32,
  rowStep: usize,
  step: usize,
  left: i32,
  sums: usize,
): void {
  const next: usize = left > 1 ? 4 : 0;
  const third: usize = left > 2 ? 8 : 0;
  const fourth: usize = left > 3 ? 12 : 0;
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let c0 = a0;
  let c1 = a0;
  let c2 = a0;
  let c3 = a0;
  let e0 = a0;
  let e1 = a0;
  let e2 = a0;
  let e3 = a0;
  let f0 = a0;
  let f1 = a0;
  let f2 = a0;
  let f3 = a0;
  for (let row = 0; row < height; row++) {
    let q = p;
    const last = p + <usize>width * step;
    for (; q < last; q += step) {
      const d0 = v128.load(d);
      const d1 = v128.load(d, 16);
      const d2 = v128.load(d, 32);
      const d3 = v128.load(d, 48);
      let u = v128.load32_splat(q);
      a0 = multiplyAdd(d0, u, a0);
      a1 = multiplyAdd(d1, u, a1);
      a2 = multiplyAdd(d2, u, a2);
      a3 = multiplyAdd(d3, u, a3);
      u = v128.load32_splat(q + next);
      c0 = multiplyAdd(d0, u, c0);
      c1 = multiplyAdd(d1, u, c1);
      c2 = multiplyAdd(d2, u, c2);
      c3 = multiplyAdd(d3, u, c3);
      u = v128.load32_splat(q + third);
      e0 = multiplyAdd(d0, u, e0);
      e1 = multiplyAdd(d1, u, e1);
      e2 = multiplyAdd(d2, u, e2);
      e3 = multiplyAdd(d3, u, e3);
      u = v128.load32_splat(q + fourth);
      f0 = multiplyAdd(d0, u, f0);
      f1 = multiplyAdd(d1, u, f1);
      f2 = multiplyAdd(d2, u, f2);
      f3 = multiplyAdd(d3, u, f3);
      d += ROW;
    }
    p += rowStep;
  }
  v128.store(sums, a0);
  v128.store(sums, a1, 16);
  v128.store(sums, a2, 32);
  v128.store(sums, a3, 48);
  v128.store(sums, c0, 64);
  v128.store(sums, c1, 80);
  v128.store(sums, c2, 96);
  v128.store(sums, c3, 112);
  v128.store(sums, e0, 128);
  v128.store(sums, e1, 144);
  v128.store(sums, e2, 160);
  v128.store(sums, e3, 176);
  v128.store(sums, f0, 192);
  v128.store(sums, f1, 208);
  v128.store(sums, f2, 224);
  v128.store(sums, f3, 240);
}

/**
 * Copies sixteen channels from `first` on of all positions of one item side by side, zero beyond the last channel,
 * and adds scale times their sums to `biasTo` unless that is 0.
 */
function packLine(
  from: usize,
  to: usize,
  positions: i32,
  channels: i32,
  first: i32,
  biasTo: usize,
  scale: v128,
): void {
  const lanes = i32x4(0, 1, 2, 3);
  for (let c = 0; c < LINE; c += 4) {
    const used = i32x4.lt_s(i32x4.add(i32x4.splat(first + c), lanes), i32x4.splat(channels));
    let sum = f32x4.splat(0);
    let source = at(from, first + c);
    let target = at(to, c);
    for (let p = 0; p < positions; p++) {
      const v = v128.and(v128.load(source), used);
      v128.store(target, v);
      sum = f32x4.add(sum, v);
      source += (<usize>channels) << 2;
      target += ROW;
    }
    if (!biasTo) continue;
    const bias = biasTo + ((<usize>c) << 2);
    v128.store(bias, multiplyAdd(scale, sum, v128.load(bias)));
  }
}

/**
 * The kernels for the way back: turned by half a turn, inputs and outputs exchanged, in panels of 16 inputs
 * ([channels / 16][size][size][outputs][16]). Cut by panels of inputs.
 */
export function turnKernels(
  part: i32,
  parts: i32,
  weights: usize,
  to: usize,
  channels: i32,
  outputs: i32,
  size: i32,
): void {
  const taps = size * size;
  const end = cut(channels, part + 1, parts, LINE);
  for (let c = cut(channels, part, parts, LINE); c < end; c++) {
    for (let tap = 0; tap < taps; tap++) {
      const turned = ((c / LINE) * taps + taps - 1 - tap) * outputs;
      for (let o = 0; o < outputs; o++) {
        const from = (((o / LINE) * taps + tap) * channels + c) * LINE + (o % LINE);
        store<f32>(at(to, (turned + o) * LINE + (c % LINE)), load<f32>(at(weights, from)));
      }
    }
  }
}
