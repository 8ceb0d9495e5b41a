/**
 * The first layer: its input is mostly zeros (19 % of MNIST's pixels, 13 % after dropout), so an item is a list
 * of (index, value) and only its rows of the weights are touched. Weights are stored in panels of 32 neighbouring
 * outputs, [outputs / 32][inputs][32]: eight accumulators stay in registers along a whole list.
 */
import { adamPair, adamVector } from './elementwise';
import { LINE, Optional, PANEL, SCRATCH, SCRATCH_EACH, ZEROS } from './layout';
import { addPair, at, cut, multiplyAdd, nonZerosOfLine } from './vector';

/** Bytes of one input's weights within a panel. */
const ROW: usize = 128;

/**
 * x (batch x stride) = bytes / maximum, times `mask` (likewise; 0 for none). Cut by items, as the lists made of them.
 */
export function scaleBytes(
  part: i32,
  parts: i32,
  bytes: usize,
  x: usize,
  mask: Optional,
  batch: i32,
  stride: i32,
  maximum: f32,
): void {
  const end = cut(batch, part + 1, parts, 1) * stride;
  const divisor = f32x4.splat(maximum);
  // Rows are padded to multiples of 16.
  for (let j = cut(batch, part, parts, 1) * stride; j < end; j += 16) {
    const group = v128.load(bytes + <usize>j);
    const used = v128.any_true(group);
    const low = i16x8.extend_low_i8x16_u(group);
    const high = i16x8.extend_high_i8x16_u(group);
    for (let i = 0; i < 16; i += 4) {
      let values = f32x4.splat(0);
      if (used) {
        const half = i < 8 ? low : high;
        const four = i & 4 ? i32x4.extend_high_i16x8_u(half) : i32x4.extend_low_i16x8_u(half);
        values = f32x4.div(f32x4.convert_i32x4_u(four), divisor);
        if (mask) values = f32x4.mul(values, v128.load(at(mask, j + i)));
      }
      v128.store(at(x, j + i), values);
    }
  }
}

/**
 * Lists the non-zeros of `x` (batch x width, rows `stride` apart). An entry is the byte offset of its panel row
 * (u32) and its value (f32). Row b's list starts at `lists` + b * capacity * 8, its length is counts[b].
 */
export function listNonZeros(
  part: i32,
  parts: i32,
  x: usize,
  batch: i32,
  width: i32,
  stride: i32,
  lists: usize,
  counts: usize,
  capacity: i32,
): void {
  const end = cut(batch, part + 1, parts, 1);
  for (let b = cut(batch, part, parts, 1); b < end; b++) {
    const row = at(x, b * stride);
    const list = lists + ((<usize>(b * capacity)) << 3);
    let entry = list;
    // Rows are padded with zeros to whole lines.
    for (let k = 0; k < width; k += LINE) {
      for (let found = nonZerosOfLine(at(row, k)); found; found &= found - 1) {
        const i = k + ctz(found);
        store<u32>(entry, <u32>i * <u32>ROW);
        store<f32>(entry, load<f32>(at(row, i)), 4);
        entry += 8;
      }
    }
    store<i32>(at(counts, b), <i32>((entry - list) >> 3));
  }
}

/** z (batch x outputs, padded rows `stride` apart) = lists * W + bias. Cut by panels. */
export function forwardSparse(
  part: i32,
  parts: i32,
  lists: usize,
  counts: usize,
  capacity: i32,
  weights: usize,
  bias: usize,
  z: usize,
  batch: i32,
  inputs: i32,
  stride: i32,
): void {
  const panels = (stride + PANEL - 1) / PANEL;
  const end = cut(panels, part + 1, parts, 1);
  for (let p = cut(panels, part, parts, 1); p < end; p += 2) {
    forwardPanels(part, p, end, lists, counts, capacity, weights, bias, z, batch, inputs, stride);
  }
}

/** The product of panel p, and of the next one if it is before `end`. */
// @ts-ignore: decorator
@inline
function forwardPanels(
  part: i32,
  p: i32,
  end: i32,
  lists: usize,
  counts: usize,
  capacity: i32,
  weights: usize,
  bias: usize,
  z: usize,
  batch: i32,
  inputs: i32,
  stride: i32,
): void {
  const panelBytes = <usize>inputs * ROW;
  const scratch = SCRATCH + <usize>part * SCRATCH_EACH;
  const two = WIDE && p + 2 <= end && (p + 2) * PANEL <= stride;
  for (const next = two ? p + 1 : min(p + 2, end); p < next; p++) {
    const panel = weights + <usize>p * panelBytes;
    const biasPanel = at(bias, p * PANEL);
    // The last panel may be half used: rows are padded to 16, panels to 32.
    const whole = (p + 1) * PANEL <= stride;
    for (let b = 0; b < batch; b++) {
      const entry = lists + ((<usize>(b * capacity)) << 3);
      const last = entry + ((<usize>load<i32>(at(counts, b))) << 3);
      const out = at(z, b * stride + p * PANEL);
      if (two) {
        sumRowsOfTwo(entry, last, panel, panelBytes, biasPanel, out, ROW);
        continue;
      }
      sumRows(entry, last, panel, biasPanel, whole ? out : scratch);
      if (!whole) memory.copy(out, scratch, 64);
    }
  }
}

/**
 * out = before + sum of the listed rows, 32 floats each, times their values. A function of its own, not inlined:
 * within a larger one the compilers of engines run out of registers and keep accumulators in memory.
 */
export function sumRows(entry: usize, last: usize, rows: usize, before: usize, out: usize): void {
  let a0 = v128.load(before);
  let a1 = v128.load(before, 16);
  let a2 = v128.load(before, 32);
  let a3 = v128.load(before, 48);
  let a4 = v128.load(before, 64);
  let a5 = v128.load(before, 80);
  let a6 = v128.load(before, 96);
  let a7 = v128.load(before, 112);
  for (; entry < last; entry += 8) {
    const row = rows + load<u32>(entry);
    const x = v128.load32_splat(entry, 4);
    a0 = multiplyAdd(v128.load(row), x, a0);
    a1 = multiplyAdd(v128.load(row, 16), x, a1);
    a2 = multiplyAdd(v128.load(row, 32), x, a2);
    a3 = multiplyAdd(v128.load(row, 48), x, a3);
    a4 = multiplyAdd(v128.load(row, 64), x, a4);
    a5 = multiplyAdd(v128.load(row, 80), x, a5);
    a6 = multiplyAdd(v128.load(row, 96), x, a6);
    a7 = multiplyAdd(v128.load(row, 112), x, a7);
  }
  v128.store(out, a0);
  v128.store(out, a1, 16);
  v128.store(out, a2, 32);
  v128.store(out, a3, 48);
  v128.store(out, a4, 64);
  v128.store(out, a5, 80);
  v128.store(out, a6, 96);
  v128.store(out, a7, 112);
}

/**
 * The same in two panels at once, to the same bits: for engines that widen, whose registers hold as many accumulators. From the
 * one to the other it is `rowsGap` bytes of the rows, and `gap` of what was before and comes out.
 */
function sumRowsOfTwo(
  entry: usize,
  last: usize,
  rows: usize,
  rowsGap: usize,
  before: usize,
  out: usize,
  gap: usize,
): void {
  let a0 = v128.load(before);
  let a1 = v128.load(before, 16);
  let a2 = v128.load(before, 32);
  let a3 = v128.load(before, 48);
  let a4 = v128.load(before, 64);
  let a5 = v128.load(before, 80);
  let a6 = v128.load(before, 96);
  let a7 = v128.load(before, 112);
  let c0 = v128.load(before + gap);
  let c1 = v128.load(before + gap, 16);
  let c2 = v128.load(before + gap, 32);
  let c3 = v128.load(before + gap, 48);
  let c4 = v128.load(before + gap, 64);
  let c5 = v128.load(before + gap, 80);
  let c6 = v128.load(before + gap, 96);
  let c7 = v128.load(before + gap, 112);
  for (; entry < last; entry += 8) {
    const row = rows + load<u32>(entry);
    const x = v128.load32_splat(entry, 4);
    a0 = multiplyAdd(v128.load(row), x, a0);
    a1 = multiplyAdd(v128.load(row, 16), x, a1);
    a2 = multiplyAdd(v128.load(row, 32), x, a2);
    a3 = multiplyAdd(v128.load(row, 48), x, a3);
    a4 = multiplyAdd(v128.load(row, 64), x, a4);
    a5 = multiplyAdd(v128.load(row, 80), x, a5);
    a6 = multiplyAdd(v128.load(row, 96), x, a6);
    a7 = multiplyAdd(v128.load(row, 112), x, a7);
    c0 = multiplyAdd(v128.load(row + rowsGap), x, c0);
    c1 = multiplyAdd(v128.load(row + rowsGap, 16), x, c1);
    c2 = multiplyAdd(v128.load(row + rowsGap, 32), x, c2);
    c3 = multiplyAdd(v128.load(row + rowsGap, 48), x, c3);
    c4 = multiplyAdd(v128.load(row + rowsGap, 64), x, c4);
    c5 = multiplyAdd(v128.load(row + rowsGap, 80), x, c5);
    c6 = multiplyAdd(v128.load(row + rowsGap, 96), x, c6);
    c7 = multiplyAdd(v128.load(row + rowsGap, 112), x, c7);
  }
  v128.store(out, a0);
  v128.store(out, a1, 16);
  v128.store(out, a2, 32);
  v128.store(out, a3, 48);
  v128.store(out, a4, 64);
  v128.store(out, a5, 80);
  v128.store(out, a6, 96);
  v128.store(out, a7, 112);
  v128.store(out + gap, c0);
  v128.store(out + gap, c1, 16);
  v128.store(out + gap, c2, 32);
  v128.store(out + gap, c3, 48);
  v128.store(out + gap, c4, 64);
  v128.store(out + gap, c5, 80);
  v128.store(out + gap, c6, 96);
  v128.store(out + gap, c7, 112);
}

/**
 * Adds factor * x^T * delta to `destination` (panels, as the weights) and factor * (sum of delta over the batch) to
 * `biasDestination`: the SGD update when the destination is the weights and the factor minus the rate, the gradient
 * when it is a cleared buffer and the factor 1. x comes as lists of every item's inputs (listNonZeros), and of every
 * input's items (listItems with unit 128) if `itemLists` is not 0: with them a row of a panel most of whose delta is not zero is
 * read once and summed up in registers over its items, to the same bits. Where little is, only those vectors are updated. `packed` is
 * room for delta with the items of a panel side by side (stride rounded up to 32, times batch). full[part] becomes the number of
 * panels of the former kind. Cut by panels.
 */
export function updateSparse(
  part: i32,
  parts: i32,
  lists: usize,
  counts: usize,
  capacity: i32,
  itemLists: Optional,
  itemCounts: usize,
  delta: usize,
  packed: usize,
  full: usize,
  destination: usize,
  biasDestination: usize,
  batch: i32,
  inputs: i32,
  stride: i32,
  factor: f32,
): void {
  const panels = (stride + PANEL - 1) / PANEL;
  const end = cut(panels, part + 1, parts, 1);
  let found = 0;
  for (let p = cut(panels, part, parts, 1); p < end; p += 2) {
    found += updatePanels(
      p, end, lists, counts, capacity, itemLists, itemCounts, delta, packed, destination, biasDestination, batch, inputs, stride, factor,
    );
  }
  store<i32>(at(full, part), found);
}

/**
 * {@link updateSparse} of the weights, and then {@link forwardSparse} of the next items (`nextLists`, `nextCounts`, `nextBatch`): two
 * panels after two, so that the product finds them in a near cache. Steps that go `backwards` in turn find those that the one
 * before it has left there.
 */
export function updateAndForwardSparse(
  part: i32,
  parts: i32,
  lists: usize,
  counts: usize,
  capacity: i32,
  itemLists: Optional,
  itemCounts: usize,
  delta: usize,
  packed: usize,
  full: usize,
  weights: usize,
  bias: usize,
  batch: i32,
  inputs: i32,
  stride: i32,
  factor: f32,
  nextLists: usize,
  nextCounts: usize,
  z: usize,
  nextBatch: i32,
  backwards: bool,
): void {
  const panels = (stride + PANEL - 1) / PANEL;
  const first = cut(panels, part, parts, 1);
  const end = cut(panels, part + 1, parts, 1);
  const pairs = (end - first + 1) / 2;
  let found = 0;
  for (let n = 0; n < pairs; n++) {
    const p = first + 2 * (backwards ? pairs - 1 - n : n);
    found += updatePanels(
      p, end, lists, counts, capacity, itemLists, itemCounts, delta, packed, weights, bias, batch, inputs, stride, factor,
    );
    forwardPanels(part, p, end, nextLists, nextCounts, capacity, weights, bias, z, nextBatch, inputs, stride);
  }
  store<i32>(at(full, part), found);
}

/** Updates panel p, and the next one if it is before `end`; answers how many of them have a delta that is mostly not zero. */
// @ts-ignore: decorator
@inline
function updatePanels(
  p: i32,
  end: i32,
  lists: usize,
  counts: usize,
  capacity: i32,
  itemLists: usize,
  itemCounts: usize,
  delta: usize,
  packed: usize,
  destination: usize,
  biasDestination: usize,
  batch: i32,
  inputs: i32,
  stride: i32,
  factor: f32,
): i32 {
  const panelBytes = <usize>inputs * ROW;
  const itemBytes = <usize>batch * ROW;
  const panel = destination + <usize>p * panelBytes;
  const items = packed + <usize>p * itemBytes;
  const most = updateOrPack(delta, p, batch, stride, factor, lists, counts, capacity, panel, items, biasDestination);
  const next =
    p + 1 < end &&
    updateOrPack(
      delta, p + 1, batch, stride, factor, lists, counts, capacity, panel + panelBytes, items + itemBytes, biasDestination,
    );
  if (!itemLists) {
    if (most) updateByItems(lists, counts, capacity, batch, items, panel);
    if (next) updateByItems(lists, counts, capacity, batch, items + itemBytes, panel + panelBytes);
  } else if (WIDE && most && next) {
    updateMost(itemLists, itemCounts, batch, inputs, items, panel, true);
  } else {
    if (most) updateMost(itemLists, itemCounts, batch, inputs, items, panel, false);
    if (next) updateMost(itemLists, itemCounts, batch, inputs, items + itemBytes, panel + panelBytes, false);
  }
  return i32(most) + i32(next);
}

/**
 * Updates panel p at `panel` if little of its delta is other than zero; if most is, packs delta to `items` and updates the biases alone.
 * Answers whether it is.
 */
// @ts-ignore: decorator
@inline
function updateOrPack(
  delta: usize,
  p: i32,
  batch: i32,
  stride: i32,
  factor: f32,
  lists: usize,
  counts: usize,
  capacity: i32,
  panel: usize,
  items: usize,
  bias: usize,
): bool {
  const most = isFull(delta, p, batch, stride);
  if (most) packAndAddBias(delta, p, batch, stride, factor, items, bias);
  else updateLive(delta, p, batch, stride, factor, lists, counts, capacity, panel, bias);
  return most;
}

/** Whether most vectors of panel p of delta have a number that is not zero. */
function isFull(delta: usize, p: i32, batch: i32, stride: i32): bool {
  const width = min<i32>(PANEL, stride - p * PANEL);
  let live = 0;
  for (let b = 0; b < batch; b++) {
    const row = at(delta, b * stride + p * PANEL);
    for (let i = 0; i < width; i += LINE) {
      let found = nonZerosOfLine(at(row, i));
      found |= found >> 1;
      live += popcnt((found | (found >> 2)) & 0x1111);
    }
  }
  return 2 * live > batch * (PANEL / 4);
}

/** Packs panel p of delta to `items` and adds it to the biases. */
// @ts-ignore: decorator
@inline
function packAndAddBias(
  delta: usize,
  p: i32,
  batch: i32,
  stride: i32,
  factor: f32,
  items: usize,
  bias: usize,
): void {
  packPanel(delta, p, batch, stride, factor, items);
  for (let i: usize = 0; i < ROW; i += 16) {
    let sum = v128.load(at(bias, p * PANEL) + i);
    for (let b = 0; b < batch; b++) sum = f32x4.add(sum, v128.load(items + <usize>b * ROW + i));
    v128.store(at(bias, p * PANEL) + i, sum);
  }
}

/** Updates those vectors of a panel, item by item, whose delta is not all zero. */
function updateLive(
  delta: usize,
  p: i32,
  batch: i32,
  stride: i32,
  factor: f32,
  lists: usize,
  counts: usize,
  capacity: i32,
  panel: usize,
  bias: usize,
): void {
  const width = min<i32>(PANEL, stride - p * PANEL);
  const scale = f32x4.splat(factor);
  for (let b = 0; b < batch; b++) {
    const row = at(delta, b * stride + p * PANEL);
    for (let line = 0; line < width; line += LINE) {
      const found = nonZerosOfLine(at(row, line));
      if (!found) continue;
      const first = lists + ((<usize>(b * capacity)) << 3);
      const end = first + ((<usize>load<i32>(at(counts, b))) << 3);
      for (let i = line; i < line + LINE; i += 4) {
        if (!((found >> (i - line)) & 15)) continue;
        const d = f32x4.mul(v128.load(at(row, i)), scale);
        const sum = at(bias, p * PANEL + i);
        v128.store(sum, f32x4.add(v128.load(sum), d));
        updateVector(at(panel, i), first, end, d);
      }
    }
  }
}

/** Updates a panel input by input, or if `two` this one and the next. */
// @ts-ignore: decorator
@inline
function updateMost(
  lists: usize,
  counts: usize,
  batch: i32,
  inputs: i32,
  items: usize,
  panel: usize,
  two: bool,
): void {
  const panelBytes = <usize>inputs * ROW;
  for (let k = 0; k < inputs; k++) {
    const count = load<i32>(at(counts, k));
    if (!count) continue;
    const row = panel + <usize>k * ROW;
    const entry = lists + ((<usize>(k * batch)) << 3);
    const last = entry + ((<usize>count) << 3);
    if (two) sumRowsOfTwo(entry, last, items, <usize>batch * ROW, row, row, panelBytes);
    else sumRows(entry, last, items, row, row);
  }
}

/** Updates a panel item by item. */
// @ts-ignore: decorator
@inline
function updateByItems(lists: usize, counts: usize, capacity: i32, batch: i32, items: usize, panel: usize): void {
  for (let b = 0; b < batch; b++) {
    const first = lists + ((<usize>(b * capacity)) << 3);
    const end = first + ((<usize>load<i32>(at(counts, b))) << 3);
    updateRows(panel, first, end, items + <usize>b * ROW);
  }
}

/** Adds x d to the rows that the entries name, d being a row as well. Not inlined, for the sake of registers. */
function updateRows(panel: usize, first: usize, end: usize, d: usize): void {
  const d0 = v128.load(d);
  const d1 = v128.load(d, 16);
  const d2 = v128.load(d, 32);
  const d3 = v128.load(d, 48);
  const d4 = v128.load(d, 64);
  const d5 = v128.load(d, 80);
  const d6 = v128.load(d, 96);
  const d7 = v128.load(d, 112);
  for (let entry = first; entry < end; entry += 8) {
    const row = panel + load<u32>(entry);
    const x = v128.load32_splat(entry, 4);
    addPair(row, x, d0, d1);
    addPair(row + 32, x, d2, d3);
    addPair(row + 64, x, d4, d5);
    addPair(row + 96, x, d6, d7);
  }
}

/** Adds x d to one vector of the rows that the entries name. */
// @ts-ignore: decorator
@inline
function updateVector(vector: usize, first: usize, end: usize, d: v128): void {
  for (let entry = first; entry < end; entry += 8) {
    const to = vector + load<u32>(entry);
    v128.store(to, multiplyAdd(v128.load32_splat(entry, 4), d, v128.load(to)));
  }
}

/**
 * Gradient and Adam update of a first layer in one pass, so that no gradient is ever stored: the gradient of one
 * input's 32 weights in a panel is summed in registers over the items that `lists` names for that input (listItems
 * with unit 128) and used at once. An input that never had a signal, so that its moments are zero, is passed over:
 * its update is zero. `packed` is room for delta with the items of a panel side by side (stride rounded up to 32,
 * times batch). Cut by panels.
 */
export function adamSparse(
  part: i32,
  parts: i32,
  lists: usize,
  counts: usize,
  delta: usize,
  packed: usize,
  weights: usize,
  first: usize,
  second: usize,
  bias: usize,
  biasFirst: usize,
  biasSecond: usize,
  batch: i32,
  inputs: i32,
  stride: i32,
  rate: f32,
  correction: f32,
): void {
  const scratch = SCRATCH + <usize>part * SCRATCH_EACH;
  const panels = (stride + PANEL - 1) / PANEL;
  const end = cut(panels, part + 1, parts, 1);
  for (let p = cut(panels, part, parts, 1); p < end; p++) {
    const items = packed + <usize>p * <usize>batch * ROW;
    packPanel(delta, p, batch, stride, 1, items);

    for (let i: usize = 0; i < ROW; i += 16) {
      let sum = f32x4.splat(0);
      for (let b = 0; b < batch; b++) sum = f32x4.add(sum, v128.load(items + <usize>b * ROW + i));
      const to = <usize>p * ROW + i;
      adamVector(bias + to, biasFirst + to, biasSecond + to, sum, rate, correction);
    }

    for (let k = 0; k < inputs; k++) {
      const row = (<usize>p * <usize>inputs + <usize>k) * ROW;
      const entry = lists + ((<usize>(k * batch)) << 3);
      const last = entry + ((<usize>load<i32>(at(counts, k))) << 3);
      if (entry == last && isZero(first + row) && isZero(second + row)) continue;
      sumRows(entry, last, items, ZEROS, scratch);
      adamRow(weights + row, first + row, second + row, scratch, rate, correction);
    }
  }
}

/** An Adam update of 32 neighbouring parameters. */
function adamRow(w: usize, first: usize, second: usize, gradient: usize, rate: f32, correction: f32): void {
  for (let i: usize = 0; i < ROW; i += 32) {
    const g = gradient + i;
    adamPair(w + i, first + i, second + i, v128.load(g), v128.load(g, 16), rate, correction);
  }
}

/** Copies factor * panel p of delta (rows `stride` apart) to `to`, its items side by side; beyond the stride lies zero. */
// @ts-ignore: decorator
@inline
function packPanel(delta: usize, p: i32, batch: i32, stride: i32, factor: f32, to: usize): void {
  const width = min<i32>(PANEL, stride - p * PANEL);
  const scale = f32x4.splat(factor);
  for (let b = 0; b < batch; b++) {
    const from = at(delta, b * stride + p * PANEL);
    const row = to + <usize>b * ROW;
    for (let i = 0; i < PANEL; i += 4) {
      v128.store(at(row, i), i < width ? f32x4.mul(v128.load(at(from, i)), scale) : f32x4.splat(0));
    }
  }
}

/** Whether all 32 floats of a panel row are zero; a shift drops the sign of minus zero. */
// @ts-ignore: decorator
@inline
function isZero(row: usize): bool {
  const a = v128.or(v128.or(v128.load(row), v128.load(row, 16)), v128.or(v128.load(row, 32), v128.load(row, 48)));
  const b = v128.or(
    v128.or(v128.load(row, 64), v128.load(row, 80)),
    v128.or(v128.load(row, 96), v128.load(row, 112)),
  );
  return !v128.any_true(i32x4.shl(v128.or(a, b), 1));
}
