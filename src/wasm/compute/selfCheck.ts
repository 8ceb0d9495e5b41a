/**
 * Whether kernels compute what they should on this engine, asked before anything about it is trusted that engines do not
 * guarantee: an experimental flag, and products of bytes.
 */
import { newMemory } from './memory.js';
import { exercise } from './exercise.js';
import { HEAP, ITEM_TERMS, MOVED, ROW_TERMS, TOGETHER } from './kernels.js';

/** Whether both modules, which are one build compiled in two ways, compute the same bits with every kernel. */
export function worksAlike(trusted: WebAssembly.Module, doubted: WebAssembly.Module): boolean {
  const expected = exercise(trusted);
  let found: Uint32Array;
  try {
    found = exercise(doubted);
  } catch {
    return false;
  }
  for (let i = 0; i < expected.length; i++) {
    if (expected[i] !== found[i]) return false;
  }
  return expected.length === found.length;
}

const YARDS = { batch: 16, inputs: 512, outputs: 128 };
const TRIALS = 16;
/** Where an engine widens, the wide build takes half the time of the yardstick; where none does, a third more. */
const SHARE = 0.8;

/** Whether the dense product of a module takes clearly less time than that of a yardstick. */
export function isFaster(module: WebAssembly.Module, yardstick: WebAssembly.Module): boolean {
  const [own, other] = [module, yardstick].map((each) => {
    const { kernels, room } = apart(each, 11);
    const { batch, inputs, outputs } = YARDS;
    const [h, weights, bias, z] = [batch * inputs, outputs * inputs, outputs, batch * outputs].map(room);
    return () => {
      const began = performance.now();
      kernels.forwardDense(0, 1, at(h), at(weights), at(bias), at(z), batch, inputs, outputs);
      return performance.now() - began;
    };
  });
  // The least of many: whatever else is going on makes times longer.
  const least = [Infinity, Infinity];
  for (let trial = 0; trial < TRIALS; trial++) {
    least[0] = Math.min(least[0], own());
    least[1] = Math.min(least[1], other());
  }
  return least[0] < SHARE * least[1];
}

/** Not a multiple of the times that engines unroll loops: how they leave an unrolled loop half way is checked, too. */
const WIDTH = 96;
/** Engines compile for speed only what runs often. By then they have. */
const SCREENING_ROUNDS = 400;

/**
 * Whether screening (kernels/screen.ts) is right on this engine with values rounded to so many `levels`: its products are the
 * dense ones, or -1 where these are negative. The eighth bit of the second operand of a relaxed dot product is a sign to some
 * processors, others run out of 16 bits on the way, and some engines (V8 11.3) take the operands in the wrong order until they
 * compile it for speed, which `isCompiled` says that this one has.
 */
export function passesScreeningCheck(
  module: WebAssembly.Module,
  levels: number,
  isCompiled = false,
): boolean {
  const { kernels, room } = apart(module, 7);
  // Six go together, and the rest in pairs.
  const batch = 8;
  const [h, dense, screened] = [0, 1, 2].map(() => room(batch * WIDTH));
  const [weights, bias, terms] = [WIDTH * WIDTH, WIDTH, ROW_TERMS * WIDTH].map(room);
  const [items, roundedItems] = [room(ITEM_TERMS * batch), room((batch * WIDTH) / 4)];
  const [rounded, found] = [room((WIDTH * WIDTH) / 4), room(batch * (1 + TOGETHER))];
  h.forEach((_, i) => {
    h[i] = i < WIDTH || i >= (batch - 1) * WIDTH ? 8 : (i * 7919) % 9;
  });
  weights.forEach((_, i) => {
    weights[i] = i < WIDTH ? 5 : ((i * 104729) % 11) - 5;
  });
  bias.fill(-40);
  // The largest products of all, which a shortfall of a quarter makes negative.
  bias[0] = -0.75 * 8 * 5 * WIDTH;
  for (let round = 0; round < (isCompiled ? 1 : SCREENING_ROUNDS); round++) {
    terms.fill(Infinity, MOVED * WIDTH, (MOVED + 1) * WIDTH);
    kernels.forwardDense(0, 1, at(h), at(weights), at(bias), at(dense), batch, WIDTH, WIDTH);
    kernels.roundItems(0, 1, at(h), at(roundedItems), at(items), batch, WIDTH, WIDTH, levels);
    kernels.forwardScreened(
      ...([0, 1, at(h), at(items), at(roundedItems), at(weights), at(rounded), at(terms)] as const),
      ...([at(bias), 0, at(screened), at(found), batch, WIDTH, WIDTH, WIDTH] as const),
    );
    if (!screened.every((z, j) => z === dense[j] || (z === -1 && dense[j] < 0))) return false;
  }
  // Products bear much that is wrong in what is known of items and rows, until one day they do not. Of items: at 2 the part along u, at
  // 3 the length of the rest; of rows: from 1 on the length of what was rounded to, then both of what is left.
  const isNear = (known: Float32Array, place: number, value: number, size: number) =>
    Math.abs(known[place] - value) < 0.05 * size + 1e-4;
  for (let b = 0; b < batch; b++) {
    const row = h.subarray(b * WIDTH, (b + 1) * WIDTH);
    const [length, along] = [lengthOf(row), alongOf(row)];
    const aside = lengthOf(row.map((x) => x - along / Math.sqrt(WIDTH)));
    if (!isNear(items, 2 * batch + b, along, length)) return false;
    if (!isNear(items, 3 * batch + b, aside, length)) return false;
  }
  const bytes = new Int8Array(rounded.buffer, rounded.byteOffset, WIDTH * WIDTH);
  for (let i = 0; i < WIDTH; i++) {
    const whole = Float32Array.from(bytes.subarray(i * WIDTH, (i + 1) * WIDTH), (q) => terms[i] * q);
    const left = whole.map((q, k) => weights[i * WIDTH + k] - q);
    const wanted = [lengthOf(whole), alongOf(left), lengthOf(left)];
    if (!wanted.every((value, n) => isNear(terms, (n + 1) * WIDTH + i, value, wanted[n % 2 ? 2 : n])))
      return false;
  }
  return true;
}

function lengthOf(row: Float32Array): number {
  return Math.sqrt(row.reduce((sum, x) => sum + x * x, 0));
}

/** The part of a row along the vector of length 1 whose numbers are all alike. */
function alongOf(row: Float32Array): number {
  return row.reduce((sum, x) => sum + x, 0) / Math.sqrt(row.length);
}

/** The kernels with so many pages of a memory of their own, of which `room` gives floats, one piece after the other. */
function apart(module: WebAssembly.Module, pages: number) {
  const memory = newMemory(pages, pages);
  const kernels = new WebAssembly.Instance(module, { env: { memory, abort() {} } }).exports as Kernels;
  let end = HEAP;
  const room = (length: number) => {
    const view = new Float32Array(memory.buffer, end, length);
    end += 4 * length;
    return view;
  };
  return { kernels, memory, room };
}

type Kernels = Record<string, (...args: number[]) => void>;

/** The address of a view of the kernels' memory. */
function at(view: Float32Array): number {
  return view.byteOffset;
}
