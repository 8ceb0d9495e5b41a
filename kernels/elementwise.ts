/**
 * Activations, losses and optimisers: one value at a time, rows padded to whole cache lines.
 * An activation also leaves its slope (derivative times mask), so that the backward pass is one product
 * whatever the activation was.
 */
import { HARD_SIGMOID, LINE, Optional, RELU, SIGMOID, TANH } from './layout';
import { at, cut, cutColumns, promoteHigh } from './vector';

/**
 * y <- mask * activation(z) in place, slope <- mask * activation'(z). `mask` (batch x outputs, 0 for none)
 * holds 0 or the factor of kept values; `slope` may be 0 where no gradient is wanted. Padding (from `width` to
 * `stride` in every row) stays zero, which the sigmoid alone would break.
 */
export function activate(
  part: i32,
  parts: i32,
  z: usize,
  slope: Optional,
  mask: Optional,
  batch: i32,
  width: i32,
  stride: i32,
  activation: i32,
): void {
  const from = cutColumns(stride, part, parts);
  const to = cutColumns(stride, part + 1, parts);
  if (activation == RELU || activation == HARD_SIGMOID) {
    // The usual case in loops of its own, which have no branches.
    if (!mask || !slope) ramp(z, slope, mask, batch, from, to, stride, activation == RELU, mask != 0, slope != 0);
    else if (activation == RELU) ramp(z, slope, mask, batch, from, to, stride, true, true, true);
    else ramp(z, slope, mask, batch, from, to, stride, false, true, true);
    return;
  }
  const one = f32x4.splat(1);
  for (let b = 0; b < batch; b++) {
    for (let i = from; i < to; i += 4) {
      const j = b * stride + i;
      const v = v128.load(at(z, j));
      let y = v;
      let s = one;
      if (activation == SIGMOID) {
        y = mapLanes(v, sigmoid);
        s = f32x4.mul(y, f32x4.sub(one, y));
        const used = i32x4.lt_s(i32x4.add(i32x4.splat(i), i32x4(0, 1, 2, 3)), i32x4.splat(width));
        y = v128.and(y, used);
        s = v128.and(s, used);
      } else if (activation == TANH) {
        y = mapLanes(v, tanh);
        s = f32x4.sub(one, f32x4.mul(y, y));
      }
      if (mask) {
        const m = v128.load(at(mask, j));
        y = f32x4.mul(y, m);
        s = f32x4.mul(s, m);
      }
      v128.store(at(z, j), y);
      if (slope) v128.store(at(slope, j), s);
    }
  }
}

/** {@link activate} for rectified units, which are `open` above, and hard sigmoids, in pairs of vectors that some engines widen. */
// @ts-ignore: decorator
@inline
function ramp(
  z: usize,
  slope: usize,
  mask: usize,
  batch: i32,
  from: i32,
  to: i32,
  stride: i32,
  open: bool,
  masked: bool,
  sloped: bool,
): void {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  for (let b = 0; b < batch; b++) {
    const end = at(0, b * stride + to);
    for (let j = at(0, b * stride + from); j < end; j += 32) {
      const l = v128.load(z + j);
      const h = v128.load(z + j, 16);
      const keptL = masked ? v128.load(mask + j) : one;
      const keptH = masked ? v128.load(mask + j, 16) : one;
      // Zero up to zero, and a NaN as it is, at a fraction of the cost of max and min.
      let yl = v128.andnot(l, f32x4.le(l, zero));
      let yh = v128.andnot(h, f32x4.le(h, zero));
      if (!open) {
        yl = f32x4.pmin(yl, one);
        yh = f32x4.pmin(yh, one);
      }
      v128.store(z + j, f32x4.mul(yl, keptL));
      v128.store(z + j, f32x4.mul(yh, keptH), 16);
      if (!sloped) continue;
      const usedL = open ? f32x4.gt(l, zero) : v128.and(f32x4.ge(l, zero), f32x4.le(l, one));
      const usedH = open ? f32x4.gt(h, zero) : v128.and(f32x4.ge(h, zero), f32x4.le(h, one));
      v128.store(slope + j, v128.and(usedL, keptL));
      v128.store(slope + j, v128.and(usedH, keptH), 16);
    }
  }
}

// @ts-ignore: decorator
@inline
function mapLanes(v: v128, f: (x: f32) => f32): v128 {
  return f32x4(
    f(f32x4.extract_lane(v, 0)),
    f(f32x4.extract_lane(v, 1)),
    f(f32x4.extract_lane(v, 2)),
    f(f32x4.extract_lane(v, 3)),
  );
}

function sigmoid(x: f32): f32 {
  return 1 / (1 + Mathf.exp(-x));
}

function tanh(x: f32): f32 {
  return Mathf.tanh(x);
}

/**
 * Deltas and moments below this are zero. They move nothing, and as they fade further they would become denormal
 * numbers, on which processors take a hundred times as long.
 */
const FAINT: f32 = 1e-30;

/**
 * Squared error: delta = (y - d) * factor * slope, with factor = 2 / (batch outputs) for the mean over all
 * elements, unless delta is 0; and the sum over the items of (y - d)^2 of every line of 16 outputs, in two parts, in
 * lineLoss (f64). Padding must be equal in y and d.
 */
export function squaredError(
  part: i32,
  parts: i32,
  y: usize,
  d: usize,
  slope: Optional,
  delta: Optional,
  lineLoss: usize,
  batch: i32,
  stride: i32,
  factor: f32,
): void {
  const from = cutColumns(stride, part, parts);
  const to = cutColumns(stride, part + 1, parts);
  const scale = f32x4.splat(factor);
  for (let b = 0; b < batch; b++) {
    for (let i = b * stride + from; i < b * stride + to; i += LINE) {
      let sum: v128 = f32x4.splat(0);
      for (let j = i; j < i + LINE; j += 4) {
        const e = f32x4.sub(v128.load(at(y, j)), v128.load(at(d, j)));
        sum = f32x4.add(sum, f32x4.mul(e, e));
        if (delta) v128.store(at(delta, j), f32x4.mul(f32x4.mul(e, scale), v128.load(at(slope, j))));
      }
      addLineLoss(lineLoss, (i - b * stride) / LINE, b, sum);
    }
  }
}

/** Adds item b's share of the loss of a line of 16 outputs, which the first item begins. */
// @ts-ignore: decorator
@inline
export function addLineLoss(lineLoss: usize, line: i32, b: i32, sum: v128): void {
  const all = lineLoss + ((<usize>line) << 4);
  const pair = f64x2.add(f64x2.promote_low_f32x4(sum), promoteHigh(sum));
  v128.store(all, b > 0 ? f64x2.add(v128.load(all), pair) : pair);
}

/**
 * Cross-entropy of softmax(y) against d: delta = (softmax(y) sum(d) - d) * factor * slope (factor = 1 / batch),
 * and the loss of each item in itemLoss (f64). Cut by items.
 */
export function crossEntropy(
  part: i32,
  parts: i32,
  y: usize,
  d: usize,
  slope: usize,
  delta: usize,
  itemLoss: usize,
  batch: i32,
  outputs: i32,
  stride: i32,
  factor: f32,
): void {
  const end = cut(batch, part + 1, parts, 1);
  for (let b = cut(batch, part, parts, 1); b < end; b++) {
    const row = b * stride;
    let largest: f32 = -Infinity;
    for (let i = row; i < row + outputs; i++) largest = max(largest, load<f32>(at(y, i)));
    let sum: f32 = 0;
    let mass: f32 = 0;
    for (let i = row; i < row + outputs; i++) {
      const e = Mathf.exp(load<f32>(at(y, i)) - largest);
      store<f32>(at(delta, i), e);
      sum += e;
      mass += load<f32>(at(d, i));
    }
    const logSum = <f64>Mathf.log(sum) + <f64>largest;
    let loss: f64 = 0;
    for (let i = row; i < row + outputs; i++) {
      const wanted = load<f32>(at(d, i));
      const p = load<f32>(at(delta, i)) / sum;
      if (wanted != 0) loss += <f64>wanted * (logSum - <f64>load<f32>(at(y, i)));
      const d: f32 = (p * mass - wanted) * factor * load<f32>(at(slope, i));
      store<f32>(at(delta, i), Mathf.abs(d) < FAINT ? 0 : d);
    }
    for (let i = row + outputs; i < row + stride; i++) store<f32>(at(delta, i), 0);
    store<f64>(itemLoss + ((<usize>b) << 3), loss);
  }
}

/** Adam's constants (Kingma and Ba 2015), as published. */
const BETA1: f32 = 0.9;
const BETA2: f32 = 0.999;
const EPSILON: f32 = 1e-8;

/**
 * Adam (Kingma and Ba 2015, algorithm 1) on `count` parameters; clears the gradient for the next step.
 * `rate` carries the correction of the first moment, `correction` is 1 / (1 - beta2^t).
 */
export function adam(
  part: i32,
  parts: i32,
  parameters: usize,
  gradient: usize,
  first: usize,
  second: usize,
  count: i32,
  rate: f32,
  correction: f32,
): void {
  const end = cut(count, part + 1, parts, LINE);
  for (let i = cut(count, part, parts, LINE); i < end; i += 4) {
    adamVector(at(parameters, i), at(first, i), at(second, i), v128.load(at(gradient, i)), rate, correction);
    v128.store(at(gradient, i), f32x4.splat(0));
  }
}

/** One Adam update of four neighbouring parameters with gradient g. */
// @ts-ignore: decorator
@inline
export function adamVector(
  parameters: usize,
  first: usize,
  second: usize,
  g: v128,
  rate: f32,
  correction: f32,
): void {
  const m = firstMoment(v128.load(first), g);
  const v = secondMoment(v128.load(second), g);
  v128.store(first, m);
  v128.store(second, v);
  v128.store(parameters, moved(v128.load(parameters), m, v, rate, correction));
}

// @ts-ignore: decorator
@inline
function firstMoment(m: v128, g: v128): v128 {
  return unlessFaint(f32x4.add(f32x4.mul(f32x4.splat(BETA1), m), f32x4.mul(f32x4.splat(1 - BETA1), g)));
}

// @ts-ignore: decorator
@inline
function secondMoment(v: v128, g: v128): v128 {
  const square = f32x4.mul(f32x4.splat(1 - BETA2), f32x4.mul(g, g));
  return unlessFaint(f32x4.add(f32x4.mul(f32x4.splat(BETA2), v), square));
}

/** Not a number stays so. */
// @ts-ignore: decorator
@inline
function unlessFaint(moment: v128): v128 {
  return v128.andnot(moment, f32x4.lt(f32x4.abs(moment), f32x4.splat(FAINT)));
}

// @ts-ignore: decorator
@inline
function moved(parameters: v128, m: v128, v: v128, rate: f32, correction: f32): v128 {
  const size = f32x4.add(f32x4.sqrt(f32x4.mul(v, f32x4.splat(correction))), f32x4.splat(EPSILON));
  return f32x4.sub(parameters, f32x4.div(f32x4.mul(f32x4.splat(rate), m), size));
}

/** The same of eight, in pairs that the engine widens; all is read before anything is written. */
// @ts-ignore: decorator
@inline
export function adamPair(
  parameters: usize,
  first: usize,
  second: usize,
  low: v128,
  high: v128,
  rate: f32,
  correction: f32,
): void {
  const pl = v128.load(parameters);
  const ph = v128.load(parameters, 16);
  const ml = firstMoment(v128.load(first), low);
  const mh = firstMoment(v128.load(first, 16), high);
  const vl = secondMoment(v128.load(second), low);
  const vh = secondMoment(v128.load(second, 16), high);
  v128.store(first, ml);
  v128.store(first, mh, 16);
  v128.store(second, vl);
  v128.store(second, vh, 16);
  v128.store(parameters, moved(pl, ml, vl, rate, correction));
  v128.store(parameters, moved(ph, mh, vh, rate, correction), 16);
}
