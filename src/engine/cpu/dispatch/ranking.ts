/**
 * Dispatch of the ranking kernels.
 *
 * @module
 */

import { ShapeError } from "../../../base/errors.ts";
import type { RankingKernels } from "../../ranking-kernels.ts";
import { shapeText, type Tensor } from "../../tensor.ts";
import type { CpuHost } from "../host.ts";
import { isUneven, lengthOrder, lengthsOf, queryOrder } from "./length-order.ts";

/** A tile: so many queries, so many items. */
interface TileShape {
  readonly block: number;
  readonly items: number;
}

/** A tile of our own product: its scores and its items stay in the second-level cache. */
const kernelTile: TileShape = { block: 48, items: 512 };

/** Scores of a tile of OpenBLAS's, 256 KiB: half of a small second-level cache. */
const blasScores = 1 << 16;

/**
 * OpenBLAS lays out the queries and the items of a tile anew at every call, least of all where
 * they are as many. But all threads are to get blocks, and the shape must not depend on how many
 * there are, since the last bits of a product may depend on its shape.
 */
function blasTile(queryCount: number): TileShape {
  const block = Math.min(256, Math.max(64, 16 * Math.ceil(queryCount / 128)));
  return { block, items: 16 * Math.floor(blasScores / block / 16) };
}

/** Rows of a tile a power of two apart would share a few sets of the caches. */
const rowPadding = 16;

/**
 * Items are sorted by length for so many queries and more: it costs about as much as ranking 50.
 * Queries go on in an order of their own after so many of the longest items.
 */
const fewestSorted = 512;
const headItems = 1024;

/** Numbers of a table of which a sorted copy is made: 128 MiB. */
const mostSorted = 1 << 25;

/** Below this many multiplications packing or calling out does not pay for the tile. */
const rowGrain = 8;

export function rankingKernels(host: CpuHost): RankingKernels {
  const { pool } = host;

  const floatsAt = (handle: number, count: number) =>
    new Float32Array(host.memory.buffer, handle, count);

  function put(numbers: Int32Array | Float32Array): number {
    const handle = host.allocate(numbers.byteLength);
    if (numbers instanceof Int32Array) {
      new Int32Array(host.memory.buffer, handle, numbers.length).set(numbers);
    } else {
      floatsAt(handle, numbers.length).set(numbers);
    }
    return handle;
  }

  /** Lengths of the rows of a table. */
  function rowLengths(table: Tensor): Float32Array {
    const [count, width] = table.shape as [number, number];
    const squares = host.allocate(4 * count);
    const rows = { units: count, grain: 1024 };
    pool.run("rowDot", rows, squares, table.handle, table.handle, width);
    return lengthsOf(floatsAt(squares, count));
  }

  /** Items by falling length, where they lie on the device; null where that would save nothing. */
  function sortItems(items: Tensor, queries: Tensor) {
    const [count, width] = items.shape as [number, number];
    const queryCount = queries.shape[0]!;
    if (queryCount < fewestSorted || count < 4 * headItems || items.size > mostSorted) return null;
    // Training may have left room for no more than the lists. What is sorted is a copy, packed anew,
    // and three columns beside the items and the queries; all of it a little less than this.
    const floats = 2 * (items.size + 8 * width) + 4 * (count + queryCount);
    if (host.freeBytes() < 4 * floats) return null;
    const order = lengthOrder(rowLengths(items), width);
    if (!isUneven(order, headItems)) return null;
    const names = put(order.names);
    const table = host.allocate(4 * items.size);
    const rows = { units: count, grain: 1024 };
    pool.run("gatherRows", rows, table, items.handle, names, 0, width);
    return { table, names, lengths: put(order.lengths), queryLengths: put(rowLengths(queries)) };
  }

  return {
    rankByVectors(outItems, outScores, queries, items, masked, k) {
      const [queryCount, width] = queries.shape as [number, number];
      const [itemCount, itemWidth] = items.shape as [number, number];
      if (width !== itemWidth || outItems.size !== queryCount * k) {
        throw new ShapeError(
          `rankByVectors: queries ${shapeText(queries.shape)}, items ${shapeText(items.shape)}, ` +
            `lists ${shapeText(outItems.shape)} for k = ${k}`,
        );
      }
      const mark = host.mark();
      const { block, items: tileItems } = host.blas ? blasTile(queryCount) : kernelTile;
      const rowItems = tileItems + rowPadding;
      const scratchBytes = 4 * block * (rowItems + width);
      const scratch = host.allocate(scratchBytes * pool.threads);
      const sorted = sortItems(items, queries);
      const table = sorted?.table ?? items.handle;
      const panels = Math.ceil(itemCount / 8);
      const packed = host.blas ? 0 : host.allocate(panels * 32 * width);
      if (packed) {
        pool.run("packItems", { units: panels, grain: 128 }, packed, table, itemCount, width);
      }
      const pass = (from: number, to: number, rows: number) =>
        pool.run(
          "rankByVectors",
          { units: Math.ceil(queryCount / block), grain: 1 },
          ...[outItems.handle, outScores.handle, queries.handle, queryCount],
          ...[table, packed, itemCount, width],
          ...[masked?.indptr.handle ?? 0, masked?.indices.handle ?? 0, k],
          ...[block, tileItems, rowItems, scratch, scratchBytes, from, to],
          ...[sorted?.names ?? 0, sorted?.lengths ?? 0, sorted?.queryLengths ?? 0, rows],
        );
      if (sorted) {
        const head = tileItems * Math.ceil(headItems / tileItems);
        pass(0, head, 0);
        const scores = host.floats(outScores);
        const worst = Float32Array.from({ length: queryCount }, (_, query) => scores[query * k]!);
        pass(head, itemCount, put(queryOrder(worst, floatsAt(sorted.queryLengths, queryCount))));
      } else {
        pass(0, itemCount, 0);
      }
      host.release(mark);
    },
    rankCandidates(outItems, outScores, queries, items, { indptr, indices }, k) {
      const [queryCount, width] = queries.shape as [number, number];
      if (width !== items.shape[1] || outItems.size !== queryCount * k) {
        throw new ShapeError(
          `rankCandidates: queries ${shapeText(queries.shape)}, items ${shapeText(items.shape)}, ` +
            `lists ${shapeText(outItems.shape)} for k = ${k}`,
        );
      }
      pool.run(
        "rankCandidates",
        { units: queryCount, grain: rowGrain },
        ...[outItems.handle, outScores.handle, queries.handle, items.handle, width],
        ...[indptr.handle, indices.handle, k],
      );
    },
    rankScores(outItems, outScores, scores, masked, k) {
      const [rowCount, itemCount] = scores.shape as [number, number];
      pool.run(
        "rankScores",
        { units: rowCount, grain: rowGrain },
        ...[outItems.handle, outScores.handle, scores.handle, itemCount],
        ...[masked?.indptr.handle ?? 0, masked?.indices.handle ?? 0, k],
      );
    },
  };
}
