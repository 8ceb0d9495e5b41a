/** How fast training goes, and how long it will still take. */
import type { Plan } from './plan.js';

/** The past that counts. */
const PACE_MS = 3000;

/** How fast it goes, over the last seconds: epochs become faster as outputs become sparse. */
export class Pace {
  readonly #plan: Plan;
  readonly #end: number;
  #items = 0;
  #ms = 0;

  /** Of a call that trains up to epoch `end`. */
  constructor(plan: Plan, end: number) {
    this.#plan = plan;
    this.#end = end;
  }

  add(ms: number, items: number): void {
    const keep = Math.exp(-ms / PACE_MS);
    this.#items = keep * this.#items + items;
    this.#ms = keep * this.#ms + ms;
  }

  /** With `epoch` epochs and the share `done` of the next one behind. */
  estimate(epoch: number, done: number): { itemsPerSecond: number; secondsLeft: number } {
    let left = 0;
    for (let e = epoch + 1; e <= this.#end; e++) left += this.#plan.about(e).items;
    left -= done * this.#plan.about(epoch + 1).items;
    const msPerItem = this.#ms / this.#items;
    return { itemsPerSecond: 1000 / msPerItem, secondsLeft: (left * msPerItem) / 1000 };
  }
}
