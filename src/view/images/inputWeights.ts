/** What the neurons next to the input look for, and which class each of them helps. */
import type { TensorMap } from '../../learner/tensors.js';

export interface InputWeights {
  /** One row for each neuron of the first layer, as wide as the input. */
  readonly rows: readonly Float32Array[];
  /** For each class and neuron, the sum of all weights on the ways from that neuron to the class's outputs. */
  readonly towards: readonly Float64Array[];
  /** Whether these neurons are the output itself. */
  readonly outermost: boolean;
}

/**
 * The first layer of the dense network saved in `model`; nothing when it is another kind of network.
 *
 * @param inputs width of an item
 * @param classOf class index of each output neuron, -1 where it has none
 */
export function inputWeights(
  model: TensorMap,
  inputs: number,
  classOf: ArrayLike<number>,
  classes: number,
): InputWeights | undefined {
  const layers = [...model].flatMap(([name, tensor]) => (name.endsWith('.weight') ? [tensor] : []));
  let width = inputs;
  for (const { shape } of layers) {
    if (shape.length !== 2 || shape[1] !== width) return undefined;
    width = shape[0];
  }
  if (layers.length === 0 || width !== classOf.length) return undefined;
  let towards = Array.from({ length: classes }, (_, c) =>
    Float64Array.from(classOf, (own) => (own === c ? 1 : 0)),
  );
  for (const { shape, data } of layers.slice(1).toReversed()) {
    const [outputs, below] = shape;
    towards = towards.map((above) => {
      const sums = new Float64Array(below);
      for (let i = 0; i < outputs; i++) {
        if (above[i] === 0) continue;
        for (let k = 0; k < below; k++) sums[k] += above[i] * data[i * below + k];
      }
      return sums;
    });
  }
  const [{ shape, data }] = layers;
  const rows = Array.from({ length: shape[0] }, (_, i) =>
    Float32Array.from(data.subarray(i * inputs, (i + 1) * inputs)),
  );
  return { rows, towards, outermost: layers.length === 1 };
}
