/** Winner-take-all: the outputs of an item that lead, once each gives up what homeostasis takes off it. */
import { at, cut } from './vector';

/**
 * chosen (batch x count, i32) = in every row of y the indices of the `count` largest of y - H, the largest first; of
 * equal ones the lower index. Differences are taken in double precision. H is f64, as long as a row; rows of y are
 * `stride` apart; `leads` is room for as many f64 as there are indices. Cut by items.
 */
export function winners(
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
  const end = cut(batch, part + 1, parts, 1);
  for (let b = cut(batch, part, parts, 1); b < end; b++) {
    const row = at(y, b * stride);
    const lead = leads + ((<usize>(b * count)) << 3);
    const choice = at(chosen, b * count);
    for (let place = 0; place < count; place++) {
      store<f64>(lead + ((<usize>place) << 3), -Infinity);
      store<i32>(at(choice, place), 0);
    }
    let weakest = -Infinity;
    let limit = f64x2.splat(weakest);
    // Rows are padded to whole vectors; what lies beyond the outputs never wins.
    for (let i = 0; i < outputs; i += 4) {
      const values = v128.load(at(row, i));
      const offsets = homeostasis + ((<usize>i) << 3);
      const low = f64x2.sub(f64x2.promote_low_f32x4(values), v128.load(offsets));
      const upper = f64x2.promote_low_f32x4(v128.shuffle<f32>(values, values, 2, 3, 2, 3));
      const high = f64x2.sub(upper, v128.load(offsets, 16));
      if (!v128.any_true(v128.or(f64x2.gt(low, limit), f64x2.gt(high, limit)))) continue;
      const last = min(outputs, i + 4);
      for (let j = i; j < last; j++) {
        const candidate = <f64>load<f32>(at(row, j)) - load<f64>(homeostasis + ((<usize>j) << 3));
        if (candidate > weakest) weakest = insert(candidate, j, lead, choice, count);
      }
      limit = f64x2.splat(weakest);
    }
  }
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
