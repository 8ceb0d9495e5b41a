/**
 * Convolutional networks in words: blocks of convolution, activation and pooling before the fully connected layers
 * (docs/explanation/method.md, "Networks"), and the shapes that follow from them.
 */

export const poolings = ['max', 'average'] as const;
export type Pooling = (typeof poolings)[number];

/** How a window of size x size values moves over a map, in both directions alike. */
export interface Window {
  readonly size: number;
  /** From one place to the next. */
  readonly stride: number;
  /** Zeros around the map. */
  readonly padding: number;
}

export interface ConvolutionBlock {
  /** Channels out. */
  readonly channels: number;
  readonly kernel: Window;
  /** After the activation; left out for none. The average counts the padding. */
  readonly pool?: (Window & { readonly kind: Pooling }) | undefined;
}

export interface ConvolutionSpec {
  /** Height, width and channels of an item, interleaved as in the data. */
  readonly image: readonly [height: number, width: number, channels: number];
  readonly blocks: readonly ConvolutionBlock[];
  /** The share of each convolution's weights, drawn at random, that is held at zero; in [0, 1). */
  readonly prune?: number | undefined;
}

/** A map of values: [height][width][channels]. */
export interface MapShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** A block with the shapes of what goes in, of what the convolution gives, and of what comes out. */
export interface ShapedBlock extends ConvolutionBlock {
  readonly input: MapShape;
  readonly convolved: MapShape;
  readonly output: MapShape;
}

/** The blocks with their shapes. Throws a RangeError naming the first window that does not fit. */
export function shapedBlocks({ image, blocks }: ConvolutionSpec): ShapedBlock[] {
  let input: MapShape = { height: image[0], width: image[1], channels: image[2] };
  return blocks.map((block, b) => {
    const convolved = { ...moved(input, block.kernel, `kernel ${b + 1}`), channels: block.channels };
    const pool = block.pool;
    if (pool && pool.padding > pool.size / 2) {
      throw new RangeError(
        `pool ${b + 1}: a padding of ${pool.padding} is more than half its size of ${pool.size}`,
      );
    }
    const output = pool
      ? { ...moved(convolved, pool, `pool ${b + 1}`), channels: block.channels }
      : convolved;
    const shaped = { ...block, input, convolved, output };
    input = output;
    return shaped;
  });
}

/** Height and width of what a window gives that moves over `map`. */
function moved(
  map: MapShape,
  { size, stride, padding }: Window,
  what: string,
): { height: number; width: number } {
  const places = (length: number) => Math.floor((length + 2 * padding - size) / stride) + 1;
  const [height, width] = [places(map.height), places(map.width)];
  if (padding >= size) {
    throw new RangeError(`${what}: a padding of ${padding} leaves windows of ${size} without a value`);
  }
  if (height < 1 || width < 1) {
    throw new RangeError(
      `${what}: ${size} x ${size} does not fit the ${map.height} x ${map.width} map below it, padded by ${padding}`,
    );
  }
  return { height, width };
}

/** Values of a map. */
export function sizeOf({ height, width, channels }: MapShape): number {
  return height * width * channels;
}
