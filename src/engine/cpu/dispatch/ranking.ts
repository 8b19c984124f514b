/**
 * Dispatch of the ranking kernels.
 *
 * @module
 */

import { ShapeError } from "../../../base/errors.ts";
import type { Kernels } from "../../kernels.ts";
import { shapeText } from "../../tensor.ts";
import type { CpuHost } from "../host.ts";

/** Queries and items of a tile: its scores and its items stay in the second-level cache. */
const tiles = {
  kernel: { block: 48, items: 512 },
  blas: { block: 64, items: 1024 },
} as const;

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
      const { block, items: tileItems } = host.blas ? tiles.blas : tiles.kernel;
      const scratchBytes = 4 * (block * tileItems + block);
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
        ...[block, tileItems, scratch, scratchBytes],
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
