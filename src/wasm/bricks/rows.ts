/** Rows of values in and out of compute memory, where they are padded to whole cache lines. */
import type { Compute } from '../compute/compute.js';

/** Copies `size` rows of `width` values into memory, where they are `stride` apart; the padding stays zero. */
export function writeRows(
  compute: Compute,
  address: number,
  values: Float32Array,
  size: number,
  width: number,
  stride: number,
): void {
  copyRows(compute.f32(address, size * stride), values, size, width, stride);
}

/** The same with bytes. */
export function writeByteRows(
  compute: Compute,
  address: number,
  values: Uint8Array,
  size: number,
  width: number,
  stride: number,
): void {
  copyRows(compute.u8(address, size * stride), values, size, width, stride);
}

function copyRows<T extends Float32Array | Uint8Array>(
  to: T,
  values: T,
  size: number,
  width: number,
  stride: number,
): void {
  if (width === stride) {
    to.set(values.subarray(0, size * width));
    return;
  }
  for (let b = 0; b < size; b++) to.set(values.subarray(b * width, (b + 1) * width), b * stride);
}

/** The reverse: rows without padding, as a view where they are stored so already. */
export function readRows(
  compute: Compute,
  address: number,
  size: number,
  width: number,
  stride: number,
): Float32Array {
  const view = compute.f32(address, size * stride);
  if (width === stride) return view;
  const values = new Float32Array(size * width);
  for (let b = 0; b < size; b++) values.set(view.subarray(b * stride, b * stride + width), b * width);
  return values;
}
