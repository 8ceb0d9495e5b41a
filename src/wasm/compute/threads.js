/**
 * What coordinator and workers share: the layout of the control block and a worker's loop. Plain JavaScript without
 * imports, because its text is what workers are started from.
 *
 * A command is an operation and its arguments, to be done in PARTS parts. The coordinator writes it, advances SEQUENCE
 * and does part 0. All other parts belong to the thread that claims them first, the coordinator
 * included: nobody waits for a thread that has not begun. Then the coordinator waits until DONE counts every part
 * that a worker has claimed, so the command stays as it is for as long as anyone works on it.
 */

/** Int32 fields of the control block, those that change together in cache lines of their own. */
export const SEQUENCE = 0;
export const OPERATION = 16;
/** Into how many parts every command is cut. */
export const PARTS = 17;
/** At HELPERS + (SEQUENCE & 1), how many workers take part in that command. */
export const HELPERS = 18;
export const DONE = 32;
/** 1 while the coordinator sleeps. */
export const WAITING = 33;
/** 1 when a part has failed; its message is at TEXT, as a length and so many character codes. */
export const FAILED = 34;
/** For every part, the last command in which it was claimed. */
export const CLAIMS = 48;
/** For every worker, 1 while it sleeps. */
export const ASLEEP = CLAIMS + 64;
export const TEXT = ASLEEP + 64;
const TEXT_ROOM = 256;
export const CONTROL_FIELDS = TEXT + 1 + TEXT_ROOM;

/** The most arguments that an operation takes. */
export const MAX_ARGUMENTS = 24;
/** The operation that ends a worker. */
export const END = -1;

/** How often a waiting thread looks before it sleeps: some 150 microseconds, longer than the gaps within a step. */
export const LOOKS = 100_000;

/**
 * Claims a part of a command. It fails when another thread has it, and always when the command is over.
 * @param {Int32Array} control
 * @param {number} part
 * @param {number} sequence
 */
export function claim(control, part, sequence) {
  const before = (sequence - 1) | 0;
  const at = CLAIMS + part;
  return (
    Atomics.load(control, at) === before && Atomics.compareExchange(control, at, before, sequence) === before
  );
}

/**
 * Keeps the message of the first part that fails.
 * @param {Int32Array} control
 * @param {unknown} error
 */
function fail(control, error) {
  if (Atomics.compareExchange(control, FAILED, 0, 1) !== 0) return;
  const message = String(error instanceof Error ? error.message : error).slice(0, TEXT_ROOM);
  control[TEXT] = message.length;
  for (let i = 0; i < message.length; i++) control[TEXT + 1 + i] = message.charCodeAt(i);
}

/**
 * Waits for a command after `sequence` and returns its number. Looks for it only if it `isAwake`, else sleeps at once.
 * @param {Int32Array} control
 * @param {number} worker
 * @param {number} sequence
 * @param {boolean} isAwake
 */
function nextCommand(control, worker, sequence, isAwake) {
  for (let look = isAwake ? LOOKS : 1; look > 0; look--) {
    const now = Atomics.load(control, SEQUENCE);
    if (now !== sequence) return now;
  }
  for (;;) {
    Atomics.store(control, ASLEEP + worker, 1);
    const now = Atomics.load(control, SEQUENCE);
    if (now !== sequence) {
      Atomics.store(control, ASLEEP + worker, 0);
      return now;
    }
    Atomics.wait(control, ASLEEP + worker, 1);
  }
}

/**
 * A worker's life: wait for a command, do the parts that it can claim, its own first. Workers count from 1.
 * @param {{ module: WebAssembly.Module, memory: WebAssembly.Memory, control: Int32Array, values: Float64Array,
 *   names: readonly string[], worker: number }} start
 * @param {() => void} ready called when commands can come
 */
export function serve({ module, memory, control, values, names, worker }, ready) {
  const kernels = new WebAssembly.Instance(module, { env: { memory, abort() {} } }).exports;
  const operations = names.map((name) => /** @type {(...args: number[]) => void} */ (kernels[name]));
  // The same array for all: what is more than an operation takes is ignored.
  const args = new Array(MAX_ARGUMENTS).fill(0);
  let sequence = Atomics.load(control, SEQUENCE);
  let isAwake = true;
  ready();
  for (;;) {
    sequence = nextCommand(control, worker, sequence, isAwake);
    if (control[OPERATION] === END) return;
    const helpers = Atomics.load(control, HELPERS + (sequence & 1));
    // Too late: that was about another command.
    if (Atomics.load(control, SEQUENCE) !== sequence) continue;
    isAwake = worker <= helpers;
    if (!isAwake) continue;
    const parts = control[PARTS];
    for (let i = 0; i < parts - 1; i++) {
      const part = 1 + ((worker - 1 + i) % (parts - 1));
      if (!claim(control, part, sequence)) continue;
      for (let j = 0; j < args.length; j++) args[j] = values[j];
      try {
        operations[control[OPERATION]](part, parts, ...args);
      } catch (error) {
        fail(control, error);
      }
      Atomics.add(control, DONE, 1);
      if (Atomics.load(control, WAITING) === 1) Atomics.notify(control, DONE);
    }
  }
}
