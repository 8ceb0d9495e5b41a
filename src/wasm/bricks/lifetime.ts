/** What a network may be asked for, and when: not after `dispose`, and not while a step waits for its rule. */
import { unlessAborted } from '../../learner/aborting.js';
import { DisposedError, type MaybePromise } from '../../learner/learner.js';

export class Lifetime {
  readonly #what: string;
  #isDisposed = false;
  #isWaiting = false;
  /** Rules that still write, waited for or not. */
  readonly #unsettled = new Set<Promise<unknown>>();

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

  /**
   * `use` of the value, now or when it is there; until then, or until the signal is aborted, the network is busy. `leave` is called
   * when it is no longer waited for, with a promise that is kept when it has settled after all.
   */
  whenReady<T, R>(
    value: MaybePromise<T>,
    { signal, leave }: { signal: AbortSignal | undefined; leave: (settled: Promise<unknown>) => void },
    use: (value: T) => R,
  ): MaybePromise<R> {
    if (!(value instanceof Promise)) return use(value);
    this.#isWaiting = true;
    const done = () => void this.#unsettled.delete(settled);
    const settled = value.then(done, done);
    this.#unsettled.add(settled);
    return unlessAborted(value, signal).then(
      (later) => {
        this.#isWaiting = false;
        if (this.#isDisposed) throw new DisposedError(`${this.#what} has been disposed during a step`);
        return use(later);
      },
      (error) => {
        this.#isWaiting = false;
        if (this.#unsettled.has(settled)) leave(settled);
        throw error;
      },
    );
  }

  /** Calls `release` the first time, but not before all rules have settled: they write into the network's memory. */
  end(release: () => void): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    if (this.#unsettled.size === 0) release();
    else void Promise.all(this.#unsettled).then(release);
  }
}
