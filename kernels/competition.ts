/**
 * Competition within a map ("wta" in docs/explanation/convolutional.md): x1 = relu(x - mean of x over the positions of
 * its channel), y = relu(x1 - mean of x1 over the channels at its position). Maps are [positions][channels], rows
 * `stride` apart. Both are cut by items.
 */
import { at, cut, storeLanes } from './vector';

/** y, and x1 in `first`. */
export function compete(
  part: i32,
  parts: i32,
  x: usize,
  first: usize,
  y: usize,
  batch: i32,
  positions: i32,
  channels: i32,
  stride: i32,
): void {
  const zero = f32x4.splat(0);
  const end = cut(batch, part + 1, parts, 1);
  for (let b = cut(batch, part, parts, 1); b < end; b++) {
    const item = b * stride;
    for (let c = 0; c < channels; c += 4) {
      let sum = zero;
      for (let p = 0; p < positions; p++) sum = f32x4.add(sum, v128.load(at(x, item + p * channels + c)));
      const mean = f32x4.div(sum, f32x4.splat(<f32>positions));
      for (let p = 0; p < positions; p++) {
        const i = item + p * channels + c;
        storeLanes(at(first, i), f32x4.max(f32x4.sub(v128.load(at(x, i)), mean), zero), channels - c);
      }
    }
    for (let p = 0; p < positions; p++) {
      const from = item + p * channels;
      let sum: f32 = 0;
      for (let c = 0; c < channels; c++) sum += load<f32>(at(first, from + c));
      const mean = f32x4.splat(sum / <f32>channels);
      for (let c = 0; c < channels; c += 4) {
        const v = f32x4.max(f32x4.sub(v128.load(at(first, from + c)), mean), zero);
        storeLanes(at(y, from + c), v, channels - c);
      }
    }
  }
}

/** below = slope * dLoss/dx from delta = dLoss/dy; the means are part of the gradient. */
export function competeBackward(
  part: i32,
  parts: i32,
  delta: usize,
  y: usize,
  first: usize,
  slope: usize,
  below: usize,
  batch: i32,
  positions: i32,
  channels: i32,
  stride: i32,
): void {
  const zero = f32x4.splat(0);
  const end = cut(batch, part + 1, parts, 1);
  for (let b = cut(batch, part, parts, 1); b < end; b++) {
    const item = b * stride;
    for (let p = 0; p < positions; p++) {
      const from = item + p * channels;
      let sum: f32 = 0;
      for (let c = 0; c < channels; c++) {
        if (load<f32>(at(y, from + c)) > 0) sum += load<f32>(at(delta, from + c));
      }
      const mean = f32x4.splat(sum / <f32>channels);
      for (let c = 0; c < channels; c += 4) {
        const i = from + c;
        const d = v128.and(v128.load(at(delta, i)), f32x4.gt(v128.load(at(y, i)), zero));
        const passed = f32x4.gt(v128.load(at(first, i)), zero);
        storeLanes(at(below, i), v128.and(f32x4.sub(d, mean), passed), channels - c);
      }
    }
    for (let c = 0; c < channels; c += 4) {
      let sum = zero;
      for (let p = 0; p < positions; p++) sum = f32x4.add(sum, v128.load(at(below, item + p * channels + c)));
      const mean = f32x4.div(sum, f32x4.splat(<f32>positions));
      for (let p = 0; p < positions; p++) {
        const i = item + p * channels + c;
        const d = f32x4.sub(v128.load(at(below, i)), mean);
        storeLanes(at(below, i), f32x4.mul(d, v128.load(at(slope, i))), channels - c);
      }
    }
  }
}
