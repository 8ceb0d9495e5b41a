/**
 * What a network is made of: a layer reads the values below it and writes the values above it. A fully connected
 * layer, a convolution and a pooling are layers; activations, dropout, target and loss belong to the values.
 */
import type { Parameters, Update } from '../bricks/parameters.js';
import type { Take } from '../bricks/room.js';

export interface Layer {
  /** What it learns; absent where there is nothing to learn. */
  readonly parameters?: Parameters | undefined;
  /** Room for batches of up to `size` items, instead of what there was. */
  reserve(size: number, take: Take): void;
  /** Whether `forward` can save work where the mask is 0. */
  readonly heedsMask?: boolean;
  /** z of the values above from y of the values below; where `mask` is 0, if there is one (not 0), z may be anything finite. */
  forward(size: number, mask: number): void;
  /**
   * From the delta of the values above: the delta of the values below, unless they are the network's input, and the
   * update of the parameters.
   */
  backward(size: number, update: Update): void;
}
