/**
 * Dispatch of the kernels on pairs of rows.
 *
 * @module
 */

import { ShapeError } from "../../../base/errors.ts";
import type { RowIndex } from "../../dense-kernels.ts";
import type { Kernels } from "../../kernels.ts";
import { shapeText, type Tensor } from "../../tensor.ts";
import type { CpuHost } from "../host.ts";
import { requireSameSize, requireSize, rowWidth } from "./checks.ts";
import { listChunks, rowChunks } from "./rows.ts";

/** Elements that are worth waking another thread for. */
const grain = 16384;
/** Bytes of an entry, fixed in `kernels/pairs.ts`. */
const entryBytes = 8;

export function pairKernels(host: CpuHost): Pick<Kernels, "indexedDot" | "pairGradient"> {
  const { pool } = host;
  return {
    indexedDot(out, a, b) {
      const width = rowWidth(a.table);
      if (rowWidth(b.table) !== width) {
        throw new ShapeError(
          `indexedDot: rows of ${shapeText(a.table.shape)} against ${shapeText(b.table.shape)}, expected as wide`,
        );
      }
      const count = pairsOfEach("indexedDot", out, a, b);
      const places = [a, b].flatMap(({ table, index, offset }) => [
        table.handle,
        index.handle,
        offset,
      ]);
      const rows = rowChunks(a.index.size, width * count, grain);
      pool.run("indexedDot", rows, out.handle, ...places, width, count);
    },
    pairGradient(out, table, rows, pairs, accumulate) {
      requireSameSize("pairGradient", out, table);
      const width = rowWidth(table);
      const count = host.integers(rows.count)[0]!;
      const listed = { units: count, grain: count };
      const mark = host.mark();
      const total = pairs.reduce((sum, { slopes }) => sum + slopes.size, 0);
      const ends = host.allocate(4 * out.shape[0]!);
      const entries = host.allocate(2 * entryBytes * total);
      const placed = pairs.map(({ a, b, slopes }) => {
        const each = pairsOfEach("pairGradient", slopes, a, b);
        return {
          units: { units: a.index.size, grain: a.index.size },
          slopes,
          places: [a.index.handle, a.offset, b.index.handle, b.offset, each],
        };
      });
      pool.run("clearPairs", listed, ends, rows.list.handle);
      for (const { units, places } of placed) pool.run("countPairs", units, ends, ...places);
      pool.run("placePairs", listed, ends, rows.list.handle);
      for (const { units, slopes, places } of placed) {
        pool.run("enterPairs", units, ends, entries, slopes.handle, ...places);
      }
      pool.run(
        "sumPairs",
        listChunks(count, pool.threads),
        ...[out.handle, table.handle, width, rows.list.handle, ends, entries],
        accumulate ? 1 : 0,
      );
      host.release(mark);
    },
  };
}

/** How many rows of b each row of a meets. */
function pairsOfEach(name: string, numbers: Tensor, a: RowIndex, b: RowIndex): number {
  const count = b.index.size / a.index.size;
  if (!Number.isInteger(count)) {
    throw new ShapeError(
      `${name}: ${a.index.size} rows against ${b.index.size}, expected as many for each`,
    );
  }
  requireSize(name, "pairs", numbers, b.index.size);
  return count;
}
