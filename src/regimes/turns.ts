/**
 * Training steps follow each other without waiting, so timers, signals and user interfaces would never get their turn. This
 * gives it to them, often enough to feel immediate and seldom enough to cost nothing.
 */

/** Well below the 100 ms within which a signal must be heard. */
const INTERVAL_MS = 30;

export class Turns {
  #last = performance.now();

  /** A promise to wait for when it is time that the event loop runs; nothing otherwise. */
  due(): Promise<void> | undefined {
    if (performance.now() - this.#last < INTERVAL_MS) return undefined;
    return eventLoopTurn().then(() => {
      this.#last = performance.now();
    });
  }
}

/** Resolves after the event loop has run once: a task, not a microtask, and without the 4 ms that timers cost in a page. */
function eventLoopTurn(): Promise<void> {
  if (typeof setImmediate === 'function') return new Promise((resolve) => setImmediate(resolve));
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
