/** Named arrays with shapes: what is saved of a learner or a rule, and how it is checked when it comes back. */
import { SelftargetError } from '../errors.js';

/** A named array with a shape, as it is saved. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Int32Array;
}

export type TensorMap = Map<string, Tensor>;

/** A saved state that does not belong to this learner or rule. */
export class StateError extends SelftargetError {
  override name = 'StateError';
}

/**
 * The tensor `name` of `state`, checked against the shape it must have.
 *
 * @throws StateError when it is missing or has another shape
 */
export function expectTensor(state: TensorMap, name: string, shape: readonly number[]): Tensor {
  const tensor = state.get(name);
  if (!tensor) throw new StateError(`the saved state has no "${name}"; it comes from another network`);
  if (tensor.shape.join() !== shape.join()) {
    throw new StateError(
      `"${name}" has shape [${tensor.shape.join(', ')}] in the saved state, but this network needs [${shape.join(', ')}]`,
    );
  }
  return tensor;
}
