/**
 * What the three parts of the idea share. A learner does not know where its target comes from, a target rule
 * does not know how the learner learns, and a regime only sequences both. Anything that can be trained with
 * labels (a network here, hardware, a simulator, another library's model) takes part by implementing
 * {@link Learner}.
 */
import { SelftargetError } from '../errors.js';

/** A value now or later: our own learners answer at once, remote ones need not. */
export type MaybePromise<T> = T | Promise<T>;

/** Items to learn from or to predict: `size` rows of `width` values, row after row, usually in [0, 1]. */
export interface Batch {
  readonly size: number;
  readonly width: number;
  readonly values: Float32Array;
  /** Where items are stored as bytes: they, in the same order. `values` are these divided by `maximum`, when asked for. */
  readonly bytes?: { readonly values: Uint8Array; readonly maximum: number } | undefined;
}

/**
 * The network's outputs y for one batch: `size` rows (B) of `width` values (N), row after row.
 * Valid until the learner's next call.
 */
export interface Outputs {
  readonly size: number;
  readonly width: number;
  readonly values: Float32Array;
  /** The output mask m (0 or 1, same shape as `values`, already applied to them); absent without output dropout. */
  readonly mask?: Float32Array | undefined;
  /**
   * Winner-take-all where the outputs are, if the learner can: writes d, and answers for every output the sum of d over the
   * items, which is valid until the learner's next call. Absent, whoever wants it looks for winners in `values`.
   */
  readonly winnersTakeAll?: ((d: Float32Array, contest: Contest) => Float64Array) | undefined;
}

/** Who wins, and what it is worth. */
export interface Contest {
  /** The winners of an item: so many outputs with the largest y - H, in double precision; of equal ones the lower index. */
  readonly winners: number;
  /** H, N values. */
  readonly homeostasis: Float64Array;
  /** The target of winners, before the mask m, which multiplies it. */
  readonly won: number;
  /** The target of all others, likewise. */
  readonly lost: number;
}

/** Where the target comes from: labels, or the network's own output. */
export interface TargetRule {
  /** Writes the target d (B x N) for these outputs into `target`, which arrives with unspecified content. */
  write(outputs: Outputs, target: Float32Array): void;
}

/** What one training step tells. */
export interface StepReport {
  /** The loss between y and d, before the update. Not finite when training has diverged. */
  readonly loss: number;
  /** Where the loss is not finite: what is wrong and what would be right, as far as the learner can tell. */
  readonly cause?: string | undefined;
}

/** When a step happens. All randomness of a step is a function of the learner's seed and of `step`. */
export interface StepContext {
  /** Steps taken before this one since the start of the run. */
  readonly step: number;
  /** The schedule's factor on every base learning rate, at least 0. */
  readonly rate: number;
  /**
   * Which of its optimisers to use, where a regime trains the learner in turn on different items or targets; 0
   * without it. Each has learning rates and a state of its own. A learner whose updates keep no state may ignore it.
   */
  readonly optimiser?: number | undefined;
}

export interface Learner {
  /** Values per item that go in. */
  readonly inputs: number;
  /** Values per item that come out (N). */
  readonly outputs: number;
  /** The frozen network's outputs, without dropout. */
  predict(x: Batch): MaybePromise<Outputs>;
  /** One training step: forward pass, target from this batch's outputs, update. */
  step(x: Batch, target: TargetRule, at: StepContext): MaybePromise<StepReport>;
  /** A copy of everything that training changes: parameters and optimiser state. */
  state(): TensorMap;
  /** Puts a saved state back. Throws {@link StateError} when names or shapes do not fit. */
  load(state: TensorMap): void;
}

/** A named array with a shape, as it is saved. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Int32Array;
}

export type TensorMap = Map<string, Tensor>;

/** A saved state that does not belong to this learner or target. */
export class StateError extends SelftargetError {
  override name = 'StateError';
}

/** The tensor `name` of `state`, checked against the shape it must have. */
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
