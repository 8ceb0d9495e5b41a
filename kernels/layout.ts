/**
 * How kernels and the TypeScript that calls them lay out memory, and the numbers that they call things by. Written here alone:
 * scripts/buildKernels.mjs gives them to src/wasm/compute/kernels.ts.
 */

/** An address where 0 says that there is nothing: no mask, no bias. */
export type Optional = usize;

/** Floats in one cache line: every row that kernels see is padded to a multiple of this. */
export const LINE: i32 = 16;
/** Outputs in one panel of a first layer's weights, and the unit in which columns are cut. */
export const PANEL: i32 = 32;
/** Inputs in one tile of the weights of a wide layer with Adam (tiles.ts). */
export const TILE: i32 = 128;
/** Outputs in one tile of a connection between two wide layers (connection.ts), which are worked on together. */
export const ROWS: i32 = 128;
/** Floats of scratch that a connection's drive up needs for each item and thread: a list, and sums of eight lanes. */
export const DRIVE_ROOM: i32 = 9 * ROWS;
/** Rows of weights that screening looks at together (screen.ts): they fit a near cache. */
export const TOGETHER: i32 = 160;
/** What screening knows of a row and of an item: so many numbers each. */
export const ROW_TERMS: i32 = 6;
export const ITEM_TERMS: i32 = 4;
/** The place of one of a row's terms: how far it has moved since it was rounded. */
export const MOVED: i32 = 4;

/**
 * Sums that no thread can own whole (over the outputs of a layer, in the backward pass) are made of this many
 * parts, whatever the number of threads, and the parts are added in order. So they are the same on any number.
 */
export const BLOCKS: i32 = 8;

/** Threads at most. */
export const MAX_THREADS: i32 = 64;
/** 256 bytes that are never written. The build makes sure that the kernels' own data end before them. */
export const ZEROS: usize = 49152;
/** Room for sums, a place for every thread. The page before it holds the control block. */
export const SCRATCH: usize = 131072;
export const SCRATCH_EACH: usize = 2048;
/** Where memory to allocate begins. */
export const HEAP: usize = SCRATCH + <usize>MAX_THREADS * SCRATCH_EACH;

/** Activations. */
export const IDENTITY: i32 = 0;
export const RELU: i32 = 1;
export const HARD_SIGMOID: i32 = 2;
export const SIGMOID: i32 = 3;
export const TANH: i32 = 4;
/** The sigmoid shifted and stretched to a value of 0.5 and a slope of 1 at 0.5; of states alone. */
export const CENTRED_SIGMOID: i32 = 5;

/** Kinds of pooling. */
export const MAX: i32 = 0;
export const AVERAGE: i32 = 1;

/** Where the kernels' own data end. */
export const dataEnd: usize = __heap_base;
