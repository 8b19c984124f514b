/**
 * The k best of many scores, in a heap with the worst on top. Equal scores: the
 * smaller index is better.
 */

import { at } from "./lanes";

/** Whether (score a, item a) is worse than (score b, item b). */
@inline
export function worse(scoreA: f32, itemA: i32, scoreB: f32, itemB: i32): bool {
  return scoreA < scoreB || (scoreA == scoreB && itemA > itemB);
}

/** Puts an entry at the root of a heap of `size` entries (worst on top) and lets it sink. */
export function sink(items: usize, scores: usize, size: i32, item: i32, score: f32): void {
  let place = 0;
  for (;;) {
    let child = 2 * place + 1;
    if (child >= size) break;
    const right = child + 1;
    if (
      right < size &&
      worse(load<f32>(at(scores, right)), load<i32>(at(items, right)), load<f32>(at(scores, child)), load<i32>(at(items, child)))
    ) child = right;
    const childScore = load<f32>(at(scores, child));
    const childItem = load<i32>(at(items, child));
    if (!worse(childScore, childItem, score, item)) break;
    store<f32>(at(scores, place), childScore);
    store<i32>(at(items, place), childItem);
    place = child;
  }
  store<f32>(at(scores, place), score);
  store<i32>(at(items, place), item);
}

/** Empty list: −∞ everywhere, so that any real score enters. Empty places are the worst of the worst. */
export function clearList(items: usize, scores: usize, k: i32): void {
  for (let n = 0; n < k; n++) {
    store<f32>(at(scores, n), -Infinity);
    store<i32>(at(items, n), i32.MAX_VALUE);
  }
}

/** Which of sixteen scores beat the threshold, a bit for each. */
@inline
function beats(place: usize, threshold: v128): i32 {
  return i8x16.bitmask(i8x16.narrow_i16x8_s(
    i16x8.narrow_i32x4_s(
      f32x4.gt(v128.load(place), threshold), f32x4.gt(v128.load(place, 16), threshold),
    ),
    i16x8.narrow_i32x4_s(
      f32x4.gt(v128.load(place, 32), threshold), f32x4.gt(v128.load(place, 48), threshold),
    ),
  ));
}

/** The larger of each number and every fourth of sixteen scores; pmax never takes a NaN for its second. */
@inline
function largestOf16(from: v128, place: usize): v128 {
  const two = f32x4.pmax(f32x4.pmax(from, v128.load(place)), v128.load(place, 16));
  return f32x4.pmax(f32x4.pmax(two, v128.load(place, 32)), v128.load(place, 48));
}

/** Whether the ascending row [from, to) holds an item; halved without branches, which nobody could predict. */
function holds(from: usize, to: usize, item: i32): bool {
  let count = (to - from) >> 2;
  if (count == 0) return false;
  while (count > 1) {
    const half = count >> 1;
    from += select<usize>(half << 2, 0, load<i32>(from + ((half - 1) << 2)) < item);
    count -= half;
  }
  return load<i32>(from) == item;
}

/** The largest float below x; −∞ stays. */
function below(x: f32): f32 {
  if (x == -Infinity) return x;
  if (x == 0) return reinterpret<f32>(0x80000001);
  const bits = reinterpret<i32>(x);
  return reinterpret<f32>(x > 0 ? bits - 1 : bits + 1);
}

/** What a score must exceed to enter: of items that do not come ascending, equal scores may. */
@inline
function entryBound(worst: f32, names: usize): f32 {
  return names ? below(worst) : worst;
}

/** Lets one score compete that exceeds the bound; returns the new bound. */
function offer(
  score: f32, place: i32, names: usize, masked: usize, maskedEnd: usize,
  items: usize, scores: usize, k: i32, bound: f32,
): f32 {
  const item = names ? load<i32>(at(names, place)) : place;
  if (names && !worse(load<f32>(scores), load<i32>(items), score, item)) return bound;
  if (holds(masked, maskedEnd, item)) return bound;
  sink(items, scores, k, item, score);
  return entryBound(load<f32>(scores), names);
}

/**
 * Lets the scores of a tile compete for a list. Few of them ever enter, so thirty-two are compared
 * at once, and where one does, the bits say which: a branch for each score would be mispredicted.
 * So it is only then, too, that an item is looked up among the masked ones.
 * @param names the items at the places from firstPlace on; 0 = the places themselves, ascending
 * @param masked the items of no interest [masked, maskedEnd), ascending
 */
export function selectFrom(
  tile: usize, count: i32, firstPlace: i32, names: usize, masked: usize, maskedEnd: usize,
  items: usize, scores: usize, k: i32,
): void {
  let bound = entryBound(load<f32>(scores), names);
  let threshold = f32x4.splat(bound);
  let n = 0;
  for (; n + 32 <= count; n += 32) {
    const tops = at(tile, n);
    const best = largestOf16(largestOf16(threshold, tops), tops + 64);
    if (!v128.any_true(f32x4.gt(best, threshold))) continue;
    let above = beats(tops, threshold) | (beats(tops + 64, threshold) << 16);
    for (; above; above &= above - 1) {
      const lane = n + ctz(above);
      const score = load<f32>(at(tile, lane));
      // The list has got better since the scores were compared.
      if (score > bound) {
        bound = offer(score, firstPlace + lane, names, masked, maskedEnd, items, scores, k, bound);
      }
    }
    threshold = f32x4.splat(bound);
  }
  for (; n < count; n++) {
    const score = load<f32>(at(tile, n));
    if (score > bound) {
      bound = offer(score, firstPlace + n, names, masked, maskedEnd, items, scores, k, bound);
    }
  }
}

/** Turns the heap into a list, best first; empty places become −1. */
export function sortList(items: usize, scores: usize, k: i32): void {
  for (let size = k - 1; size > 0; size--) {
    const score = load<f32>(at(scores, size));
    const item = load<i32>(at(items, size));
    store<f32>(at(scores, size), load<f32>(scores));
    store<i32>(at(items, size), load<i32>(items));
    sink(items, scores, size, item, score);
  }
  for (let n = 0; n < k; n++) {
    if (load<i32>(at(items, n)) == i32.MAX_VALUE) store<i32>(at(items, n), -1);
  }
}
