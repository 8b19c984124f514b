/**
 * Full ranking without the users × items matrix: scores of a block of queries
 * against a tile of items, and selection, while the tile is in cache. Items may
 * come by falling length: a block then ends where none of those left can enter.
 */

import { sgemm } from "./blas";
import { clearList, selectFrom, sink, sortList, worse } from "./heaps";
import { at } from "./lanes";
import { row1, rows6 } from "./panels";
import { dot } from "./rows";

/** Panels [begin, end) of eight items: packed[panel][dimension][8], zeros past the last item. */
export function packItems(
  begin: i32, end: i32, thread: i32, packed: usize, items: usize, itemCount: i32, width: i32,
): void {
  for (let panel = begin; panel < end; panel++) {
    const target = packed + <usize>panel * <usize>width * 32;
    for (let lane = 0; lane < 8; lane++) {
      const item = panel * 8 + lane;
      const source = items + <usize>item * <usize>width * 4;
      for (let dimension = 0; dimension < width; dimension++) {
        const value: f32 = item < itemCount ? load<f32>(at(source, dimension)) : 0;
        store<f32>(target + <usize>dimension * 32 + <usize>lane * 4, value);
      }
    }
  }
}

/**
 * How many of the queries, from the first on, go up to the last one that a vector of this length
 * could still give an item: by Cauchy and Schwarz no score is more than the product of two lengths.
 */
function reachable(
  count: i32, rows: usize, first: i32, length: f32, queryLengths: usize, outScores: usize, k: i32,
): i32 {
  for (; count > 0; count--) {
    const row = rowAt(rows, first + count - 1);
    const most = load<f32>(at(queryLengths, row)) * length;
    if (!(most < load<f32>(at(outScores, row * k)))) break;
  }
  return count;
}

@inline
function rowAt(rows: usize, n: i32): i32 {
  return rows ? load<i32>(at(rows, n)) : n;
}

/** Scores of `count` queries and a tile's items, by our own product. */
function tileScores(
  tile: usize, tileStride: usize, q: usize, count: i32, source: usize, panels: i32, width: i32,
): void {
  const stride = (<usize>width) << 2;
  const panelBytes = stride << 3;
  let n = 0;
  for (; n + 6 <= count; n += 6) {
    for (let panel = 0; panel < panels; panel++) {
      rows6(
        q + <usize>n * stride, stride, source + <usize>panel * panelBytes, width,
        tile + <usize>n * tileStride + ((<usize>panel) << 5), tileStride, 1, 0, 8, false,
      );
    }
  }
  for (; n < count; n++) {
    for (let panel = 0; panel < panels; panel++) {
      row1(
        q + <usize>n * stride, source + <usize>panel * panelBytes, width,
        tile + <usize>n * tileStride + ((<usize>panel) << 5), 1, 0, 8, false,
      );
    }
  }
}

/**
 * Query blocks [begin, end), `block` queries each, against the items at places [from, to): lists
 * begin where from is 0, and are sorted where to is the end. Scratch of a thread: a tile of
 * block × tileItems scores, its rows `rowItems` apart, then `block` queries.
 * @param names the item at each place; 0 = items are in their own order, and all are visited
 * @param lengths what no vector from a place on is longer than, rounding included; with names
 * @param rows the order in which queries are taken; 0 = their own
 */
export function rankByVectors(
  begin: i32, end: i32, thread: i32,
  outItems: usize, outScores: usize, queries: usize, queryCount: i32,
  items: usize, packed: usize, itemCount: i32, width: i32,
  indptr: usize, indices: usize, k: i32,
  block: i32, tileItems: i32, rowItems: i32, scratch: usize, scratchBytes: i32,
  from: i32, to: i32, names: usize, lengths: usize, queryLengths: usize, rows: usize,
): void {
  const tile = scratch + <usize>thread * <usize>scratchBytes;
  const tileStride = (<usize>rowItems) << 2;
  const gathered = tile + <usize>block * tileStride;
  const stride = (<usize>width) << 2;
  for (let unit = begin; unit < end; unit++) {
    const first = unit * block;
    const count = min(block, queryCount - first);
    const q = rows ? gathered : queries + <usize>first * stride;
    for (let n = 0; n < count; n++) {
      const row = rowAt(rows, first + n);
      if (rows) memory.copy(q + <usize>n * stride, queries + <usize>row * stride, stride);
      if (from == 0) clearList(at(outItems, row * k), at(outScores, row * k), k);
    }
    let reached = count;
    for (let place = from; place < to; place += tileItems) {
      if (names) {
        const length = load<f32>(at(lengths, place));
        reached = reachable(reached, rows, first, length, queryLengths, outScores, k);
        if (reached == 0) break;
      }
      const tileCount = min(tileItems, to - place);
      if (packed) {
        const source = packed + <usize>(place >> 3) * (stride << 3);
        tileScores(tile, tileStride, q, reached, source, (tileCount + 7) >> 3, width);
      } else {
        sgemm(
          0, 1, reached, tileCount, width, 1, q, width,
          items + <usize>place * stride, width, 0, tile, rowItems,
        );
      }
      for (let n = 0; n < reached; n++) {
        const row = rowAt(rows, first + n);
        const masked = indptr ? at(indices, load<i32>(at(indptr, row))) : 0;
        const maskedEnd = indptr ? at(indices, load<i32>(at(indptr, row), 4)) : 0;
        selectFrom(
          tile + <usize>n * tileStride, tileCount, place, names, masked, maskedEnd,
          at(outItems, row * k), at(outScores, row * k), k,
        );
      }
    }
    if (to < itemCount) continue;
    for (let n = 0; n < count; n++) {
      const row = rowAt(rows, first + n);
      sortList(at(outItems, row * k), at(outScores, row * k), k);
    }
  }
}

/** Rows [begin, end) of given scores. */
export function rankScores(
  begin: i32, end: i32, thread: i32,
  outItems: usize, outScores: usize, scores: usize, itemCount: i32,
  indptr: usize, indices: usize, k: i32,
): void {
  for (let row = begin; row < end; row++) {
    const line = scores + <usize>row * ((<usize>itemCount) << 2);
    const listItems = at(outItems, row * k);
    const listScores = at(outScores, row * k);
    const masked = indptr ? at(indices, load<i32>(at(indptr, row))) : 0;
    const maskedEnd = indptr ? at(indices, load<i32>(at(indptr, row), 4)) : 0;
    clearList(listItems, listScores, k);
    selectFrom(line, itemCount, 0, 0, masked, maskedEnd, listItems, listScores, k);
    sortList(listItems, listScores, k);
  }
}

/** Queries [begin, end), each against the items of its own row of candidates, each item once. */
export function rankCandidates(
  begin: i32, end: i32, thread: i32,
  outItems: usize, outScores: usize, queries: usize, items: usize, width: i32,
  indptr: usize, indices: usize, k: i32,
): void {
  const stride = (<usize>width) << 2;
  for (let query = begin; query < end; query++) {
    const listItems = at(outItems, query * k);
    const listScores = at(outScores, query * k);
    const q = queries + <usize>query * stride;
    clearList(listItems, listScores, k);
    let worstScore = load<f32>(listScores);
    let worstItem = load<i32>(listItems);
    const last = load<i32>(at(indptr, query), 4);
    for (let n = load<i32>(at(indptr, query)); n < last; n++) {
      const item = load<i32>(at(indices, n));
      const score = dot(q, items + <usize>item * stride, width);
      if (!worse(worstScore, worstItem, score, item)) continue;
      sink(listItems, listScores, k, item, score);
      worstScore = load<f32>(listScores);
      worstItem = load<i32>(listItems);
    }
    sortList(listItems, listScores, k);
  }
}
