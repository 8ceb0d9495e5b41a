/** A convolution (kernels/convolution.ts). */
import type { Compute } from '../compute/compute.js';
import { LINE, padded } from '../compute/kernels.js';
import { type Optimizer, Parameters, type Update } from '../bricks/parameters.js';
import { type MapShape, type ShapedBlock, sizeOf } from './convolution.js';
import type { Layer } from './layer.js';
import type { Take } from '../bricks/room.js';
import type { Values } from './values.js';

export class ConvolutionLayer implements Layer {
  readonly parameters: Parameters;
  readonly #compute: Compute;
  readonly #below: Values;
  readonly #above: Values;
  readonly #block: ShapedBlock;
  /** Whether the layer below wants a signal. */
  readonly #signals: boolean;
  /** The input, and on the way back the delta, with room around. */
  #inputFrame = 0;
  #deltaFrame = 0;
  /** The kernels turned for the way back. */
  #turned = 0;
  #scratch = 0;

  constructor(
    compute: Compute,
    name: string,
    below: Values,
    above: Values,
    block: ShapedBlock,
    signals: boolean,
    optimizer: Optimizer,
    optimisers: number,
  ) {
    this.#compute = compute;
    this.#below = below;
    this.#above = above;
    this.#block = block;
    this.#signals = signals;
    const { input, kernel } = block;
    const shape = [kernel.size, kernel.size, input.channels];
    const fanIn = kernel.size ** 2 * input.channels;
    this.parameters = new Parameters(
      ...([compute, name, fanIn, block.channels, 'lines', optimizer, optimisers, shape] as const),
    );
  }

  /** The input with its padding. */
  get #inputShape(): MapShape {
    const { input, kernel } = this.#block;
    return framed(input, input.channels, 2 * kernel.padding);
  }

  /** The delta such that the turned kernels at every position of the input see what that position has touched. */
  get #deltaShape(): MapShape {
    const { input, convolved, kernel } = this.#block;
    return framed(input, convolved.channels, kernel.size - 1);
  }

  reserve(size: number, take: Take): void {
    const { input, convolved, kernel } = this.#block;
    this.#inputFrame = take(4 * (size * sizeOf(this.#inputShape) + LINE));
    this.#scratch = take(4 * this.#compute.threads * convolved.height * convolved.width * LINE);
    if (!this.#signals) return;
    this.#deltaFrame = take(4 * (size * sizeOf(this.#deltaShape) + LINE));
    this.#turned = take(4 * padded(input.channels) * kernel.size ** 2 * convolved.channels);
  }

  forward(size: number): void {
    const { input, convolved, kernel } = this.#block;
    const { weights, bias } = this.parameters;
    this.#frame(
      this.#below.y,
      size,
      input,
      this.#below,
      this.#inputFrame,
      this.#inputShape,
      kernel.padding,
      1,
    );
    this.#convolve(
      ...([size, this.#inputFrame, this.#inputShape, weights, bias] as const),
      ...([0, this.#above.y, convolved, this.#above, kernel.stride] as const),
    );
  }

  backward(size: number, { optimiser, rate, updates }: Update): void {
    if (this.#signals) this.#signal(size);
    const { convolved, kernel } = this.#block;
    const { delta, stride } = this.#above;
    const frame = this.#inputShape;
    const to = this.parameters.destination(rate);
    this.#compute.run('convolutionGradient', {
      x: this.#inputFrame,
      delta,
      mask: this.parameters.mask,
      destination: to.weights,
      biasDestination: to.bias,
      scratch: this.#scratch,
      batch: size,
      frameHeight: frame.height,
      frameWidth: frame.width,
      channels: frame.channels,
      height: convolved.height,
      width: convolved.width,
      outputs: convolved.channels,
      stride,
      size: kernel.size,
      step: kernel.stride,
      factor: to.factor,
    });
    this.parameters.apply(optimiser, rate, updates);
  }

  /** The signal to the layer below: a convolution of the delta with the turned kernels. */
  #signal(size: number): void {
    const { input, convolved, kernel } = this.#block;
    const [below, above] = [this.#below, this.#above];
    const { weights } = this.parameters;
    const offset = kernel.size - 1 - kernel.padding;
    this.#compute.run('turnKernels', {
      weights,
      to: this.#turned,
      channels: input.channels,
      outputs: convolved.channels,
      size: kernel.size,
    });
    this.#frame(
      ...([above.delta, size, convolved, above, this.#deltaFrame, this.#deltaShape] as const),
      ...([offset, kernel.stride] as const),
    );
    this.#convolve(
      ...([size, this.#deltaFrame, this.#deltaShape, this.#turned, 0] as const),
      ...([below.slope, below.delta, input, below, 1] as const),
    );
  }

  /** Copies maps of `shape`, `spread` apart, into frames of `frame` from `offset` on. */
  #frame(
    from: number,
    size: number,
    shape: MapShape,
    { stride }: Values,
    to: number,
    frame: MapShape,
    offset: number,
    spread: number,
  ): void {
    this.#compute.run('frame', {
      from,
      to,
      batch: size,
      height: shape.height,
      width: shape.width,
      channels: shape.channels,
      stride,
      frameHeight: frame.height,
      frameWidth: frame.width,
      offset,
      spread,
    });
  }

  /** Convolves frames of `frame` to maps of `shape`. */
  #convolve(
    size: number,
    from: number,
    frame: MapShape,
    weights: number,
    bias: number,
    slope: number,
    to: number,
    shape: MapShape,
    { stride }: Values,
    step: number,
  ): void {
    this.#compute.run('convolve', {
      x: from,
      weights,
      bias,
      slope,
      y: to,
      batch: size,
      frameHeight: frame.height,
      frameWidth: frame.width,
      channels: frame.channels,
      height: shape.height,
      width: shape.width,
      outputs: shape.channels,
      stride,
      size: this.#block.kernel.size,
      step,
    });
  }
}

/** A map of `channels` as large as `map` with `more` in height and width. */
function framed({ height, width }: MapShape, channels: number, more: number): MapShape {
  return { height: height + more, width: width + more, channels };
}
