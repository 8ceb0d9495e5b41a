/**
 * Equilibrium propagation: how states move, what they tell each other, and what is learned from the difference
 * between two phases (docs/explanation/equilibrium.md). States are batch x width, rows padded as everywhere.
 */
import { addLineLoss } from './elementwise';
import { HARD_SIGMOID, LINE, Optional, PANEL, SCRATCH, SCRATCH_EACH, TANH, ZEROS } from './layout';
import { sumRows } from './sparse';
import { at, cutColumns, laneSum, multiplyAdd } from './vector';

/**
 * One Euler step of a layer on a drive from below and a feedback from above (0 for none):
 *   s <- mask * clamp(x + rate (rho'(x) (drive + feedback) - x + beta (d - x)))
 * where x, the state before, is `s` itself, or rows elsewhere, `beforeStride` apart (0 for one that is repeated), clamped
 * to [0, 1] ([-1, 1] with tanh). `d` is 0 where nothing nudges, `mask` (of zeros and ones) where nothing is dropped:
 * the drive of what it drops is not used. `rho` gets rho(s) unless it is `s` itself, as it may be for the hard sigmoid.
 * change[part] becomes the largest change in the part's columns, NaN if anything is. travel[b * panels + p] becomes the sum of the squares of item b's changes in panel p (unless it is 0), and
 * along[b * panels + p] that of their products with `v` (unless that is 0). Padding stays zero. Cut by columns.
 */
export function settle(
  part: i32,
  parts: i32,
  before: usize,
  beforeStride: i32,
  s: usize,
  rho: usize,
  drive: usize,
  feedback: Optional,
  mask: Optional,
  d: Optional,
  change: usize,
  travel: Optional,
  v: Optional,
  along: Optional,
  batch: i32,
  width: i32,
  stride: i32,
  activation: i32,
  rate: f32,
  beta: f32,
): void {
  const from = cutColumns(stride, part, parts);
  const to = cutColumns(stride, part + 1, parts);
  const panels = (stride + PANEL - 1) / PANEL;
  // The usual cases each in a loop of its own, which has no branches.
  const usual = activation == HARD_SIGMOID && rho == s && (travel == 0) == (v == 0);
  if (usual && feedback && v && !d) {
    if (mask) {
      moveHard(from, to, before, beforeStride, s, drive, feedback, mask, d, at(change, part), travel, v, along, batch, stride, rate, beta,
        true, true, false, true);
    } else {
      moveHard(from, to, before, beforeStride, s, drive, feedback, mask, d, at(change, part), travel, v, along, batch, stride, rate, beta,
        true, false, false, true);
    }
    return;
  }
  if (usual && feedback && !v && !d) {
    if (mask) {
      moveHard(from, to, before, beforeStride, s, drive, feedback, mask, d, at(change, part), travel, v, along, batch, stride, rate, beta,
        true, true, false, false);
    } else {
      moveHard(from, to, before, beforeStride, s, drive, feedback, mask, d, at(change, part), travel, v, along, batch, stride, rate, beta,
        true, false, false, false);
    }
    return;
  }
  if (usual && !feedback && !v && d) {
    if (mask) {
      moveHard(from, to, before, beforeStride, s, drive, feedback, mask, d, at(change, part), travel, v, along, batch, stride, rate, beta,
        false, true, true, false);
    } else {
      moveHard(from, to, before, beforeStride, s, drive, feedback, mask, d, at(change, part), travel, v, along, batch, stride, rate, beta,
        false, false, true, false);
    }
    return;
  }
  if (usual && !feedback && !v && !d) {
    if (mask) {
      moveHard(from, to, before, beforeStride, s, drive, feedback, mask, d, at(change, part), travel, v, along, batch, stride, rate, beta,
        false, true, false, false);
    } else {
      moveHard(from, to, before, beforeStride, s, drive, feedback, mask, d, at(change, part), travel, v, along, batch, stride, rate, beta,
        false, false, false, false);
    }
    return;
  }
  const one = f32x4.splat(1);
  const low = f32x4.splat(activation == TANH ? -1 : 0);
  const dt = f32x4.splat(rate);
  const pull = f32x4.splat(beta);
  let largest = f32x4.splat(0);
  for (let b = 0; b < batch; b++) {
    for (let p = from; p < to; p += PANEL) {
      let squares = f32x4.splat(0);
      let products = squares;
      const end = min(to, p + PANEL);
      for (let i = p; i < end; i += 4) {
        const j = b * stride + i;
        const x = v128.load(at(before, b * beforeStride + i));
        let total = v128.load(at(drive, j));
        if (feedback) total = f32x4.add(total, v128.load(at(feedback, j)));
        if (activation != HARD_SIGMOID) total = f32x4.mul(total, slope(x, activation));
        let force = f32x4.sub(total, x);
        if (d) force = multiplyAdd(pull, f32x4.sub(v128.load(at(d, j)), x), force);
        // These keep a NaN in their first operand, at a fraction of the cost of min and max.
        let y = f32x4.pmin(f32x4.pmax(multiplyAdd(dt, force, x), low), one);
        if (mask) y = v128.and(y, f32x4.ne(v128.load(at(mask, j)), f32x4.splat(0)));
        // Floats above zero are in the order of their bits, with NaN on top.
        const moved = f32x4.sub(y, x);
        largest = i32x4.max_s(largest, f32x4.abs(moved));
        squares = multiplyAdd(moved, moved, squares);
        if (v) products = multiplyAdd(moved, v128.load(at(v, j)), products);
        v128.store(at(s, j), y);
        if (rho == s) continue;
        if (activation != HARD_SIGMOID) {
          const used = i32x4.lt_s(i32x4.add(i32x4.splat(i), i32x4(0, 1, 2, 3)), i32x4.splat(width));
          y = v128.and(value(y, activation), used);
        }
        v128.store(at(rho, j), y);
      }
      if (travel) store<f32>(at(travel, b * panels + p / PANEL), laneSum(squares));
      if (v) store<f32>(at(along, b * panels + p / PANEL), laneSum(products));
    }
  }
  storeLargest(at(change, part), largest);
}

/** {@link settle} for hard sigmoids whose states are their rho: which parts there are is known when this is compiled. */
// @ts-ignore: decorator
@inline
function moveHard(
  from: i32,
  to: i32,
  before: usize,
  beforeStride: i32,
  s: usize,
  drive: usize,
  feedback: usize,
  mask: usize,
  d: usize,
  change: usize,
  travel: usize,
  v: usize,
  along: usize,
  batch: i32,
  stride: i32,
  rate: f32,
  beta: f32,
  hears: bool,
  masked: bool,
  nudged: bool,
  directed: bool,
): void {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const dt = f32x4.splat(rate);
  const pull = f32x4.splat(beta);
  const panels = (stride + PANEL - 1) / PANEL;
  let largestL = zero;
  let largestH = zero;
  for (let b = 0; b < batch; b++) {
    for (let p = from; p < to; p += PANEL) {
      let squaresL = zero;
      let squaresH = zero;
      let productsL = zero;
      let productsH = zero;
      const first = (<usize>(b * stride + p)) << 2;
      const last = first + ((<usize>(min(to, p + PANEL) - p)) << 2);
      const start = at(before, b * beforeStride + p) - first;
      for (let j = first; j < last; j += 32) {
        const xl = v128.load(start + j);
        const xh = v128.load(start + j, 16);
        let forceL = v128.load(drive + j);
        let forceH = v128.load(drive + j, 16);
        if (hears) {
          forceL = f32x4.add(forceL, v128.load(feedback + j));
          forceH = f32x4.add(forceH, v128.load(feedback + j, 16));
        }
        forceL = f32x4.sub(forceL, xl);
        forceH = f32x4.sub(forceH, xh);
        if (nudged) {
          forceL = multiplyAdd(pull, f32x4.sub(v128.load(d + j), xl), forceL);
          forceH = multiplyAdd(pull, f32x4.sub(v128.load(d + j, 16), xh), forceH);
        }
        // These keep a NaN in their first operand, at a fraction of the cost of min and max.
        let yl = f32x4.pmin(f32x4.pmax(multiplyAdd(dt, forceL, xl), zero), one);
        let yh = f32x4.pmin(f32x4.pmax(multiplyAdd(dt, forceH, xh), zero), one);
        if (masked) {
          yl = v128.and(yl, f32x4.ne(v128.load(mask + j), zero));
          yh = v128.and(yh, f32x4.ne(v128.load(mask + j, 16), zero));
        }
        const movedL = f32x4.sub(yl, xl);
        const movedH = f32x4.sub(yh, xh);
        // Floats above zero are in the order of their bits, with NaN on top.
        largestL = i32x4.max_s(largestL, f32x4.abs(movedL));
        largestH = i32x4.max_s(largestH, f32x4.abs(movedH));
        if (directed) {
          squaresL = multiplyAdd(movedL, movedL, squaresL);
          squaresH = multiplyAdd(movedH, movedH, squaresH);
          productsL = multiplyAdd(movedL, v128.load(v + j), productsL);
          productsH = multiplyAdd(movedH, v128.load(v + j, 16), productsH);
        }
        v128.store(s + j, yl);
        v128.store(s + j, yh, 16);
      }
      if (!directed) continue;
      store<f32>(at(travel, b * panels + p / PANEL), laneSum(f32x4.add(squaresL, squaresH)));
      store<f32>(at(along, b * panels + p / PANEL), laneSum(f32x4.add(productsL, productsH)));
    }
  }
  storeLargest(change, i32x4.max_s(largestL, largestH));
}

/**
 * {@link settle} of hard sigmoids on a drive alone and a nudge, for what is learned from it and no new states:
 *   difference = (s - mask * clamp(s + rate (drive - s + beta (d - s)))) * factor,
 * to the bits of settle and {@link contrast}. lineLoss gets the sums of (s - d)^2 as of squaredError (elementwise.ts). Cut by columns.
 */
export function nudge(
  part: i32,
  parts: i32,
  s: usize,
  drive: usize,
  mask: Optional,
  d: usize,
  difference: usize,
  lineLoss: usize,
  batch: i32,
  stride: i32,
  rate: f32,
  beta: f32,
  factor: f32,
): void {
  const from = cutColumns(stride, part, parts);
  const to = cutColumns(stride, part + 1, parts);
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const dt = f32x4.splat(rate);
  const pull = f32x4.splat(beta);
  const scale = f32x4.splat(factor);
  for (let b = 0; b < batch; b++) {
    for (let i = from; i < to; i += LINE) {
      let sum = zero;
      for (let lane = 0; lane < LINE; lane += 8) {
        const j = (<usize>(b * stride + i + lane)) << 2;
        const xl = v128.load(s + j);
        const xh = v128.load(s + j, 16);
        const dl = f32x4.sub(v128.load(d + j), xl);
        const dh = f32x4.sub(v128.load(d + j, 16), xh);
        const forceL = multiplyAdd(pull, dl, f32x4.sub(v128.load(drive + j), xl));
        const forceH = multiplyAdd(pull, dh, f32x4.sub(v128.load(drive + j, 16), xh));
        let yl = f32x4.pmin(f32x4.pmax(multiplyAdd(dt, forceL, xl), zero), one);
        let yh = f32x4.pmin(f32x4.pmax(multiplyAdd(dt, forceH, xh), zero), one);
        if (mask) {
          yl = v128.and(yl, f32x4.ne(v128.load(mask + j), zero));
          yh = v128.and(yh, f32x4.ne(v128.load(mask + j, 16), zero));
        }
        v128.store(difference + j, f32x4.mul(f32x4.sub(xl, yl), scale));
        v128.store(difference + j, f32x4.mul(f32x4.sub(xh, yh), scale), 16);
        sum = f32x4.add(f32x4.add(sum, f32x4.mul(dl, dl)), f32x4.mul(dh, dh));
      }
      addLineLoss(lineLoss, i / LINE, b, sum);
    }
  }
}

/** The largest of four lanes that are no less than zero. */
// @ts-ignore: decorator
@inline
function storeLargest(to: usize, four: v128): void {
  const most = max(
    max(i32x4.extract_lane(four, 0), i32x4.extract_lane(four, 1)),
    max(i32x4.extract_lane(four, 2), i32x4.extract_lane(four, 3)),
  );
  store<i32>(to, most);
}

/** rho of four states: the logistic function shifted and stretched to rho(0.5) = 0.5, slope 1; or tanh. */
// @ts-ignore: decorator
@inline
function value(x: v128, activation: i32): v128 {
  return f32x4(
    rhoOf(f32x4.extract_lane(x, 0), activation),
    rhoOf(f32x4.extract_lane(x, 1), activation),
    rhoOf(f32x4.extract_lane(x, 2), activation),
    rhoOf(f32x4.extract_lane(x, 3), activation),
  );
}

// @ts-ignore: decorator
@inline
function slope(x: v128, activation: i32): v128 {
  const y = value(x, activation);
  const one = f32x4.splat(1);
  if (activation == TANH) return f32x4.sub(one, f32x4.mul(y, y));
  return f32x4.mul(f32x4.splat(4), f32x4.mul(y, f32x4.sub(one, y)));
}

function rhoOf(x: f32, activation: i32): f32 {
  if (activation == TANH) return Mathf.tanh(x);
  return 1 / (1 + Mathf.exp(-4 * (x - 0.5)));
}

/**
 * What a layer hears from above: below = r W, for weights in rows of `inputStride` and the values r that listNonZeros
 * finds, with room for `stride` an item. A panel of 32 inputs of all rows is put side by side for all items; `room` is
 * space for one in every part. Cut by the columns of the layer below.
 */
export function feedback(
  part: i32,
  parts: i32,
  lists: usize,
  counts: usize,
  weights: usize,
  below: usize,
  room: usize,
  batch: i32,
  stride: i32,
  inputStride: i32,
): void {
  const panel = at(room, part * stride * PANEL);
  const scratch = SCRATCH + <usize>part * SCRATCH_EACH;
  const to = cutColumns(inputStride, part + 1, parts);
  for (let k = cutColumns(inputStride, part, parts); k < to; k += PANEL) {
    // Rows are padded to half a panel.
    const whole = k + PANEL <= inputStride;
    const bytes: usize = whole ? 128 : 64;
    for (let i = 0; i < stride; i++) memory.copy(at(panel, i * PANEL), at(weights, i * inputStride + k), bytes);
    for (let b = 0; b < batch; b++) {
      const list = lists + ((<usize>(b * stride)) << 3);
      const last = list + ((<usize>load<i32>(at(counts, b))) << 3);
      const sums = at(below, b * inputStride + k);
      sumRows(list, last, panel, ZEROS, whole ? sums : scratch);
      if (!whole) memory.copy(sums, scratch, bytes);
    }
  }
}

/** difference = (a - b) * factor; all batch x stride. Cut by columns. */
export function contrast(
  part: i32,
  parts: i32,
  a: usize,
  b: usize,
  difference: usize,
  batch: i32,
  stride: i32,
  factor: f32,
): void {
  const from = cutColumns(stride, part, parts);
  const to = cutColumns(stride, part + 1, parts);
  const scale = f32x4.splat(factor);
  for (let item = 0; item < batch; item++) {
    for (let j = item * stride + from; j < item * stride + to; j += 4) {
      v128.store(at(difference, j), f32x4.mul(f32x4.sub(v128.load(at(a, j)), v128.load(at(b, j))), scale));
    }
  }
}

/**
 * to (batch x stride) = the rows at `from`, which are `fromStride` apart: 0 for one row that is repeated; zeros where
 * `from` is 0. Cut by columns, so that each lies where it is used next.
 */
export function copyRows(
  part: i32,
  parts: i32,
  from: Optional,
  fromStride: i32,
  to: usize,
  batch: i32,
  stride: i32,
): void {
  const first = cutColumns(stride, part, parts);
  const bytes = (<usize>(cutColumns(stride, part + 1, parts) - first)) << 2;
  for (let b = 0; b < batch; b++) {
    const row = at(to, b * stride + first);
    if (from) memory.copy(row, at(from, b * fromStride + first), bytes);
    else memory.fill(row, 0, bytes);
  }
}
