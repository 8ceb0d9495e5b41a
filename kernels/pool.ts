/**
 * Pooling of maps ([height][width][channels], rows `stride` apart): the largest or the mean of size x size positions,
 * `step` apart, with `padding` around the map. The mean counts the padding as zeros, the largest leaves it out.
 */
import { AVERAGE, MAX } from './layout';
import { at, cut, storeLanes } from './vector';

/**
 * y = pooled x; of the largest also its place within the window, counted row by row, in `places` (i32, as y). Of equal
 * ones the first is taken. Cut by rows of positions.
 */
export function pool(
  part: i32,
  parts: i32,
  x: usize,
  y: usize,
  places: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  stride: i32,
  outHeight: i32,
  outWidth: i32,
  outStride: i32,
  size: i32,
  step: i32,
  padding: i32,
  kind: i32,
): void {
  const share = f32x4.splat(<f32>1 / <f32>(size * size));
  const end = cut(batch * outHeight, part + 1, parts, 1);
  for (let unit = cut(batch * outHeight, part, parts, 1); unit < end; unit++) {
    const b = unit / outHeight;
    const row = unit - b * outHeight;
    const top = row * step - padding;
    const y0 = max<i32>(0, top);
    const y1 = min<i32>(height, top + size);
    for (let i = 0; i < outWidth; i++) {
      const left = i * step - padding;
      const x0 = max<i32>(0, left);
      const x1 = min<i32>(width, left + size);
      const out = b * outStride + (row * outWidth + i) * channels;
      for (let c = 0; c < channels; c += 4) {
        let best = f32x4.splat(-Infinity);
        let place = i32x4.splat(0);
        let sum = f32x4.splat(0);
        for (let py = y0; py < y1; py++) {
          for (let px = x0; px < x1; px++) {
            const v = v128.load(at(x, b * stride + (py * width + px) * channels + c));
            if (kind == AVERAGE) {
              sum = f32x4.add(sum, v);
              continue;
            }
            const larger = f32x4.gt(v, best);
            best = v128.bitselect(v, best, larger);
            place = v128.bitselect(i32x4.splat((py - top) * size + px - left), place, larger);
          }
        }
        const count = channels - c;
        if (kind == AVERAGE) {
          storeLanes(at(y, out + c), f32x4.mul(sum, share), count);
          continue;
        }
        storeLanes(at(y, out + c), best, count);
        storeLanes(at(places, out + c), place, count);
      }
    }
  }
}

/**
 * The way back: below = slope * (what each position gets of the delta of the windows that hold it), the whole where it
 * was the largest, or the same share for all. Cut by rows of positions.
 */
export function poolBackward(
  part: i32,
  parts: i32,
  delta: usize,
  places: usize,
  slope: usize,
  below: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  stride: i32,
  outHeight: i32,
  outWidth: i32,
  outStride: i32,
  size: i32,
  step: i32,
  padding: i32,
  kind: i32,
): void {
  const share = f32x4.splat(<f32>1 / <f32>(size * size));
  const end = cut(batch * height, part + 1, parts, 1);
  for (let unit = cut(batch * height, part, parts, 1); unit < end; unit++) {
    const b = unit / height;
    const row = unit - b * height;
    // The windows that hold this row: those that begin at most size - 1 above it.
    const v0 = firstWindow(row + padding, size, step);
    const v1 = min<i32>(outHeight - 1, (row + padding) / step);
    for (let i = 0; i < width; i++) {
      const u0 = firstWindow(i + padding, size, step);
      const u1 = min<i32>(outWidth - 1, (i + padding) / step);
      const to = b * stride + (row * width + i) * channels;
      for (let c = 0; c < channels; c += 4) {
        let sum = f32x4.splat(0);
        for (let v = v0; v <= v1; v++) {
          for (let u = u0; u <= u1; u++) {
            const from = b * outStride + (v * outWidth + u) * channels + c;
            let d = v128.load(at(delta, from));
            if (kind == MAX) {
              const place = (row + padding - v * step) * size + i + padding - u * step;
              d = v128.and(d, i32x4.eq(v128.load(at(places, from)), i32x4.splat(place)));
            }
            sum = f32x4.add(sum, d);
          }
        }
        if (kind == AVERAGE) sum = f32x4.mul(sum, share);
        storeLanes(at(below, to + c), f32x4.mul(sum, v128.load(at(slope, to + c))), channels - c);
      }
    }
  }
}

/** The first window that holds padded position p: the least w with w step > p - size. */
// @ts-ignore: decorator
@inline
function firstWindow(p: i32, size: i32, step: i32): i32 {
  return p < size ? 0 : (p - size) / step + 1;
}
