/**
 * Dispatch of the kernels on listed pairs.
 *
 * @module
 */

import { ShapeError } from "../../../base/errors.ts";
import type { ListedPairKernels, PairList } from "../../listed-pair-kernels.ts";
import { shapeText, type Tensor } from "../../tensor.ts";
import type { CpuHost } from "../host.ts";
import { requireSameSize, requireSize, rowWidth } from "./checks.ts";
import { rowChunks } from "./rows.ts";

/** Elements that are worth waking another thread for. */
const grain = 16384;
/** In place of a list of rows. */
const everyRow = 0;
/** Columns of a block of `sumListedRows`, fixed in `kernels/listed-pairs.ts`. */
const blockColumns = 16;

export function listedPairKernels({ pool }: CpuHost): ListedPairKernels {
  const onOneThread = (units: number) => ({ units, grain: units });
  /** Rows of the table, in pieces that hold about the grain's elements of pairs. */
  const tableChunks = (rows: number, pairs: number, width: number) =>
    rowChunks(rows, (pairs * width) / rows, grain);

  return {
    listPairs({ ends, places }, index) {
      requireSameSize("listPairs", places, index);
      const whole = onOneThread(index.size);
      pool.run("clearPairs", onOneThread(ends.size), ends.handle, everyRow);
      pool.run("countListed", whole, ends.handle, index.handle);
      pool.run("placePairs", onOneThread(ends.size), ends.handle, everyRow);
      pool.run("enterListed", whole, ends.handle, places.handle, index.handle);
    },
    listedDots(out, a, table, { ends, places }) {
      const width = requireTables("listedDots", a, table, { ends, places });
      requireSameSize("listedDots", out, places);
      const chunks = tableChunks(ends.size, places.size, width);
      const tables = [out.handle, a.handle, table.handle, width];
      pool.run("listedDots", chunks, ...tables, ends.handle, places.handle, rowWidth(places));
    },
    takeSlopes({ entries, places }, slopes) {
      requireSameSize("takeSlopes", slopes, places);
      requireSize("takeSlopes", "entries", entries, 2 * places.size);
      const list = [entries.handle, places.handle, slopes.handle, rowWidth(places)];
      pool.run("takeSlopes", { units: slopes.size, grain }, ...list);
    },
    sumListedRows(out, table, { ends, places, entries }, accumulate) {
      const width = requireTables("sumListedRows", out, table, { ends, places });
      const blocks = { units: Math.ceil(width / blockColumns), grain: 1 };
      const tables = [out.handle, out.shape[0]!, table.handle, ends.size, width];
      pool.run("sumListedRows", blocks, ...tables, ends.handle, entries.handle, accumulate ? 1 : 0);
    },
    addListedRows(out, a, { ends, entries, places }, accumulate) {
      const width = requireTables("addListedRows", a, out, { ends, places });
      const chunks = tableChunks(ends.size, places.size, width);
      const tables = [out.handle, a.handle, width, everyRow];
      pool.run("sumPairs", chunks, ...tables, ends.handle, entries.handle, accumulate ? 1 : 0);
    },
    logMeanExpListed(out, weights, x, { ends, places }, factor) {
      for (const tensor of [out, weights, x]) {
        requireSameSize("logMeanExpListed", tensor, places);
      }
      const tensors = [out.handle, weights.handle, x.handle, ends.handle, places.handle];
      pool.run("logMeanExpListed", tableChunks(ends.size, places.size, 1), ...tensors, factor);
    },
    logMeanExpListedGradient(dx, slopes, weights, { ends, places }, factor, accumulate) {
      for (const tensor of [dx, slopes, weights]) {
        requireSameSize("logMeanExpListedGradient", tensor, places);
      }
      const tensors = [dx.handle, slopes.handle, weights.handle, ends.handle, places.handle];
      const chunks = tableChunks(ends.size, places.size, 1);
      pool.run("logMeanExpListedGradient", chunks, ...tensors, factor, accumulate ? 1 : 0);
    },
  };
}

/** The width of both, each having as many rows as the list is about. */
function requireTables(name: string, a: Tensor, table: Tensor, { ends, places }: PairList): number {
  const width = rowWidth(a);
  const [rows] = places.shape;
  if (a.shape[0] === rows && table.shape[0] === ends.size && rowWidth(table) === width) {
    return width;
  }
  throw new ShapeError(
    `${name}: ${shapeText(a.shape)} against ${shapeText(table.shape)}, ` +
      `expected ${rows}×${width} and ${ends.size}×${width}`,
  );
}
