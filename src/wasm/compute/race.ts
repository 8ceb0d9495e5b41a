/**
 * Two ways to one and the same result: which is faster depends on the machine, the engine and the numbers, so both are
 * tried now and then. Chance decides nothing but the time.
 */
import { median } from '../../statistics/describe.js';

/** Calls from one trial of the other way to the next, and those of a trial; of its first half no time is taken. */
const PERIOD = 1000;
const TRIAL = 8;
/** Calls before the first trial, in which engines compile what runs often. */
const WARM_UP = 100;

export class Race {
  #leader: 0 | 1 = 0;
  #call = PERIOD - WARM_UP;
  /** What the newest calls of the leader took, and those of a trial. */
  #leading: number[] = [];
  #trying: number[] = [];

  /** The way to go this time: 0, at first, or 1. */
  get way(): 0 | 1 {
    return this.#isTrial ? this.#other : this.#leader;
  }

  get #isTrial(): boolean {
    return this.#call >= PERIOD;
  }

  get #other(): 0 | 1 {
    return this.#leader === 0 ? 1 : 0;
  }

  /** Takes note of how long it took, in any unit. */
  took(time: number): void {
    const times = this.#isTrial ? this.#trying : this.#leading;
    times.push(time);
    if (times.length > TRIAL / 2) times.shift();
    this.#call++;
    if (this.#call < PERIOD + TRIAL) return;
    if (median(this.#trying) < median(this.#leading)) {
      this.#leader = this.#other;
      [this.#leading, this.#trying] = [this.#trying, this.#leading];
    }
    this.#call = 0;
  }
}
