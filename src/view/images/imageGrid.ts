/** Images side by side in one picture: weights of neurons, or what they answer to. */

/** Red, green, blue and opacity, a byte each, row by row from the top; what a canvas and a PNG encoder take. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

export interface ImageGridOptions {
  /** [height, width, channels] of each; channels 1 or 3. */
  readonly shape: readonly number[];
  readonly columns: number;
  /** Weights, shown in two colours from their 0 on; otherwise values from 0, black, to the image's largest, white. */
  readonly signed?: boolean;
  /** Pixels between images; 1 by default. */
  readonly gap?: number;
}

/** Below 0, at 0 and above it: told apart by people with any of the common colour blindnesses. */
const scale = [
  [0x21, 0x66, 0xac],
  [0xf7, 0xf7, 0xf7],
  [0xb3, 0x5a, 0x06],
] as const;

/** Draws `images` into one picture, row by row; each has its own scale. Between them it is transparent. */
export function imageGrid(images: readonly ArrayLike<number>[], options: ImageGridOptions): Pixels {
  const { shape, columns, signed = false, gap = 1 } = options;
  const [height, width, channels = 1] = shape;
  const rows = Math.max(1, Math.ceil(images.length / columns));
  const across = columns * (width + gap) - gap;
  const down = rows * (height + gap) - gap;
  const data = new Uint8ClampedArray(4 * across * down);
  for (const [i, image] of images.entries()) {
    const left = (i % columns) * (width + gap);
    const top = Math.floor(i / columns) * (height + gap);
    let most = 0;
    for (let v = 0; v < image.length; v++) most = Math.max(most, Math.abs(image[v]));
    for (let pixel = 0; pixel < width * height; pixel++) {
      const x = left + (pixel % width);
      const y = top + Math.floor(pixel / width);
      const to = 4 * (y * across + x);
      for (let c = 0; c < 3; c++) {
        const value = most === 0 ? 0 : image[pixel * channels + (channels === 3 ? c : 0)] / most;
        data[to + c] = signed ? (channels === 3 ? 128 + 127 * value : blend(value, c)) : 255 * value;
      }
      data[to + 3] = 255;
    }
  }
  return { width: across, height: down, data };
}

function blend(value: number, channel: number): number {
  const [below, zero, above] = scale.map((colour) => colour[channel]);
  return zero + Math.abs(value) * ((value < 0 ? below : above) - zero);
}
