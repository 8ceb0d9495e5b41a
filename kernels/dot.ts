/** The end of a dot product, shared by the two forms of the dense product. */
import { laneSum } from './vector';

/** Stores four sums of lanes plus their biases as four neighbouring outputs. */
// @ts-ignore: decorator
@inline
export function storeSums(out: usize, bias: usize, a0: v128, a1: v128, a2: v128, a3: v128): void {
  store<f32>(out, laneSum(a0) + load<f32>(bias));
  store<f32>(out, laneSum(a1) + load<f32>(bias, 4), 4);
  store<f32>(out, laneSum(a2) + load<f32>(bias, 8), 8);
  store<f32>(out, laneSum(a3) + load<f32>(bias, 12), 12);
}
