/**
 * Convolution. An item's values are a map: [height][width][channels], interleaved as the data are, in rows `stride`
 * apart. A layer's input is copied into a frame first, a map with room for the padding around it; under one row of
 * the kernel the frame is then one run of size x channels neighbouring floats, and no position is a special case.
 * Weights lie in panels of 16 output channels, [outputs / 16][size][size][channels][16].
 */
import { LINE, at, cut, multiplyAdd, storeLanes } from './vector';

/** Bytes of one input's weights within a panel. */
const ROW: usize = 64;

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
 * y = slope * (bias + frame * kernels) for `outputs` channels at height x width positions, the kernels (size x size)
 * `step` apart; `bias` and `slope` (laid out as y) may be 0 for none. Two neighbouring positions by sixteen outputs
 * are held in registers. Cut by rows of positions.
 */
export function convolve(
  part: i32,
  parts: i32,
  x: usize,
  weights: usize,
  bias: usize,
  slope: usize,
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
  const zero = f32x4.splat(0);
  const end = cut(batch * height, part + 1, parts, 1);
  for (let unit = cut(batch * height, part, parts, 1); unit < end; unit++) {
    const b = unit / height;
    const row = unit - b * height;
    const top = x + <usize>(b * frameHeight + row * step) * rowBytes;
    const first = b * stride + row * width * outputs;
    for (let o = 0; o < outputs; o += LINE) {
      const panel = weights + <usize>(o / LINE) * panelBytes;
      const count = min<i32>(LINE, outputs - o);
      const from = at(bias, o);
      const b0 = bias ? v128.load(from) : zero;
      const b1 = bias ? v128.load(from, 16) : zero;
      const b2 = bias ? v128.load(from, 32) : zero;
      const b3 = bias ? v128.load(from, 48) : zero;
      for (let i = 0; i < width; i += 2) {
        const two = i + 1 < width;
        let p = top + <usize>i * stepBytes;
        // At an odd end the last position is computed twice.
        const next = two ? stepBytes : 0;
        let w = panel;
        let a0 = b0;
        let a1 = b1;
        let a2 = b2;
        let a3 = b3;
        let c0 = b0;
        let c1 = b1;
        let c2 = b2;
        let c3 = b3;
        for (let ky = 0; ky < size; ky++) {
          let q = p + next;
          const last = p + run;
          const after = p + rowBytes;
          for (; p < last; ) {
            const u = v128.load32_splat(p);
            const v = v128.load32_splat(q);
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
            p += 4;
            q += 4;
            w += ROW;
          }
          p = after;
        }
        const to = first + i * outputs + o;
        storeLine(at(y, to), slope ? at(slope, to) : 0, count, a0, a1, a2, a3);
        if (two) storeLine(at(y, to + outputs), slope ? at(slope, to + outputs) : 0, count, c0, c1, c2, c3);
      }
    }
  }
}

/** Stores the first `count` of sixteen outputs, times their slopes where there are any. */
// @ts-ignore: decorator
@inline
function storeLine(to: usize, slope: usize, count: i32, a0: v128, a1: v128, a2: v128, a3: v128): void {
  if (slope) {
    a0 = f32x4.mul(a0, v128.load(slope));
    a1 = f32x4.mul(a1, v128.load(slope, 16));
    a2 = f32x4.mul(a2, v128.load(slope, 32));
    a3 = f32x4.mul(a3, v128.load(slope, 48));
  }
  if (count == LINE) {
    v128.store(to, a0);
    v128.store(to, a1, 16);
    v128.store(to, a2, 32);
    v128.store(to, a3, 48);
    return;
  }
  storeLanes(to, a0, count);
  if (count > 4) storeLanes(to + 16, a1, count - 4);
  if (count > 8) storeLanes(to + 32, a2, count - 8);
  if (count > 12) storeLanes(to + 48, a3, count - 12);
}

/**
 * Adds factor * mask * (frame^T * delta) to `destination` (laid out as the weights) and factor * (sum of delta) to
 * `biasDestination`; `mask` (laid out as the weights) may be 0 for none. delta has `outputs` channels at
 * height x width positions. `scratch` is room for height x width x 16 floats for every part. Two inputs by sixteen
 * outputs are summed up in registers over the positions of an item. Cut by panels and rows of the kernel.
 */
export function convolutionGradient(
  part: i32,
  parts: i32,
  x: usize,
  delta: usize,
  mask: usize,
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
  const units = ((outputs + LINE - 1) / LINE) * size;
  const end = cut(units, part + 1, parts, 1);
  for (let unit = cut(units, part, parts, 1); unit < end; unit++) {
    const panel = unit / size;
    const ky = unit - panel * size;
    const from = <usize>(unit * taps) * ROW;
    for (let b = 0; b < batch; b++) {
      const biasTo = ky == 0 ? at(biasDestination, panel * LINE) : 0;
      packLine(at(delta, b * stride), packed, height * width, outputs, panel * LINE, biasTo, scale);
      const top = x + <usize>(b * frameHeight + ky) * rowBytes;
      for (let k = 0; k < taps; k += 2) {
        const two = k + 1 < taps;
        const next: usize = two ? 4 : 0;
        let d = packed;
        let a0 = f32x4.splat(0);
        let a1 = a0;
        let a2 = a0;
        let a3 = a0;
        let c0 = a0;
        let c1 = a0;
        let c2 = a0;
        let c3 = a0;
        for (let row = 0; row < height; row++) {
          let p = top + <usize>(row * step) * rowBytes + ((<usize>k) << 2);
          const last = p + <usize>width * stepBytes;
          for (; p < last; p += stepBytes) {
            const u = v128.load32_splat(p);
            const v = v128.load32_splat(p + next);
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
        }
        const at0 = from + <usize>k * ROW;
        addLine(destination + at0, mask ? mask + at0 : 0, scale, a0, a1, a2, a3);
        if (two) addLine(destination + at0 + ROW, mask ? mask + at0 + ROW : 0, scale, c0, c1, c2, c3);
      }
    }
  }
}

/** to += scale * a, times the mask where there is one. */
// @ts-ignore: decorator
@inline
function addLine(to: usize, mask: usize, scale: v128, a0: v128, a1: v128, a2: v128, a3: v128): void {
  if (mask) {
    a0 = f32x4.mul(a0, v128.load(mask));
    a1 = f32x4.mul(a1, v128.load(mask, 16));
    a2 = f32x4.mul(a2, v128.load(mask, 32));
    a3 = f32x4.mul(a3, v128.load(mask, 48));
  }
  v128.store(to, multiplyAdd(scale, a0, v128.load(to)));
  v128.store(to, multiplyAdd(scale, a1, v128.load(to, 16)), 16);
  v128.store(to, multiplyAdd(scale, a2, v128.load(to, 32)), 32);
  v128.store(to, multiplyAdd(scale, a3, v128.load(to, 48)), 48);
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
