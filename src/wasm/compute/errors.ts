/** What can go wrong between a learner and its threads and memory. */
import { SelftargetError } from '../../errors.js';
import { DisposedError } from '../../learner/learner.js';

/** Used after it was disposed. */
export class ComputeDisposedError extends DisposedError {
  override name = 'ComputeDisposedError';
}

/** A worker thread did not start, ended, or no longer answers. The compute does nothing more. */
export class WorkerLostError extends SelftargetError {
  override name = 'WorkerLostError';
}

/** A kernel stopped at an invalid access or instruction; what it was writing is incomplete. The compute still works. */
export class KernelTrapError extends SelftargetError {
  override name = 'KernelTrapError';
}
