/** Pictures whose file has all of one channel before the next, made into pixels whose channels are side by side. */

/** How a file orders the values of one picture: rows or columns first within each channel's plane. */
export type PlaneOrder = 'rows' | 'columns';

/**
 * @param bytes the pictures, one after the other
 * @returns new bytes, each picture as [height, width, channels]
 */
export function interleavePlanes(
  bytes: Uint8Array,
  size: { readonly height: number; readonly width: number; readonly channels: number },
  order: PlaneOrder,
): Uint8Array {
  const { height, width, channels } = size;
  const plane = height * width;
  // Where in its file's picture each value of ours lies: the same for all pictures.
  const source = new Uint32Array(plane * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const inPlane = order === 'rows' ? y * width + x : x * height + y;
      for (let c = 0; c < channels; c++) source[(y * width + x) * channels + c] = c * plane + inPlane;
    }
  }
  const out = new Uint8Array(bytes.length);
  for (let from = 0; from < bytes.length; from += source.length) {
    for (let i = 0; i < source.length; i++) out[from + i] = bytes[from + source[i]];
  }
  return out;
}
