/**
 * Elastic nets of many columns by coordinate descent (SLIM): each column of a binary
 * matrix X is fitted from the other columns. The residual is kept, not the Gram
 * matrix: a coordinate costs as many steps as its column has entries.
 */

import { at } from "./lanes";
import { clearList, sink, sortList, worse } from "./heaps";
import { addRow } from "./row-products";

/** Sweeps over the weights that are not zero, until all are visited again at the latest. */
const ACTIVE_SWEEPS = 16;

/** Address of element `index` of an array of 8-byte elements. */
@inline
function wide(x: usize, index: i32): usize {
  return x + ((<usize>index) << 3);
}

/** Σ residual over the entries of a column. */
function gather(rows: usize, count: i32, residual: usize): f64 {
  let a: f64 = 0, b: f64 = 0, c: f64 = 0, d: f64 = 0;
  const end = at(rows, count);
  for (; rows + 16 <= end; rows += 16) {
    a += load<f64>(wide(residual, load<i32>(rows)));
    b += load<f64>(wide(residual, load<i32>(rows, 4)));
    c += load<f64>(wide(residual, load<i32>(rows, 8)));
    d += load<f64>(wide(residual, load<i32>(rows, 12)));
  }
  for (; rows < end; rows += 4) a += load<f64>(wide(residual, load<i32>(rows)));
  return (a + b) + (c + d);
}

/** residual += change on the entries of a column. */
function spread(rows: usize, count: i32, residual: usize, change: f64): void {
  const end = at(rows, count);
  for (; rows < end; rows += 4) {
    const place = wide(residual, load<i32>(rows));
    store<f64>(place, load<f64>(place) + change);
  }
}

/** Minimises over the weight of one item; returns by how much it moved. */
function descend(
  item: i32, indptr: usize, indices: usize, residual: usize, weights: usize,
  l1: f64, l2: f64, nonNegative: i32,
): f64 {
  const from = load<i32>(at(indptr, item));
  const count = load<i32>(at(indptr, item), 4) - from;
  const rows = at(indices, from);
  const place = wide(weights, item);
  const before = load<f64>(place);
  const pull = gather(rows, count, residual) + <f64>count * before;
  let after: f64 = 0;
  if (pull > l1) after = (pull - l1) / (<f64>count + l2);
  else if (pull < -l1 && !nonNegative) after = (pull + l1) / (<f64>count + l2);
  if (after == before) return 0;
  store<f64>(place, after);
  spread(rows, count, residual, before - after);
  return abs(after - before);
}

/**
 * Columns firstColumn + [begin, end): the k weights of the largest size that minimise
 * ½‖x − X·w‖² + l1·‖w‖₁ + ½·l2·‖w‖², w of the column itself being 0. X is given by its columns
 * (item → users) and by its rows. With `nonNegative`, w ≥ 0. Sweeps over the weights that are not
 * zero, then over all, until no weight moves by more than tolerance × the largest weight.
 * Scratch of a thread: a double per user, a double per item, a place of 8 bytes per item, and
 * 2·(items + 1) integers; zero before the first column.
 */
export function elasticNetColumns(
  begin: i32, end: i32, thread: i32,
  outItems: usize, outWeights: usize, k: i32, firstColumn: i32,
  itemIndptr: usize, itemIndices: usize, userIndptr: usize, userIndices: usize,
  userCount: i32, itemCount: i32, l1: f64, l2: f64, nonNegative: i32,
  sweeps: i32, tolerance: f64, scratch: usize, scratchBytes: usize,
): void {
  const residual = scratch + <usize>thread * scratchBytes;
  const weights = wide(residual, userCount);
  const sums = wide(weights, itemCount);
  const candidates = wide(sums, itemCount);
  const active = at(candidates, itemCount + 1);
  for (let unit = begin; unit < end; unit++) {
    const column = firstColumn + unit;
    memory.fill(residual, 0, (<usize>userCount) << 3);
    const first = load<i32>(at(itemIndptr, column)), last = load<i32>(at(itemIndptr, column), 4);
    let reached = 0;
    for (let n = first; n < last; n++) {
      const user = load<i32>(at(itemIndices, n));
      store<f64>(wide(residual, user), 1);
      const from = at(userIndices, load<i32>(at(userIndptr, user)));
      const to = at(userIndices, load<i32>(at(userIndptr, user), 4));
      reached = addRow(from, to, 1, sums, column + 1, candidates, reached);
    }
    let count = 0;
    if (nonNegative) {
      // X ≥ 0 and w ≥ 0: a pull is never above what it is at w = 0, so the others stay at 0.
      for (let n = 0; n < reached; n++) {
        const item = load<i32>(at(candidates, n));
        store<i32>(at(candidates, count), item);
        const pull = <f64>load<f32>(wide(sums, item));
        if (item != column && pull > l1) count++;
      }
    } else if (first < last) {
      for (let item = 0; item < itemCount; item++) {
        store<i32>(at(candidates, count), item);
        if (item != column && load<i32>(at(itemIndptr, item), 4) > load<i32>(at(itemIndptr, item))) count++;
      }
    }
    let activeCount = 0;
    let overAll = true;
    let rounds = 0;
    for (let sweep = 0; sweep < sweeps; sweep++) {
      const list = overAll ? candidates : active;
      const length = overAll ? count : activeCount;
      let moved: f64 = 0, largest: f64 = 0;
      for (let n = 0; n < length; n++) {
        const item = load<i32>(at(list, n));
        const change = descend(item, itemIndptr, itemIndices, residual, weights, l1, l2, nonNegative);
        moved = max(moved, change);
        largest = max(largest, abs(load<f64>(wide(weights, item))));
      }
      const still = moved <= tolerance * largest;
      if (overAll && still) break;
      if (overAll) {
        rounds = 0;
        activeCount = 0;
        for (let n = 0; n < count; n++) {
          const item = load<i32>(at(candidates, n));
          store<i32>(at(active, activeCount), item);
          if (load<f64>(wide(weights, item)) != 0) activeCount++;
        }
      }
      overAll = !overAll && (still || ++rounds == ACTIVE_SWEEPS);
    }
    const items = at(outItems, unit * k), sizes = at(outWeights, unit * k);
    clearList(items, sizes, k);
    for (let n = 0; n < count; n++) {
      const item = load<i32>(at(candidates, n));
      const size = <f32>abs(load<f64>(wide(weights, item)));
      if (size > 0 && worse(load<f32>(sizes), load<i32>(items), size, item)) {
        sink(items, sizes, k, item, size);
      }
    }
    sortList(items, sizes, k);
    for (let n = 0; n < k; n++) {
      const item = load<i32>(at(items, n));
      if (item >= 0) store<f32>(at(sizes, n), <f32>load<f64>(wide(weights, item)));
    }
    for (let n = 0; n < count; n++) store<f64>(wide(weights, load<i32>(at(candidates, n))), 0);
  }
}
