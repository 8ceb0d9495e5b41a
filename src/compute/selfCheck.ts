/**
 * Whether kernels compute what they should on this engine, asked before an experimental engine feature is
 * trusted. Whole numbers small enough to be exact in single precision make every order of summation give the
 * same bits, so anything but equality is a fault.
 */
import { decodeKernels, type KernelBuild } from './capabilities.js';
import { BLOCKS, PANEL } from './kernels.js';

const BATCH = 3;
const WIDTH = 64;
/** Engines compile for speed only what runs often; by then they have. */
const ROUNDS = 400;

/** Runs the products of `build` many times on known numbers and compares every result. */
export async function passesSelfCheck(build: KernelBuild): Promise<boolean> {
  const memory = new WebAssembly.Memory({ initial: 8, maximum: 8, shared: true });
  const module = await WebAssembly.compile(decodeKernels(build));
  const kernels = new WebAssembly.Instance(module, { env: { memory, abort() {} } }).exports as Record<
    string,
    (...args: number[]) => void
  >;
  let end = 65536;
  const f32 = (length: number) => {
    const view = new Float32Array(memory.buffer, end, length);
    end += 4 * length;
    return view;
  };
  const [h, z, delta, slope, signal] = [0, 1, 2, 3, 4].map(() => f32(BATCH * WIDTH));
  const weights = f32(WIDTH * WIDTH);
  const update = f32(WIDTH * WIDTH);
  const bias = f32(WIDTH);
  const blocks = f32(BLOCKS * BATCH * WIDTH);
  const lists = f32(2 * BATCH * WIDTH);
  const itemLists = f32(2 * BATCH * WIDTH);
  const [counts, itemCounts] = [f32(WIDTH), f32(WIDTH)];
  const packed = f32(BATCH * WIDTH);
  for (let round = 0; round < ROUNDS; round++) {
    const whole = (i: number, range: number) => ((i * 7919 + round * 104729) % range) - (range >> 1);
    // In turn many gradients and few, which take different ways.
    const sparsity = round % 2 ? 5 : 29;
    h.forEach((_, i) => {
      h[i] = whole(i, 9);
      delta[i] = i % sparsity === 0 ? whole(i + 3, 5) : 0;
      slope[i] = whole(i, 3);
    });
    weights.forEach((_, i) => {
      weights[i] = whole(i, 11);
    });
    bias.forEach((_, i) => {
      bias[i] = whole(i, 7);
    });
    const at = (view: Float32Array) => view.byteOffset;
    kernels.forwardDense(0, 1, at(h), at(weights), at(bias), at(z), BATCH, WIDTH, WIDTH);
    if (!z.every((value, j) => value === product(h, weights, j) + bias[j % WIDTH])) return false;

    update.fill(0);
    kernels.listItems(0, 1, at(delta), BATCH, WIDTH, 4 * WIDTH, at(lists), at(counts));
    kernels.backwardDense(
      ...([0, 1, at(lists), at(counts), at(h), at(weights), at(update), at(bias), at(blocks)] as const),
      ...([BATCH, WIDTH, WIDTH, 2] as const),
    );
    kernels.sumBlocks(0, 1, at(blocks), at(slope), at(signal), BATCH, WIDTH);
    for (let i = 0; i < WIDTH; i++) {
      for (let k = 0; k < WIDTH; k++) {
        let sum = 0;
        for (let b = 0; b < BATCH; b++) sum += delta[b * WIDTH + i] * h[b * WIDTH + k];
        if (update[i * WIDTH + k] !== 2 * sum) return false;
      }
    }
    for (let b = 0, j = 0; b < BATCH; b++) {
      for (let k = 0; k < WIDTH; k++, j++) {
        let sum = 0;
        for (let i = 0; i < WIDTH; i++) sum += delta[b * WIDTH + i] * weights[i * WIDTH + k];
        // Minus zero equals zero here, as it should.
        if (signal[j] !== sum * slope[j]) return false;
      }
    }
    // The same numbers as a first layer: panels of 32 outputs, lists of non-zero inputs.
    kernels.listNonZeros(0, 1, at(h), BATCH, WIDTH, WIDTH, at(lists), at(counts), WIDTH);
    kernels.forwardSparse(
      0,
      1,
      at(lists),
      at(counts),
      WIDTH,
      at(update),
      at(bias),
      at(z),
      BATCH,
      WIDTH,
      WIDTH,
    );
    for (let b = 0; b < BATCH; b++) {
      for (let i = 0; i < WIDTH; i++) {
        let sum = bias[i];
        for (let k = 0; k < WIDTH; k++) sum += h[b * WIDTH + k] * update[panelIndex(i, k)];
        if (z[b * WIDTH + i] !== sum) return false;
      }
    }
    const before = update.slice();
    kernels.listItems(0, 1, at(h), BATCH, WIDTH, 4 * PANEL, at(itemLists), at(itemCounts));
    kernels.updateSparse(
      ...([0, 1, at(lists), at(counts), WIDTH, at(itemLists), at(itemCounts)] as const),
      ...([at(delta), at(packed), at(update), at(bias), BATCH, WIDTH, WIDTH, 1] as const),
    );
    for (let i = 0; i < WIDTH; i++) {
      for (let k = 0; k < WIDTH; k++) {
        let sum = before[panelIndex(i, k)];
        for (let b = 0; b < BATCH; b++) sum += delta[b * WIDTH + i] * h[b * WIDTH + k];
        if (update[panelIndex(i, k)] !== sum) return false;
      }
    }
  }
  return true;
}

/** (h W^T) at the flat index j. */
function product(h: Float32Array, weights: Float32Array, j: number): number {
  const b = Math.floor(j / WIDTH);
  const i = j % WIDTH;
  let sum = 0;
  for (let k = 0; k < WIDTH; k++) sum += h[b * WIDTH + k] * weights[i * WIDTH + k];
  return sum;
}

function panelIndex(i: number, k: number): number {
  return Math.floor(i / PANEL) * WIDTH * PANEL + k * PANEL + (i % PANEL);
}
