/**
 * Winner-take-all (docs/explanation/method.md, "The self-defined target"): the outputs of an item that lead, once each
 * gives up what homeostasis takes off it, get one target, all others another. Two operations: every part finds the
 * candidates among its columns, then every part sees who of all of them wins and writes the target of its columns.
 */
import { Optional, SCRATCH, SCRATCH_EACH } from './layout';
import { at, cutColumns, promoteHigh } from './vector';

/**
 * For every row of y the columns of this part with the `count` largest y - H, the largest first; of equal ones the
 * lower index. Differences are taken in double precision. H is f64, as long as a row; rows of y are `stride` apart. Row
 * b's candidates of part p are at chosen[(p batch + b) count] (i32), their differences likewise in `leads` (f64): where
 * there are fewer, -Infinity.
 */
export function candidates(
  part: i32,
  parts: i32,
  y: usize,
  homeostasis: usize,
  leads: usize,
  chosen: usize,
  batch: i32,
  outputs: i32,
  stride: i32,
  count: i32,
): void {
  const from = cutColumns(stride, part, parts);
  const to = min(outputs, cutColumns(stride, part + 1, parts));
  for (let b = 0; b < batch; b++) {
    const row = at(y, b * stride);
    const first = (part * batch + b) * count;
    const lead = leads + ((<usize>first) << 3);
    const choice = at(chosen, first);
    for (let place = 0; place < count; place++) store<f64>(lead + ((<usize>place) << 3), -Infinity);
    let weakest = -Infinity;
    let limit = f64x2.splat(weakest);
    // Rows are padded to whole vectors; what lies beyond the outputs never wins.
    for (let i = from; i < to; i += 8) {
      const offsets = homeostasis + ((<usize>i) << 3);
      const a = leadOfTwo(at(row, i), offsets);
      const b = leadOfTwo(at(row, i + 2), offsets + 16);
      const c = leadOfTwo(at(row, i + 4), offsets + 32);
      const d = leadOfTwo(at(row, i + 6), offsets + 48);
      const overA = f64x2.gt(a, limit);
      const overB = f64x2.gt(b, limit);
      const overC = f64x2.gt(c, limit);
      const overD = f64x2.gt(d, limit);
      if (!v128.any_true(v128.or(v128.or(overA, overB), v128.or(overC, overD)))) continue;
      const low = i64x2.bitmask(overA) | (i64x2.bitmask(overB) << 2);
      const high = i64x2.bitmask(overC) | (i64x2.bitmask(overD) << 2);
      for (let found = low | (high << 4); found; found &= found - 1) {
        const j = i + ctz(found);
        if (j >= to) break;
        const candidate = <f64>load<f32>(at(row, j)) - load<f64>(homeostasis + ((<usize>j) << 3));
        if (candidate > weakest) weakest = insert(candidate, j, lead, choice, count);
      }
      limit = f64x2.splat(weakest);
    }
  }
}

// @ts-ignore: decorator
@inline
function leadOfTwo(y: usize, homeostasis: usize): v128 {
  return f64x2.sub(f64x2.promote_low_f32x4(v128.load64_zero(y)), v128.load(homeostasis));
}

/** Puts a lead where it belongs among those found; answers the least of them. */
function insert(candidate: f64, index: i32, lead: usize, choice: usize, count: i32): f64 {
  let place = count - 1;
  for (; place > 0; place--) {
    const before = load<f64>(lead + ((<usize>(place - 1)) << 3));
    if (!(before < candidate)) break;
    store<f64>(lead + ((<usize>place) << 3), before);
    store<i32>(at(choice, place), load<i32>(at(choice, place - 1)));
  }
  store<f64>(lead + ((<usize>place) << 3), candidate);
  store<i32>(at(choice, place), index);
  return load<f64>(lead + ((<usize>(count - 1)) << 3));
}

/**
 * d (batch x outputs, rows `stride` apart) = `won` for the `count` candidates of a row that lead all others, `lost` for
 * the rest, times `mask` (likewise; 0 for none); sums[i] (f64) = the sum of column i: of `lost` from the first item to
 * the last, then what winners add to it. Padding is zero. Cut by columns.
 */
export function winnersTakeAll(
  part: i32,
  parts: i32,
  leads: usize,
  chosen: usize,
  mask: Optional,
  d: usize,
  sums: usize,
  batch: i32,
  outputs: i32,
  stride: i32,
  count: i32,
  won: f32,
  lost: f32,
): void {
  const from = cutColumns(stride, part, parts);
  const to = cutColumns(stride, part + 1, parts);
  const used = max(from, min(outputs, to));
  const share = f32x4.splat(lost);
  for (let i = from; i < to; i += 8) {
    let sumA = f64x2.splat(0);
    let sumB = sumA;
    let sumC = sumA;
    let sumD = sumA;
    for (let b = 0; b < batch; b++) {
      const j = b * stride + i;
      let low = share;
      let high = share;
      if (mask) {
        low = f32x4.mul(low, v128.load(at(mask, j)));
        high = f32x4.mul(high, v128.load(at(mask, j), 16));
      }
      v128.store(at(d, j), low);
      v128.store(at(d, j), high, 16);
      sumA = f64x2.add(sumA, f64x2.promote_low_f32x4(low));
      sumB = f64x2.add(sumB, promoteHigh(low));
      sumC = f64x2.add(sumC, f64x2.promote_low_f32x4(high));
      sumD = f64x2.add(sumD, promoteHigh(high));
    }
    const sum = sums + ((<usize>i) << 3);
    v128.store(sum, sumA);
    v128.store(sum, sumB, 16);
    v128.store(sum, sumC, 32);
    v128.store(sum, sumD, 48);
  }
  const heads = SCRATCH + <usize>part * SCRATCH_EACH;
  for (let b = 0; b < batch; b++) {
    memory.fill(at(d, b * stride + used), 0, (<usize>(to - used)) << 2);
    // How many of each part's candidates have won.
    memory.fill(heads, 0, (<usize>parts) << 2);
    for (let place = 0; place < count; place++) {
      let best = -1;
      let lead = -Infinity;
      for (let p = 0; p < parts; p++) {
        const head = load<i32>(at(heads, p));
        if (head == count) continue;
        const candidate = load<f64>(leads + ((<usize>((p * batch + b) * count + head)) << 3));
        if (!(candidate > lead)) continue;
        lead = candidate;
        best = p;
      }
      // Where outputs are not numbers, too few are left.
      if (best < 0) break;
      const head = load<i32>(at(heads, best));
      store<i32>(at(heads, best), head + 1);
      const i = load<i32>(at(chosen, (best * batch + b) * count + head));
      if (i < from || i >= to) continue;
      const j = b * stride + i;
      const value = mask ? won * load<f32>(at(mask, j)) : won;
      const sum = sums + ((<usize>i) << 3);
      store<f64>(sum, load<f64>(sum) + (<f64>value - <f64>load<f32>(at(d, j))));
      store<f32>(at(d, j), value);
    }
  }
}
