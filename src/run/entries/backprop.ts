/** Backpropagation in the command: convolutions, activations and their checks. */
import type { z } from 'zod';
import { shapedBlocks } from '../../wasm/backprop/convolution.js';
import { BackpropNetwork } from '../../wasm/backprop/network.js';
import { convolutionProblems, convolutionSettings, convolutionSpec } from '../convolutionConfig.js';
import { multiplications } from '../cost.js';
import { countLayers, type LearnerEntry } from '../entry.js';
import type { RunConfig } from '../runConfig.js';

declare module '../runConfig.js' {
  interface Sections {
    /** Convolutions before the fully connected layers. */
    readonly conv?: z.infer<typeof convolutionSettings> | undefined;
  }
}

/** Weights times items, a second on two cores: sparse layers skip most of them, convolutions few. */
const DENSE = 3e10;
const CONVOLUTIONAL = 5e9;

export const backprop: LearnerEntry = {
  name: 'backprop',
  title: 'backpropagation',
  sections: { conv: convolutionSettings },
  countLayers({ layers, conv }) {
    if (!conv)
      return { convolutions: 0, dense: layers.length - 1, because: `layers has ${layers.length} widths` };
    const convolutions = conv.channels.length - 1;
    return {
      convolutions,
      dense: layers.length,
      because: `conv has ${convolutions} blocks and layers has ${layers.length} widths`,
    };
  },
  *problems(config) {
    const { conv, activations } = config;
    if (conv) yield* convolutionProblems(conv);
    const { convolutions, dense, because } = countLayers(this, config);
    const count = convolutions + dense;
    if (activations.length !== count + 1) {
      const places = conv ? 'input, convolutions, hidden, output' : 'input, hidden, output';
      yield `activations: ${because}, so ${count + 1} are needed (${places}), not ${activations.length}`;
    }
    for (const [i, name] of activations.entries()) {
      if (name === 'wta' && (i === 0 || i > convolutions)) {
        yield `activations.${i}: wta is a competition within maps, for convolutions only`;
      }
    }
  },
  *dataProblems({ conv, dataset }, { shape }) {
    if (!conv) return;
    const image = [...conv.image, conv.channels[0]];
    if (image.join() === shape.join()) return;
    const [height, width, channels] = shape;
    const right =
      shape.length === 3
        ? `set conv.image to [${height}, ${width}] and conv.channels to [${[channels, ...conv.channels.slice(1)].join(', ')}]`
        : 'a network with convolutions needs images';
    yield `conv: takes items of ${image.join(' x ')} (height, width, channels), but those of ${dataset} are ${shape.join(' x ')}; ${right}`;
  },
  takesItemsOf: ({ conv, layers }) => (conv ? undefined : layers[0]),
  build(config, { compute, learningRates }) {
    const { layers, conv, activations, dropout, loss, optimizer, initialGain: gain, seed } = config;
    const convolution = conv && convolutionSpec(conv);
    const spec = { layers, dropout, loss, optimizer, learningRates, gain };
    return new BackpropNetwork(compute, { ...spec, convolution, activations }, seed);
  },
  secondsPerItem: (config) => {
    const { layers, conv } = config;
    if (!conv) return multiplications(layers) / DENSE;
    return convolutionalMultiplications(conv, layers) / CONVOLUTIONAL;
  },
};

function convolutionalMultiplications(
  conv: NonNullable<RunConfig['conv']>,
  layers: readonly number[],
): number {
  const blocks = shapedBlocks(convolutionSpec(conv));
  const convolutions = blocks.reduce(
    (sum, { input, convolved, kernel }) =>
      sum + convolved.height * convolved.width * convolved.channels * input.channels * kernel.size ** 2,
    0,
  );
  const { height, width, channels } = blocks[blocks.length - 1].output;
  return convolutions + multiplications([height * width * channels, ...layers]);
}
