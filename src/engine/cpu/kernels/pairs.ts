/**
 * Inner products of pairs of a table's rows, and their gradient: a small symmetric sparse matrix
 * over the batch's rows, with the slopes as its entries, times the table.
 */

import { at, multiplyAdd, storeEight } from "./lanes";
import { zeroRow } from "./row-sets";
import { dot, scaleRow } from "./rows";

/** out[n·count + j] = a[aIndex[n] + aOffset]·b[bIndex[n·count + j] + bOffset] */
export function indexedDot(
  begin: i32, end: i32, thread: i32,
  out: usize, a: usize, aIndex: usize, aOffset: i32, b: usize, bIndex: usize, bOffset: i32,
  width: i32, count: i32,
): void {
  const stride = (<usize>width) << 2;
  for (let n = begin; n < end; n++) {
    const left = a + <usize>(load<i32>(at(aIndex, n)) + aOffset) * stride;
    for (let pair = n * count; pair < (n + 1) * count; pair++) {
      const right = b + <usize>(load<i32>(at(bIndex, pair)) + bOffset) * stride;
      store<f32>(at(out, pair), dot(left, right, width));
    }
  }
}

/** An entry of the matrix: the other row of the pair, and its slope. */
export const ENTRY: usize = 8;

/** Row n of a list; list 0 = all rows */
@inline
function listed(list: usize, n: i32): i32 {
  return list ? load<i32>(at(list, n)) : n;
}

/** ends[row] = 0 for the rows list[begin … end). */
export function clearPairs(begin: i32, end: i32, thread: i32, ends: usize, list: usize): void {
  for (let n = begin; n < end; n++) store<i32>(at(ends, listed(list, n)), 0);
}

/** Counts each row's pairs in `ends`; units are rows of a, each with `count` of b. Runs on one thread. */
export function countPairs(
  begin: i32, end: i32, thread: i32,
  ends: usize, aIndex: usize, aOffset: i32, bIndex: usize, bOffset: i32, count: i32,
): void {
  for (let n = begin; n < end; n++) {
    const left = at(ends, load<i32>(at(aIndex, n)) + aOffset);
    store<i32>(left, load<i32>(left) + count);
    for (let pair = n * count; pair < (n + 1) * count; pair++) {
      const right = at(ends, load<i32>(at(bIndex, pair)) + bOffset);
      store<i32>(right, load<i32>(right) + 1);
    }
  }
}

/**
 * From counts to where the entries of each row of the list start, one row after the other;
 * `enterPairs` then moves that to where they end. Runs on one thread.
 */
export function placePairs(begin: i32, end: i32, thread: i32, ends: usize, list: usize): void {
  let entry = 0;
  for (let n = begin; n < end; n++) {
    const place = at(ends, listed(list, n));
    const count = load<i32>(place);
    store<i32>(place, entry);
    entry += count;
  }
}

/** Enters a row into the entries of another. */
@inline
function enter(ends: usize, entries: usize, row: i32, other: i32, slope: f32): void {
  const place = at(ends, row);
  const entry = load<i32>(place);
  store<i32>(place, entry + 1);
  const target = entries + <usize>entry * ENTRY;
  store<i32>(target, other);
  store<f32>(target, slope, 4);
}

/** Enters both rows of each pair, pair by pair; units as in `countPairs`. Runs on one thread. */
export function enterPairs(
  begin: i32, end: i32, thread: i32,
  ends: usize, entries: usize, slopes: usize,
  aIndex: usize, aOffset: i32, bIndex: usize, bOffset: i32, count: i32,
): void {
  for (let n = begin; n < end; n++) {
    const left = load<i32>(at(aIndex, n)) + aOffset;
    for (let pair = n * count; pair < (n + 1) * count; pair++) {
      const right = load<i32>(at(bIndex, pair)) + bOffset;
      const slope = load<f32>(at(slopes, pair));
      enter(ends, entries, left, right, slope);
      enter(ends, entries, right, left, slope);
    }
  }
}

/** 32 columns of a row: out (+)= Σ slope·x[other] over entries, one after the other. */
function sumPairs32(
  entry: usize, last: usize, x: usize, stride: usize, out: usize, accumulate: i32,
): void {
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
  if (accumulate) {
    a0 = v128.load(out, 0);
    a1 = v128.load(out, 16);
    a2 = v128.load(out, 32);
    a3 = v128.load(out, 48);
    a4 = v128.load(out, 64);
    a5 = v128.load(out, 80);
    a6 = v128.load(out, 96);
    a7 = v128.load(out, 112);
  }
  for (; entry < last; entry += ENTRY) {
    const row = x + <usize>load<i32>(entry) * stride;
    const slope = v128.load32_splat(entry, 4);
    a0 = multiplyAdd(slope, v128.load(row, 0), a0);
    a1 = multiplyAdd(slope, v128.load(row, 16), a1);
    a2 = multiplyAdd(slope, v128.load(row, 32), a2);
    a3 = multiplyAdd(slope, v128.load(row, 48), a3);
    a4 = multiplyAdd(slope, v128.load(row, 64), a4);
    a5 = multiplyAdd(slope, v128.load(row, 80), a5);
    a6 = multiplyAdd(slope, v128.load(row, 96), a6);
    a7 = multiplyAdd(slope, v128.load(row, 112), a7);
  }
  storeEight(out, a0, a1, a2, a3, a4, a5, a6, a7);
}

/** out[row] (+)= Σ slope·x[other] over the row's entries, for the rows list[begin … end). */
export function sumPairs(
  begin: i32, end: i32, thread: i32,
  out: usize, x: usize, width: i32, list: usize, ends: usize, entries: usize,
  accumulate: i32,
): void {
  const stride = (<usize>width) << 2;
  for (let n = begin; n < end; n++) {
    const row = listed(list, n);
    const before = n ? load<i32>(at(ends, listed(list, n - 1))) : 0;
    const first = entries + <usize>before * ENTRY;
    const last = entries + <usize>load<i32>(at(ends, row)) * ENTRY;
    let target = out + <usize>row * stride;
    let source = x;
    let rest = width;
    for (; rest >= 32; rest -= 32, target += 128, source += 128) {
      sumPairs32(first, last, source, stride, target, accumulate);
    }
    if (rest == 0) continue;
    if (!accumulate) zeroRow(target, rest);
    for (let entry = first; entry < last; entry += ENTRY) {
      const other = source + <usize>load<i32>(entry) * stride;
      scaleRow(target, other, v128.load32_splat(entry, 4), rest, true);
    }
  }
}
