/** What a network may be asked for, and when: not after `dispose`, and not while a step waits for its rule. */
import { unlessAborted } from '../../learner/aborting.js';
import { DisposedError, type MaybePromise } from '../../learner/learner.js';

export class Lifetime {
  readonly #what: string;
  #isDisposed = false;
  #isWaiting = false;

  /** @param what the network in words */
  constructor(what: string) {
    this.#what = what;
  }

  /** Throws a {@link DisposedError}, or an Error while a step waits. */
  expectIdle(): void {
    if (this.#isDisposed)
      throw new DisposedError(`${this.#what} has been disposed and cannot be used any more`);
    if (this.#isWaiting) {
      throw new Error('a step of this network still waits for its rule; await it before the next call');
    }
  }

  /** `use` of the value, now or when it is there; until then, or until `signal` is aborted, the network is busy. */
  whenReady<T, R>(
    value: MaybePromise<T>,
    signal: AbortSignal | undefined,
    use: (value: T) => R,
  ): MaybePromise<R> {
    if (!(value instanceof Promise)) return use(value);
    this.#isWaiting = true;
    return unlessAborted(value, signal).then(
      (later) => {
        this.#isWaiting = false;
        if (this.#isDisposed) throw new DisposedError(`${this.#what} has been disposed during a step`);
        return use(later);
      },
      (error) => {
        this.#isWaiting = false;
        throw error;
      },
    );
  }

  /** Whether this is the first time. */
  end(): boolean {
    if (this.#isDisposed) return false;
    this.#isDisposed = true;
    return true;
  }
}
