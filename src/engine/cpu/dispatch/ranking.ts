/**
 * Dispatch of the ranking kernels.
 *
 * @module
 */

import { ShapeError } from "../../../base/errors.ts";
import type { Kernels } from "../../kernels.ts";
import { shapeText } from "../../tensor.ts";
import type { CpuHost } from "../host.ts";

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

/** Below this many multiplications packing or calling out does not pay for the tile. */
const rowGrain = 8;

export function rankingKernels(
  host: CpuHost,
): Pick<Kernels, "rankByVectors" | "rankCandidates" | "rankScores"> {
  const { pool } = host;
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
      const scratchBytes = 4 * (block * rowItems + block);
      const scratch = host.allocate(scratchBytes * pool.threads);
      const panels = Math.ceil(itemCount / 8);
      const packed = host.blas ? 0 : host.allocate(panels * 32 * width);
      if (packed) {
        pool.run(
          "packItems",
          { units: panels, grain: 128 },
          packed,
          items.handle,
          itemCount,
          width,
        );
      }
      pool.run(
        "rankByVectors",
        { units: Math.ceil(queryCount / block), grain: 1 },
        ...[outItems.handle, outScores.handle, queries.handle, queryCount],
        ...[items.handle, packed, itemCount, width],
        ...[masked?.indptr.handle ?? 0, masked?.indices.handle ?? 0, k],
        ...[block, tileItems, rowItems, scratch, scratchBytes],
      );
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
