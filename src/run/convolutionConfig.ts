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

export const convolutionSettings = z.strictObject({
  /** Height and width of an item. */
  image: z.tuple([whole(1), whole(1)], 'must be [height, width]').default([28, 28]),
  /** Of the item, then of each block. */
  channels: z.array(whole(1)).min(2, 'needs the channels of the items and of at least one block'),
  kernel: perBlock(1).default([5, 3]),
  stride: perBlock(1).default(1),
  /** Zeros around a map; `same` keeps its height and width. */
  padding: z
    .union([z.literal('same'), perBlock(0)], 'must be "same", a whole number or a list of them')
    .default('same'),
  /** After the activation of every block: the largest or the average of a window, or nothing. */
  pool: z.enum(['max', 'av', 'none']),
  poolSize: perBlock(1).default(4),
  poolStride: perBlock(1).default(2),
  poolPadding: perBlock(0).default(1),
  /** Share of each convolution's weights, drawn at random, that is held at zero. */
  prune: z.number('must be a number').min(0, 'must be at least 0').lt(1, 'must be below 1').default(0),
});

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
