/**
 * Rows of a batch cut out of a sparse matrix, and the transpose of what was cut:
 * the sparse first layer of a network, forward and backward. Both take time in
 * proportion to the batch's entries, too little to share among threads.
 */

import { at } from "./lanes";
import { philox, word0, word1, word2, word3 } from "./random";

/** Third counter word, so that no other draw has the same counter. */
const ENTRY_COUNTER: u32 = 0xe271;

/** The random 16 bits of one of the eight entries that share a block. */
@inline
function bitsOf(lane: i32): i32 {
  const pair = lane >> 1;
  const word = pair == 0 ? word0 : pair == 1 ? word1 : pair == 2 ? word2 : word3;
  return <i32>((word >> ((lane & 1) << 4)) & 0xffff);
}

/**
 * out = rows index[begin … end), or begin … end without index; runs on one thread. An
 * entry stays where its 16 bits reach the threshold; it is `factor`, over the root of
 * its row's length where `normalise`.
 */
export function takeRows(
  begin: i32, end: i32, thread: i32,
  outIndptr: usize, outIndices: usize, outValues: usize,
  indptr: usize, indices: usize, index: usize, normalise: i32,
  threshold: i32, factor: f32, key0: u32, key1: u32, draw: u32,
): void {
  let n = 0;
  store<i32>(outIndptr, 0);
  for (let unit = begin; unit < end; unit++) {
    const row = index ? load<i32>(at(index, unit)) : unit;
    const from = load<i32>(at(indptr, row));
    const count = load<i32>(at(indptr, row), 4) - from;
    const value = normalise ? factor / sqrt<f32>(<f32>count) : factor;
    for (let entry = 0; entry < count; entry++) {
      if (threshold > 0) {
        const lane = entry & 7;
        if (lane == 0) philox(key0, key1, row, draw, ENTRY_COUNTER, entry >> 3);
        if (bitsOf(lane) < threshold) continue;
      }
      store<i32>(at(outIndices, n), load<i32>(at(indices, from + entry)));
      store<f32>(at(outValues, n), value);
      n++;
    }
    store<i32>(at(outIndptr, unit), n, 4);
  }
}

/** out = Mᵀ for M of `end` rows, by counting; each row comes out ascending. Runs on one thread. */
export function transposeSparse(
  begin: i32, end: i32, thread: i32,
  outIndptr: usize, outIndices: usize, outValues: usize, columnCount: i32,
  indptr: usize, indices: usize, values: usize,
): void {
  memory.fill(outIndptr, 0, (<usize>(columnCount + 1)) << 2);
  const entries = load<i32>(at(indptr, end));
  for (let e = 0; e < entries; e++) {
    const count = at(outIndptr, load<i32>(at(indices, e)));
    store<i32>(count, load<i32>(count, 4) + 1, 4);
  }
  for (let column = 0; column < columnCount; column++) {
    const place = at(outIndptr, column);
    store<i32>(place, load<i32>(place) + load<i32>(place, 4), 4);
  }
  // Each start moves to its row's end, which is the next row's start.
  for (let row = 0; row < end; row++) {
    const last = load<i32>(at(indptr, row), 4);
    for (let e = load<i32>(at(indptr, row)); e < last; e++) {
      const start = at(outIndptr, load<i32>(at(indices, e)));
      const n = load<i32>(start);
      store<i32>(at(outIndices, n), row);
      store<f32>(at(outValues, n), load<f32>(at(values, e)));
      store<i32>(start, n + 1);
    }
  }
  for (let column = columnCount; column > 0; column--) {
    const place = at(outIndptr, column);
    store<i32>(place, load<i32>(place - 4));
  }
  store<i32>(outIndptr, 0);
}
