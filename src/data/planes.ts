/** Pictures whose file has all of one channel before the next, made into pixels whose channels are side by side. */

/** How a file orders the values of one picture: rows or columns first within each channel's plane. */
export type PlaneOrder = 'rows' | 'columns';

/** For each value of a picture as [height, width, channels], where it is in the file's picture. */
export function planeIndex(
  size: { readonly height: number; readonly width: number; readonly channels: number },
  order: PlaneOrder,
): Uint32Array {
  const { height, width, channels } = size;
  const plane = height * width;
  const index = new Uint32Array(plane * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const inPlane = order === 'rows' ? y * width + x : x * height + y;
      for (let c = 0; c < channels; c++) index[(y * width + x) * channels + c] = c * plane + inPlane;
    }
  }
  return index;
}

/** Writes the picture at `bytes[from ..]` to `out[to ..]` as [height, width, channels]. */
export function interleavePlanes(
  bytes: Uint8Array,
  from: number,
  index: Uint32Array,
  out: Uint8Array,
  to: number,
): void {
  for (let i = 0; i < index.length; i++) out[to + i] = bytes[from + index[i]];
}
