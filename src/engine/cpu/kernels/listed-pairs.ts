/**
 * Pairs of rows, each row of one table with as many rows of a large one as there are of each, in the
 * order of the large table: so many that most of its rows are named more than once. Each is then
 * read once, and what goes back and forth is the small table, which the processor's cache holds.
 */

import { at, multiplyAdd, storeFour } from "./lanes";
import { ENTRY } from "./pairs";
import { dot, scaleRow } from "./rows";

/** Counts in `ends` how often the index names each row; units are places of the index. Runs on one thread. */
export function countListed(begin: i32, end: i32, thread: i32, ends: usize, index: usize): void {
  for (let place = begin; place < end; place++) {
    const count = at(ends, load<i32>(at(index, place)));
    store<i32>(count, load<i32>(count) + 1);
  }
}

/** Enters each place of the index under the row that it names. Runs on one thread. */
export function enterListed(
  begin: i32, end: i32, thread: i32, ends: usize, places: usize, index: usize,
): void {
  for (let place = begin; place < end; place++) {
    const next = at(ends, load<i32>(at(index, place)));
    const entry = load<i32>(next);
    store<i32>(next, entry + 1);
    store<i32>(at(places, entry), place);
  }
}

/** out[place] = a[n]·table[row] for the entries of rows [begin, end); `count` places have the same n. */
export function listedDots(
  begin: i32, end: i32, thread: i32,
  out: usize, a: usize, table: usize, width: i32, ends: usize, places: usize, count: u32,
): void {
  const stride = (<usize>width) << 2;
  let entry = begin ? load<i32>(at(ends, begin - 1)) : 0;
  for (let row = begin; row < end; row++) {
    const right = table + <usize>row * stride;
    const last = load<i32>(at(ends, row));
    for (; entry < last; entry++) {
      const place = load<u32>(at(places, entry));
      store<f32>(at(out, place), dot(a + <usize>(place / count) * stride, right, width));
    }
  }
}

/** Makes entries [begin, end), from the slopes in the order of the index. */
export function takeSlopes(
  begin: i32, end: i32, thread: i32, entries: usize, places: usize, slopes: usize, count: u32,
): void {
  for (let entry = begin; entry < end; entry++) {
    const place = load<u32>(at(places, entry));
    const target = entries + <usize>entry * ENTRY;
    store<u32>(target, place / count);
    store<f32>(target, load<f32>(at(slopes, place)), 4);
  }
}

/** Columns of a block of `sumListedRows`: a cache line. */
const BLOCK: i32 = 16;

/** Sixteen columns: out[n] += slope·source for entries of one row. */
@inline
function addBlock(out: usize, source: usize, stride: usize, entry: usize, last: usize): void {
  const x0 = v128.load(source), x1 = v128.load(source, 16);
  const x2 = v128.load(source, 32), x3 = v128.load(source, 48);
  for (; entry < last; entry += ENTRY) {
    const target = out + <usize>load<i32>(entry) * stride;
    const slope = v128.load32_splat(entry, 4);
    const s0 = multiplyAdd(slope, x0, v128.load(target));
    const s1 = multiplyAdd(slope, x1, v128.load(target, 16));
    const s2 = multiplyAdd(slope, x2, v128.load(target, 32));
    const s3 = multiplyAdd(slope, x3, v128.load(target, 48));
    storeFour(target, s0, s1, s2, s3);
  }
}

/**
 * out[n] (+)= Σ slope·table[row] over all entries, in their order. Units are blocks of columns, so that
 * each sum is taken by one thread.
 */
export function sumListedRows(
  begin: i32, end: i32, thread: i32,
  out: usize, rows: i32, table: usize, tableRows: i32, width: i32, ends: usize, entries: usize,
  accumulate: i32,
): void {
  const stride = (<usize>width) << 2;
  for (let block = begin; block < end; block++) {
    const column = block * BLOCK;
    const count = min(BLOCK, width - column);
    const target = at(out, column);
    if (!accumulate) {
      for (let n = 0; n < rows; n++) memory.fill(target + <usize>n * stride, 0, <usize>count << 2);
    }
    let entry = entries;
    for (let row = 0; row < tableRows; row++) {
      const source = at(table, column) + <usize>row * stride;
      const last = entries + <usize>load<i32>(at(ends, row)) * ENTRY;
      if (count == BLOCK) {
        addBlock(target, source, stride, entry, last);
        entry = last;
        continue;
      }
      for (; entry < last; entry += ENTRY) {
        const to = target + <usize>load<i32>(entry) * stride;
        scaleRow(to, source, v128.load32_splat(entry, 4), count, true);
      }
    }
  }
}
