/**
 * What coordinator and workers share: the layout of the command buffer and a worker's loop. Plain JavaScript,
 * so that a worker starts from this file in Node and in a browser, from source and from the build alike.
 *
 * A command is an operation's number and its arguments. The coordinator writes it, advances SEQUENCE, does part
 * 0 itself and waits until DONE counts every worker: fork and join, no other synchronisation exists.
 */

/** Int32 fields of the control block. */
export const SEQUENCE = 0;
export const DONE = 1;
export const OPERATION = 2;
export const FAILED = 3;
export const CONTROL_FIELDS = 8;
/** The most arguments that an operation takes. */
export const MAX_ARGUMENTS = 24;

/** How often a waiting thread looks before it sleeps: some 150 microseconds, longer than the gaps within a step. */
const LOOKS = 100_000;

/**
 * Waits until control[field] is no longer `value` and returns what it is then.
 * @param {Int32Array} control
 * @param {number} field
 * @param {number} value
 */
export function waitWhile(control, field, value) {
  for (let look = 0; look < LOOKS; look++) {
    const now = Atomics.load(control, field);
    if (now !== value) return now;
  }
  for (;;) {
    Atomics.wait(control, field, value);
    const now = Atomics.load(control, field);
    if (now !== value) return now;
  }
}

/**
 * A worker's life: wait for a command, do its part, report. Ends when the operation is negative.
 * @param {{ module: WebAssembly.Module, memory: WebAssembly.Memory, control: Int32Array, values: Float64Array,
 *   names: readonly string[], part: number, parts: number }} start
 */
export function serve({ module, memory, control, values, names, part, parts }) {
  const kernels = new WebAssembly.Instance(module, { env: { memory, abort() {} } }).exports;
  const operations = names.map((name) => /** @type {(...args: number[]) => void} */ (kernels[name]));
  // The same array for all: what is more than an operation takes is ignored.
  const args = new Array(MAX_ARGUMENTS).fill(0);
  let sequence = 0;
  for (;;) {
    sequence = waitWhile(control, SEQUENCE, sequence);
    const operation = control[OPERATION];
    if (operation < 0) return;
    for (let i = 0; i < args.length; i++) args[i] = values[i];
    try {
      operations[operation](part, parts, ...args);
    } catch {
      Atomics.store(control, FAILED, 1);
    }
    Atomics.add(control, DONE, 1);
    Atomics.notify(control, DONE);
  }
}
