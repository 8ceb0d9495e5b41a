/**
 * The operations that learners are made of, as the WebAssembly kernels (kernels/) implement them. Addresses
 * are bytes in the compute memory; every operation is cut over the threads by its own first two arguments,
 * (part, parts), which {@link Compute.run} adds. What an operation does is told where it is implemented.
 */
export interface Kernels {
  dropoutMask(
    mask: number,
    batch: number,
    stride: number,
    threshold: number,
    keep: number,
    purpose: number,
    step: number,
    k0: number,
    k1: number,
  ): void;
  scaleBytes(bytes: number, x: number, mask: number, batch: number, stride: number, maximum: number): void;
  listNonZeros(
    x: number,
    batch: number,
    width: number,
    stride: number,
    lists: number,
    counts: number,
    capacity: number,
  ): void;
  forwardSparse(
    lists: number,
    counts: number,
    capacity: number,
    weights: number,
    bias: number,
    z: number,
    batch: number,
    inputs: number,
    stride: number,
  ): void;
  updateSparse(
    lists: number,
    counts: number,
    capacity: number,
    itemLists: number,
    itemCounts: number,
    delta: number,
    packed: number,
    full: number,
    destination: number,
    biasDestination: number,
    batch: number,
    inputs: number,
    stride: number,
    factor: number,
  ): void;
  updateAndForwardSparse(
    ...args: [
      ...update: UpdateSparse,
      nextLists: number,
      nextCounts: number,
      z: number,
      nextBatch: number,
      backwards: number,
    ]
  ): void;
  adamSparse(
    lists: number,
    counts: number,
    delta: number,
    packed: number,
    weights: number,
    first: number,
    second: number,
    bias: number,
    biasFirst: number,
    biasSecond: number,
    batch: number,
    inputs: number,
    stride: number,
    rate: number,
    correction: number,
  ): void;
  forwardDense(
    h: number,
    weights: number,
    bias: number,
    z: number,
    batch: number,
    inputStride: number,
    stride: number,
  ): void;
  listItems(values: number, batch: number, stride: number, unit: number, lists: number, counts: number): void;
  backwardDense(
    lists: number,
    counts: number,
    h: number,
    weights: number,
    destination: number,
    biasDestination: number,
    dh: number,
    batch: number,
    stride: number,
    inputStride: number,
    factor: number,
  ): void;
  sumBlocks(dh: number, slope: number, delta: number, batch: number, stride: number): void;
  backwardNarrow(
    delta: number,
    h: number,
    weights: number,
    destination: number,
    biasDestination: number,
    slope: number,
    below: number,
    batch: number,
    outputs: number,
    stride: number,
    inputStride: number,
    factor: number,
  ): void;
  activate(
    z: number,
    slope: number,
    mask: number,
    batch: number,
    width: number,
    stride: number,
    activation: number,
  ): void;
  squaredError(
    y: number,
    d: number,
    slope: number,
    delta: number,
    lineLoss: number,
    batch: number,
    stride: number,
    factor: number,
  ): void;
  crossEntropy(
    y: number,
    d: number,
    slope: number,
    delta: number,
    itemLoss: number,
    batch: number,
    outputs: number,
    stride: number,
    factor: number,
  ): void;
  adam(
    parameters: number,
    gradient: number,
    first: number,
    second: number,
    count: number,
    rate: number,
    correction: number,
  ): void;
  frame(
    from: number,
    to: number,
    batch: number,
    height: number,
    width: number,
    channels: number,
    stride: number,
    frameHeight: number,
    frameWidth: number,
    offset: number,
    spread: number,
  ): void;
  convolve(
    x: number,
    weights: number,
    bias: number,
    slope: number,
    y: number,
    batch: number,
    frameHeight: number,
    frameWidth: number,
    channels: number,
    height: number,
    width: number,
    outputs: number,
    stride: number,
    size: number,
    step: number,
  ): void;
  convolutionGradient(
    x: number,
    delta: number,
    mask: number,
    destination: number,
    biasDestination: number,
    scratch: number,
    batch: number,
    frameHeight: number,
    frameWidth: number,
    channels: number,
    height: number,
    width: number,
    outputs: number,
    stride: number,
    size: number,
    step: number,
    factor: number,
  ): void;
  turnKernels(weights: number, to: number, channels: number, outputs: number, size: number): void;
  pool(
    x: number,
    y: number,
    places: number,
    batch: number,
    height: number,
    width: number,
    channels: number,
    stride: number,
    outHeight: number,
    outWidth: number,
    outStride: number,
    size: number,
    step: number,
    padding: number,
    kind: number,
  ): void;
  poolBackward(
    delta: number,
    places: number,
    slope: number,
    below: number,
    batch: number,
    height: number,
    width: number,
    channels: number,
    stride: number,
    outHeight: number,
    outWidth: number,
    outStride: number,
    size: number,
    step: number,
    padding: number,
    kind: number,
  ): void;
  compete(
    x: number,
    first: number,
    y: number,
    batch: number,
    positions: number,
    channels: number,
    stride: number,
  ): void;
  competeBackward(
    delta: number,
    y: number,
    first: number,
    slope: number,
    below: number,
    batch: number,
    positions: number,
    channels: number,
    stride: number,
  ): void;
  forwardTiles(
    x: number,
    weights: number,
    bias: number,
    z: number,
    scratch: number,
    batch: number,
    inputStride: number,
    stride: number,
  ): void;
  packQuads(delta: number, packed: number, batch: number, stride: number): void;
  adamTiles(
    packed: number,
    x: number,
    weights: number,
    first: number,
    second: number,
    bias: number,
    biasFirst: number,
    biasSecond: number,
    slope: number,
    below: number,
    scratch: number,
    batch: number,
    inputStride: number,
    stride: number,
    rate: number,
    correction: number,
  ): void;
  settle(
    before: number,
    beforeStride: number,
    s: number,
    rho: number,
    drive: number,
    feedback: number,
    mask: number,
    d: number,
    change: number,
    travel: number,
    v: number,
    along: number,
    batch: number,
    width: number,
    stride: number,
    activation: number,
    rate: number,
    beta: number,
  ): void;
  nudge(
    s: number,
    drive: number,
    mask: number,
    d: number,
    difference: number,
    lineLoss: number,
    batch: number,
    stride: number,
    rate: number,
    beta: number,
    factor: number,
  ): void;
  feedback(
    lists: number,
    counts: number,
    weights: number,
    below: number,
    room: number,
    batch: number,
    stride: number,
    inputStride: number,
  ): void;
  rise(
    h: number,
    weights: number,
    bias: number,
    z: number,
    y: number,
    mask: number,
    d: number,
    norms: number,
    pace: number,
    key: number,
    along: number,
    aside: number,
    counts: number,
    room: number,
    batch: number,
    inputStride: number,
    stride: number,
    beta: number,
    rest: number,
  ): void;
  fall(
    lists: number,
    counts: number,
    weights: number,
    below: number,
    batch: number,
    inputStride: number,
    stride: number,
  ): void;
  listMoving(
    y: number,
    mask: number,
    d: number,
    norms: number,
    pace: number,
    key: number,
    along: number,
    aside: number,
    lists: number,
    counts: number,
    batch: number,
    stride: number,
    beta: number,
  ): void;
  exchange(
    moving: number,
    counts: number,
    y: number,
    h: number,
    weights: number,
    below: number,
    blocks: number,
    room: number,
    batch: number,
    inputStride: number,
    stride: number,
    total: number,
  ): void;
  riseFromBlocks(
    moving: number,
    movingCounts: number,
    blocks: number,
    bias: number,
    z: number,
    norms: number,
    pace: number,
    key: number,
    along: number,
    aside: number,
    batch: number,
    stride: number,
    total: number,
  ): void;
  connect(
    lists: number,
    counts: number,
    h: number,
    weights: number,
    bias: number,
    room: number,
    batch: number,
    inputStride: number,
    stride: number,
    factor: number,
  ): void;
  connectionNorms(weights: number, norms: number, changed: number, inputStride: number, stride: number): void;
  drift(
    lists: number,
    counts: number,
    items: number,
    terms: number,
    batch: number,
    stride: number,
    inputStride: number,
    factor: number,
  ): void;
  roundItems(
    h: number,
    rounded: number,
    items: number,
    batch: number,
    inputStride: number,
    bytes: number,
    levels: number,
  ): void;
  forwardScreened(
    h: number,
    items: number,
    roundedItems: number,
    weights: number,
    rounded: number,
    terms: number,
    bias: number,
    mask: number,
    z: number,
    room: number,
    batch: number,
    inputStride: number,
    stride: number,
    bytes: number,
  ): void;
  candidates(
    y: number,
    homeostasis: number,
    leads: number,
    chosen: number,
    batch: number,
    outputs: number,
    stride: number,
    count: number,
  ): void;
  winnersTakeAll(
    leads: number,
    chosen: number,
    mask: number,
    d: number,
    sums: number,
    batch: number,
    outputs: number,
    stride: number,
    count: number,
    won: number,
    lost: number,
  ): void;
  contrast(a: number, b: number, difference: number, batch: number, stride: number, factor: number): void;
  copyRows(from: number, fromStride: number, to: number, batch: number, stride: number): void;
}

/** What an update of a first layer takes. */
export type UpdateSparse = Parameters<Kernels['updateSparse']>;

export type KernelName = keyof Kernels;

/** The order in which operations are numbered in the command buffer that workers read. */
export const kernelNames: readonly KernelName[] = [
  'dropoutMask',
  'scaleBytes',
  'listNonZeros',
  'forwardSparse',
  'updateSparse',
  'updateAndForwardSparse',
  'adamSparse',
  'forwardDense',
  'listItems',
  'backwardDense',
  'sumBlocks',
  'backwardNarrow',
  'activate',
  'squaredError',
  'crossEntropy',
  'adam',
  'frame',
  'convolve',
  'convolutionGradient',
  'turnKernels',
  'pool',
  'poolBackward',
  'compete',
  'competeBackward',
  'forwardTiles',
  'packQuads',
  'adamTiles',
  'settle',
  'nudge',
  'feedback',
  'contrast',
  'copyRows',
  'rise',
  'fall',
  'listMoving',
  'exchange',
  'riseFromBlocks',
  'connect',
  'connectionNorms',
  'drift',
  'roundItems',
  'forwardScreened',
  'candidates',
  'winnersTakeAll',
];

/** Floats in one cache line: rows that kernels see are padded to a multiple of this. */
export const LINE = 16;

/** Threads at most: so many have room for sums of their own (SCRATCH in kernels/vector.ts) below what is allocated. */
export const MAX_THREADS = 64;

/** Where memory to allocate begins: after the kernels' constants, a page of control, and the threads' room. */
export const HEAP = 4 * 65536;

/** Outputs in one panel of a first layer's weights. */
export const PANEL = 32;

/** Inputs in one tile of a fully connected layer's weights (kernels/tiles.ts). */
export const TILE = 128;

/** Rows of weights that screening looks at together (kernels/screen.ts). */
export const TOGETHER = 160;

/** What screening knows of a row and of an item: so many numbers each, that of how far the row has moved at this place. */
export const ROW_TERMS = 6;
export const ITEM_TERMS = 4;
export const MOVED = 4;

/** Outputs in one tile of a connection between two wide layers (kernels/connection.ts). */
export const ROWS = 128;

/** Floats of scratch that `rise` needs for each item and thread: a list, and sums of eight lanes. */
export const RISE_ROOM = 9 * ROWS;

/** Parts of every sum over a layer's outputs in the backward pass; also the most threads that share in it. */
export const BLOCKS = 8;

/** `count` rounded up to whole units. */
export function padded(count: number, unit: number = LINE): number {
  return Math.ceil(count / unit) * unit;
}
