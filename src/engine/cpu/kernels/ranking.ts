/**
 * Full ranking without the users × items matrix: scores of a block of queries
 * against a tile of items, masking, and selection, while the tile is in cache.
 * Items are visited in ascending order and must beat the worst kept score
 * strictly, so that ties go to the smaller index.
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

/** Hides the masked items of one tile; returns how far in the row it came. */
function hide(tile: usize, firstItem: i32, lastItem: i32, masked: usize, from: i32, to: i32): i32 {
  for (; from < to; from++) {
    const item = load<i32>(at(masked, from));
    if (item >= lastItem) break;
    store<f32>(at(tile, item - firstItem), -Infinity);
  }
  return from;
}

/**
 * Query blocks [begin, end), `block` queries each. Scratch of a thread: a tile of
 * block × tileItems scores, its rows `rowItems` apart, then `block` positions in the masked rows.
 */
export function rankByVectors(
  begin: i32, end: i32, thread: i32,
  outItems: usize, outScores: usize, queries: usize, queryCount: i32,
  items: usize, packed: usize, itemCount: i32, width: i32,
  indptr: usize, indices: usize, k: i32,
  block: i32, tileItems: i32, rowItems: i32, scratch: usize, scratchBytes: i32,
): void {
  const tile = scratch + <usize>thread * <usize>scratchBytes;
  const tileStride = (<usize>rowItems) << 2;
  const reached = tile + <usize>block * tileStride;
  const stride = (<usize>width) << 2;
  for (let unit = begin; unit < end; unit++) {
    const first = unit * block;
    const count = min(block, queryCount - first);
    const q = queries + <usize>first * stride;
    for (let n = 0; n < count; n++) {
      clearList(at(outItems, (first + n) * k), at(outScores, (first + n) * k), k);
      if (indptr) store<i32>(at(reached, n), load<i32>(at(indptr, first + n)));
    }
    for (let firstItem = 0; firstItem < itemCount; firstItem += tileItems) {
      const lastItem = min(firstItem + tileItems, itemCount);
      const tileCount = lastItem - firstItem;
      if (packed) {
        const panels = (tileCount + 7) >> 3;
        const panelBytes = stride << 3;
        const source = packed + <usize>(firstItem >> 3) * panelBytes;
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
      } else {
        sgemm(
          0, 1, count, tileCount, width, 1, q, width,
          items + <usize>firstItem * stride, width, 0, tile, rowItems,
        );
      }
      for (let n = 0; n < count; n++) {
        const line = tile + <usize>n * tileStride;
        if (indptr) {
          const to = load<i32>(at(indptr, first + n), 4);
          const from = load<i32>(at(reached, n));
          store<i32>(at(reached, n), hide(line, firstItem, lastItem, indices, from, to));
        }
        selectFrom(
          line, tileCount, firstItem,
          at(outItems, (first + n) * k), at(outScores, (first + n) * k), k,
        );
      }
    }
    for (let n = 0; n < count; n++) {
      sortList(at(outItems, (first + n) * k), at(outScores, (first + n) * k), k);
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
    if (indptr) {
      hide(line, 0, itemCount, indices, load<i32>(at(indptr, row)), load<i32>(at(indptr, row), 4));
    }
    clearList(listItems, listScores, k);
    selectFrom(line, itemCount, 0, listItems, listScores, k);
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
