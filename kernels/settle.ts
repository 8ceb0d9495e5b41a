/**
 * Equilibrium propagation: how states move, what they tell each other, and what is learnt from the difference
 * between two phases (method.md, section 4). States are batch x width, rows padded as everywhere.
 */
import { PANEL, at, cutColumns, multiplyAdd } from './vector';

export const HARD_SIGMOID: i32 = 0;
export const LOGISTIC: i32 = 1;
export const TANH: i32 = 2;

/**
 * One Euler step of a layer on a drive from below and a feedback from above (0 for none):
 *   s <- mask * clamp(s + rate (rho'(s) (drive + feedback) - s + beta (d - s)))
 * to [0, 1] ([-1, 1] with tanh). `d` is 0 where nothing nudges, `mask` where nothing is dropped. `rho` gets rho(s)
 * unless it is `s` itself, as it may be for the hard sigmoid. change[p] becomes the largest change in panel p of 32
 * columns, NaN if anything is. Padding stays zero. Cut by columns.
 */
export function settle(
  part: i32,
  parts: i32,
  s: usize,
  rho: usize,
  drive: usize,
  feedback: usize,
  mask: usize,
  d: usize,
  change: usize,
  batch: i32,
  width: i32,
  stride: i32,
  activation: i32,
  rate: f32,
  beta: f32,
): void {
  const from = cutColumns(stride, part, parts);
  const to = cutColumns(stride, part + 1, parts);
  const one = f32x4.splat(1);
  const low = f32x4.splat(activation == TANH ? -1 : 0);
  const dt = f32x4.splat(rate);
  const pull = f32x4.splat(beta);
  for (let p = from; p < to; p += PANEL) {
    let largest = f32x4.splat(0);
    const end = min(to, p + PANEL);
    for (let b = 0; b < batch; b++) {
      for (let i = p; i < end; i += 4) {
        const j = b * stride + i;
        const x = v128.load(at(s, j));
        let total = v128.load(at(drive, j));
        if (feedback) total = f32x4.add(total, v128.load(at(feedback, j)));
        if (activation != HARD_SIGMOID) total = f32x4.mul(total, slope(x, activation));
        let force = f32x4.sub(total, x);
        if (d) force = multiplyAdd(pull, f32x4.sub(v128.load(at(d, j)), x), force);
        let y = f32x4.min(f32x4.max(multiplyAdd(dt, force, x), low), one);
        if (mask) y = f32x4.mul(y, v128.load(at(mask, j)));
        largest = f32x4.max(largest, f32x4.abs(f32x4.sub(y, x)));
        v128.store(at(s, j), y);
        if (rho == s) continue;
        if (activation != HARD_SIGMOID) {
          const used = i32x4.lt_s(i32x4.add(i32x4.splat(i), i32x4(0, 1, 2, 3)), i32x4.splat(width));
          y = v128.and(value(y, activation), used);
        }
        v128.store(at(rho, j), y);
      }
    }
    store<f32>(
      at(change, p / PANEL),
      max(
        max(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1)),
        max(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3)),
      ),
    );
  }
}

/** rho of four states: the logistic function shifted and stretched to rho(0.5) = 0.5, slope 1; or tanh. */
// @ts-ignore: decorator
@inline
function value(x: v128, activation: i32): v128 {
  return f32x4(
    rhoOf(f32x4.extract_lane(x, 0), activation),
    rhoOf(f32x4.extract_lane(x, 1), activation),
    rhoOf(f32x4.extract_lane(x, 2), activation),
    rhoOf(f32x4.extract_lane(x, 3), activation),
  );
}

// @ts-ignore: decorator
@inline
function slope(x: v128, activation: i32): v128 {
  const y = value(x, activation);
  const one = f32x4.splat(1);
  if (activation == TANH) return f32x4.sub(one, f32x4.mul(y, y));
  return f32x4.mul(f32x4.splat(4), f32x4.mul(y, f32x4.sub(one, y)));
}

function rhoOf(x: f32, activation: i32): f32 {
  if (activation == TANH) return Mathf.tanh(x);
  return 1 / (1 + Mathf.exp(-4 * (x - 0.5)));
}

/**
 * What a layer hears from above: below[b] = sum of value * W[i] over the entries (see listNonZeros) of item b's
 * list, for weights in rows of `inputStride`. Cut by the columns of the layer below.
 */
export function feedback(
  part: i32,
  parts: i32,
  lists: usize,
  counts: usize,
  capacity: i32,
  weights: usize,
  below: usize,
  batch: i32,
  inputStride: i32,
): void {
  // A list names an output by 128 times its index.
  const row: usize = ((<usize>inputStride) << 2) / 128;
  const rest: usize = ((<usize>inputStride) << 2) % 128;
  const end = cutColumns(inputStride, part + 1, parts);
  for (let k = cutColumns(inputStride, part, parts); k < end; k += PANEL) {
    const panel = at(weights, k);
    const whole = k + PANEL <= inputStride;
    for (let b = 0; b < batch; b++) {
      let entry = lists + ((<usize>(b * capacity)) << 3);
      const last = entry + ((<usize>load<i32>(at(counts, b))) << 3);
      const out = at(below, b * inputStride + k);
      let a0 = f32x4.splat(0);
      let a1 = a0;
      let a2 = a0;
      let a3 = a0;
      if (!whole) {
        // Half a panel at the end of a row.
        for (; entry < last; entry += 8) {
          const offset = <usize>load<u32>(entry);
          const w = panel + offset * row + (offset >> 7) * rest;
          const x = v128.load32_splat(entry, 4);
          a0 = multiplyAdd(v128.load(w), x, a0);
          a1 = multiplyAdd(v128.load(w, 16), x, a1);
          a2 = multiplyAdd(v128.load(w, 32), x, a2);
          a3 = multiplyAdd(v128.load(w, 48), x, a3);
        }
        v128.store(out, a0);
        v128.store(out, a1, 16);
        v128.store(out, a2, 32);
        v128.store(out, a3, 48);
        continue;
      }
      let a4 = a0;
      let a5 = a0;
      let a6 = a0;
      let a7 = a0;
      for (; entry < last; entry += 8) {
        const offset = <usize>load<u32>(entry);
        const w = panel + offset * row + (offset >> 7) * rest;
        const x = v128.load32_splat(entry, 4);
        a0 = multiplyAdd(v128.load(w), x, a0);
        a1 = multiplyAdd(v128.load(w, 16), x, a1);
        a2 = multiplyAdd(v128.load(w, 32), x, a2);
        a3 = multiplyAdd(v128.load(w, 48), x, a3);
        a4 = multiplyAdd(v128.load(w, 64), x, a4);
        a5 = multiplyAdd(v128.load(w, 80), x, a5);
        a6 = multiplyAdd(v128.load(w, 96), x, a6);
        a7 = multiplyAdd(v128.load(w, 112), x, a7);
      }
      v128.store(out, a0);
      v128.store(out, a1, 16);
      v128.store(out, a2, 32);
      v128.store(out, a3, 48);
      v128.store(out, a4, 64);
      v128.store(out, a5, 80);
      v128.store(out, a6, 96);
      v128.store(out, a7, 112);
    }
  }
}

/** difference = (a - b) * factor; all batch x stride. Cut by columns. */
export function contrast(
  part: i32,
  parts: i32,
  a: usize,
  b: usize,
  difference: usize,
  batch: i32,
  stride: i32,
  factor: f32,
): void {
  const from = cutColumns(stride, part, parts);
  const to = cutColumns(stride, part + 1, parts);
  const scale = f32x4.splat(factor);
  for (let item = 0; item < batch; item++) {
    for (let j = item * stride + from; j < item * stride + to; j += 4) {
      v128.store(at(difference, j), f32x4.mul(f32x4.sub(v128.load(at(a, j)), v128.load(at(b, j))), scale));
    }
  }
}
