/** A contract in checks, and what they are made of. No test framework is needed: a check is a name and a function. */
import { SelftargetError } from '../errors.js';
import type { Tensor, TensorMap } from '../learner/tensors.js';

/** One thing that a contract demands. */
export interface Check {
  /** What is demanded, as a test's name. */
  readonly name: string;
  /** Rejects with a {@link ContractError} when the demand is not met. */
  readonly run: () => Promise<void>;
}

/** What was checked does not keep its contract. */
export class ContractError extends SelftargetError {
  override name = 'ContractError';
}

/** Throws a {@link ContractError} that says `what`, unless `isMet`. */
export function demand(isMet: boolean, what: string): asserts isMet {
  if (!isMet) throw new ContractError(what);
}

/** Makes sure that `action` throws or rejects, and returns the error. */
export async function refusal(action: () => unknown, what: string): Promise<unknown> {
  try {
    await action();
  } catch (error) {
    return error;
  }
  throw new ContractError(`${what} must be refused with an error, but was accepted`);
}

/** The largest absolute difference between two lists; Infinity where their lengths or their NaN differ. */
export function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let most = 0;
  for (let j = 0; j < a.length; j++) {
    if (Object.is(a[j], b[j])) continue;
    const apart = Math.abs(a[j] - b[j]);
    if (Number.isNaN(apart)) return Infinity;
    most = Math.max(most, apart);
  }
  return most;
}

/** Whether all values are numbers and finite. */
export function areFinite(values: ArrayLike<number>): boolean {
  return Array.from(values).every((value) => Number.isFinite(value));
}

/** Makes sure that two saved states hold the same, up to `tolerance`. */
export function demandSameState(now: TensorMap, wanted: TensorMap, tolerance: number, what: string): void {
  demand(
    [...now.keys()].sort().join() === [...wanted.keys()].sort().join(),
    `${what}: there are tensors "${[...now.keys()].join('", "')}", not "${[...wanted.keys()].join('", "')}"`,
  );
  for (const [name, { shape, data }] of wanted) {
    const other = now.get(name) as Tensor;
    demand(other.shape.join() === shape.join(), `${what}: "${name}" has another shape`);
    const apart = difference(other.data, data);
    demand(apart <= tolerance, `${what}: "${name}" differs by up to ${apart}`);
  }
}

/** A copy in which each tensor is what `change` makes of it; nothing leaves it out. */
export function changedState(
  state: TensorMap,
  change: (tensor: Tensor, name: string) => Tensor | undefined,
): TensorMap {
  const changed: TensorMap = new Map();
  for (const [name, tensor] of state) {
    const other = change(tensor, name);
    if (other) changed.set(name, other);
  }
  return changed;
}

/** A copy that nobody else has. */
export function copied(state: TensorMap): TensorMap {
  return changedState(state, ({ shape, data }) => ({ shape, data: data.slice() }));
}

/** The same values in a shape of one dimension more than it should have. */
export function misshapen({ shape, data }: Tensor): Tensor {
  return { shape: [...shape, 1], data: data.slice() };
}
