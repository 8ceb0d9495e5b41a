/** How long a preset trains, to tell seconds from hours: work divided by the rates of the runs in docs/runs. */
import type { RunConfig } from '../run/config.js';
import { convolutionSpec } from '../run/convolutionConfig.js';
import { shapedBlocks } from '../wasm/backprop/convolution.js';

/** Weights times items, a second: sparse layers skip most of them, convolutions few. */
const DENSE = 3e10;
const CONVOLUTIONAL = 5e9;
/** And those times the steps of settling. */
const SETTLING = 4e11;
/** One item a step uses each weight once only. */
const ONE_BY_ONE = 3;

/** Seconds of training on two cores, within a factor of about three. */
export function estimateSeconds(config: RunConfig, items: number): number {
  const { epochs, batchSize, equilibrium, conv } = config;
  const work = epochs * items * multiplications(config);
  const slower = batchSize === 1 ? ONE_BY_ONE : 1;
  if (equilibrium) {
    const { freeSteps, nudgedSteps } = equilibrium;
    return (slower * work * (freeSteps + nudgedSteps)) / SETTLING;
  }
  return (slower * work) / (conv ? CONVOLUTIONAL : DENSE);
}

/** Of one item going through the network once. */
function multiplications({ layers, conv }: RunConfig): number {
  const dense = (widths: readonly number[]) =>
    widths.slice(1).reduce((sum, width, l) => sum + width * widths[l], 0);
  if (!conv) return dense(layers);
  const blocks = shapedBlocks(convolutionSpec(conv));
  const convolutions = blocks.reduce(
    (sum, { input, convolved, kernel }) =>
      sum + convolved.height * convolved.width * convolved.channels * input.channels * kernel.size ** 2,
    0,
  );
  const { height, width, channels } = blocks[blocks.length - 1].output;
  return convolutions + dense([height * width * channels, ...layers]);
}
