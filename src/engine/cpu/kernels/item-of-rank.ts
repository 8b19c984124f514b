/**
 * The item of a given rank in a row whose columns are in another order than the items: found
 * without sorting, by counting how many of the row lie below a guess, four at a time.
 */

import { at } from "./lanes";

/** How many of the first `count` integers, padded to fours by large ones, are less than the bound. */
function countBelow(values: usize, count: i32, bound: i32): i32 {
  const bounds = i32x4.splat(bound);
  let sums = i32x4.splat(0);
  for (let e = 0; e < count; e += 4) {
    // A comparison that holds is −1.
    sums = i32x4.sub(sums, i32x4.lt_s(v128.load(at(values, e)), bounds));
  }
  return (
    i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) +
    i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3)
  );
}

/** The only one of the integers in [low, high). */
function onlyWithin(values: usize, count: i32, low: i32, high: i32): i32 {
  const lows = i32x4.splat(low);
  const highs = i32x4.splat(high);
  let found = i32x4.splat(0);
  for (let e = 0; e < count; e += 4) {
    const value = v128.load(at(values, e));
    const isWithin = v128.and(i32x4.ge_s(value, lows), i32x4.lt_s(value, highs));
    found = v128.or(found, v128.and(value, isWithin));
  }
  return (
    i32x4.extract_lane(found, 0) | i32x4.extract_lane(found, 1) |
    i32x4.extract_lane(found, 2) | i32x4.extract_lane(found, 3)
  );
}

/**
 * Item number `rank`, from 0, of a row by ascending item. Guesses by interpolation and by halves
 * in turn, so that a row of few neighbouring items is not searched one by one.
 * @param row columns, all different
 * @param nodes node of each column; item = node − firstItem
 * @param scratch at least count + 3 integers
 */
export function itemOfRank(
  row: usize, count: i32, rank: i32, nodes: usize, firstItem: i32, itemCount: i32, scratch: usize,
): i32 {
  for (let e = 0; e < count; e++) {
    store<i32>(at(scratch, e), load<i32>(at(nodes, load<i32>(at(row, e)))) - firstItem);
  }
  v128.store(at(scratch, count), i32x4.splat(i32.MAX_VALUE));
  // The item is in [low, high), where items number `below` to `upTo` − 1 are.
  let low = 0;
  let below = 0;
  let high = itemCount;
  let upTo = count;
  for (let round = 0; upTo - below > 1; round++) {
    const share = (<f32>(rank - below) + 0.5) / <f32>(upTo - below);
    const guess = round & 1 ? (low + high) >>> 1 : low + <i32>(share * <f32>(high - low));
    const middle = min(max(guess, low + 1), high - 1);
    const under = countBelow(scratch, count, middle);
    if (under <= rank) {
      low = middle;
      below = under;
    } else {
      high = middle;
      upTo = under;
    }
  }
  return onlyWithin(scratch, count, low, high);
}
