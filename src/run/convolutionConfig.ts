/** The settings of convolutions before the fully connected layers, and the blocks that they stand for. */
import { z } from 'zod';
import { type ConvolutionSpec, shapedBlocks, type Window } from '../wasm/backprop/convolution.js';

const whole = (least: number) => z.int('must be a whole number').min(least, `must be at least ${least}`);

/** One number for all blocks, or one for each; the last of a list holds for the blocks after it, too. */
const perBlock = (least: number) =>
  z.union(
    [whole(least), z.array(whole(least)).min(1)],
    `must be a whole number from ${least} on, or a list of them`,
  );

export const convolutionSettings = z
  .strictObject({
    image: z
      .tuple([whole(1), whole(1)], 'must be [height, width]')
      .default([28, 28])
      .describe('Height and width of an item.'),
    channels: z
      .array(whole(1))
      .min(2, 'needs the channels of the items and of at least one block')
      .describe('Of the items, then of each block.'),
    kernel: perBlock(1).default([5, 3]).describe('Height and width of the kernels.'),
    stride: perBlock(1).default(1).describe('Stride of the convolutions.'),
    padding: z
      .union([z.literal('same'), perBlock(0)], 'must be "same", a whole number or a list of them')
      .default('same')
      .describe('Zeros around a map; same keeps its height and width.'),
    pool: z
      .enum(['max', 'av', 'none'])
      .describe(
        "Pooling after each block's activation: largest, average (counting the padding's zeros), or none.",
      ),
    poolSize: perBlock(1).default(4).describe('Height and width of the pooling window.'),
    poolStride: perBlock(1).default(2).describe('Stride of the pooling.'),
    poolPadding: perBlock(0).default(1).describe('Padding of the pooling.'),
    prune: z
      .number('must be a number')
      .min(0, 'must be at least 0')
      .lt(1, 'must be below 1')
      .default(0)
      .describe("Share of each convolution's weights, drawn at random by the seed, that is held at zero."),
  })
  .describe(
    'Convolutions before the fully connected layers. Sizes are one number for all blocks, or a list; its last entry ' +
      'also holds for the blocks after it.',
  );

export type ConvolutionSettings = z.infer<typeof convolutionSettings>;

/** What the network is built from. */
export function convolutionSpec(settings: ConvolutionSettings): ConvolutionSpec {
  const { image, channels, kernel, stride, padding, pool, poolSize, poolStride, poolPadding, prune } =
    settings;
  const blocks = channels.slice(1).map((count, b) => {
    const of = (setting: number | readonly number[]) =>
      typeof setting === 'number' ? setting : setting[Math.min(b, setting.length - 1)];
    const size = of(kernel);
    const same = Math.floor((size - 1) / 2);
    const window: Window = { size, stride: of(stride), padding: padding === 'same' ? same : of(padding) };
    const pooled: Window = { size: of(poolSize), stride: of(poolStride), padding: of(poolPadding) };
    const kind = pool === 'av' ? ('average' as const) : pool;
    return { channels: count, kernel: window, pool: kind === 'none' ? undefined : { ...pooled, kind } };
  });
  return { image: [image[0], image[1], channels[0]], blocks, prune };
}

/** What is impossible about them, one sentence each. */
export function* convolutionProblems(settings: ConvolutionSettings): Generator<string> {
  try {
    shapedBlocks(convolutionSpec(settings));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    yield `conv: ${error.message}`;
  }
}
